"""Jobs that clients post, what happens on them, who is invited, and the document that search reads."""

from jobs.models.invitations import Invitation
from jobs.models.jobs import ATTACHMENT, Job, JobActivity, JobDocument, JobMark, JobQuerySet
from jobs.models.readers import JobReader
from jobs.models.searches import SavedSearch

__all__ = [
    "ATTACHMENT",
    "Invitation",
    "Job",
    "JobActivity",
    "JobDocument",
    "JobMark",
    "JobQuerySet",
    "JobReader",
    "SavedSearch",
]
