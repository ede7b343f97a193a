"""Shape and clean input of what people send about jobs."""

from jobs.forms.posts import JobForm, JobTextsForm, post_form
from jobs.forms.review import ReasonForm, VersionForm
from jobs.forms.search import SearchForm, write_cursor

__all__ = ["JobForm", "JobTextsForm", "ReasonForm", "SearchForm", "VersionForm", "post_form", "write_cursor"]
