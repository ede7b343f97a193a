"""The Celery application: workers and beat start from here, and the web sends its tasks through it."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

app = Celery("jalon")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()  # for the threads that views run in, not only for this one


@app.on_after_finalize.connect
def fill_timetable(sender: Celery, **_: Any) -> None:
    """Read the timetable once every app has registered its clocks."""
    from marketplace.schedule import beat_schedule

    sender.conf.beat_schedule = beat_schedule()


@beat_init.connect
def forget_removed_clocks(**_: Any) -> None:
    """Delete from the stored timetable the clocks that no app registers any more."""
    from django_celery_beat.models import PeriodicTask

    from marketplace.schedule import beat_schedule

    PeriodicTask.objects.filter(task="marketplace.tasks.sweep").exclude(name__in=beat_schedule()).delete()
