"""Configuration of the notifications app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Registers the clock that sends mails."""

    name = "notifications"
    verbose_name = _("Notices")

    def ready(self) -> None:
        """Join the registry of clocks."""
        from accounts.privacy import register
        from core.sweeps import register_sweep
        from messaging.registry import register_reader
        from notifications import privacy
        from notifications.actions import plan_digests, read_room_notices, send_due_digests, send_due_mails

        register_sweep("notifications.send_due_mails", send_due_mails, every=5)
        register_sweep("notifications.plan_digests", plan_digests, every=300)
        register_sweep("notifications.send_due_digests", send_due_digests, every=30)
        register_reader(read_room_notices)
        register("notifications", data=privacy.DATA, export=privacy.export, erase=privacy.erase)
