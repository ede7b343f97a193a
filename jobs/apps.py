"""Configuration of the jobs app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Registers the clocks of jobs and who may read their files."""

    name = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        """Join the registries of the apps below."""
        from accounts.privacy import register
        from core.sweeps import register_sweep
        from files.registry import register_owner
        from jobs import actions, privacy, queries
        from jobs.models import ATTACHMENT

        register_sweep("jobs.expire", actions.expire_jobs, every=60)
        register_sweep("jobs.remind", actions.remind_expiring_jobs, every=600)
        register_owner(ATTACHMENT, can_read=queries.can_read_attachment)
        register("jobs", data=privacy.DATA, export=privacy.export, erase=privacy.erase)
