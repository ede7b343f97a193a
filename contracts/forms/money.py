"""The forms about money that is held: how much of it, and what becomes of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.models import Milestone
from core.forms import MoneyField
from core.money import format_money


class AmountForm(forms.Form):
    """A part of the money that is held."""

    amount = MoneyField(label=_("Amount"))

    def __init__(self, *args: Any, milestone: Milestone, most: int, **kwargs: Any) -> None:
        """Take the most that the verb will take."""
        super().__init__(*args, **kwargs)
        self.milestone = milestone
        field = cast("MoneyField", self.fields["amount"])
        field.maximum = most
        field.help_text = gettext("Held: %(held)s.") % {
            "held": format_money(milestone.held, milestone.contract.currency)
        }


class PartForm(AmountForm):
    """A part to release, and what becomes of the rest."""

    KEEP, ASK_BACK = "keep", "ask_back"

    rest = forms.ChoiceField(label=_("What becomes of the rest"), widget=forms.RadioSelect, initial=KEEP)
    note = forms.CharField(
        label=_("Why you ask the rest back"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed only then. The freelancer reads this, and a mediator if it comes to that."),
    )

    def __init__(self, *args: Any, targets: Iterable[Milestone], **kwargs: Any) -> None:
        """Offer to move the rest to agreed milestones; whether one fits depends on the amount."""
        super().__init__(*args, **kwargs)
        currency = self.milestone.contract.currency
        field = cast("forms.ChoiceField", self.fields["rest"])
        field.choices = [
            (self.KEEP, gettext("Keep it held for the work to come")),
            (self.ASK_BACK, gettext("Ask for it back")),
            *(
                (
                    str(each.pk),
                    gettext("Fund “%(title)s” with it, if just %(amount)s is left")
                    % {"title": each.title, "amount": format_money(each.amount, currency)},
                )
                for each in targets
            ),
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for a reason where the rest is asked back."""
        cleaned = super().clean() or {}
        if cleaned.get("rest") == self.ASK_BACK and not cleaned.get("note"):
            self.add_error("note", gettext("Say why you ask the money back."))
        return cleaned


class AskBackForm(AmountForm):
    """How much is asked back, and why."""

    note = forms.CharField(
        label=_("Why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The freelancer reads this, and a mediator if it comes to that."),
        error_messages={"required": _("Say why you ask for the money back.")},
    )
