"""What the administration leaves out: the kinds of schedule that nothing here uses, and people's second factors."""

from __future__ import annotations

import allauth.mfa.admin  # both register their models first
import django_celery_beat.admin
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, SolarSchedule

__all__ = ["allauth", "django_celery_beat"]

for model in (Authenticator, ClockedSchedule, CrontabSchedule, SolarSchedule):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
