"""Offers, contracts, milestones and what was submitted for them."""

from contracts.models.contracts import Contract, ContractReader
from contracts.models.milestones import Milestone, Submission
from contracts.models.offers import Offer, OfferMilestone, OfferVersion
from contracts.models.workers import WorkerChange

__all__ = [
    "Contract",
    "ContractReader",
    "Milestone",
    "Offer",
    "OfferMilestone",
    "OfferVersion",
    "Submission",
    "WorkerChange",
]
