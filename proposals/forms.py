"""Forms of proposals and connects: shape and clean input; the rules are in the actions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.forms import BaseFormSet, formset_factory
from django.template.defaultfilters import capfirst
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.models import Party, User
from core.clock import moment_in, now
from core.errors import DomainError
from core.forms import DateInput, MoneyField, new_token
from core.money import format_money
from core.product import rules
from files.forms import FilesField, FilesForm
from jobs.forms.posts import capitalised
from jobs.models import Job
from messaging.guard import guard_problems
from payments.forms import CardForm, StatementForm
from profiles.models import Entry, Level
from profiles.queries import Showable, Teammate, showables_of
from proposals.actions import InterviewTerms
from proposals.actions.parts import Highlight
from proposals.actions.plans import MilestoneTerms, TermsNotPossible, check_day, check_plan
from proposals.actions.proposals import NOTE_LONGEST
from proposals.inbox import Filters
from proposals.models import (
    HIGHEST,
    LONGEST_LINK,
    LONGEST_NOTE,
    LOWEST,
    PROPOSAL_FILES,
    Interview,
    Proposal,
    Scorecard,
)

ANSWER_LENGTH = 2000
ROWS_AT_START = 3
#: The name that the rows of milestones have in a form, and the fields of each.
ROWS = "milestones"
#: How a fixed price is put: one sum, or milestones that sum to it.
WHOLE, BY_MILESTONES = "whole", "milestones"


class LongText(forms.CharField):
    """A text whose length the server judges: a browser that is told the limit cuts off what is pasted, in silence."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return the attributes of the control without a limit."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


def _possible(day: date) -> None:
    """Show the verb's refusal of an impossible day beside its field."""
    try:
        check_day(day, now())
    except DomainError as error:
        raise forms.ValidationError(error.message) from error


def day_field(label: Any) -> forms.DateField:
    """Return the field of a day of an agreement, which may be left open."""
    return forms.DateField(label=label, required=False, widget=DateInput(), validators=[_possible])


