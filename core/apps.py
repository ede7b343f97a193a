"""Configuration of the core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the one row that moves the demonstration clock."""

    name = "core"
    verbose_name = "Core"
