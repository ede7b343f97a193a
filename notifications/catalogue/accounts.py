"""Notices of accounts: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from accounts.models import DataExport, Membership, PartyInvitation
from notifications.catalogue.shapes import Kind, Thing, path_of


def _party_invitation(pk: int) -> Thing:
    invitation = PartyInvitation.objects.select_related("party", "ended_by").get(pk=pk)
    name = invitation.ended_by.get_full_name() if invitation.ended_by else invitation.email
    words = {"party": invitation.party.name, "name": name, "email": invitation.email}
    return Thing(None, None, words, path_of("accounts:people"), owners_of=invitation.party_id)


def _membership(pk: int) -> Thing:
    membership = Membership.objects.select_related("party", "user").get(pk=pk)
    words = {"party": membership.party.name, "name": membership.user.get_full_name()}
    path = path_of("accounts:people") if membership.ended_at is None else path_of("accounts:settings")
    return Thing(None, None, words, path, people=(membership.user_id,), owners_of=membership.party_id)


def _page(pk: int) -> Thing:
    return Thing(pk, None, {}, path_of("accounts:party"))


def _export(pk: int) -> Thing:
    return Thing(None, None, {}, path_of("accounts:data"), people=(DataExport.objects.get(pk=pk).user_id,))


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "party_invitation": _party_invitation,
    "membership": _membership,
    "page": _page,
    "export": _export,
}

KINDS: Mapping[str, Kind] = {
    "accounts.invitation_accepted": Kind(
        "owners", _("%(name)s joined %(party)s"), _("Role: %(role)s."), is_mailed=False
    ),
    "accounts.invitation_declined": Kind(
        "owners", _("The invitation of %(email)s to %(party)s was declined"), is_mailed=False
    ),
    "accounts.invitation_expired": Kind(
        "owners", _("The invitation of %(email)s to %(party)s has expired"), is_mailed=False
    ),
    "accounts.member_left": Kind("owners", _("%(name)s left %(party)s")),
    "accounts.member_removed": Kind(
        "person", _("You no longer belong to %(party)s"), _("An owner or administrator removed you.")
    ),
    "accounts.role_changed": Kind("person", _("Your role in %(party)s has changed"), _("It is now: %(role)s.")),
    "accounts.about_cleared": Kind(
        "client",
        _("The text about you was taken down"),
        _("It breaks our rules: %(why)s You may write another one."),
    ),
    "accounts.export_ready": Kind(
        "person",
        _("Your data is ready to download"),
        _("The archive is deleted some days from now: the page says when."),
    ),
    "accounts.export_failed": Kind(
        "person",
        _("Your data could not be put together"),
        _("Ask for it once more; if that fails too, write to support."),
    ),
}
