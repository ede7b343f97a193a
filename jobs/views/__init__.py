"""Pages of jobs."""

from jobs.views.client import job_mine
from jobs.views.client_page import client_page
from jobs.views.decisions import job_close, job_delete, job_pause, job_publish, job_resume, job_withdraw
from jobs.views.invitations import (
    invitation_decline,
    invitation_list,
    invitation_withdraw,
    job_invite,
    person_invite,
)
from jobs.views.marks import job_hide, job_save, job_saved, job_unmark
from jobs.views.prices import job_prices
from jobs.views.public import job_detail, job_list, job_suggest
from jobs.views.readers import job_readers
from jobs.views.searches import search_delete, search_edit, search_list, search_new, search_open, search_stop
from jobs.views.writing import job_autosave, job_copy, job_edit, job_new, job_preview

__all__ = [
    "client_page",
    "invitation_decline",
    "invitation_list",
    "invitation_withdraw",
    "job_autosave",
    "job_close",
    "job_copy",
    "job_delete",
    "job_detail",
    "job_edit",
    "job_hide",
    "job_invite",
    "job_list",
    "job_mine",
    "job_new",
    "job_pause",
    "job_preview",
    "job_prices",
    "job_publish",
    "job_readers",
    "job_resume",
    "job_save",
    "job_saved",
    "job_suggest",
    "job_unmark",
    "job_withdraw",
    "person_invite",
    "search_delete",
    "search_edit",
    "search_list",
    "search_new",
    "search_open",
    "search_stop",
]
