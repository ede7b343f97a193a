"""A client's own jobs."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from accounts.models import Party
from core.errors import NotAllowed
from jobs.models import Job
from jobs.permissions import can_post_job
from jobs.queries import bucket, own_job_counts, own_jobs

PER_PAGE = 20
Status = Job.Status
#: Tabs of the list: its words and the states under it.
TABS = {
    "all": (pgettext_lazy("jobs", "All"), ()),
    "open": (gettext_lazy("Open"), (Status.OPEN, Status.PAUSED)),
    "drafts": (gettext_lazy("Drafts"), (Status.DRAFT,)),
    "review": (gettext_lazy("In review"), (Status.IN_REVIEW,)),
    "ended": (gettext_lazy("Ended"), (Status.FILLED, Status.CLOSED, Status.EXPIRED, Status.REMOVED)),
}


@login_required
@require_safe
def job_mine(request: Request) -> HttpResponse:
    """List the jobs of the client that the reader acts for, by state."""
    party_id = request.actor.party_id
    if party_id is None or request.actor.party_kind != Party.Kind.CLIENT:
        raise NotAllowed(_("Only clients have jobs. Switch to your client account to see yours."))
    tab = request.GET.get("tab", "all")
    tab = tab if tab in TABS else "all"
    counts = own_job_counts(request.actor)
    total = sum(counts.values())
    tabs = [
        (name, words, sum(counts.get(status, 0) for status in statuses) if statuses else total)
        for name, (words, statuses) in TABS.items()
    ]
    page = Paginator(own_jobs(request.actor, TABS[tab][1]), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": tab,
        "tabs": tabs,
        "total": total,
        "page": page,
        "rows": [(job, bucket(job.activity.proposals)) for job in page],
        "live": Job.LIVE,
        "can_post": can_post_job(request.actor, party_id),
    }
    return render(request, "jobs/mine.html", context)
