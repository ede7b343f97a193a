"""The form in which a mediator divides a sum."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import MoneyField
from core.money import format_money
from disputes.models import Case


class DecisionForm(forms.Form):
    """Two amounts that are together the sum in question, and the reasons."""

    to_freelancer = MoneyField(label=_("To the freelancer"), minimum=0)
    to_client = MoneyField(label=_("Back to the client"), minimum=0)
    reasons = forms.CharField(
        label=_("Reasons; both sides read them"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6, "cols": 80})
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        """Take the case that is decided."""
        super().__init__(*args, **kwargs)
        self.case = case

    def clean(self) -> dict[str, Any]:
        """Refuse parts that are not the whole."""
        cleaned = super().clean() or {}
        parts = cleaned.get("to_freelancer"), cleaned.get("to_client")
        if None not in parts and sum(part or 0 for part in parts) != self.case.gross:
            raise forms.ValidationError(
                gettext("The two parts must add up to the sum in question: %(sum)s.")
                % {"sum": format_money(self.case.gross, self.case.currency)}
            )
        return cleaned
