"""The forms with which a client sorts, notes, marks and declines proposals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from django import forms
from django.template.defaultfilters import capfirst
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.models import Party, User
from core.forms import MoneyField
from core.money import format_money
from core.product import rules
from messaging.guard import guard_problems
from profiles.models import Entry, Level
from proposals.inbox import Filters
from proposals.models import HIGHEST, LOWEST, Proposal, Scorecard


class InboxForm(forms.Form):
    """The filters of the client's inbox, as the address has them; what cannot be read is left out."""

    #: Those whose values are listed.
    LISTS = ("level", "language", "country", "kind")

    q = forms.CharField(label=_("Words in the letter"), max_length=200, required=False)
    answer = forms.CharField(label=_("Words in the answers"), max_length=200, required=False)
    price_min = MoneyField(label=_("Lowest price"), required=False)
    price_max = MoneyField(label=_("Highest price"), required=False)
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices, required=False)
    language = forms.ChoiceField(label=_("Language of the letter"), choices=User.Language.choices, required=False)
    country = forms.CharField(label=_("Country"), max_length=2, required=False)
    kind = forms.ChoiceField(
        label=_("Freelancer or agency"),
        choices=[(Party.Kind.FREELANCER, _("Freelancer")), (Party.Kind.AGENCY, _("Agency"))],
        required=False,
    )
    worked = forms.BooleanField(label=_("Worked with you before"), required=False)
    unread = forms.BooleanField(label=_("Not read yet"), required=False)

    def filters(self) -> Filters:
        """Return what is asked for, without what cannot be read."""
        self.full_clean()
        given = self.cleaned_data
        return Filters(
            words=given.get("q", ""),
            answer=given.get("answer", ""),
            price_min=given.get("price_min"),
            price_max=given.get("price_max"),
            level=given.get("level", ""),
            language=given.get("language", ""),
            country=given.get("country", ""),
            kind=given.get("kind", ""),
            has_worked=given.get("worked", False),
            is_unread=given.get("unread", False),
        )

    def asked(self) -> list[tuple[str, str]]:
        """Return the name of each filter that is on and its words."""
        found = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if not value:
                continue
            if value is True:
                words = str(field.label)
            elif name in self.LISTS:
                words = self._words(name, value)
            else:
                shown = format_money(value, rules().currency) if isinstance(value, int) else value
                words = _("%(name)s: %(value)s") % {"name": field.label, "value": shown}
            found.append((name, words))
        return found

    def clean_country(self) -> str:
        """Leave out what is no country."""
        code = str(self.cleaned_data["country"])
        return code if code in countries.countries else ""

    def choices_of(self, name: str, values: Collection[str]) -> list[tuple[str, str]]:
        """Return these values of a filter and the one that is on, with their words, in the order of the words."""
        kept = {*values, str(self.cleaned_data.get(name) or "")} - {""}
        return sorted(((value, self._words(name, value)) for value in kept), key=lambda pair: pair[1])

    def _words(self, name: str, value: str) -> str:
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            return str(countries.name(value))
        return capfirst(str(dict(cast("Iterable[tuple[str, object]]", field.choices)).get(value, value)))


class NoteForm(forms.Form):
    """What one of the client's people writes about a proposal for the others."""

    text = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Write something first."),
            "max_length": _("Shorten your note to %(limit_value)d characters: it has %(show_value)d."),
        },
    )


class ScorecardForm(forms.Form):
    """What one of the client's people thinks of a proposal, from 1 to 5; each mark may be left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field for each criterion."""
        super().__init__(*args, **kwargs)
        marks = [("", "–"), *((str(mark), str(mark)) for mark in range(LOWEST, HIGHEST + 1))]
        for name, label in Scorecard.CRITERIA.items():
            self.fields[name] = forms.TypedChoiceField(
                label=label, choices=marks, coerce=int, empty_value=None, required=False
            )

    @classmethod
    def of(cls, card: Scorecard | None, proposal_id: int) -> ScorecardForm:
        """Return the form with what the card says, or empty; several can stand on one page."""
        initial = {name: getattr(card, name) for name in Scorecard.CRITERIA} if card else {}
        return cls(initial=initial, auto_id=f"id_{proposal_id}_%s")


class DeclineForm(forms.Form):
    """Why a proposal is declined."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=Proposal.DeclineReason.choices,
        widget=forms.RadioSelect,
        help_text=_("The freelancer reads this."),
        error_messages={"required": _("Choose a reason.")},
    )
    message = forms.CharField(
        label=_("Message to the freelancer"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "max_length": _("Shorten your message to %(limit_value)d characters: it has %(show_value)d."),
        },
    )

    def add_problems(self, problems: Mapping[str, list[str]]) -> None:
        """Show beside the fields what must be taken out of them."""
        for name, several in problems.items():
            self.add_error(name, several)


class DeclineManyForm(DeclineForm):
    """Why several proposals are declined, with a message in each language that their freelancers read."""

    def __init__(self, *args: Any, languages: Collection[str], **kwargs: Any) -> None:
        """Make a field for the message in each of `languages`."""
        super().__init__(*args, **kwargs)
        del self.fields["message"]  # one for each language instead
        self.languages = [value for value in User.Language.values if value in languages]
        for language in self.languages:
            self.fields[f"message_{language}"] = forms.CharField(
                label=_("Message in %(language)s") % {"language": Entry.Language(language).label},
                help_text=_("{name} becomes the name of the freelancer, {job} the title of the job. May stay empty."),
                max_length=1800,
                required=False,
                widget=forms.Textarea(attrs={"rows": 8, "lang": language}),
                error_messages={
                    "max_length": _("Shorten your message to %(limit_value)d characters: it has %(show_value)d."),
                },
            )

    def messages(self) -> dict[str, str]:
        """Return the cleaned messages by language."""
        return {language: self.cleaned_data[f"message_{language}"] for language in self.languages}

    def guarded(self) -> dict[str, list[str]]:
        """Return what must be taken out of the cleaned messages, by field."""
        return guard_problems({f"message_{language}": text for language, text in self.messages().items()})
