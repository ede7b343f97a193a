"""The forms of offers, milestones and their money: shape and clean input; the rules are in the verbs."""

from contracts.forms.contracts import EndForm, NoteForm, WorkerForm
from contracts.forms.milestones import MilestoneForm, MilestoneRows, SubmitForm, rows_from, sent_rows, typed_rows
from contracts.forms.money import AmountForm, AskBackForm, PartForm
from contracts.forms.offers import DirectOfferForm, OfferForm, TermsForm, VersionForm, initial_of, initial_rows_of

__all__ = [
    "AmountForm",
    "AskBackForm",
    "DirectOfferForm",
    "EndForm",
    "MilestoneForm",
    "MilestoneRows",
    "NoteForm",
    "OfferForm",
    "PartForm",
    "SubmitForm",
    "TermsForm",
    "VersionForm",
    "WorkerForm",
    "initial_of",
    "initial_rows_of",
    "rows_from",
    "sent_rows",
    "typed_rows",
]
