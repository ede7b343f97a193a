"""The forms that write in a room, and those of moderators."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.forms import new_token
from messaging.guard import Finding, explain_masking
from messaging.guard.masking import find_in_message
from messaging.models import LONGEST, LONGEST_WORD


class MessageForm(forms.Form):
    """One message: its text, the one it answers, and the token of the form it was typed in.

    In a room under guard a text that leads away comes back once, with what was found in `found`: it is changed, or sent
    as it is with the button `masked`, and the other side does not read those places.
    """

    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "data-composer": ""}),
        error_messages={
            "required": _("Write something before you send it."),
            "max_length": _("Shorten your message to %(limit_value)d characters: it has %(show_value)d."),
        },
    )
    token = forms.CharField(max_length=40, widget=forms.HiddenInput, initial=new_token)
    quoted = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, guarded: bool = False, **kwargs: Any) -> None:
        """Take `guarded`, whether the room has no contract yet."""
        super().__init__(*args, **kwargs)
        self.guarded = guarded
        self.found: tuple[Finding, ...] = ()

    def clean_text(self) -> str:
        """Warn of what leads away, unless the writer was warned before."""
        text: str = self.cleaned_data["text"]
        if self.guarded and "masked" not in self.data:
            self.found = find_in_message(text)
            if self.found:
                raise ValidationError(explain_masking(self.found), code="leads_away")
        return text


class EditForm(MessageForm):
    """The new words of a message."""

    token = None  # type: ignore[assignment]  # Django's way to leave an inherited field out
    quoted = None  # type: ignore[assignment]


class AppealForm(forms.Form):
    """Why what is masked is no contact data."""

    words = forms.CharField(
        label=_("Why is this no contact data?"),
        max_length=LONGEST_WORD,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A moderator reads your message and this, and decides."),
        error_messages={
            "required": _("Say why in a sentence."),
            "max_length": _("Shorten it to %(limit_value)d characters: it has %(show_value)d."),
        },
    )


class SearchForm(forms.Form):
    """What is looked for in one's rooms."""

    q = forms.CharField(
        label=_("Search your messages"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
