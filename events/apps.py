"""Configuration of the events app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """Finds every app's handlers, and sets the clock that delivers what no worker was woken for."""

    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        """Import the `handlers` module of each app, which registers its handlers, and register the sweep."""
        from core.sweeps import register_sweep
        from events.actions import deliver_due

        autodiscover_modules("handlers")
        register_sweep("events.deliver", deliver_due, every=3)
