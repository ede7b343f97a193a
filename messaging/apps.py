"""Configuration of the messaging app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """Owns rooms and messages."""

    name = "messaging"
    verbose_name = _("Messages")
