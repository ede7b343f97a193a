"""The forms of milestones and of work handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.actions.terms import MILESTONES_MAXIMUM
from contracts.models.milestones import NOTE_LONGEST, SUBMISSION_FILES
from files.forms import FilesField, FilesForm
from proposals.forms import ROWS, ROWS_AT_START, BaseMilestoneRows, MilestoneRow, rows_of, rows_showing, rows_typed


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
