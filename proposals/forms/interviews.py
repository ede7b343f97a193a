"""The forms with which an interview is proposed, answered and called off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.clock import moment_in
from core.errors import DomainError
from core.product import rules
from proposals.actions import InterviewTerms
from proposals.models import LONGEST_LINK, LONGEST_NOTE, Interview


class LocalTimeField(forms.Field):
    """Reads a day and an hour on the clocks of the reader's zone and cleans to the moment, in UTC."""

    widget = forms.DateTimeInput
    default_error_messages = {
        "required": _("Enter a day and an hour."),
        "invalid": _("Enter a day and an hour, such as 2026-05-21 14:30."),
    }

    def __init__(self, **kwargs: Any) -> None:
        """Show the browser's own calendar and clock, which speak ISO whatever the page's language."""
        kwargs.setdefault("widget", forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a moment on the clocks of the reader's zone, and what was typed as it was typed."""
        return timezone.localtime(value).replace(tzinfo=None) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment, or None for an empty field; hours that clocks skip or show twice are refused."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            shown = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        zone = timezone.get_current_timezone()
        if shown.tzinfo is not None or not isinstance(zone, ZoneInfo):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            return moment_in(zone, shown.replace(second=0, microsecond=0))
        except (DomainError, OverflowError) as error:
            message = error.message if isinstance(error, DomainError) else self.error_messages["invalid"]
            raise ValidationError(message, code="invalid") from error


class InterviewForm(forms.Form):
    """Times at which an interview could be, how long it takes and how the two sides meet."""

    minutes = forms.TypedChoiceField(label=_("How long?"), coerce=int, initial=30)
    way = forms.ChoiceField(
        label=_("How do you meet?"),
        choices=Interview.Way.choices,
        widget=forms.RadioSelect,
        initial=Interview.Way.CALL,
        error_messages={"required": _("Choose how you meet.")},
    )
    link = forms.URLField(
        label=_("Link to the meeting"),
        help_text=_("Only for a meeting elsewhere. It begins with https:// and is shown to the two sides alone."),
        max_length=LONGEST_LINK,
        required=False,
        assume_scheme="https",
        validators=[URLValidator(schemes=["https"])],
        error_messages={"invalid": _("Enter the link to the meeting: it begins with https://")},
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("What you want to talk about, or what to prepare."),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Shorten the note to %(limit_value)d characters: it has %(show_value)d.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field for each time that may be proposed: their number is a setting."""
        super().__init__(*args, **kwargs)
        minutes: Any = self.fields["minutes"]
        minutes.choices = [
            (each, ngettext("%(count)d minute", "%(count)d minutes", each) % {"count": each})
            for each in Interview.LENGTHS
        ]
        for number in range(rules().interview_times_maximum):
            self.fields[f"start_{number}"] = LocalTimeField(
                label=_("Time %(number)d") % {"number": number + 1}, required=number == 0
            )
        self.order_fields([*self._time_names(), "minutes", "way", "link", "note"])

    def _time_names(self) -> list[str]:
        return [f"start_{number}" for number in range(rules().interview_times_maximum)]

    def time_fields(self) -> list[forms.BoundField]:
        """Return the fields of the times."""
        return [self[name] for name in self._time_names()]

    def clean(self) -> dict[str, Any]:
        """Demand the link where people meet elsewhere."""
        data = super().clean() or {}
        if data.get("way") == Interview.Way.LINK and not data.get("link") and "link" not in self.errors:
            self.add_error("link", _("Enter the link to the meeting: it begins with https://"))
        return data

    def terms(self) -> InterviewTerms:
        """Return what was entered, once the form is valid."""
        data = self.cleaned_data
        starts = [data[name] for name in self._time_names() if data.get(name)]
        return InterviewTerms(
            starts=starts, minutes=data["minutes"], way=data["way"], link=data["link"], note=data["note"]
        )

    def add_problems(self, problems: Mapping[str, list[str]]) -> None:
        """Show beside the fields what must be taken out of them."""
        for name, several in problems.items():
            self.add_error(name, several)


class InterviewAnswerForm(forms.Form):
    """Which of the proposed times is taken, and the interview as it was shown."""

    slot = forms.TypedChoiceField(
        label=_("Choose a time"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the proposed times.")},
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        """Take the times that can still be chosen, each with its words."""
        super().__init__(*args, **kwargs)
        slot: Any = self.fields["slot"]
        slot.choices = choices


class InterviewCancelForm(forms.Form):
    """Why an interview is called off, and the interview as it was shown."""

    note = forms.CharField(
        label=_("Why? The other side reads it"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Shorten the note to %(limit_value)d characters: it has %(show_value)d.")},
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
