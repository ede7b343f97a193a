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
        from accounts.registry import register_assignment
        from core.sweeps import register_sweep, register_watch
        from files.registry import register_owner
        from jobs import actions, privacy, queries, tasks
        from jobs.models import ATTACHMENT

        register_sweep("jobs.expire", actions.expire_jobs, every=60)
        register_sweep("jobs.remind", actions.remind_expiring_jobs, every=600)
        register_watch("jobs.renew_head", actions.renew_head, every=3600)
        register_sweep("jobs.expire_invitations", actions.expire_invitations, every=600)
        register_sweep("jobs.search_alerts", tasks.send_search_alerts, every=60)
        register_owner(ATTACHMENT, can_read=queries.can_read_attachment)
        register_assignment("jobs", words=_("Jobs"), of=actions.jobs_added_to, hand_over=actions.hand_over_jobs)
        register("jobs", data=privacy.DATA, export=privacy.export, erase=privacy.erase)
