"""The forms with which a freelancer bids, changes a bid and takes it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms import MoneyField
from core.product import rules
from files.forms import FilesField, FilesForm
from jobs.forms.posts import capitalised
from jobs.models import Job
from profiles.queries import Showable, Teammate, showables_of
from proposals.actions.parts import Highlight
from proposals.actions.proposals import NOTE_LONGEST
from proposals.forms.milestones import ROWS, BaseMilestoneRows, typed_plan
from proposals.models import PROPOSAL_FILES

ANSWER_LENGTH = 2000

#: How a fixed price is put: one sum, or milestones that sum to it.
WHOLE, BY_MILESTONES = "whole", "milestones"


class LongText(forms.CharField):
    """A text whose length the server judges: a browser that is told the limit cuts off what is pasted, in silence."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return the attributes of the control without a limit."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


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
