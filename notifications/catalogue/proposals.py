"""Notices of proposals: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from notifications.catalogue.shapes import Kind, Thing, path_of
from proposals.models import Proposal


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


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "proposal": _proposal,
    "party": _party,
}

KINDS: Mapping[str, Kind] = {
    "proposals.proposal_submitted": Kind("client", _("%(freelancer)s sent a proposal for “%(job)s”")),
    "proposals.proposal_viewed": Kind(
        "freelancer", _("The client opened your proposal for “%(job)s”"), is_mailed=False
    ),
    "proposals.proposal_declined": Kind("freelancer", _("Your proposal for “%(job)s” was declined")),
    "proposals.proposal_closed": Kind("freelancer", _("“%(job)s” has ended, and your proposal with it")),
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
}
