"""Who may do what with offers, contracts and milestones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from accounts.models import Membership, Party
from accounts.permissions import ROLES_OF, can_hire, can_read, can_spend, can_work, reads_all
from contracts.models import Contract, ContractReader, Milestone, Offer, OfferVersion
from core.actor import Actor

Role = Membership.Role


def can_write_offer(by: Actor, client_id: int) -> bool:
    """Test whether the actor may write offers for this client."""
    return can_hire(by, client_id)


def can_send_offer(by: Actor, offer: Offer) -> bool:
    """Test whether the actor may send the offer, which hires and spends at once: the first milestone is paid for."""
    if not can_hire(by, offer.client_id) or can_spend(by, offer.client_id):
        return can_hire(by, offer.client_id)
    first = offer.milestones.order_by("position").first()
    return first is not None and first.amount <= by.pay_limit


def can_adopt_version(by: Actor, offer: Offer, version: OfferVersion) -> bool:
    """Test whether the actor may put a version in force, which may cost the client more than is held. A query."""
    first = offer.milestones.order_by("position").first()
    is_dearer = first is not None and version.first_amount > first.amount
    if not can_hire(by, offer.client_id) or can_spend(by, offer.client_id) or not is_dearer:
        return can_hire(by, offer.client_id)
    return version.first_amount <= by.pay_limit


def can_withdraw_offer(by: Actor, offer: Offer) -> bool:
    """Test whether the actor may take the offer back."""
    return by.is_system or can_hire(by, offer.client_id)


def can_answer_offer(by: Actor, offer: Offer) -> bool:
    """Test whether the actor may accept or decline the offer: it binds the freelancer's party."""
    return _leads(by, offer.freelancer_id)


def can_read_offer(by: Actor, offer: Offer) -> bool:
    """Test whether the actor may see the offer; the freelancer does from the moment it was sent."""
    return can_read(by, offer.client_id) or (
        offer.sent_at is not None and can_read(by, offer.freelancer_id) and _is_shown(by, offer)
    )


def can_read_contract(by: Actor, contract: Contract) -> bool:
    """Test whether the actor acts for a side of the contract, and it is theirs to see.

    Members see those they were added to, which is the one query; named workers of an agency those they work on.
    """
    is_of_a_side = can_read(by, contract.client_id) or (
        can_read(by, contract.freelancer_id) and _is_shown(by, contract)
    )
    if not is_of_a_side or reads_all(by):
        return is_of_a_side
    mine = ContractReader.objects.filter(contract=contract, party_id=by.party_id or 0, user_id=by.person_id)
    return mine.exists()


def can_choose_readers(by: Actor, contract: Contract) -> bool:
    """Test whether the actor may say which members of their own side read the contract; a freelancer has none."""
    return by.party_kind in ROLES_OF and can_propose_milestone(by, contract)


def can_propose_milestone(by: Actor, contract: Contract) -> bool:
    """Test whether the actor may propose milestones, and cancel agreed ones, for a side of the contract."""
    return can_hire(by, contract.client_id) or _leads(by, contract.freelancer_id)


def can_answer_milestone(by: Actor, milestone: Milestone) -> bool:
    """Test whether the actor may accept or decline what the other side proposed. Needs `milestone.contract`."""
    return can_propose_milestone(by, milestone.contract) and by.party_id != milestone.proposed_by_id


def can_withdraw_milestone(by: Actor, milestone: Milestone) -> bool:
    """Test whether the actor may take back what their own side proposed. Needs `milestone.contract`."""
    return can_propose_milestone(by, milestone.contract) and by.party_id == milestone.proposed_by_id


def can_cancel_milestone(by: Actor, milestone: Milestone) -> bool:
    """Test whether the actor may cancel a milestone that is not funded. Needs `milestone.contract`."""
    return can_propose_milestone(by, milestone.contract)


def can_fund_milestone(by: Actor, milestone: Milestone) -> bool:
    """Test whether the actor may pay for the milestone, or stop paying. Needs `milestone.contract`.

    A hiring manager may within their limit; that is a query.
    """
    more = 0 if milestone.status == Milestone.Status.FUNDING else milestone.amount
    return can_spend(by, milestone.contract.client_id) or _is_within_limit(by, milestone.contract, more)


def can_submit_milestone(by: Actor, milestone: Milestone) -> bool:
    """Test whether the actor may hand in work: who leads the party, or does the work. Needs `milestone.contract`."""
    return can_work(by, milestone.contract.freelancer_id) and _is_shown(by, milestone.contract)


