"""The forms that change or end a contract, and the word that goes with a change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.actions import Decision, EndChoice, end_choices
from contracts.models import Contract, Milestone
from core.money import format_money
from profiles.queries import Teammate


class NoteForm(forms.Form):
    """A word for the other side."""

    note = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, label: str, is_required: bool = False, help_text: str = "", **kwargs: Any) -> None:
        """Say what the note is for."""
        super().__init__(*args, **kwargs)
        note = self.fields["note"]
        note.label, note.required, note.help_text = label, is_required, help_text


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
