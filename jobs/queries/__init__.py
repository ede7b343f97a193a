"""Reads of jobs, for whom they are meant."""

from jobs.queries.clients import client_for, clients_for, open_jobs_of
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
    open_job_count,
    own_job_counts,
    own_jobs,
    reader_profile,
    review_deadline,
    unmet_wishes,
)
from jobs.queries.marks import mark_counts, marks_of
from jobs.queries.prices import Quartiles, price_quartiles
from jobs.queries.risk import Risk, is_risky, kept_risks, risks_in, weight_of
from jobs.queries.search import Filters, JobRow, Page, search_jobs, without_each
from jobs.queries.templates import Template, blanks_of, initial_of, job_templates

__all__ = [
    "Filters",
    "JobRow",
    "Page",
    "Quartiles",
    "ReaderProfile",
    "Risk",
    "SkillShown",
    "Template",
    "blanks_of",
    "bucket",
    "can_read_attachment",
    "client_for",
    "clients_for",
    "initial_of",
    "is_first_post",
    "is_risky",
    "job_for",
    "job_page_for",
    "job_skills",
    "job_templates",
    "jobs_for",
    "jobs_of",
    "kept_risks",
    "mark_counts",
    "marks_of",
    "open_job_count",
    "open_jobs_of",
    "own_job_counts",
    "own_jobs",
    "price_quartiles",
    "reader_profile",
    "review_deadline",
    "risks_in",
    "search_jobs",
    "unmet_wishes",
    "weight_of",
    "without_each",
]