class MilestoneRow(forms.Form):
    """One milestone as it is proposed."""

    title = forms.CharField(
        label=_("Milestone"), max_length=120, error_messages={"required": _("Give the milestone a name.")}
    )
    amount = MoneyField(label=_("Amount"))
    due_on = day_field(_("Due"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the smallest amount from the product."""
        super().__init__(*args, **kwargs)
        amount = cast("MoneyField", self.fields["amount"])
        amount.minimum = rules().milestone_minimum

    def terms(self) -> MilestoneTerms:
        """Return what a valid form says."""
        return MilestoneTerms(**self.cleaned_data)


class BaseMilestoneRows(BaseFormSet):  # type: ignore[type-arg]  # generic for the type checker only
    """Milestones in rows: those left empty are skipped, and one at least is filled in."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Let every row be empty, also those that were on the page at the start."""
        return {**super().get_form_kwargs(index), "empty_permitted": True}

    def clean(self) -> None:
        """Show what the verb refuses about the plan as a whole."""
        if any(self.errors):
            return
        try:
            check_plan(self.terms(), now(), most=self.max_num)
        except TermsNotPossible as refusal:
            raise forms.ValidationError(refusal.message) from refusal

    def filled(self) -> list[Any]:
        """Return the forms of the rows that say something, in their order."""
        return [form for form in self.forms if form.is_valid() and form.has_changed()]

    def terms(self) -> list[MilestoneTerms]:
        """Return the filled rows in their order."""
        return [form.terms() for form in self.filled()]


@cache
def rows_of(row: type[MilestoneRow], most: int) -> type[BaseMilestoneRows]:
    """Return the form of at most so many rows of this kind."""
    made = formset_factory(row, formset=BaseMilestoneRows, extra=0, max_num=most, validate_max=True, absolute_max=most)
    return cast("type[BaseMilestoneRows]", made)


def rows_showing(
    kind: type[BaseMilestoneRows], terms: Iterable[Mapping[str, Any]], *, least: int = ROWS_AT_START
) -> BaseMilestoneRows:
    """Return unbound rows that show these values and are filled up with empty ones."""
    initial = [dict(each) for each in terms][: kind.max_num]
    initial += [{} for _row in range(min(least, kind.max_num) - len(initial))]
    return kind(initial=initial, prefix=ROWS)


def rows_typed(data: Mapping[str, Any], *, names: Iterable[str], most: int) -> list[dict[str, Any]]:
    """Return the rows of a posted form as they were typed, without checking them."""
    try:
        count = min(int(data.get(f"{ROWS}-TOTAL_FORMS", "0")), most)
    except ValueError:
        count = 0
    names = list(names)
    return [{name: data.get(f"{ROWS}-{row}-{name}", "") for name in names} for row in range(count)]


def plan_rows() -> type[BaseMilestoneRows]:
    """Return the rows of milestones of a proposal."""
    return rows_of(MilestoneRow, rules().proposal_milestones_maximum)


def typed_plan(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the milestones of a posted proposal as they were typed."""
    return rows_typed(data, names=("title", "amount", "due_on"), most=rules().proposal_milestones_maximum)


def highlight_label(thing: Showable) -> str:
    """Return the words for a thing of one's profile in the list of what may be highlighted."""
    words = {
        "portfolio": pgettext("highlight", "%(title)s (portfolio)"),
        "certification": pgettext("highlight", "%(title)s (certification)"),
        "work": pgettext("highlight", "%(title)s (contract here)"),
    }
    return words[thing.kind] % {"title": thing.title}


class HighlightsField(forms.MultipleChoiceField):
    """Chooses among the things of one's own profile, and cleans to Highlights; the list is read when it is shown."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        """Take no choices yet: they are a party's."""
        super().__init__(required=False, label=_("Highlights"), **kwargs)
        self.error_messages["invalid_choice"] = _("A highlight is no longer on your profile. Choose again.")

    def offer(self, party_id: int) -> None:
        """Say whose profile it is about."""
        most = rules().proposal_highlights_maximum
        self.choices = cache(
            lambda: [(f"{each.kind}-{each.id}", highlight_label(each)) for each in showables_of(party_id)]
        )
        self.help_text = ngettext(
            "Point at up to %(count)s thing of your profile that is like this work.",
            "Point at up to %(count)s things of your profile that are like this work.",
            most,
        ) % {"count": most}

    def clean(self, value: Any) -> list[Highlight]:
        """Return what was chosen, in the order of the profile."""
        chosen = []
        for key in super().clean(value):
            kind, _dash, number = key.rpartition("-")
            chosen.append(Highlight(kind, int(number)))
        most = rules().proposal_highlights_maximum
        if len(chosen) > most:
            raise forms.ValidationError(
                ngettext("Choose %(count)s highlight at most.", "Choose %(count)s highlights at most.", most)
                % {"count": most}
            )
        return chosen


class ProposalForm(FilesForm):
    """A bid on one job: its price, how long, the letter, an answer to each of the client's questions, files.

    Milestones are rows of their own beside it (`plan_rows`).
    """

    pricing = forms.ChoiceField(
        label=_("How is it paid?"),
        choices=[(WHOLE, _("One price for the whole work")), (BY_MILESTONES, _("By milestones"))],
        widget=forms.RadioSelect,
        required=False,
        initial=WHOLE,
    )
    duration = forms.ChoiceField(
        label=_("How long will it take?"),
        choices=lambda: capitalised(_("Choose"), Job.Duration.choices),
        required=False,
    )
    letter = LongText(
        label=_("Cover letter"),
        help_text=_("Say how you would start, what you need from the client, and one thing you did that is like it."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={
            "required": _("Write a cover letter: say how you would do the work."),
            "max_length": _("Shorten your letter to %(limit_value)d characters: it has %(show_value)d."),
        },
    )
    highlights = HighlightsField()
    attachments = FilesField(kind=PROPOSAL_FILES, required=False)
    language = forms.ChoiceField(label=_("Language of your letter"), choices=User.Language.choices)
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    #: The fields that this form has, where it is about a part of a proposal; None for all of them.
    part: tuple[str, ...] | None = None

    def __init__(self, *args: Any, job: Job, workers: Sequence[Teammate] | None = None, **kwargs: Any) -> None:
        """Take the job: its kind names the price, its questions become fields. An agency chooses among `workers`."""
        super().__init__(*args, **kwargs)
        self.job = job
        if workers is not None:
            self.fields["worker"] = forms.TypedChoiceField(
                label=_("Who does the work?"),
                choices=[(each.user_id, each.name) for each in workers],
                coerce=int,
                widget=forms.RadioSelect,
                help_text=_("The client reads this name beside that of the agency."),
                error_messages={"required": _("Choose who does the work.")},
            )
        is_fixed = job.kind == Job.Kind.FIXED
        if not is_fixed:
            del self.fields["pricing"]
        self.fields["amount"] = MoneyField(
            label=_("Your price for the whole work") if is_fixed else _("Your rate an hour"),
            help_text=_("What the client pays for your work, before your fee."),
            minimum=rules().milestone_minimum if is_fixed else 1,
        )
        for number, question in enumerate(job.questions):
            self.fields[f"answer_{number}"] = LongText(
                label=question,
                max_length=ANSWER_LENGTH,
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={
                    "required": _("Answer this question."),
                    "max_length": _("Shorten your answer to %(limit_value)d characters: it has %(show_value)d."),
                },
            )
        cast("HighlightsField", self.fields["highlights"]).offer(self.by.party_id or 0)
        self.fields["language"].initial = (get_language() or "en")[:2]
        rest = ("highlights", "attachments", "language", "seen_version")
        self.order_fields(["worker", "pricing", "amount", "duration", "letter", *self._answer_names(), *rest])
        if self.part is not None:
            part = {*self.part, "seen_version"}
            kept = part | set(self._answer_names()) if "letter" in part else part
            self.fields = {name: field for name, field in self.fields.items() if name in kept}
        if self.is_by_milestones:
            self.fields["amount"].required = False

    @property
    def is_by_milestones(self) -> bool:
        """Test whether the price is put by milestones, as it is typed or as the form begins."""
        if "pricing" not in self.fields:
            return False
        return bool(self["pricing"].value() == BY_MILESTONES)

    def clean(self) -> dict[str, Any]:
        """Leave out what was typed for the other way of putting the price."""
        cleaned = super().clean() or self.cleaned_data
        if self.is_by_milestones:
            self.errors.pop("amount", None)
            cleaned["amount"] = None
        return cleaned

    def forget_problems(self) -> None:
        """Show what was typed and kept without judging it yet; a file that was refused still says so."""
        for name in [name for name in self.errors if name != "attachments"]:
            del self.errors[name]

    def _answer_names(self) -> list[str]:
        return [f"answer_{number}" for number in range(len(self.job.questions))]

    def answer_fields(self) -> list[forms.BoundField]:
        """Return the fields of the client's questions, in their order."""
        return [self[name] for name in self._answer_names()]

    def add_problems(self, problems: Mapping[str, list[str]], rows: BaseMilestoneRows | None = None) -> None:
        """Show beside the fields, and beside the titles of `rows`, what must be taken out of them."""
        filled = rows.filled() if rows is not None else []
        for name, several in problems.items():
            kind, _line, number = name.partition("_")
            if kind == "milestone":
                filled[int(number)].add_error("title", several)
            else:
                self.add_error(name, several)

    def answers(self) -> list[str]:
        """Return the cleaned answers in the order of the questions."""
        return [self.cleaned_data[name] for name in self._answer_names()]

    def file_ids(self) -> list[Any]:
        """Return the files that the form holds."""
        return [file.pk for file in self.cleaned_data["attachments"]]

    def held_file_ids(self) -> list[Any]:
        """Return the files that a form holds which may lack other things."""
        self.full_clean()
        return [file.pk for file in cast("FilesField", self.fields["attachments"]).held]


class LetterForm(ProposalForm):
    """What the client reads first of a proposal that was sent: its words, and what goes with them."""

    part = ("letter", "highlights", "attachments", "language")


class TermsForm(ProposalForm):
    """The price and the time of a proposal that was sent."""

    part = ("pricing", "amount", "duration")


def typed_proposal(data: Mapping[str, Any], job: Job) -> dict[str, Any]:
    """Return a posted form as it was typed, to be kept in a draft: the words and choices, not the files."""
    names = ("worker", "pricing", "amount", "duration", "letter", "language")
    content: dict[str, Any] = {name: data[name] for name in names if data.get(name)}
    content["answers"] = [data.get(f"answer_{number}", "") for number in range(len(job.questions))]
    chosen = data.getlist("highlights") if isinstance(data, MultiValueDict) else data.get("highlights", [])
    content["highlights"] = list(chosen)[: rules().proposal_highlights_maximum]
    content[ROWS] = [row for row in typed_plan(data) if any(row.values())]
    return {name: value for name, value in content.items() if value}


def initial_of_draft(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with which the form of a draft opens."""
    initial = {name: value for name, value in content.items() if name not in {"answers", ROWS}}
    return initial | {f"answer_{number}": answer for number, answer in enumerate(content.get("answers", ()))}


class WithdrawForm(forms.Form):
    """Why a proposal is withdrawn, for the freelancer's own memory."""

    note = forms.CharField(
        label=_("Why you withdraw it"),
        required=False,
        max_length=NOTE_LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only you read this."),
    )


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
