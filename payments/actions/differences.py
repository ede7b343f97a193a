"""Reconciliation: the provider is asked for everything it has, and what differs from our books is kept and told."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.product import rules
from events.actions import record
from payments.actions.cases import ReasonMissing, open_money_case, settle_money_cases
from payments.gateway import Gateway, GatewayUnreachable, ProviderBalances
from payments.gateways import gateway_named
from payments.models import Difference, MoneyCase, Reconciliation
from payments.permissions import can_explain_difference
from payments.queries.differences import (
    LISTED,
    SUMS,
    Finding,
    Listing,
    accounts_of,
    core_of,
    find_differences,
    oldest_open,
    rest_mark,
)

logger = logging.getLogger("jalon.reconcile")
Status = Difference.Status
#: Objects are listed from a little before the time that is judged: the clocks of the two houses differ.
MARGIN = timedelta(hours=1)
#: How often balances are read anew because payments were made meanwhile.
BALANCE_READS = 3


class DifferenceGone(DomainError):
    """The difference was not there any more when it was last looked for."""


def reconcile(*, gateway: str = "", since: datetime | None = None, at: datetime) -> Reconciliation:
    """Compare our books with everything the provider lists since a moment, and with its balances; not one transaction.

    Without `since` the last `reconcile_days` days count, and in any case everything that waits for an answer. What is
    under way is no difference: one counts that is found twice in a row. `at` is the product's time.

    Money: none. Event: payments.differences_found where there are new ones.

    Raises GatewayUnreachable where the provider does not answer; then nothing is noted.
    """
    name = gateway or settings.PAYMENT_GATEWAY
    asked, begins = gateway_named(name), since or at - timedelta(days=rules().reconcile_days)
    first = _listing(asked, begins, at)
    found = find_differences(first)
    if found:
        again = _listing(asked, begins, at)
        lasting = {each.core for each in found}
        found = [each for each in find_differences(again) if each.core in lasting]
        first = again
    return note_differences(listing=first, found=found, at=at)


def _listing(gateway: Gateway, since: datetime, at: datetime) -> Listing:
    """Read what the provider has; its lists before its balances, and the balances while nothing moves."""
    accounts = accounts_of(gateway.name)
    oldest = oldest_open(gateway.name)
    begins = min(since, oldest) if oldest else since
    records = [
        each for verb in LISTED for each in gateway.listing(verb, since=begins - MARGIN, accounts=list(accounts), at=at)
    ]
    return Listing(
        gateway=gateway.name,
        since=begins,
        at=at,
        records=records,
        balances=_balances_at_rest(gateway, list(accounts)),
        accounts=accounts,
    )


def _balances_at_rest(gateway: Gateway, accounts: Sequence[str]) -> ProviderBalances | None:
    """Return the balances, read while no call was made and no answer booked; None where it never came to rest."""
    for _read in range(BALANCE_READS):
        before = rest_mark(gateway.name)
        balances = gateway.balances(rules().currency, accounts=accounts)
        if rest_mark(gateway.name) == before:
            return balances
    logger.warning("balances of %s were not compared: payments were made each time", gateway.name)
    return None


@transaction.atomic
def note_differences(*, listing: Listing, found: Sequence[Finding], at: datetime) -> Reconciliation:
    """Keep what a comparison has found: one row for each difference as long as it lasts.

    An explained one whose figures have changed is open again, and so is one whose case was closed. One that was looked
    for and not found is gone, and the case about it closes.

    From: nothing, explained, in a case. To: open; gone. Money: none. Event: payments.differences_found with the new
    ones, payments.differences_gone when none is left to explain.
    """
    known = {
        (row.kind, row.subject): row
        for row in Difference.objects.filter(gateway=listing.gateway)
        .exclude(status=Status.GONE)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    }
    news = [each for each in found if _note(known.get((each.kind, each.subject)), each, listing, at)]
    names = {(each.kind, each.subject) for each in found}
    gone = [row for key, row in known.items() if key not in names and _was_looked_for(row, listing)]
    for row in gone:
        row.status, row.gone_at = Status.GONE, at
        row.save(update_fields=["status", "gone_at"])
        settle_money_cases(_case_subject(row), at=at)
    left = Difference.objects.filter(gateway=listing.gateway, status__in=Difference.UNEXPLAINED).count()
    if news:
        _tell("payments.differences_found", listing.gateway, count=len(news), left=left, at=at)
        for each in news[:20]:
            logger.error("%s differs: %s %s", listing.gateway, each.kind, each.subject)
    elif gone and not left:
        _tell("payments.differences_gone", listing.gateway, count=0, left=0, at=at)
    return Reconciliation.objects.create(
        gateway=listing.gateway,
        since=listing.since,
        began_at=listing.at,
        ended_at=max(at, now()),
        records=len(listing.records),
        found=left,
        has_balances=listing.balances is not None,
    )


def _note(row: Difference | None, found: Finding, listing: Listing, at: datetime) -> bool:
    """Write a finding down; return whether it is news."""
    facts = {
        "verb": found.verb,
        "move_id": found.move_id,
        "provider_id": found.provider_id[:120],
        "ours": found.ours[:140],
        "theirs": found.theirs[:140],
        "our_amount": found.our_amount,
        "their_amount": found.their_amount,
        "currency": found.currency,
        "made_at": found.made_at,
    }
    if row is None:
        Difference.objects.create(
            kind=found.kind,
            gateway=listing.gateway,
            subject=found.subject,
            first_seen_at=at,
            last_seen_at=at,
            **facts,
        )
        return True
    before = core_of(row)
    is_over = row.case is not None and row.status == Status.IN_CASE and not row.case.is_open
    for name, value in facts.items():
        setattr(row, name, value)
    is_news = is_over or (core_of(row) != before and row.status == Status.EXPLAINED)
    row.last_seen_at = at
    if is_news:
        row.status = Status.OPEN
    row.save()
    return is_news


def _was_looked_for(row: Difference, listing: Listing) -> bool:
    """Test whether a listing would have shown a difference: sums need balances, objects the time they are of."""
    if row.kind == Difference.Kind.EQUATION:
        return True
    if row.kind in SUMS | {Difference.Kind.ACCOUNT_GONE}:
        return listing.balances is not None
    return row.made_at is None or row.made_at >= listing.since


@transaction.atomic
def explain_difference(*, difference_id: int, reason: str, by: Actor, at: datetime) -> Difference:
    """Say why a difference is right as it is; it is told again only when its figures change.

    From: open, in a case. To: explained. Money: none. Event: payments.difference_explained.

    Raises NotAllowed unless `by` is finance staff, DifferenceGone, ReasonMissing.
    """
    row = _locked(difference_id, by)
    if not reason.strip():
        raise ReasonMissing(_("Say why."))
    row.status, row.explanation = Status.EXPLAINED, reason.strip()
    row.save(update_fields=["status", "explanation"])
    settle_money_cases(_case_subject(row), at=at)
    _tell_of("payments.difference_explained", row, by, at, reason=row.explanation)
    return row


@transaction.atomic
def take_difference_to_case(*, difference_id: int, reason: str, by: Actor, at: datetime) -> MoneyCase:
    """Open a money case about a difference, or return the one that is open about it.

    From: open, explained. To: in a case. Money: none. Event: payments.difference_in_case,
    payments.money_case_opened.

    Raises NotAllowed unless `by` is finance staff, DifferenceGone, ReasonMissing.
    """
    row = _locked(difference_id, by)
    if not reason.strip():
        raise ReasonMissing(_("Say why."))
    amounts = [each for each in (row.their_amount, row.our_amount) if each is not None]
    case = open_money_case(
        kind=MoneyCase.Kind.DIFFERENCE,
        subject=_case_subject(row),
        title=f"{row.verb} {row.provider_id or row.subject}".strip(),
        amount=amounts[0] if amounts else None,
        currency=row.currency if amounts else "",
        reason=reason,
        by=by,
        at=at,
    )
    if row.status != Status.IN_CASE:
        row.status, row.case = Status.IN_CASE, case
        row.save(update_fields=["status", "case"])
        _tell_of("payments.difference_in_case", row, by, at, reason=reason.strip())
    return case


def watch_differences(*, at: datetime) -> int:
    """Reconcile with the gateway in use; return 1 if there was news, else 0. A provider that is away is asked later."""
    before = Difference.objects.count()
    try:
        reconcile(at=at)
    except GatewayUnreachable as error:
        logger.warning("reconciliation: %s", error)
        return 0
    return int(Difference.objects.count() != before)


def _locked(difference_id: int, by: Actor) -> Difference:
    row = Difference.objects.locked(difference_id)
    if not can_explain_difference(by):
        raise NotAllowed(_("Only finance staff can do this."))
    if not row.is_lasting:
        raise DifferenceGone(_("This difference is gone."))
    return row


def _case_subject(row: Difference) -> str:
    return f"difference:{row.pk}"


def _tell(kind: str, gateway: str, *, count: int, left: int, at: datetime) -> None:
    record(kind=kind, actor=Actor.system(), subject="differences:1", at=at, gateway=gateway, count=count, left=left)


def _tell_of(kind: str, row: Difference, by: Actor, at: datetime, *, reason: str) -> None:
    record(
        kind=kind,
        actor=by,
        subject=f"difference:{row.pk}",
        at=at,
        reason=reason,
        difference=row.kind,
        about=row.subject,
        gateway=row.gateway,
    )
