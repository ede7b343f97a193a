"""Who may do what at the addresses of jobs."""

from __future__ import annotations

from typing import Any

from jobs.queries import stop_token
from tests.access import Row, admin_pages, cells, staff_cells

HIRING = "client client_admin hiring_manager"
WORKING = "freelancer named_worker other_freelancer wrong_hat"
MODERATING = "moderator administrator"
SEES_THE_DRAFT = f"finance {MODERATING}"
DRAFT = {"title": "A draft", "language": "en", "kind": "fixed", "visibility": "public", "hires_wanted": "1"}


def open_job(world: Any) -> dict[str, Any]:
    """Return the arguments of Alice's open job."""
    return {"job_id": world.job.pk}


def draft(world: Any) -> dict[str, Any]:
    """Return the arguments of Alice's draft."""
    return {"job_id": world.draft_job.pk}


def own_search(world: Any) -> dict[str, Any]:
    """Return the arguments of the search that Bob saved."""
    return {"search_id": world.search.pk}


ACCESS = {
    "jobs:list": Row(get=cells(ok="anonymous *")),
    "jobs:detail": Row(kwargs=open_job, get=cells(ok="anonymous *")),
    "jobs:mine": Row(get=cells(ok=f"{HIRING} finance member other_client", deny="*")),
    "jobs:new": Row(
        data=lambda _world: DRAFT,
        get=cells(ok=f"{HIRING} other_client", deny="*"),
        post=cells(redirect=f"{HIRING} other_client", deny="*"),
    ),
    "jobs:edit": Row(
        kwargs=draft,
        data=lambda world: {**DRAFT, "seen_version": world.draft_job.version},
        get=cells(ok=HIRING, deny=SEES_THE_DRAFT, missing="*"),
        post=cells(redirect=HIRING, deny=SEES_THE_DRAFT, missing="*"),
    ),
    "jobs:prices": Row(get=cells(ok=f"{HIRING} other_client", deny="*")),
    "jobs:saved": Row(get=cells(ok=WORKING, deny="*")),
    "jobs:save": Row(kwargs=open_job, post=cells(redirect=WORKING, deny="*")),
    "jobs:unmark": Row(kwargs=open_job, post=cells(redirect=WORKING, deny="*")),
    "jobs:hide": Row(
        kwargs=open_job,
        data=lambda _world: {"reason": "price"},
        get=cells(ok=WORKING, deny="*"),
        post=cells(redirect=WORKING, deny="*"),
    ),
    "jobs:autosave": Row(
        data=lambda _world: DRAFT,
        post=cells(ok=f"{HIRING} other_client", deny="*"),
    ),
    "jobs:copy": Row(
        kwargs=open_job,
        post=cells(redirect=HIRING, deny="*"),
    ),
    "jobs:preview": Row(kwargs=draft, get=cells(ok=HIRING, deny=SEES_THE_DRAFT, missing="*")),
    "jobs:publish": Row(
        kwargs=draft,
        data=lambda world: {"seen_version": world.draft_job.version},
        post=cells(redirect=HIRING, deny=SEES_THE_DRAFT, missing="*"),
    ),
    "jobs:delete": Row(
        kwargs=draft,
        get=cells(ok=HIRING, deny=SEES_THE_DRAFT, missing="*"),
        post=cells(redirect=HIRING, deny=SEES_THE_DRAFT, missing="*"),
    ),
    "jobs:withdraw": Row(
        kwargs=lambda world: {"job_id": world.review_job.pk},
        get=cells(deny=MODERATING, missing="*"),
        post=cells(deny=MODERATING, missing="*"),
        note="The job in review is a newcomer's: of these people only those who review may see it.",
    ),
    "jobs:pause": Row(kwargs=open_job, get=cells(ok=HIRING, deny="*"), post=cells(redirect=HIRING, deny="*")),
    "jobs:resume": Row(
        kwargs=lambda world: {"job_id": world.paused_job.pk},
        get=cells(ok=HIRING, deny="*"),
        post=cells(redirect=HIRING, deny="*"),
    ),
    "jobs:client": Row(kwargs=lambda world: {"slug": world.client.party.slug}, get=cells(ok="anonymous *")),
    "jobs:close": Row(kwargs=open_job, get=cells(ok=HIRING, deny="*"), post=cells(redirect=HIRING, deny="*")),
    "jobs:readers": Row(
        kwargs=open_job,
        data=lambda world: {"user": world.member.user.pk},
        get=cells(ok=HIRING, deny="*"),
        post=cells(redirect=HIRING, deny="*"),
    ),
    **admin_pages("jobs_job", "support moderator", lambda world: world.review_job.pk),
    "admin:jobs_job_decide": Row(
        kwargs=lambda world: {"job_id": world.review_job.pk, "decision": "approve"},
        post=staff_cells(redirect="moderator"),
        data=lambda world: {"seen_version": world.review_job.version},
    ),
    "jobs:invite": Row(kwargs=open_job, get=cells(ok=HIRING, deny="*")),
    "jobs:invite_person": Row(
        kwargs=lambda world: {"slug": world.profile.slug},
        data=lambda world: {"job": world.job.pk},
        get=cells(ok=f"{HIRING} other_client", deny="*"),
        post=cells(conflict=HIRING, invalid="other_client", deny="*"),
        note="Bob has sent a proposal for the job already, and another client has no open one.",
    ),
    "jobs:invitations": Row(get=cells(ok=WORKING, deny="*")),
    "jobs:invitation_decline": Row(
        kwargs=lambda world: {"invitation_id": world.job_invitation.pk},
        data=lambda _world: {"reason": "busy"},
        get=cells(ok="other_freelancer", deny=f"{HIRING} finance", missing="*"),
        post=cells(redirect="other_freelancer", deny=f"{HIRING} finance", missing="*"),
        note="Chloé was invited by Alice.",
    ),
    "jobs:invitation_withdraw": Row(
        kwargs=lambda world: {"invitation_id": world.job_invitation.pk},
        post=cells(redirect=HIRING, deny="finance other_freelancer", missing="*"),
        note="A member was not added to that job.",
    ),
    "jobs:suggest": Row(get=cells(ok="anonymous *")),
    "jobs:searches": Row(get=cells(ok="*")),
    "jobs:search_new": Row(
        kwargs=lambda _world: {"subject": "jobs"},
        query="?q=kiosk",
        data=lambda _world: {"name": "Quay kiosks", "alert": "off"},
        get=cells(ok=WORKING, deny="*"),
        post=cells(redirect=WORKING, deny="*"),
    ),
    "jobs:search": Row(kwargs=own_search, get=cells(redirect="freelancer", missing="*")),
    "jobs:search_edit": Row(
        kwargs=own_search,
        data=lambda _world: {"name": "Quays", "alert": "off"},
        get=cells(ok="freelancer", missing="*"),
        post=cells(redirect="freelancer", missing="*"),
    ),
    "jobs:search_delete": Row(kwargs=own_search, post=cells(redirect="freelancer", missing="*")),
    "jobs:search_stop": Row(
        kwargs=lambda world: {"token": stop_token(world.search.pk)},
        get=cells(ok="anonymous *"),
        post=cells(ok="anonymous *"),
        note="Whoever holds the signed link of a mail may stop its kind.",
    ),
}
