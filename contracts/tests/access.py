"""Who gets what from the pages of offers, contracts and milestones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.models import Milestone
from tests.access import Row, admin_pages, cells

CLIENT = "client client_admin hiring_manager finance"
FREELANCER = "freelancer named_worker"
HIRERS, SPENDERS, LEADERS = "client client_admin hiring_manager", "client client_admin finance", "client client_admin"


def _without(every: str, some: str) -> str:
    return " ".join(name for name in every.split() if name not in some.split())


def _contract(w: Any) -> dict[str, Any]:
    return {"contract_id": w.contract.pk}


def _offer(w: Any) -> dict[str, Any]:
    return {"offer_id": w.offer.pk}


def _draft_offer(w: Any) -> dict[str, Any]:
    return {"offer_id": w.draft_offer.pk}


def _countered_offer(w: Any) -> dict[str, Any]:
    return {"offer_id": w.countered_offer.pk}


def _proposal(w: Any) -> dict[str, Any]:
    return {"proposal_id": w.offer_proposal.pk}


def _terms(w: Any) -> dict[str, Any]:
    return {
        "title": "Texts",
        "deliverables": "All of them, translated.",
        "language": "en",
        "duration": "weeks",
        "milestones-TOTAL_FORMS": "1",
        "milestones-INITIAL_FORMS": "0",
        "milestones-0-title": "All texts",
        "milestones-0-amount": "250",
    }


def _room() -> Row:
    return Row(get=cells(ok=f"{CLIENT} {FREELANCER}", missing="*"), kwargs=_contract)


def _milestone(
    which: Callable[[Any], Milestone], may: str, *, data: Callable[[Any], dict[str, Any]] | None = None, **says: Any
) -> Row:
    """Return the row of a milestone's page: those who may get it, their own colleagues 403, all others 404."""
    deny = _without(f"{CLIENT} {FREELANCER}", may)

    def post(w: Any) -> dict[str, Any]:
        return {"seen_version": which(w).version, **(data(w) if data else {})}

    if says.get("is_closed"):
        return Row(
            get=cells(redirect=may, deny=deny, missing="*"),
            post=cells(conflict=may, deny=deny, missing="*"),
            kwargs=lambda w: {"contract_id": w.contract.pk, "milestone_id": which(w).pk},
            data=post,
        )
    return Row(
        get=cells(ok=may, deny=deny, missing="*"),
        post=cells(redirect=may, deny=deny, missing="*"),
        kwargs=lambda w: {"contract_id": w.contract.pk, "milestone_id": which(w).pk},
        data=post,
    )


def _part(w: Any) -> dict[str, Any]:
    return {"amount": "100", "rest": "keep", "note": "Half of it.", "confirmed": "1"}


def _ending(w: Any) -> dict[str, Any]:
    """Return what the client decides; the freelancer's choices are others, so theirs comes back."""
    data: dict[str, Any] = {"reason": "done", "note": ""}
    for milestone in (w.funded, w.submitted):
        data |= {
            f"choice_{milestone.pk}": "ask_back",
            f"note_{milestone.pk}": "It is late.",
            f"seen_{milestone.pk}": milestone.version,
        }
    return data


def _worker_change(may: str) -> Row:
    """Return the row of an answer to an agency that asks for another worker: its own people have tests of their own."""
    answers = {"redirect": may} if may else {}
    return Row(
        post=cells(**answers, deny=_without(CLIENT, may), missing="*"),
        kwargs=lambda w: {"contract_id": w.agency_contract.pk, "change_id": w.worker_change.pk},
    )


