"""Notices of proposals: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from messaging.queries import room_of
from notifications.catalogue.shapes import Kind, Thing, path_of
from proposals.models import Interview, Proposal


def _proposal(pk: int) -> Thing:
    proposal = Proposal.objects.select_related("job__client", "party").get(pk=pk)
    words = {
        "job": proposal.job.title,
        "client": proposal.job.client.public_name,
        "freelancer": proposal.party.public_name,
        "currency": proposal.currency,
    }
    path = path_of("proposals:detail", proposal_id=pk)
    return Thing(proposal.job.client_id, proposal.party_id, words, path, job_id=proposal.job_id)


def _party(pk: int) -> Thing:
    return Thing(None, pk, {}, path_of("proposals:connects"))


def _interview(pk: int) -> Thing:
    interview = Interview.objects.select_related("conversation__job__client", "conversation__party").get(pk=pk)
    conversation = interview.conversation
    words = {
        "job": conversation.job.title,
        "client": conversation.job.client.public_name,
        "freelancer": conversation.party.public_name,
        "interview": pk,
    }
    path = path_of("proposals:interview", interview_id=pk)
    room = room_of(conversation.scope)
    return Thing(conversation.job.client_id, conversation.party_id, words, path, room=room)


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "proposal": _proposal,
    "party": _party,
    "interview": _interview,
}

KINDS: Mapping[str, Kind] = {
    "proposals.proposal_submitted": Kind("client", _("%(freelancer)s sent a proposal for “%(job)s”")),
    "proposals.proposal_viewed": Kind(
        "freelancer", _("The client opened your proposal for “%(job)s”"), is_mailed=False
    ),
    "proposals.proposal_declined": Kind(
        "freelancer", _("Your proposal for “%(job)s” was declined"), "%(with_message)s"
    ),
    "proposals.proposal_closed": Kind("freelancer", _("“%(job)s” has ended, and your proposal with it")),
    "proposals.proposal_outbid": Kind(
        "freelancer",
        _("Your boosted proposal for “%(job)s” was outbid"),
        _("Connects that came back: %(returned)s. Open the proposal to see the places and to bid again."),
    ),
    "proposals.connects_expire_soon": Kind(
        "freelancer",
        _("%(count)s of your connects expire within %(days)s days"),
        _("Those that expire first are spent first. The page of connects shows what goes when."),
    ),
    "proposals.connects_returned": Kind("freelancer", _("Your connects for “%(job)s” came back"), is_mailed=False),
    "proposals.connects_granted": Kind("freelancer", _("You received free connects"), is_mailed=False),
    "proposals.connects_bought": Kind("freelancer", _("The connects you bought have arrived"), is_mailed=False),
    "proposals.connects_expired": Kind("freelancer", _("Some of your connects have expired"), is_mailed=False),
    "proposals.connects_taken_back": Kind(
        "freelancer",
        _("The payment of connects is contested at your bank"),
        _("Those left were taken back; those you have spent must be bought again before your next proposal."),
        is_essential=True,
    ),
    "proposals.connects_given_back": Kind(
        "freelancer", _("Your connects are back"), _("The bank left their payment here.")
    ),
    "proposals.terms_edited_in_interview": Kind(
        "client",
        _("%(freelancer)s changed price or time of the proposal for “%(job)s”"),
        _("Its page says what they were before."),
    ),
    # Conversations and interviews
    "proposals.proposal_interviewing": Kind(
        "freelancer",
        _("%(client)s wants to talk about your proposal for “%(job)s”"),
        is_mailed=False,  # the message itself is
    ),
    "proposals.interview_proposed": Kind(
        "both",
        _("Times for an interview about “%(job)s” were proposed"),
        _("Accept one of them, propose others, or cancel."),
    ),
    "proposals.interview_moved": Kind(
        "both",
        _("Other times for the interview about “%(job)s” were proposed"),
        _("A time that was agreed before holds no longer. Accept one of the new ones, propose others, or cancel."),
    ),
    "proposals.interview_accepted": Kind(
        "both",
        _("Interview about “%(job)s”: %(starts_at)s"),
        _("%(client)s and %(freelancer)s meet. The file puts it into your calendar."),
    ),
    "proposals.interview_cancelled": Kind("both", _("The interview about “%(job)s” was cancelled")),
    "proposals.interview_near": Kind(
        "both", _("Your interview about “%(job)s” is near: %(starts_at)s"), _("Open it to see how you meet.")
    ),
    "proposals.interview_expired": Kind(
        "both",
        _("No time was agreed for the interview about “%(job)s”"),
        _("The last of the proposed times has passed. Propose others."),
    ),
}
