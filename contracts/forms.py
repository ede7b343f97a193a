"""The forms of offers, milestones and their money: shape and clean input; the rules are in the verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contracts.actions import Decision, EndChoice, MilestoneTerms, OfferTerms, end_choices
from contracts.actions.terms import MILESTONES_MAXIMUM
from contracts.models import Contract, Milestone, Offer
from contracts.models.milestones import NOTE_LONGEST, SUBMISSION_FILES
from contracts.models.offers import OFFER_FILES
from core.forms import MoneyField
from core.money import format_money
from files.forms import FilesField, FilesForm
from jobs.forms.posts import capitalised
from jobs.models import Job
from profiles.queries import Teammate
from proposals.forms import (
    ROWS,
    ROWS_AT_START,
    BaseMilestoneRows,
    MilestoneRow,
    day_field,
    rows_of,
    rows_showing,
    rows_typed,
)


class TermsForm(forms.Form):
    """The terms of a version of an offer but for its milestones."""

    title = forms.CharField(label=_("Title"), max_length=120)
    deliverables = forms.CharField(
        label=_("What will be delivered"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Say what you receive and how you will know that it is done. Markdown works."),
    )
    language = forms.ChoiceField(label=_("Language of these texts"), choices=User.Language.choices)
    starts_on = day_field(_("Start"))
    ends_on = day_field(_("End"))
    duration = forms.ChoiceField(
        label=_("Or how long it takes"),
        required=False,
        choices=lambda: capitalised(_("An end date is given"), Job.Duration.choices),
        help_text=_("Give an end or a duration."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the start; demand an end or a duration, and not both."""
        cleaned = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", gettext("The end cannot be before the start."))
        if "ends_on" in cleaned and bool(ends_on) == bool(cleaned.get("duration")):
            self.add_error(
                "duration",
                gettext("Give an end or a duration, not both.")
                if ends_on
                else gettext("Say when the work ends, or how long it takes."),
            )
        return cleaned

    def terms(self, plan: Iterable[MilestoneTerms]) -> OfferTerms:
        """Return what a valid form says, with its milestones."""
        names = ("title", "deliverables", "language", "starts_on", "ends_on", "duration")
        return OfferTerms(**{name: self.cleaned_data[name] for name in names}, milestones=tuple(plan))


class OfferForm(FilesForm, TermsForm):
    """The terms of an offer, with what is attached to it."""

    attachments = FilesField(kind=OFFER_FILES, required=False, label=_("Attachments"))

    def file_ids(self) -> list[UUID]:
        """Return the files of a valid form."""
        return [file.pk for file in self.cleaned_data["attachments"]]


class DirectOfferForm(OfferForm):
    """An offer to somebody who made no proposal: on which of one's open jobs, and who of an agency does the work."""

    job = forms.TypedChoiceField(label=_("Job"), coerce=int, required=False, empty_value=None)
    worker = forms.TypedChoiceField(
        label=_("Who does the work?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who does the work.")},
    )

    def __init__(
        self,
        *args: Any,
        jobs: Iterable[Job],
        workers: Iterable[Teammate] | None,
        draft: Offer | None = None,
        **kwargs: Any,
    ) -> None:
        """Take the client's open jobs, and the people of an agency; `workers` is None for a freelancer.

        A draft keeps the job that it was written for.
        """
        super().__init__(*args, **kwargs)
        job = cast("forms.TypedChoiceField", self.fields["job"])
        if draft is not None:
            jobs = [draft.job] if draft.job else []
        none = [] if draft and draft.job else [("", gettext("None: work that I have not posted"))]
        job.choices = [*none, *((str(each.pk), each.title) for each in jobs)]
        if workers is None:
            del self.fields["worker"]
        else:
            worker = cast("forms.TypedChoiceField", self.fields["worker"])
            worker.choices = [(str(each.user_id), each.name) for each in workers]


