"""Configuration of the profiles app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilesConfig(AppConfig):
    """Registers who may see a profile's photo, the files of its works and its proofs, and the clocks of profiles."""

    name = "profiles"
    verbose_name = _("Profiles")

    def ready(self) -> None:
        """Let profiles hold photos, works and proofs, and let what lapses do so."""
        from accounts.privacy import register
        from core.sweeps import register_sweep, register_watch
        from files.registry import PICTURES, PROOFS, register_owner
        from profiles import actions, privacy, queries
        from profiles.actions.profiles import PHOTO

        register_sweep("profiles.write_missing_documents", actions.write_missing_documents, every=600)
        register_sweep("profiles.remind_of_available_now", actions.remind_of_available_now, every=600)
        register_sweep("profiles.lapse_available_now", actions.lapse_available_now, every=300)
        register_sweep("profiles.end_vacations", actions.end_vacations, every=600)
        register_sweep("profiles.expire_testimonials", actions.expire_testimonials, every=600)
        register_sweep("profiles.send_testimonial_mails", actions.send_testimonial_mails, every=10)
        register_owner(PHOTO, can_read=queries.can_read_photo, takes=PICTURES)
        register_owner(queries.PORTFOLIO, can_read=queries.can_read_work)
        register_owner(queries.CERTIFICATE, can_read=queries.can_read_certificate, takes=PROOFS)
        register_watch("profiles.renew_head", actions.renew_head, every=3600)
        register("profiles", data=privacy.DATA, export=privacy.export, erase=privacy.erase)
