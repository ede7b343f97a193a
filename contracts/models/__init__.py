"""Offers, contracts, milestones and what was submitted for them."""

from contracts.models.contracts import Contract
from contracts.models.milestones import Milestone, Submission
from contracts.models.offers import Offer, OfferMilestone
from contracts.models.workers import WorkerChange

__all__ = ["Contract", "Milestone", "Offer", "OfferMilestone", "Submission", "WorkerChange"]
