"""The forms of the terms of an offer and of its versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contracts.actions import MilestoneTerms, OfferTerms
from contracts.models import Offer
from contracts.models.offers import OFFER_FILES
from files.forms import FilesField, FilesForm
from jobs.forms.posts import capitalised
from jobs.models import Job
from profiles.queries import Teammate
from proposals.forms import day_field


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


def initial_of(terms: OfferTerms) -> dict[str, Any]:
    """Return the values with which the form of known terms opens."""
    names = ("title", "deliverables", "language", "starts_on", "ends_on", "duration")
    return {name: getattr(terms, name) for name in names}


def initial_rows_of(terms: OfferTerms) -> list[dict[str, Any]]:
    """Return the values with which the rows of known terms open."""
    names = ("title", "amount", "due_on", "description")
    return [{name: getattr(each, name) for name in names} for each in terms.milestones]
