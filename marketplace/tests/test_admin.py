"""What the administration shows, and what it leaves out."""

from __future__ import annotations

from django.contrib import admin


def test_nobody_edits_second_factors_or_schedules_that_nothing_uses() -> None:
    shown = {model._meta.label for model in admin.site._registry}

    assert shown.isdisjoint(
        {
            "mfa.Authenticator",
            "django_celery_beat.PeriodicTask",
            "django_celery_beat.ClockedSchedule",
            "django_celery_beat.CrontabSchedule",
            "django_celery_beat.SolarSchedule",
        }
    )
    assert {"contracts.Contract", "payments.Invoice"} <= shown
