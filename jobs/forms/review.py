"""What staff fill in when they decide on a job."""

from __future__ import annotations

from django import forms

from core.forms import ReasonForm


class VersionForm(forms.Form):
    """The version of a job that a page showed."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)


class RefusalForm(ReasonForm, VersionForm):
    """Why staff decide against a job, and the version they read; the client reads the reason."""
