"""Why something about an offer is refused."""

from __future__ import annotations

from accounts.queries import Gap
from core.errors import DomainError


class ProposalNotOpen(DomainError):
    """The proposal was answered, withdrawn or closed: no offer can be made on it."""


class JobNotLive(DomainError):
    """The job of the offer was closed, filled, has expired or was removed: nobody is hired for it."""


class OwnPeople(DomainError):
    """Nobody buys from themselves: the two sides of a contract share no people."""


class NotReachable(DomainError):
    """A direct offer goes to somebody whose approved profile the client can see."""


class WorkerMissing(DomainError):
    """An offer to an agency says who of its people does the work; a freelancer names nobody."""


class WorkerGone(DomainError):
    """Who was proposed for the work does not belong to the agency any more."""


class HasProposed(DomainError):
    """They sent a proposal for this job: the offer is made on that; `proposal_id` is the one."""

    def __init__(self, message: str, proposal_id: int) -> None:
        super().__init__(message)
        self.proposal_id = proposal_id


class OfferNotDraft(DomainError):
    """Only a draft can be changed or sent."""


class OfferNotPending(DomainError):
    """The offer is not waiting for an answer."""


class OfferNotLive(DomainError):
    """The offer has ended."""


class OfferTooOld(DomainError):
    """The time to answer the offer is over."""


class OfferStillRuns(DomainError):
    """The freelancer still has time to answer."""


class LegalStatusMissing(DomainError):
    """Paid work is accepted once status, VAT position and billing mandate are given; `gaps` says what is missing."""

    def __init__(self, message: str, gaps: tuple[Gap, ...]) -> None:
        super().__init__(message)
        self.gaps = gaps


class OfferChanged(DomainError):
    """The offer is no longer as it was on the page that the actor saw."""


class TermsUnchanged(DomainError):
    """These are the terms that are in force already."""


class CounterNotOpen(DomainError):
    """No such counter-offer waits for an answer: it was withdrawn, replaced, answered or overtaken."""


class RevisionNotWritten(DomainError):
    """No such new terms of the client wait to be sent."""


class NothingToPay(DomainError):
    """The new terms cost no more than what is held: there is nothing to pay from credit."""
