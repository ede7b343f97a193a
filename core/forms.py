"""Form fields that every app shares."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.money import LARGEST, format_money, parse_money, to_decimal
from core.product import rules


def new_token() -> str:
    """Return a token that makes one form do its work once, however often it is sent."""
    return uuid.uuid4().hex


class MoneyField(forms.CharField):
    """Reads an amount as people write it and cleans to integer minor units of the installation's currency."""

    default_error_messages = {"required": _("Enter an amount.")}

    def __init__(self, *, minimum: int = 1, maximum: int = LARGEST, **kwargs: Any) -> None:
        """Take `minimum` and `maximum` in minor units."""
        self.minimum, self.maximum = minimum, maximum
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        kwargs.setdefault("max_length", 24)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show stored minor units with the reader's decimal mark, ungrouped, and what was typed as it was typed."""
        if isinstance(value, int):
            return number_format(to_decimal(value, rules().currency), use_l10n=True, force_grouping=False)
        return value

    def clean(self, value: Any) -> int | None:
        """Return minor units, or None for an empty field that is not required."""
        text = super().clean(value)
        if not text:
            return None
        currency = rules().currency
        try:
            minor = parse_money(text, currency)
        except DomainError as error:
            raise ValidationError(error.message, code="invalid") from error
        if minor < self.minimum:
            raise ValidationError(
                _("Enter %(minimum)s or more.") % {"minimum": format_money(self.minimum, currency)}, code="min"
            )
        if minor > self.maximum:
            raise ValidationError(
                _("Enter %(maximum)s or less.") % {"maximum": format_money(self.maximum, currency)}, code="max"
            )
        return minor


class ExplainedChoiceField(forms.ChoiceField):
    """A choice shown as radio buttons, each with a line that explains it."""

    widget = forms.RadioSelect

    def __init__(self, *, descriptions: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        """Take `descriptions`, the explaining text of each value; a form may fill them in later."""
        self.descriptions: Mapping[str, Any] = descriptions or {}
        super().__init__(**kwargs)


class DateInput(forms.DateInput):
    """The browser's own calendar, which speaks ISO dates whatever the page's language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ReasonForm(forms.Form):
    """Why staff do what they do; it is kept with the event."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why in a sentence.")},
    )
