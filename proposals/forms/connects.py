"""The forms with which connects are bought and their movements are sought."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import new_token
from core.product import rules
from payments.forms import CardForm, StatementForm


class QuantityForm(forms.Form):
    """How many connects to buy, within the installation's limit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read the limit when the form is made: it is a setting."""
        super().__init__(*args, **kwargs)
        self.fields["quantity"] = forms.IntegerField(
            label=_("Another number"),
            min_value=1,
            max_value=rules().connect_custom_maximum,
            error_messages={
                "required": _("Enter how many connects you want."),
                "invalid": _("Enter a whole number."),
                "min_value": _("Enter 1 or more."),
                "max_value": _("Enter %(limit_value)s or fewer."),
            },
        )


class ConnectsCardForm(CardForm):
    """Which of the party's cards pays for connects, once."""

    token = forms.CharField(max_length=40, widget=forms.HiddenInput, initial=new_token)


class MovementsForm(StatementForm):
    """What the address of the movements of connects asks for; nonsense is ignored."""

    account = month = before = None  # type: ignore[assignment]  # how Django takes fields out
    older = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    group = forms.ChoiceField(
        label=_("Show"),
        choices=[
            ("", _("All movements")),
            ("received", _("Received")),
            ("spent", _("Spent on proposals and boosts")),
            ("returned", _("Returned")),
            ("gone", _("Expired and taken back")),
        ],
        required=False,
    )
