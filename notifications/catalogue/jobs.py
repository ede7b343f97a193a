"""Notices of jobs: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from jobs.models import Invitation, Job, SavedSearch
from jobs.queries import stop_token
from notifications.catalogue.shapes import Kind, Thing, path_of


def _job(pk: int) -> Thing:
    job = Job.objects.get(pk=pk)
    return Thing(job.client_id, None, {"job": job.title}, path_of("jobs:detail", job_id=pk), job_id=pk)


def _invitation(pk: int) -> Thing:
    invitation = Invitation.objects.select_related("job__client", "party").get(pk=pk)
    words = {
        "job": invitation.job.title,
        "client": invitation.job.client.public_name,
        "freelancer": invitation.party.public_name,
    }
    return Thing(invitation.job.client_id, invitation.party_id, words, path_of("jobs:detail", job_id=invitation.job_id))


def _search(pk: int) -> Thing:
    search = SavedSearch.objects.filter(pk=pk).first()
    if search is None:  # deleted before its news went out: nobody is told
        return Thing(None, None, {}, "")
    words = {"search": search.name, "stop_path": path_of("jobs:search_stop", token=stop_token(pk))}
    return Thing(None, search.party_id, words, path_of("jobs:search", search_id=pk), people=(search.user_id,))


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "job": _job,
    "invitation": _invitation,
    "search": _search,
}

KINDS: Mapping[str, Kind] = {
    "jobs.job_opened": Kind("client", _("Your job “%(job)s” is open"), _("Freelancers can send proposals now.")),
    "jobs.job_sent_back": Kind(
        "client", _("Your job “%(job)s” needs some changes"), _("Open it to see why, then publish it again.")
    ),
    "jobs.job_removed": Kind("client", _("Your job “%(job)s” was removed"), _("Open it to see why.")),
    "jobs.job_expiring": Kind(
        "client", _("Your job “%(job)s” expires soon"), _("Read its proposals or edit it to keep it open.")
    ),
    "jobs.job_expired": Kind("client", _("Your job “%(job)s” has expired"), _("Connects went back to the bidders.")),
    "jobs.job_filled": Kind("client", _("Your job “%(job)s” is filled"), is_mailed=False),
    # Invitations
    "jobs.invitation_sent": Kind(
        "freelancer",
        _("%(client)s invited you to “%(job)s”"),
        _("A proposal costs you no connects. Answer before the invitation expires."),
    ),
    "jobs.invitation_declined": Kind(
        "client", _("%(freelancer)s declined your invitation to “%(job)s”"), is_mailed=False
    ),
    "jobs.invitation_withdrawn": Kind("freelancer", _("The invitation to “%(job)s” was withdrawn"), is_mailed=False),
    "jobs.search_found": Kind("freelancer", _("New for your search “%(search)s”: %(count)s")),
    "jobs.invitation_expired": Kind("both", _("The invitation to “%(job)s” has expired"), is_mailed=False),
}
