"""What staff fill in when they decide on a job."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class VersionForm(forms.Form):
    """The version of a job that a page showed."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(VersionForm):
    """Why staff decide against a job, and the version they read."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The client reads it."),
        error_messages={"required": _("Say why: the client reads it.")},
    )
