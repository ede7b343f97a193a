"""Reads of jobs, for whom they are meant."""

from jobs.queries.jobs import (
    ReaderProfile,
    SkillShown,
    bucket,
    can_read_attachment,
    is_first_post,
    job_for,
    job_page_for,
    job_skills,
    jobs_for,
    jobs_of,
    own_job_counts,
    own_jobs,
    reader_profile,
    unmet_wishes,
)
from jobs.queries.search import Facets, Filters, JobRow, Page, search_jobs, without_each

__all__ = [
    "Facets",
    "Filters",
    "JobRow",
    "Page",
    "ReaderProfile",
    "SkillShown",
    "bucket",
    "can_read_attachment",
    "is_first_post",
    "job_for",
    "job_page_for",
    "job_skills",
    "jobs_for",
    "jobs_of",
    "own_job_counts",
    "own_jobs",
    "reader_profile",
    "search_jobs",
    "unmet_wishes",
    "without_each",
]