class VersionForm(TermsForm):
    """Other terms for an offer that is out, with a word to the other side."""

    note = forms.CharField(
        label=_("A word to the other side"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Say what you changed and why."),
    )


class MilestoneForm(MilestoneRow):
    """One milestone of an offer or a contract."""

    description = forms.CharField(
        label=_("Details"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


MilestoneRows = rows_of(MilestoneForm, MILESTONES_MAXIMUM)


def rows_from(terms: Iterable[Mapping[str, Any]], *, least: int = ROWS_AT_START) -> BaseMilestoneRows:
    """Return unbound rows that show these values and are filled up with empty ones."""
    return rows_showing(MilestoneRows, terms, least=least)


def sent_rows(data: Any) -> BaseMilestoneRows:
    """Return the rows of a posted form, to be checked."""
    return MilestoneRows(data, prefix=ROWS)


def typed_rows(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a posted form as they were typed, without checking them."""
    return rows_typed(data, names=("title", "amount", "due_on", "description"), most=MILESTONES_MAXIMUM)


class NoteForm(forms.Form):
    """A word for the other side."""

    note = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, label: str, is_required: bool = False, help_text: str = "", **kwargs: Any) -> None:
        """Say what the note is for."""
        super().__init__(*args, **kwargs)
        note = self.fields["note"]
        note.label, note.required, note.help_text = label, is_required, help_text


class SubmitForm(FilesForm):
    """Work handed in: a note, files, or both."""

    note = forms.CharField(
        label=_("What you hand in"),
        required=False,
        max_length=NOTE_LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Say what is done and what the client should look at."),
    )
    attachments = FilesField(kind=SUBMISSION_FILES, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse an empty submission."""
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("note") and not cleaned.get("attachments"):
            raise forms.ValidationError(gettext("Write a note or add a file: the client needs something to look at."))
        return cleaned


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


class EndForm(forms.Form):
    """Why a contract is ended, and what becomes of each milestone's held money."""

    reason = forms.ChoiceField(
        label=_("Why do you end this contract?"),
        choices=Contract.EndReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say why you end the contract.")},
    )
    note = forms.CharField(
        label=_("A word to the other side"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, milestones: Iterable[Milestone], is_client: bool, **kwargs: Any) -> None:
        """Add a decision for each milestone that needs one."""
        super().__init__(*args, **kwargs)
        self.open = [each for each in milestones if end_choices(each, is_client=is_client)]
        for each in self.open:
            amount = format_money(each.held, each.contract.currency)
            self.fields[f"choice_{each.pk}"] = forms.ChoiceField(
                label=gettext("%(title)s: %(amount)s held") % {"title": each.title, "amount": amount},
                choices=[(choice.value, choice.label) for choice in end_choices(each, is_client=is_client)],
                widget=forms.RadioSelect,
                error_messages={"required": gettext("Decide about the money of “%(title)s”.") % {"title": each.title}},
            )
            self.fields[f"note_{each.pk}"] = forms.CharField(
                label=gettext("Note on “%(title)s”") % {"title": each.title},
                required=False,
                max_length=2000,
                help_text=gettext("Needed if you ask for the money back: the freelancer reads it.")
                if is_client
                else gettext("Needed if you submit the work."),
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            self.fields[f"seen_{each.pk}"] = forms.IntegerField(initial=each.version, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Ask for a note where work is submitted or money is asked back."""
        cleaned = super().clean() or {}
        needed = {
            EndChoice.SUBMIT: gettext("Say what you hand in."),
            EndChoice.ASK_BACK: gettext("Say why you ask the money back."),
        }
        for each in self.open:
            choice = cleaned.get(f"choice_{each.pk}")
            if choice in needed and not cleaned.get(f"note_{each.pk}"):
                self.add_error(f"note_{each.pk}", needed[EndChoice(choice)])
        return cleaned

    def decisions(self) -> dict[int, Decision]:
        """Return what a valid form decides about each milestone."""
        return {
            each.pk: Decision(
                choice=self.cleaned_data[f"choice_{each.pk}"],
                seen_version=self.cleaned_data[f"seen_{each.pk}"],
                note=self.cleaned_data[f"note_{each.pk}"],
            )
            for each in self.open
        }

    def parts(self) -> list[dict[str, Any]]:
        """Return the bound fields of each milestone, for the page."""
        return [
            {
                "milestone": each,
                "choice": self[f"choice_{each.pk}"],
                "note": self[f"note_{each.pk}"],
                "seen": self[f"seen_{each.pk}"],
            }
            for each in self.open
        ]


def initial_of(terms: OfferTerms) -> dict[str, Any]:
    """Return the values with which the form of known terms opens."""
    names = ("title", "deliverables", "language", "starts_on", "ends_on", "duration")
    return {name: getattr(terms, name) for name in names}


def initial_rows_of(terms: OfferTerms) -> list[dict[str, Any]]:
    """Return the values with which the rows of known terms open."""
    names = ("title", "amount", "due_on", "description")
    return [{name: getattr(each, name) for name in names} for each in terms.milestones]


class WorkerForm(forms.Form):
    """Who of an agency is to do the work instead, and why."""

    worker = forms.TypedChoiceField(
        label=_("Who does the work from now on?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who does the work.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The client reads it before they decide."),
        error_messages={"required": _("Say why somebody else is to do the work: the client decides by it.")},
    )

    def __init__(self, *args: Any, workers: Iterable[Teammate], **kwargs: Any) -> None:
        """Take the people whom the agency may propose."""
        super().__init__(*args, **kwargs)
        choices = [(each.user_id, each.name) for each in workers]
        self.fields["worker"].choices = choices  # type: ignore[attr-defined]
