"""Who may do what at the addresses of proposals and connects."""

from __future__ import annotations

from typing import Any

from proposals.models import ConnectSpend
from tests.access import Row, admin_pages, cells

CLIENT_SIDE = "client client_admin hiring_manager"
CLIENT_READERS = "client client_admin hiring_manager finance"
FREELANCER_SIDE = "freelancer named_worker"


def _spend(world: Any) -> ConnectSpend:
    """Return what the proposal of the world cost."""
    return ConnectSpend.objects.get(proposal=world.proposal, part="proposal")


ACCESS = {
    "proposals:inbox": Row(
        kwargs=lambda world: {"job_id": world.job.pk},
        get=cells(ok=CLIENT_READERS, missing="*"),
    ),
    "proposals:new": Row(
        kwargs=lambda world: {"job_id": world.job.pk},
        data=lambda _world: {"amount": "900", "letter": "I would start on the quay.", "language": "en"},
        get=cells(redirect=FREELANCER_SIDE, ok="other_freelancer wrong_hat", deny="*"),
        post=cells(redirect="other_freelancer", conflict="freelancer named_worker wrong_hat", deny="*"),
        note="In her other hat Alice may look at the form of her own job, and is refused when she sends it.",
    ),
    "proposals:quote": Row(
        kwargs=lambda world: {"job_id": world.job.pk},
        query="?amount=900",
        get=cells(ok="*"),
    ),
    "proposals:mine": Row(get=cells(ok=f"{FREELANCER_SIDE} other_freelancer wrong_hat", missing="*")),
    "proposals:detail": Row(
        kwargs=lambda world: {"proposal_id": world.proposal.pk},
        get=cells(ok=f"{CLIENT_READERS} {FREELANCER_SIDE}", missing="*"),
    ),
    "proposals:withdraw": Row(
        kwargs=lambda world: {"proposal_id": world.proposal.pk},
        get=cells(ok=FREELANCER_SIDE, deny=CLIENT_READERS, missing="*"),
        post=cells(redirect=FREELANCER_SIDE, deny=CLIENT_READERS, missing="*"),
    ),
    "proposals:decline": Row(
        kwargs=lambda world: {"proposal_id": world.proposal.pk},
        data=lambda _world: {"reason": "price"},
        get=cells(ok=CLIENT_SIDE, deny="finance", missing="*"),
        post=cells(redirect=CLIENT_SIDE, deny="finance", missing="*"),
    ),
    "proposals:shortlist": Row(
        kwargs=lambda world: {"proposal_id": world.proposal.pk},
        post=cells(redirect=CLIENT_SIDE, deny="finance", missing="*"),
    ),
    "proposals:connects": Row(get=cells(ok=f"{FREELANCER_SIDE} other_freelancer wrong_hat", missing="*")),
    "proposals:connects_buy": Row(
        query="?quantity=10",
        data=lambda world: {"quantity": "10", "method": world.card.pk, "token": "access-table"},
        get=cells(ok="freelancer other_freelancer wrong_hat", deny="named_worker", missing="*"),
        post=cells(invalid="freelancer other_freelancer wrong_hat", deny="named_worker", missing="*"),
        note="The card belongs to Alice's company: nobody else can pay with it.",
    ),
    "proposals:places": Row(
        kwargs=lambda world: {"job_id": world.job.pk},
        query="?boost=3",
        get=cells(ok=f"{FREELANCER_SIDE} other_freelancer", missing=CLIENT_READERS, deny="*"),
    ),
    "proposals:boost": Row(
        kwargs=lambda world: {"proposal_id": world.proposal.pk},
        data=lambda _world: {"boost": "3"},
        get=cells(ok=FREELANCER_SIDE, deny=CLIENT_READERS, missing="*"),
        post=cells(redirect=FREELANCER_SIDE, deny=CLIENT_READERS, missing="*"),
    ),
    **admin_pages(
        "proposals_connectlot", "support finance_staff", lambda world: _spend(world).parts.order_by("pk")[0].lot_id
    ),
    **admin_pages("proposals_connectspend", "support finance_staff", lambda world: _spend(world).pk),
}
