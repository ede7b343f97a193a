"""The forms of a bid for a marked place."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

#: The highest bid that a form takes: more than anybody can hold for long.
MOST_BOOST = 100_000


class BoostForm(forms.Form):
    """A bid for a marked place, beside a proposal that is being written."""

    boost = forms.IntegerField(
        label=_("Your bid in connects"),
        help_text=_("On top of what the proposal costs. Leave it empty for no boost."),
        required=False,
        min_value=0,
        max_value=MOST_BOOST,
        error_messages={
            "required": _("Enter how many connects you bid."),
            "invalid": _("Enter a whole number."),
            "min_value": _("Enter 0 or more."),
            "max_value": _("Enter %(limit_value)s or fewer."),
        },
    )


class LiftForm(BoostForm):
    """A bid for a marked place with a proposal that was sent: the whole bid, not the raise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for a number, and say that a raise costs the difference."""
        super().__init__(*args, **kwargs)
        self.fields["boost"].required = True
        self.fields["boost"].help_text = _("The whole bid: of a raise, only the difference is spent.")
