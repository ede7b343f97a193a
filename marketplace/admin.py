"""What the administration leaves out: schedules that nothing here uses. Clocks run every so many seconds."""

from __future__ import annotations

import django_celery_beat.admin  # registers the models first
from django.contrib import admin
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, SolarSchedule

__all__ = ["django_celery_beat"]

for model in (ClockedSchedule, CrontabSchedule, SolarSchedule):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
