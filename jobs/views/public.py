"""What everybody sees: the list of open jobs, and the page of one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from core.clock import now
from core.limits import allow
from core.product import rules
from files.models import StoredFile
from jobs.forms import SearchForm, write_cursor
from jobs.models import Job
from jobs.permissions import can_manage_job, can_mark_jobs, can_see_unpublished_job
from jobs.queries import (
    Filters,
    Page,
    SkillShown,
    bucket,
    job_page_for,
    reader_profile,
    review_deadline,
    search_jobs,
    titles_like,
    unmet_wishes,
    without_each,
)
from jobs.views.rows import rows_of
from profiles.queries import client_block
from taxonomy.forms.filters import LONGEST_SEARCH
from taxonomy.queries import lexicon, suggest_skills

#: Options under the search field: skills, and titles of jobs.
SKILLS_SUGGESTED, TITLES_SUGGESTED = 5, 5
#: Questions of one visitor in a minute; fast typing asks about twice a second.
PER_MINUTE = 240


@require_safe
def job_list(request: Request) -> HttpResponse:
    """List the open jobs that match the filters in the address."""
    words = lexicon()
    form = SearchForm(request.GET, lexicon=words)
    filters = form.filters()
    at = now()
    page = search_jobs(filters, request.actor, lexicon=words, at=at)
    mine = reader_profile(request.actor)
    chips = form.chips()
    is_filtered = bool(chips or filters.words)
    context = {
        "form": form,
        "chips": chips,
        "groups": form.groups(page.facets),
        "verified_count": page.facets.get("verified", {}).get("true", 0),
        "hired_count": page.facets.get("hired", {}).get("true", 0),
        "kinds": page.facets.get("kind", {}),
        "page": page,
        "rows": rows_of(page, words, mine),
        "has_all": any(not row.missing for row in page.rows),
        "suggestion": form.suggestion(page.question, page.count),
        "is_filtered": is_filtered,
        "removals": form.removals(without_each(filters, request.actor, lexicon=words, at=at))
        if is_filtered and not page.rows
        else [],
        "profile": mine,
        "kept": form.kept(),
        "connects_choices": range(1, rules().top_connect_cost),
        **_pages(form, filters, page),
    }
    return render(request, "jobs/list.html", context)


def _pages(form: SearchForm, filters: Filters, page: Page) -> dict[str, str]:
    """Return the addresses of the neighbouring pages."""
    if filters.is_best_first and filters.words:
        previous = form.query(changes={"page": str(page.number - 1)}) if page.number > 1 else ""
        return {
            "previous_url": previous,
            "next_url": form.query(changes={"page": str(page.number + 1)}) if page.has_more else "",
        }
    return {
        "previous_url": form.query(changes={"before": write_cursor(page.newer)}) if page.newer else "",
        "next_url": form.query(changes={"after": write_cursor(page.older)}) if page.older else "",
    }


@require_safe
def job_suggest(request: Request) -> HttpResponse:
    """Return options for the words being typed: skills, then titles of open jobs."""
    if not allow(request, "skill_suggest", limit=PER_MINUTE, seconds=60):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    typed = request.GET.get("q", "")[:LONGEST_SEARCH]
    skills = [skill.name for skill in suggest_skills(typed, limit=SKILLS_SUGGESTED)]
    titles = titles_like(typed, request.actor, lexicon=lexicon(), limit=TITLES_SUGGESTED)
    response = render(request, "jobs/_suggestions.html", {"texts": [*skills, *titles]})
    response["Cache-Control"] = "private, max-age=60"
    return response


@require_safe
def job_detail(request: Request, job_id: int) -> HttpResponse:
    """Show a job: what is to be done, for how much, for whom, and what the reader can do."""
    job, skills, files = job_page_for(request.actor, job_id)
    return render(request, "jobs/detail.html", page_of(job, skills, files, request))


def page_of(job: Job, skills: list[SkillShown], files: list[StoredFile], request: Request) -> dict[str, Any]:
    """Return what the page of a job shows its reader, on the page itself and in the preview."""
    return {
        "job": job,
        "skills": skills,
        "matched": sum(skill.is_matched for skill in skills),
        "files": files,
        "review_by": review_deadline(job),
        "can_mark": can_mark_jobs(request.actor),
        "mark": getattr(job, "mark", None) or "",
        "unmet": unmet_wishes(job, request.actor),
        "proposals": bucket(job.activity.proposals),
        "client": client_block(job.client),
        "can_manage": can_manage_job(request.actor, job),
        "is_insider": can_see_unpublished_job(request.actor, job),
        "is_published": job.posted_at is not None and job.status != Job.Status.REMOVED,
        "is_live": job.status in Job.LIVE,
    }
