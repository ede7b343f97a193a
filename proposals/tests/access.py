"""Who may do what at the addresses of proposals and connects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.clock import now
from proposals.models import ConnectSpend
from tests.access import Row, admin_pages, cells

CLIENT_SIDE = "client client_admin hiring_manager"
CLIENT_READERS = "client client_admin hiring_manager finance"
FREELANCER_SIDE = "freelancer named_worker"


def times_ahead(days: int) -> str:
    """Return what a form of times takes for noon, some days from now."""
    return f"{(now() + timedelta(days=days)).date().isoformat()}T12:00"


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
    "proposals:archive": Row(
        kwargs=lambda world: {"proposal_id": world.proposal.pk},
        post=cells(redirect=CLIENT_SIDE, deny="finance", missing="*"),
    ),
    "proposals:compare": Row(
        kwargs=lambda world: {"job_id": world.job.pk},
        query="?p=1",
        get=cells(ok=CLIENT_READERS, missing="*"),
    ),
    "proposals:decline_many": Row(
        kwargs=lambda world: {"job_id": world.job.pk},
        data=lambda world: {"p": world.proposal.pk, "reason": "price", "message_en": "", "step": "send"},
        get=cells(ok=CLIENT_SIDE, deny="finance", missing="*"),
        post=cells(redirect=CLIENT_SIDE, deny="finance", missing="*"),
    ),
    "proposals:label_many": Row(
        kwargs=lambda world: {"job_id": world.job.pk},
        query="?label=archive",
        data=lambda world: {"p": world.proposal.pk},
        post=cells(redirect=CLIENT_SIDE, deny="finance", missing="*"),
    ),
    "proposals:note_new": Row(
        kwargs=lambda world: {"proposal_id": world.proposal.pk},
        data=lambda _world: {"text": "Ask for a film of the quay."},
        post=cells(redirect=CLIENT_READERS, missing="*"),
        note="Whoever reads the inbox notes something for the others: a note decides nothing.",
    ),
    "proposals:note_edit": Row(
        kwargs=lambda world: {"note_id": world.proposal_note.pk},
        data=lambda _world: {"text": "Ask for two films of the quay."},
        get=cells(ok="client", missing="*"),
        post=cells(redirect="client", missing="*"),
        note="Its author alone.",
    ),
    "proposals:scorecard": Row(
        kwargs=lambda world: {"proposal_id": world.proposal.pk},
        data=lambda _world: {"skills": "4"},
        post=cells(redirect=CLIENT_READERS, missing="*"),
    ),
    "proposals:draft": Row(
        kwargs=lambda world: {"job_id": world.job.pk},
        data=lambda _world: {"letter": "I would start on"},
        post=cells(ok="other_freelancer wrong_hat", conflict=FREELANCER_SIDE, deny="*"),
        note="In her other hat Alice may begin to write for her own job; sending it is refused.",
    ),
    "proposals:draft_delete": Row(
        kwargs=lambda world: {"job_id": world.job.pk},
        post=cells(redirect=f"{FREELANCER_SIDE} other_freelancer wrong_hat", deny="*"),
    ),
    "proposals:edit_letter": Row(
        kwargs=lambda world: {"proposal_id": world.proposal.pk},
        data=lambda _world: {"letter": "I would start at the gate.", "language": "en", "seen_version": "1"},
        get=cells(ok=FREELANCER_SIDE, deny=CLIENT_READERS, missing="*"),
        post=cells(redirect=FREELANCER_SIDE, deny=CLIENT_READERS, missing="*"),
    ),
    "proposals:edit_terms": Row(
        kwargs=lambda world: {"proposal_id": world.proposal.pk},
        data=lambda _world: {"amount": "850", "seen_version": "1"},
        get=cells(ok=FREELANCER_SIDE, deny=CLIENT_READERS, missing="*"),
        post=cells(redirect=FREELANCER_SIDE, deny=CLIENT_READERS, missing="*"),
    ),
    "proposals:message": Row(
        kwargs=lambda world: {"proposal_id": world.proposal.pk},
        data=lambda _world: {"text": "Which quay do you mean?", "token": "access-table"},
        get=cells(ok=CLIENT_SIDE, deny="finance", missing="*"),
        post=cells(redirect=CLIENT_SIDE, deny="finance", missing="*"),
    ),
    "proposals:invitation_message": Row(
        kwargs=lambda world: {"invitation_id": world.job_invitation.pk},
        data=lambda _world: {"text": "Is there a drawing?", "token": "access-table"},
        get=cells(ok="other_freelancer", deny=CLIENT_READERS, missing="*"),
        post=cells(redirect="other_freelancer", deny=CLIENT_READERS, missing="*"),
    ),
    "proposals:interviews": Row(
        get=cells(
            missing="support moderator mediator finance_staff administrator",
            ok="*",
        )
    ),
    "proposals:interview_new": Row(
        kwargs=lambda world: {"conversation_id": world.conversation.pk},
        data=lambda _world: {"start_0": times_ahead(10), "minutes": "30", "way": "call"},
        get=cells(ok=f"{CLIENT_SIDE} {FREELANCER_SIDE}", missing="*"),
        post=cells(redirect=f"{CLIENT_SIDE} {FREELANCER_SIDE}", missing="*"),
    ),
    "proposals:interview": Row(
        kwargs=lambda world: {"interview_id": world.interview.pk},
        get=cells(ok=f"{CLIENT_SIDE} {FREELANCER_SIDE}", missing="*"),
    ),
    "proposals:interview_accept": Row(
        kwargs=lambda world: {"interview_id": world.interview.pk},
        data=lambda world: {"slot": world.interview.slots.first().pk, "version": world.interview.version},
        post=cells(redirect=CLIENT_SIDE, conflict=FREELANCER_SIDE, missing="*"),
        note="The freelancer proposed the times: the client chooses.",
    ),
    "proposals:interview_move": Row(
        kwargs=lambda world: {"interview_id": world.agreed_interview.pk},
        data=lambda world: {
            "start_0": times_ahead(12),
            "minutes": "45",
            "way": "call",
            "version": world.agreed_interview.version,
        },
        get=cells(ok=f"{CLIENT_SIDE} {FREELANCER_SIDE}", missing="*"),
        post=cells(redirect=f"{CLIENT_SIDE} {FREELANCER_SIDE}", missing="*"),
    ),
    "proposals:interview_cancel": Row(
        kwargs=lambda world: {"interview_id": world.agreed_interview.pk},
        data=lambda world: {"note": "I am ill.", "version": world.agreed_interview.version},
        get=cells(ok=f"{CLIENT_SIDE} {FREELANCER_SIDE}", missing="*"),
        post=cells(redirect=f"{CLIENT_SIDE} {FREELANCER_SIDE}", missing="*"),
    ),
    "proposals:interview_file": Row(
        kwargs=lambda world: {"interview_id": world.agreed_interview.pk},
        get=cells(ok=f"{CLIENT_SIDE} {FREELANCER_SIDE}", missing="*"),
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
        get=cells(ok=f"{FREELANCER_SIDE} other_freelancer wrong_hat", missing=f"{CLIENT_READERS} member", deny="*"),
        note="Nobody of the client looks at them here; in her other hat Alice may, as at the form.",
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
