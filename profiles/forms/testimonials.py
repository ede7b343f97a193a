"""The forms of testimonials: the freelancer's request, the answer of a client from outside."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.text import one_line
from profiles.actions import Request, Words
from profiles.actions.testimonials import LEAST_WORDS
from profiles.models import Testimonial


class RequestForm(forms.Form):
    """Whom to ask, and about what."""

    name = forms.CharField(label=_("Name of your client"), max_length=80)
    company = forms.CharField(label=_("Company"), max_length=80, required=False)
    project = forms.CharField(
        label=_("Project"), max_length=120, help_text=_("In your client’s words: what you did for them.")
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("We write to it about this alone, show it to nobody, and delete it once there is an answer."),
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=User.Language.choices)

    def __init__(self, data: Any = None) -> None:
        """Begin with the reader's language."""
        super().__init__(data, initial={"language": (get_language() or "en")[:2]})

    def clean(self) -> dict[str, Any]:
        """Bring each line onto one."""
        data: dict[str, Any] = super().clean() or {}
        return data | {name: one_line(data[name]) for name in ("name", "company", "project") if name in data}

    def request(self) -> Request:
        """Return what the verb takes."""
        return Request(**self.cleaned_data)


class WordsForm(forms.Form):
    """What a client from outside says, and the name under which it is shown."""

    text = forms.CharField(
        label=_("Your words"),
        min_length=LEAST_WORDS,
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What was done, how it went, what came of it. 40 to 1,500 characters."),
    )
    name = forms.CharField(label=_("Name to show"), max_length=80)
    company = forms.CharField(label=_("Company to show"), max_length=80, required=False)
    has_agreed = forms.BooleanField(
        label=_("I wrote this myself, and it may be shown on the profile under this name."),
        error_messages={"required": _("Without your agreement nothing is sent.")},
    )

    def __init__(self, data: Any, *, testimonial: Testimonial) -> None:
        """Begin with the name as the freelancer wrote it."""
        super().__init__(data, initial={"name": testimonial.name, "company": testimonial.company})

    def clean(self) -> dict[str, Any]:
        """Bring each line onto one, and line ends to one sign each."""
        data: dict[str, Any] = super().clean() or {}
        lines = {name: one_line(data[name]) for name in ("name", "company") if name in data}
        return data | lines | {"text": str(data.get("text", "")).replace("\r\n", "\n").strip()}

    def words(self) -> Words:
        """Return what the verb takes."""
        return Words(**self.cleaned_data, language=(get_language() or "en")[:2])