def can_request_milestone_changes(by: Actor, milestone: Milestone) -> bool:
    """Test whether the actor may ask for changes to submitted work. Needs `milestone.contract`."""
    return can_hire(by, milestone.contract.client_id)


def can_release_milestone(by: Actor, milestone: Milestone) -> bool:
    """Test whether the actor may approve work and release its money. Needs `milestone.contract`.

    A hiring manager may within their limit; that is a query.
    """
    return can_spend(by, milestone.contract.client_id) or _is_within_limit(by, milestone.contract, 0)


def can_ask_milestone_back(by: Actor, milestone: Milestone) -> bool:
    """Test whether the actor may ask held money back. Needs `milestone.contract`."""
    return can_spend(by, milestone.contract.client_id)


def can_give_milestone_back(by: Actor, milestone: Milestone) -> bool:
    """Test whether the actor may give held money back, or agree to do so. Needs `milestone.contract`."""
    return _leads(by, milestone.contract.freelancer_id)


def can_end_contract(by: Actor, contract: Contract) -> bool:
    """Test whether the actor may end the contract, deciding on the money of its milestones."""
    return _leads(by, contract.client_id) or _leads(by, contract.freelancer_id)


def can_propose_worker(by: Actor, contract: Contract) -> bool:
    """Test whether the actor may propose another worker to the client, and take that back, for the agency."""
    return by.party_kind == Party.Kind.AGENCY and _leads(by, contract.freelancer_id)


def can_answer_worker(by: Actor, contract: Contract) -> bool:
    """Test whether the actor may accept or decline another worker for the client."""
    return can_hire(by, contract.client_id)


#: Who may call each verb of a milestone's machine; what only the clock or a case does is not a person's to call.
VERBS: Mapping[str, Callable[[Actor, Milestone], bool]] = {
    "accept_milestone": can_answer_milestone,
    "decline_milestone": can_answer_milestone,
    "withdraw_milestone": can_withdraw_milestone,
    "fund_milestone": can_fund_milestone,
    "fund_milestone_from_credit": can_fund_milestone,
    "give_up_milestone_payment": can_fund_milestone,
    "cancel_milestone": can_cancel_milestone,
    "submit_milestone": can_submit_milestone,
    "approve_milestone": can_release_milestone,
    "request_milestone_changes": can_request_milestone_changes,
    "release_milestone": can_release_milestone,
    "release_milestone_part": can_release_milestone,
    "ask_milestone_back": can_ask_milestone_back,
    "agree_to_ask_back": can_give_milestone_back,
    "give_milestone_back": can_give_milestone_back,
    "release_undisputed": can_release_milestone,
    "give_undisputed_back": can_give_milestone_back,
}
NEEDS_ACTIVE = frozenset({"accept_milestone", "fund_milestone", "fund_milestone_from_credit"})
NEEDS_FREE_MONEY = frozenset({"release_undisputed", "give_undisputed_back"})


def open_verbs(by: Actor, milestone: Milestone) -> frozenset[str]:
    """Return what the actor may do to the milestone in the state it is in. Needs `milestone.contract`."""
    verbs = {row.verb for row in Milestone.TRANSITIONS if row.frm == milestone.status and row.verb in VERBS}
    if milestone.contract.status != Contract.Status.ACTIVE:
        verbs -= NEEDS_ACTIVE
    if milestone.given_up_at is not None:
        verbs.discard("give_up_milestone_payment")
    if not milestone.held:
        verbs -= NEEDS_FREE_MONEY
    return frozenset(verb for verb in verbs if VERBS[verb](by, milestone))


def _is_shown(by: Actor, agreement: Contract | Offer) -> bool:
    """Test whether the agreement is the actor's to see: a named worker of an agency sees those they work on."""
    return by.role != Role.NAMED_WORKER or agreement.worker_id in {None, by.user_id}


def _is_within_limit(by: Actor, contract: Contract, more: int) -> bool:
    """Test whether all that was funded and approved in the contract, with `more`, is what a hiring manager may pay."""
    return by.pay_limit > 0 and can_hire(by, contract.client_id) and contract.committed + more <= by.pay_limit


def _leads(by: Actor, party_id: int) -> bool:
    return by.acts_for(party_id, Role.OWNER, Role.ADMIN)
