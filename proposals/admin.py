"""The connects of others for support and finance staff, to read: lots, and what was spent and returned."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.admin import ExactSearchAdmin, is_key
from proposals.models import ConnectLot, ConnectSpend
from proposals.permissions import can_see_connects


class ConnectsAdmin(ExactSearchAdmin):
    """A list and a page of rows of connects."""

    list_per_page = 50
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor is of support or looks after the books."""
        return can_see_connects(by)


@admin.register(ConnectLot)
class ConnectLotAdmin(ConnectsAdmin):
    """Lots with what is left of them and when it expires."""

    list_display = ("key", "party", "origin", "amount", "left", "created_at", "expires_at", "expired_at")
    list_filter = ("origin",)
    list_select_related = ("party",)
    search_help_text = _("A whole key (welcome:12), or a party (party:12).")

    def search_condition(self, typed: str) -> Q:
        """Return the lot of this key, or all of a party."""
        party = typed.removeprefix("party:")
        return Q(party_id=int(party)) if party != typed and is_key(party) else Q(key=typed)


@admin.register(ConnectSpend)
class ConnectSpendAdmin(ConnectsAdmin):
    """What was spent on proposals and their boosts, and why it came back."""

    list_display = ("proposal", "part", "sequence", "amount", "created_at", "returned_at", "reason")
    list_filter = ("part", "reason")
    list_select_related = ("proposal",)
    search_help_text = _("A proposal (proposal:12), a job (job:12), or a party (party:12).")

    def search_condition(self, typed: str) -> Q:
        """Return what was spent on a proposal, on a job, or by a party."""
        what, _colon, number = typed.partition(":")
        fields = {"proposal": "proposal_id", "job": "proposal__job_id", "party": "proposal__party_id"}
        return Q(**{fields[what]: int(number)}) if what in fields and is_key(number) else Q(pk=None)
