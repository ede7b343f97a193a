"""Inviting people to a job, and what they answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.queries import exclusive_agency_of, share_people
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from core.sweeps import for_each
from events.actions import record
from jobs.actions.lifetime import RENEWED, renew
from jobs.actions.refusals import check_manager
from jobs.models import Invitation, Job, JobActivity
from jobs.permissions import can_answer_invitation
from jobs.registry import has_bid
from messaging.guard import check_texts
from profiles.models import Profile

Status = Invitation.Status


class JobNotOpenToInvite(DomainError):
    """People are invited while the job takes proposals."""


class NotInvitable(DomainError):
    """Only others with an approved profile that the client can see are invited."""


class AlreadyInvited(DomainError):
    """A party is invited to a job once at a time, and not again after it said no or sent a proposal."""


class TooManyInvitations(DomainError):
    """A job has a number of invitations for a day."""


class InvitationNotWaiting(DomainError):
    """The invitation has been answered, withdrawn or has expired."""


class DeclineReasonUnknown(DomainError):
    """An invitation is declined for one of the reasons of the list."""


@transaction.atomic
def invite_to_job(*, job_id: int, party_id: int, note: str = "", by: Actor, at: datetime) -> Invitation:
    """Ask a freelancer or an agency to propose for an open job; their answer costs them no connects.

    It is an act of the client: the job's 30 days begin anew. From: nothing. To: invited, until the invitation expires.
    Event: jobs.invitation_sent.

    Raises NotAllowed if `by` may not act for the client, JobNotOpenToInvite, NotInvitable for one's own people and
    for a profile that is not approved or private, AlreadyInvited, TooManyInvitations, LeadsAway for contact data in
    the note.
    """
    job = Job.objects.locked(job_id)
    check_manager(by, job)
    if job.status != Job.Status.OPEN or job.expires_at is None or job.expires_at <= at:
        raise JobNotOpenToInvite(_("People can only be invited while the job is open."))
    _check_invitable(job, party_id)
    _check_not_asked(job, party_id)
    _check_number(job, at)
    check_texts({"note": note})

    invitation = Invitation.objects.create(
        job=job,
        party_id=party_id,
        author_id=by.person_id,
        note=note.strip(),
        created_at=at,
        expires_at=at + timedelta(days=rules().job_invitation_days),
    )
    renew(job, at)
    job.save(update_fields=RENEWED)
    _count(job.pk)
    _tell("jobs.invitation_sent", invitation, by, at)
    return invitation


def accept_invitation(*, job_id: int, party_id: int, by: Actor, at: datetime) -> Invitation | None:
    """Note that a party answers its invitation with a proposal (inner; the job is locked).

    From: invited. To: accepted. Event: jobs.invitation_accepted. Returns None, and does nothing, where none waits.
    """
    invitation = Invitation.objects.filter(
        job_id=job_id, party_id=party_id, status=Status.INVITED, expires_at__gt=at
    ).first()
    if invitation is not None:
        _end(invitation, Status.ACCEPTED, at)
        _tell("jobs.invitation_accepted", invitation, by, at)
    return invitation


@transaction.atomic
def decline_invitation(*, invitation_id: int, reason: str, note: str = "", by: Actor, at: datetime) -> Invitation:
    """Say no to an invitation; the client reads the reason and the note.

    From: invited. To: declined. Event: jobs.invitation_declined.

    Raises NotAllowed if `by` does not work for the invited party, InvitationNotWaiting in any other state,
    DeclineReasonUnknown without a reason of the list, LeadsAway for contact data in the note.
    """
    invitation = _locked(invitation_id)
    if not can_answer_invitation(by, invitation):
        raise NotAllowed(_("Only who was invited can decline this invitation."))
    _check_waiting(invitation)
    if reason not in Invitation.Reason.values:
        raise DeclineReasonUnknown(_("Choose why you decline."))
    check_texts({"note": note})
    invitation.decline_reason, invitation.decline_note = reason, note.strip()
    _end(invitation, Status.DECLINED, at)
    _tell("jobs.invitation_declined", invitation, by, at, reason_code=reason)
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation_id: int, by: Actor, at: datetime) -> Invitation:
    """Take an invitation back that nobody has answered yet.

    From: invited. To: withdrawn; a job for those invited is out of sight for that party again.
    Event: jobs.invitation_withdrawn.

    Raises NotAllowed if `by` may not act for the client, InvitationNotWaiting in any other state.
    """
    invitation = _locked(invitation_id)
    check_manager(by, invitation.job)
    _check_waiting(invitation)
    _end(invitation, Status.WITHDRAWN, at)
    _tell("jobs.invitation_withdrawn", invitation, by, at)
    return invitation


@transaction.atomic
def expire_invitation(*, invitation_id: int, at: datetime) -> int:
    """End an invitation whose days are over or whose job has ended.

    From: invited. To: expired. Event: jobs.invitation_expired.
    Returns 0 where it was answered meanwhile or is not due, else 1.
    """
    invitation = _locked(invitation_id)
    is_due = invitation.expires_at <= at or invitation.job.status not in Job.LIVE
    if invitation.status != Status.INVITED or not is_due:
        return 0
    _end(invitation, Status.EXPIRED, at)
    _tell("jobs.invitation_expired", invitation, Actor.system(), at)
    return 1


def expire_invitations(*, at: datetime) -> int:
    """Expire every invitation whose days are over; return how many."""
    due = Invitation.objects.filter(status=Status.INVITED, expires_at__lte=at).order_by("expires_at", "pk")
    return for_each(due, lambda pk: expire_invitation(invitation_id=pk, at=at))


def expire_invitations_of(*, job_id: int, at: datetime) -> int:
    """Expire the invitations that wait on a job that has ended; return how many."""
    waiting = Invitation.objects.filter(job_id=job_id, status=Status.INVITED).order_by("pk")
    return for_each(waiting, lambda pk: expire_invitation(invitation_id=pk, at=at))


def end_invitations_of_party(*, party_id: int, at: datetime) -> None:
    """Expire the invitations that wait for an answer of a party that closes (inner; their jobs are locked)."""
    for invitation in Invitation.objects.filter(party_id=party_id, status=Status.INVITED).order_by("pk"):
        _end(invitation, Status.EXPIRED, at)
        _tell("jobs.invitation_expired", invitation, Actor.system(), at)


def _locked(invitation_id: int) -> Invitation:
    """Lock the job, then the invitation."""
    job = Job.objects.locked(Invitation.objects.values_list("job_id", flat=True).get(pk=invitation_id))
    invitation = Invitation.objects.locked(invitation_id)
    invitation.job = job
    return invitation


def _check_waiting(invitation: Invitation) -> None:
    if invitation.status != Status.INVITED:
        raise InvitationNotWaiting(_("This invitation was answered or withdrawn, or has expired."))


def _check_invitable(job: Job, party_id: int) -> None:
    found = Profile.objects.approved().filter(party_id=party_id).exclude(visibility=Profile.Visibility.PRIVATE)
    if not found.exists():
        raise NotInvitable(_("Only people with an approved profile can be invited."))
    if share_people(party_id, job.client_id):
        raise NotInvitable(_("This is one of your own people: they cannot propose for your job."))
    agency = exclusive_agency_of(party_id)
    if agency is not None:
        raise NotInvitable(
            _("They work only through the agency %(agency)s: invite the agency.") % {"agency": agency.public_name}
        )


def _check_not_asked(job: Job, party_id: int) -> None:
    earlier = set(Invitation.objects.filter(job=job, party_id=party_id).values_list("status", flat=True))
    if Status.INVITED in earlier:
        raise AlreadyInvited(_("They are already invited to this job."))
    if Status.DECLINED in earlier:
        raise AlreadyInvited(_("They declined an invitation to this job."))
    if has_bid(job_id=job.pk, party_id=party_id):
        raise AlreadyInvited(_("They have already sent a proposal for this job."))


def _check_number(job: Job, at: datetime) -> None:
    most = rules().invitations_a_day
    if Invitation.objects.filter(job=job, created_at__gt=at - timedelta(days=1)).count() >= most:
        raise TooManyInvitations(
            ngettext(
                "You can send %(most)d invitation to a job in a day. Wait for answers, or invite more tomorrow.",
                "You can send %(most)d invitations to a job in a day. Wait for answers, or invite more tomorrow.",
                most,
            )
            % {"most": most}
        )


def _end(invitation: Invitation, to: str, at: datetime) -> None:
    invitation.status, invitation.ended_at = to, at
    invitation.save(update_fields=["status", "ended_at", "decline_reason", "decline_note"])
    _count(invitation.job_id)


def _count(job_id: int) -> None:
    """Count the job's invitations afresh for its page; the caller holds the job's lock."""
    counted = Invitation.objects.filter(job_id=job_id).aggregate(
        invitations=Count("pk", filter=~Q(status=Status.WITHDRAWN)),
        invitations_unanswered=Count("pk", filter=Q(status=Status.INVITED)),
    )
    JobActivity.objects.filter(job_id=job_id).update(**counted)


def _tell(kind: str, invitation: Invitation, by: Actor, at: datetime, **data: Any) -> None:
    record(kind=kind, actor=by, subject=f"invitation:{invitation.pk}", scope=f"job:{invitation.job_id}", at=at, **data)