ACCESS = {
    "contracts:list": Row(get=cells(ok="*")),
    "contracts:room": _room(),
    "contracts:messages": _room(),
    "contracts:files": _room(),
    "contracts:terms": _room(),
    "contracts:payments": _room(),
    "contracts:end": Row(
        get=cells(ok=f"{LEADERS} freelancer", deny="hiring_manager finance named_worker", missing="*"),
        post=cells(redirect=LEADERS, invalid="freelancer", deny="hiring_manager finance named_worker", missing="*"),
        kwargs=_contract,
        data=_ending,
    ),
    "contracts:offer_new": Row(
        get=cells(ok=HIRERS, deny="finance", missing="*"),
        post=cells(redirect=HIRERS, deny="finance", missing="*"),
        kwargs=_proposal,
        data=_terms,
    ),
    "contracts:offer_sums": Row(post=cells(ok=HIRERS, deny="finance", missing="*"), kwargs=_proposal, data=_terms),
    "contracts:offer": Row(get=cells(ok=f"{CLIENT} {FREELANCER}", missing="*"), kwargs=_offer),
    "contracts:offer_send": Row(
        get=cells(ok=LEADERS, deny="hiring_manager finance", missing="*"),
        post=cells(redirect=LEADERS, deny="hiring_manager finance", missing="*"),
        kwargs=_draft_offer,
        data=lambda w: {"method": w.card.pk, "seen_version": w.draft_offer.version},
    ),
    "contracts:offer_accept": Row(
        get=cells(ok="freelancer", deny="named_worker", missing="*"),
        post=cells(redirect="freelancer", deny="named_worker", missing="*"),
        kwargs=_offer,
        data=lambda w: {"seen_version": w.offer.version},
    ),
    "contracts:offer_decline": Row(
        get=cells(ok="freelancer", deny="named_worker", missing="*"),
        post=cells(redirect="freelancer", deny="named_worker", missing="*"),
        kwargs=_offer,
    ),
    "contracts:offer_withdraw": Row(
        get=cells(ok=HIRERS, deny="finance", missing="*"),
        post=cells(redirect=HIRERS, deny="finance", missing="*"),
        kwargs=_offer,
    ),
    "contracts:offer_counter": Row(
        get=cells(ok="freelancer", deny="named_worker", missing="*"),
        post=cells(redirect="freelancer", deny="named_worker", missing="*"),
        kwargs=_offer,
        data=lambda w: {**_terms(w), "seen_version": w.offer.version},
    ),
    "contracts:counter_withdraw": Row(
        post=cells(redirect="freelancer", deny="named_worker", missing="*"), kwargs=_countered_offer
    ),
    "contracts:counter_agree": Row(
        get=cells(ok=LEADERS, deny="hiring_manager finance", missing="*"),
        post=cells(redirect=LEADERS, deny="hiring_manager finance", missing="*"),
        kwargs=lambda w: {**_countered_offer(w), "version_id": w.counter.pk},
        data=lambda w: {"method": w.card.pk},
    ),
    "contracts:counter_refuse": Row(
        get=cells(ok=HIRERS, deny="finance", missing="*"),
        post=cells(redirect=HIRERS, deny="finance", missing="*"),
        kwargs=lambda w: {**_countered_offer(w), "version_id": w.counter.pk},
    ),
    "contracts:offer_revise": Row(
        get=cells(ok=HIRERS, deny="finance", missing="*"),
        post=cells(redirect=HIRERS, deny="finance", missing="*"),
        kwargs=_countered_offer,
        data=lambda w: {**_terms(w), "seen_version": w.countered_offer.version},
    ),
    "contracts:revision_drop": Row(post=cells(redirect=HIRERS, deny="finance", missing="*"), kwargs=_countered_offer),
    "contracts:revision_send": Row(
        get=cells(ok=HIRERS, deny="finance", missing="*"),
        post=cells(redirect=HIRERS, deny="finance", missing="*"),
        kwargs=lambda w: {**_countered_offer(w), "version_id": w.revision.pk},
    ),
    "contracts:version_sums": Row(post=cells(ok=f"{CLIENT} {FREELANCER}", missing="*"), kwargs=_offer, data=_terms),
    "contracts:offer_direct": Row(
        get=cells(ok=f"{HIRERS} other_client", deny="*"),
        post=cells(redirect=f"{HIRERS} other_client", deny="*"),
        kwargs=lambda w: {"slug": w.profile.slug},
        data=_terms,
    ),
    "contracts:direct_sums": Row(
        post=cells(ok=f"{HIRERS} other_client", deny="*"), kwargs=lambda w: {"slug": w.profile.slug}, data=_terms
    ),
    "contracts:readers": Row(
        get=cells(ok=HIRERS, deny="finance freelancer named_worker", missing="*"),
        post=cells(redirect=HIRERS, deny="finance freelancer named_worker", missing="*"),
        kwargs=_contract,
        data=lambda w: {"user": w.member.user.pk},
        note="the member was added to nothing here; what they read once they are is tested with the roles",
    ),
    "contracts:milestone_new": Row(
        get=cells(ok=f"{HIRERS} freelancer", deny="finance named_worker", missing="*"),
        post=cells(redirect=f"{HIRERS} freelancer", deny="finance named_worker", missing="*"),
        kwargs=_contract,
        data=lambda w: {"title": "Kiosk", "amount": "250"},
    ),
    "contracts:milestone_accept": _milestone(lambda w: w.proposed, HIRERS),
    "contracts:milestone_decline": _milestone(lambda w: w.proposed, HIRERS),
    "contracts:milestone_withdraw": _milestone(lambda w: w.proposed, "freelancer"),
    "contracts:milestone_cancel": _milestone(lambda w: w.agreed, f"{HIRERS} freelancer"),
    "contracts:milestone_fund": _milestone(lambda w: w.agreed, SPENDERS, data=lambda w: {"method": w.card.pk}),
    "contracts:milestone_give_up": _milestone(lambda w: w.funding, SPENDERS),
    "contracts:milestone_submit": _milestone(lambda w: w.funded, FREELANCER, data=lambda w: {"note": "Done."}),
    "contracts:milestone_request_changes": _milestone(
        lambda w: w.submitted, HIRERS, data=lambda w: {"note": "The fares."}
    ),
    "contracts:milestone_approve": _milestone(lambda w: w.submitted, SPENDERS),
    "contracts:milestone_release": _milestone(lambda w: w.funded, SPENDERS),
    "contracts:milestone_release_part": _milestone(lambda w: w.submitted, SPENDERS, data=_part),
    "contracts:milestone_ask_back": _milestone(lambda w: w.funded, SPENDERS, data=_part),
    "contracts:milestone_agree": _milestone(lambda w: w.refund_requested, "freelancer"),
    "contracts:milestone_give_back": _milestone(lambda w: w.funded, "freelancer"),
    # All of it is frozen: there is nothing else that could be released or given back.
    "contracts:milestone_release_undisputed": _milestone(lambda w: w.disputed, SPENDERS, data=_part, is_closed=True),
    "contracts:milestone_give_undisputed_back": _milestone(
        lambda w: w.disputed, "freelancer", data=_part, is_closed=True
    ),
    "contracts:worker": Row(
        get=cells(deny=CLIENT, missing="*"),
        post=cells(deny=CLIENT, missing="*"),
        kwargs=lambda w: {"contract_id": w.agency_contract.pk},
        data=lambda w: {"worker": "1", "reason": "Nina is ill."},
        note="an agency's; its own people have tests of their own (test_worker_change_machine)",
    ),
    "contracts:worker_accept": _worker_change(HIRERS),
    "contracts:worker_decline": _worker_change(HIRERS),
    "contracts:worker_withdraw": _worker_change(""),
    **admin_pages("contracts_contract", "support mediator finance_staff", lambda w: w.contract.pk),
}
