"""What staff answer to a profile, a certificate or a testimonial."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from profiles.models import ProfileReview


class ApproveForm(forms.Form):
    """That staff read this version and found nothing to change."""

    seen_version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class RequestChangesForm(ApproveForm):
    """What must change, and why."""

    points = forms.MultipleChoiceField(
        label=_("Points that must change"),
        choices=ProfileReview.Point.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose the points that must change.")},
    )
    note = forms.CharField(
        label=_("Reason, for the freelancer"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say in a sentence what to do.")},
    )


class CertificationDecisionForm(ApproveForm):
    """What a decision about a certificate rests on."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What you looked at. The freelancer reads it if you refuse."),
        error_messages={"required": _("Say why in a sentence.")},
    )
