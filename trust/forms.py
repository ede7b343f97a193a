"""What people fill in to report, and staff to decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import ReasonForm
from profiles.models import ProfileReview
from trust.models import LONGEST, Report


class ReportForm(forms.Form):
    """Why something is reported, and what is wrong."""

    reason = forms.ChoiceField(
        label=_("What is it?"),
        choices=Report.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is.")},
    )
    text = forms.CharField(
        label=_("What is wrong?"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "Where it stands, and what made you notice. Needed for “something else”; 1,000 characters at most."
        ),
        error_messages={"max_length": _("Shorten it to %(limit_value)d characters: it has %(show_value)d.")},
    )

    def clean(self) -> dict[str, Any]:
        """Ask for words where the reason says nothing by itself."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason") == Report.Reason.OTHER and not cleaned.get("text", "").strip():
            self.add_error("text", _("Say in a sentence what is wrong."))
        return cleaned


class DecisionForm(ReasonForm):
    """Why staff decide as they do, and how many reports they read."""

    seen_reports = forms.IntegerField(widget=forms.HiddenInput)


class SendBackForm(DecisionForm):
    """What must change on a reported profile."""

    points = forms.MultipleChoiceField(
        label=_("Points that must change"),
        choices=ProfileReview.Point.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose the points that must change.")},
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
