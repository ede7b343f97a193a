"""Who may write, publish, review and see a post."""

from __future__ import annotations

from accounts.models import Party
from accounts.permissions import can_hire, can_read, can_work, has_belonged, is_moderator, reads_all
from core.actor import Actor
from jobs.models import Invitation, Job, JobReader, SavedSearch


def can_post_job(by: Actor, client_id: int | None) -> bool:
    """Test whether the actor may write posts for this client party."""
    return can_hire(by, client_id)


def can_manage_job(by: Actor, job: Job) -> bool:
    """Test whether the actor may change, publish, pause and close the post for its client."""
    return can_hire(by, job.client_id)


def can_review_jobs(by: Actor) -> bool:
    """Test whether the actor sees what waits for a review."""
    return is_moderator(by)


def can_review_job(by: Actor, job: Job) -> bool:
    """Test whether the actor may approve this post, send it back and remove it: not for a client they belonged to."""
    return is_moderator(by) and not has_belonged(by, job.client_id)


def reads_own_job(by: Actor, job: Job) -> bool:
    """Test whether the actor reads what the client sees of its job: its people do, members where they were added.

    No query but for members.
    """
    if not can_read(by, job.client_id) or reads_all(by):
        return can_read(by, job.client_id)
    return JobReader.objects.filter(job=job, user_id=by.person_id).exists()


def can_see_unpublished_job(by: Actor, job: Job) -> bool:
    """Test whether the actor may see the post while it is a draft, in review or removed."""
    return reads_own_job(by, job) or is_moderator(by)


def can_mark_jobs(by: Actor) -> bool:
    """Test whether the actor may save and hide jobs for the freelancer or agency they work for."""
    return can_work(by, by.party_id)


def can_answer_invitation(by: Actor, invitation: Invitation) -> bool:
    """Test whether the actor may decline the invitation, or answer it with a proposal."""
    return can_work(by, invitation.party_id)


def can_save_searches(by: Actor, subject: str) -> bool:
    """Test whether the actor may keep searches: of jobs for who works, of freelancers for everybody of a client."""
    if subject == SavedSearch.Subject.JOBS:
        return can_mark_jobs(by)
    return by.party_kind == Party.Kind.CLIENT and by.acts_for(by.party_id)


def can_change_search(by: Actor, search: SavedSearch) -> bool:
    """Test whether the search is the actor's own."""
    return search.user_id == by.user_id and by.acts_for(search.party_id)
