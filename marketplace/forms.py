"""The form of the demonstration clock, and the one that the component sheet shows."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import ExplainedChoiceField, MoneyField


class ClockForm(forms.Form):
    """How far to move the demonstration clock."""

    step = forms.CharField(
        label=_("How far?"),
        help_text=_("A time such as 5d, 36h or 90m."),
        max_length=12,
        initial="1d",
        error_messages={"required": _("Write a time such as 5d, 36h or 90m.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It is kept in the history."),
        max_length=200,
        initial=_("Demonstration"),
        error_messages={"required": _("Say why in a sentence.")},
    )


class SheetForm(forms.Form):
    """One control of each kind, with hints and errors; nothing is sent."""

    price = MoneyField(label=_("Your price"), minimum=500, help_text=_("What the client pays you, before the fee."))
    pay = ExplainedChoiceField(
        label=_("How do you want to be paid?"),
        choices=[("milestone", _("By milestone")), ("once", _("In one payment"))],
        descriptions={
            "milestone": _("Each part is funded before you start it."),
            "once": _("The whole amount is held until the end."),
        },
    )
    level = forms.ChoiceField(
        label=_("Level"), choices=[("", _("Choose a level")), ("entry", _("Entry level")), ("expert", _("Expert"))]
    )
    letter = forms.CharField(
        label=_("Cover letter"),
        widget=forms.Textarea,
        help_text=_("Say how you would start. 300 to 600 words is usual."),
    )
    skills = forms.MultipleChoiceField(
        label=_("Skills"),
        choices=[("django", "Django"), ("figma", "Figma")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    sample = forms.FileField(label=_("Work sample"), required=False)
    agree = forms.BooleanField(label=_("I have read the terms"), required=False)
