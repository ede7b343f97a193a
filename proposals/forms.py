"""Forms of proposals and connects: shape and clean input; the rules are in the actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms import MoneyField, new_token
from core.product import rules
from jobs.models import Job
from payments.forms import CardForm, StatementForm
from profiles.queries import Teammate
from proposals.models import Proposal

ANSWER_LENGTH = 2000


class ProposalForm(forms.Form):
    """A bid on one job: its price, how long, the letter and an answer to each of the client's questions."""

    duration = forms.ChoiceField(
        label=_("How long will it take?"), choices=[("", _("Choose")), *Job.Duration.choices], required=False
    )
    letter = forms.CharField(
        label=_("Cover letter"),
        help_text=_("Say how you would start, what you need from the client, and one thing you did that is like it."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={
            "required": _("Write a cover letter: say how you would do the work."),
            "max_length": _("Shorten your letter to %(limit_value)d characters: it has %(show_value)d."),
        },
    )
    language = forms.ChoiceField(label=_("Language of your letter"), choices=User.Language.choices)

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
        self.fields["amount"] = MoneyField(
            label=_("Your price for the whole work") if is_fixed else _("Your rate an hour"),
            help_text=_("What the client pays for your work, before your fee."),
            minimum=rules().milestone_minimum if is_fixed else 1,
        )
        for number, question in enumerate(job.questions):
            self.fields[f"answer_{number}"] = forms.CharField(
                label=question,
                max_length=ANSWER_LENGTH,
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={
                    "required": _("Answer this question."),
                    "max_length": _("Shorten your answer to %(limit_value)d characters: it has %(show_value)d."),
                },
            )
        self.fields["language"].initial = (get_language() or "en")[:2]
        self.order_fields(["worker", "amount", "duration", "letter", *self._answer_names(), "language"])

    def _answer_names(self) -> list[str]:
        return [f"answer_{number}" for number in range(len(self.job.questions))]

    def answer_fields(self) -> list[forms.BoundField]:
        """Return the fields of the client's questions, in their order."""
        return [self[name] for name in self._answer_names()]

    def add_problems(self, problems: Mapping[str, list[str]]) -> None:
        """Show beside the fields what must be taken out of them."""
        for name, several in problems.items():
            self.add_error(name, several)

    def answers(self) -> list[str]:
        """Return the cleaned answers in the order of the questions."""
        return [self.cleaned_data[name] for name in self._answer_names()]


class DeclineForm(forms.Form):
    """Why a proposal is declined."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=Proposal.DeclineReason.choices,
        widget=forms.RadioSelect,
        help_text=_("The freelancer sees this, and nothing else."),
        error_messages={"required": _("Choose a reason.")},
    )


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
