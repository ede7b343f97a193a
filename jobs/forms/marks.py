"""What freelancers fill in when they hide a job."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from jobs.models import JobMark


class HideForm(forms.Form):
    """Why a job is hidden; only the freelancer sees it."""

    reason = forms.ChoiceField(
        label=_("Why?"),
        choices=JobMark.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why you hide this job.")},
    )
