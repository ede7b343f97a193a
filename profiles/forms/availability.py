"""The form of a vacation."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DateInput


class VacationForm(forms.Form):
    """The last day of a vacation."""

    until = forms.DateField(
        label=_("On vacation until"),
        widget=DateInput,
        help_text=_("The last day. It ends by itself."),
        error_messages={"required": _("Choose a day from today on, within a year.")},
    )
