"""Configuration of the messaging app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """Owns rooms and messages, and guards texts."""

    name = "messaging"
    verbose_name = _("Messages")

    def ready(self) -> None:
        """Join the registries of the apps below."""
        from accounts.privacy import register
        from accounts.registry import register_text_check
        from core.sweeps import register_sweep
        from files.registry import register_owner
        from messaging import actions, privacy
        from messaging.frames import FRAME_BYTES, FRAMES_A_MINUTE, take_call_frame
        from messaging.guard import guard_problems
        from messaging.models import MESSAGE_FILES
        from messaging.permissions import can_read_message_file
        from messaging.registry import register_frame

        register("messaging", data=privacy.DATA, export=privacy.export, erase=privacy.erase)
        register_text_check(guard_problems)
        register_owner(MESSAGE_FILES, can_read=can_read_message_file)
        register_sweep("messaging.miss_calls", actions.miss_calls, every=15)
        register_sweep("messaging.drop_calls", actions.drop_calls, every=15)
        register_sweep("messaging.forget_author_names", actions.forget_author_names, every=3600)
        register_frame("call", take_call_frame, size=FRAME_BYTES, a_minute=FRAMES_A_MINUTE)
