"""Every write on jobs that has a rule."""

from jobs.actions.activity import mark_viewed_by_client, record_activity
from jobs.actions.documents import note_payment_verified, refresh_document
from jobs.actions.drafts import copy_job, delete_draft, edit_draft, edit_job, start_draft
from jobs.actions.forgetting import forget_jobs
from jobs.actions.imports import import_job
from jobs.actions.lifetime import (
    close_job,
    expire_job,
    expire_jobs,
    pause_job,
    record_hire,
    remind_expiring_job,
    remind_expiring_jobs,
    resume_job,
    touch_job,
)
from jobs.actions.marks import ReasonUnknown, hide_job, save_job, unmark_job
from jobs.actions.price import connects_cost
from jobs.actions.publishing import approve_job, publish_job, remove_job, send_back_job, withdraw_job
from jobs.actions.refusals import (
    DatesOutOfOrder,
    JobChanged,
    JobIncomplete,
    JobNotInState,
    RatesOutOfOrder,
    ReasonMissing,
)
from jobs.actions.terms import JobTerms, JobTexts, term_problems, text_problems

__all__ = [
    "DatesOutOfOrder",
    "JobChanged",
    "JobIncomplete",
    "JobNotInState",
    "JobTerms",
    "JobTexts",
    "RatesOutOfOrder",
    "ReasonMissing",
    "ReasonUnknown",
    "approve_job",
    "close_job",
    "connects_cost",
    "copy_job",
    "delete_draft",
    "edit_draft",
    "edit_job",
    "expire_job",
    "expire_jobs",
    "forget_jobs",
    "hide_job",
    "import_job",
    "mark_viewed_by_client",
    "note_payment_verified",
    "pause_job",
    "publish_job",
    "record_activity",
    "record_hire",
    "refresh_document",
    "remind_expiring_job",
    "remind_expiring_jobs",
    "remove_job",
    "resume_job",
    "save_job",
    "send_back_job",
    "start_draft",
    "term_problems",
    "text_problems",
    "touch_job",
    "unmark_job",
    "withdraw_job",
]
