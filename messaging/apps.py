"""Configuration of the messaging app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """Owns rooms and messages, and guards texts."""

    name = "messaging"
    verbose_name = _("Messages")

    def ready(self) -> None:
        """Let the guard read what people write about their party."""
        from accounts.registry import register_text_check
        from messaging.guard import guard_problems

        register_text_check(guard_problems)
