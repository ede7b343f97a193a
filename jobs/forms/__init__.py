"""Shape and clean input of what people send about jobs."""

from jobs.forms.invitations import DeclineInvitationForm, InviteForm
from jobs.forms.marks import HideForm
from jobs.forms.posts import JobForm, JobTextsForm, post_form
from jobs.forms.review import RefusalForm, VersionForm
from jobs.forms.search import SearchForm, write_cursor
from jobs.forms.searches import SavedSearchForm

__all__ = [
    "DeclineInvitationForm",
    "HideForm",
    "InviteForm",
    "JobForm",
    "JobTextsForm",
    "RefusalForm",
    "SavedSearchForm",
    "SearchForm",
    "VersionForm",
    "post_form",
    "write_cursor",
]
