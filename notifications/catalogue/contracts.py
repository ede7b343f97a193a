"""Notices of contracts: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.models import Contract, Milestone, Offer, WorkerChange
from notifications.catalogue.shapes import Kind, Thing, path_of


def _offer(pk: int) -> Thing:
    offer = Offer.objects.select_related("client", "freelancer").get(pk=pk)
    words = {
        "offer": offer.title,
        "client": offer.client.name,
        "freelancer": offer.freelancer.public_name,
        "currency": offer.currency,
    }
    return Thing(
        offer.client_id,
        offer.freelancer_id,
        words,
        path_of("contracts:offer", offer_id=pk),
        job_id=offer.job_id,
        worker_id=offer.worker_id,
    )


def of_contract(contract: Contract, **words: Any) -> Thing:
    """Return what is told of a contract, with more words."""
    return Thing(
        contract.client_id,
        contract.freelancer_id,
        {
            "contract": contract.title,
            "client": contract.client.name,
            "freelancer": contract.freelancer.name,
            "currency": contract.currency,
            **words,
        },
        path_of("contracts:room", contract_id=contract.pk),
        contract_id=contract.pk,
        worker_id=contract.worker_id,
    )


def _contract(pk: int) -> Thing:
    contract = Contract.objects.select_related("client", "freelancer", "worker").get(pk=pk)
    return of_contract(contract, worker=contract.worker.get_full_name() if contract.worker else "")


def _milestone(pk: int) -> Thing:
    milestone = Milestone.objects.select_related("contract__client", "contract__freelancer").get(pk=pk)
    return of_contract(milestone.contract, milestone=milestone.title)


def _worker_change(pk: int) -> Thing:
    change = WorkerChange.objects.select_related("contract__client", "contract__freelancer", "worker").get(pk=pk)
    return of_contract(change.contract, worker=change.worker.get_full_name())


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "offer": _offer,
    "contract": _contract,
    "milestone": _milestone,
    "worker_change": _worker_change,
}

KINDS: Mapping[str, Kind] = {
    # Offers
    "contracts.offer_sent": Kind(
        "freelancer",
        _("%(client)s sent you an offer: “%(offer)s”"),
        _("The first milestone is paid and held. Accept or decline the offer before it expires."),
    ),
    "contracts.offer_payment_failed": Kind(
        "client",
        _("The payment for your offer “%(offer)s” did not go through"),
        _("Nothing was charged. Open the offer and try again, or use another card."),
        is_essential=True,
    ),
    "contracts.offer_accepted": Kind(
        "client", _("%(freelancer)s accepted your offer “%(offer)s”"), _("The contract has started.")
    ),
    "contracts.offer_declined": Kind(
        "client", _("%(freelancer)s declined your offer “%(offer)s”"), _("Your money goes back to your card.")
    ),
    "contracts.offer_countered": Kind(
        "client",
        _("%(freelancer)s proposes other terms for “%(offer)s”"),
        _("See what changes and what it costs or returns, then agree, refuse or answer."),
    ),
    "contracts.offer_counter_withdrawn": Kind(
        "client", _("%(freelancer)s withdrew the counter-offer to “%(offer)s”"), is_mailed=False
    ),
    "contracts.offer_counter_refused": Kind(
        "freelancer",
        _("%(client)s refused your counter-offer to “%(offer)s”"),
        _("The offer stands as it was. Accept or decline it before it expires."),
    ),
    "contracts.offer_counter_agreed": Kind(
        "freelancer",
        _("%(client)s agreed to your terms for “%(offer)s”"),
        _("The first milestone is paid and held. Accept the new version before it expires."),
    ),
    "contracts.offer_revised": Kind(
        "freelancer",
        _("%(client)s changed the offer “%(offer)s”"),
        _("See what changed. Accept or decline the new version before it expires."),
    ),
    "contracts.offer_raise_failed": Kind(
        "client",
        _("The payment for new terms of “%(offer)s” did not go through"),
        _("Nothing was charged, and the version before stands. Open the offer and pay with another card."),
    ),
    "contracts.offer_withdrawn": Kind("freelancer", _("%(client)s withdrew the offer “%(offer)s”")),
    "contracts.offer_expired": Kind("both", _("The offer “%(offer)s” has expired"), _("The money goes back.")),
    "contracts.offer_expiring": Kind(
        "freelancer",
        _("The offer “%(offer)s” is waiting for you"),
        _("Accept or decline it before it expires."),
        is_essential=True,
    ),
    # Contracts
    "contracts.contract_ending": Kind(
        "both", _("“%(contract)s” is being ended"), _("Open it to see what happens next.")
    ),
    "contracts.contract_ended": Kind("both", _("“%(contract)s” has ended"), is_mailed=False),
    # Milestones
    "contracts.milestone_proposed": Kind(
        "both", _("A milestone was proposed: “%(milestone)s”"), _("Accept or decline it.")
    ),
    "contracts.milestone_accepted": Kind("both", _("The milestone “%(milestone)s” was accepted")),
    "contracts.milestone_declined": Kind("both", _("The milestone “%(milestone)s” was declined")),
    "contracts.milestone_withdrawn": Kind("both", _("The milestone “%(milestone)s” was withdrawn"), is_mailed=False),
    "contracts.milestone_cancelled": Kind("both", _("The milestone “%(milestone)s” was cancelled")),
    "contracts.milestone_funded": Kind(
        "both", _("“%(milestone)s” is funded"), _("The money is held until the work is approved.")
    ),
    "contracts.milestone_payment_failed": Kind(
        "client",
        _("The payment for “%(milestone)s” did not go through"),
        _("Nothing was charged. Open the contract and try again, or use another card."),
        is_essential=True,
    ),
    "contracts.milestone_payment_returned": Kind(
        "client",
        _("A payment for “%(milestone)s” came too late"),
        _("The money goes back to your card."),
        is_essential=True,
    ),
    "contracts.milestone_submitted": Kind(
        "client",
        _("%(freelancer)s submitted “%(milestone)s”"),
        _("Approve it or ask for changes. Without an answer it is approved when its time is over."),
        is_essential=True,
    ),
    "contracts.milestone_changes_requested": Kind(
        "freelancer",
        _("%(client)s asked for changes to “%(milestone)s”"),
        _("The clock of silent approval has stopped."),
    ),
    "contracts.milestone_approved": Kind("freelancer", _("%(client)s approved “%(milestone)s” and released the money")),
    "contracts.milestone_released": Kind("freelancer", _("%(client)s released the money of “%(milestone)s”")),
    "contracts.milestone_released_part": Kind("freelancer", _("%(client)s released a part of “%(milestone)s”")),
    "contracts.milestone_released_by_silence": Kind(
        "both", _("“%(milestone)s” was approved by silence"), _("Nobody answered in time, so the money was released.")
    ),
    "contracts.milestone_moved": Kind("freelancer", _("Held money of “%(milestone)s” was moved to “%(target)s”")),
    "contracts.milestone_asked_back": Kind(
        "freelancer",
        _("%(client)s asks for the money of “%(milestone)s” back"),
        _("Agree, give it back, or let mediators decide. Open the contract to see what silence does."),
        is_essential=True,
    ),
    "contracts.milestone_refunded": Kind("both", _("The money of “%(milestone)s” goes back to %(client)s")),
    "contracts.milestone_given_back": Kind("client", _("%(freelancer)s gave back the money of “%(milestone)s”")),
    "contracts.milestone_review_ending": Kind(
        "client",
        _("“%(milestone)s” is waiting for your answer"),
        _("Without one it is approved when its time is over."),
        is_essential=True,
    ),
    "contracts.milestone_ask_back_ending": Kind(
        "freelancer",
        _("%(client)s still waits for your answer about “%(milestone)s”"),
        _("Open the contract to see what silence does."),
        is_essential=True,
    ),
    "contracts.offer_charged_back": Kind(
        "both",
        _("The offer “%(offer)s” was withdrawn"),
        _("Its payment is contested at the client's bank."),
        is_essential=True,
    ),
    # The worker of an agency's contract
    "contracts.worker_left": Kind(
        "both",
        _("%(worker)s has left %(freelancer)s and worked on “%(contract)s”"),
        _("The agency can propose somebody else, whom the client accepts or declines. Until then its owner delivers."),
    ),
    "contracts.worker_proposed": Kind(
        "client",
        _("%(freelancer)s proposes %(worker)s for the work on “%(contract)s”"),
        _("Read why, then accept or decline. Without an answer the contract keeps its worker."),
    ),
    "contracts.worker_replaced": Kind("both", _("%(worker)s does the work on “%(contract)s” from now on")),
    "contracts.worker_declined": Kind(
        "freelancer", _("%(client)s declined %(worker)s for “%(contract)s”"), _("The contract keeps its worker.")
    ),
    "contracts.worker_withdrawn": Kind(
        "client", _("%(freelancer)s no longer proposes %(worker)s for “%(contract)s”"), is_mailed=False
    ),
    "contracts.worker_change_expiring": Kind(
        "client",
        _("%(freelancer)s waits for your answer about %(worker)s"),
        _("Accept or decline it before it expires."),
        is_essential=True,
    ),
    "contracts.worker_change_expired": Kind(
        "both", _("%(worker)s was not accepted in time for “%(contract)s”"), _("The contract keeps its worker.")
    ),
}
