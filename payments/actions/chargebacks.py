"""Chargebacks: the bank takes a payment back until it decides, and just that sum is frozen, wherever it is by then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum

from accounts.models import Party
from core.actor import Actor
from core.money import split
from events.actions import record
from ledger.actions import Leg, merge_legs, post
from ledger.queries import balance
from payments.actions.cases import open_money_case, settle_money_cases
from payments.actions.debts import settle_debt
from payments.actions.holdings import Part
from payments.actions.moves import NOT_SENT, MoveMismatch, drop_move
from payments.actions.refunds import (
    SUMS,
    credits_of,
    make_refunds,
    put_credit_back,
    shares_of_whole,
    take_credit,
    take_refund,
)
from payments.actions.reversals import plan_reversal
from payments.actions.transfers import plan_rest
from payments.gateway import ProviderDispute
from payments.models import (
    Charge,
    Chargeback,
    FrozenPart,
    FrozenRelease,
    Holding,
    MoneyCase,
    MoneyMove,
    ProviderTransfer,
    Refund,
    Release,
)
from payments.queries import left_of, quote_charged_back
from payments.queries.transfers import kept_of, transferred_of
from payments.registry import purpose_named, watches_of

Status = Chargeback.Status
#: How long a dispute may be known to the provider before the payment is known to us.
TOO_EARLY = timedelta(hours=1)


def see_dispute(gateway: str, dispute: ProviderDispute, at: datetime) -> None:
    """Bring a chargeback to the state in which the provider says it is now; the same news changes nothing.

    An inquiry takes no money and is left alone, as is a dispute whose sum has not left the balance yet: there will be
    news of that. One that is heard of only when it is over is opened and closed at once.

    From: nothing, open, answered. To: open, answered, won, lost. Money: i1 with k1, k2, k4; i2, i3, i4; i5 with k3, k4.
    Event: payments.chargeback_opened, _answered, _won, _lost.

    Raises MoveMismatch where it speaks of no confirmed payment of ours, or contradicts what was said before: no money
    moves, the event is worked through again later, and a money case asks finance staff to look.
    """
    if dispute.status == "warning" or (dispute.is_open and not dispute.is_withheld):
        return
    try:
        chargeback = _see(gateway, dispute, at)
    except MoveMismatch as error:
        if at - dispute.created_at > TOO_EARLY or Chargeback.objects.filter(provider_id=dispute.provider_id).exists():
            _ask_what_it_means(dispute, str(error), at)
        raise
    settle_money_cases(dispute.provider_id, kind=MoneyCase.Kind.CHARGEBACK_UNCLEAR, at=at)
    if not chargeback.is_running:
        _settle_debts(chargeback, at)


def _ask_what_it_means(dispute: ProviderDispute, words: str, at: datetime) -> None:
    """Ask finance staff about news that do not fit; the same news come again, and are over where staff said so."""
    kind, title = MoneyCase.Kind.CHARGEBACK_UNCLEAR, words[:240]
    same = MoneyCase.objects.filter(kind=kind, subject=dispute.provider_id, title=title)
    if same.filter(status=MoneyCase.Status.CLOSED, closed_by__isnull=False).exists():
        return
    open_money_case(
        kind=kind,
        subject=dispute.provider_id,
        title=title,
        amount=dispute.amount,
        currency=dispute.currency,
        by=Actor.system(),
        at=at,
    )


def _settle_debts(chargeback: Chargeback, at: datetime) -> None:
    """Let the payees of a decided chargeback repay what they owe; once more where the same news comes again."""
    charge = chargeback.charge
    rows = FrozenRelease.objects.filter(case=chargeback.holder)
    for payee_id in sorted(set(rows.values_list("payee_id", flat=True))):
        settle_debt(payee_id, title=charge.title, scope=charge.scope, at=at)


def _see(gateway: str, dispute: ProviderDispute, at: datetime) -> Chargeback:
    """Do what `see_dispute` says of the chargeback, in one transaction."""
    known = Charge.objects.filter(provider_id=dispute.payment, method__gateway=gateway).first()
    if known is None or known.status != Charge.Status.CONFIRMED:
        raise MoveMismatch(f"{dispute.provider_id} contests {dispute.payment}, which is no confirmed payment of ours")
    if dispute.currency != known.currency or dispute.amount > known.amount:
        said = f"{dispute.amount} {dispute.currency} of {known.amount} {known.currency}"
        raise MoveMismatch(f"{dispute.provider_id} contests {said}, of {dispute.payment}")
    with transaction.atomic():
        charge = _lock(known)
        chargeback = Chargeback.objects.filter(gateway=gateway, provider_id=dispute.provider_id).first()
        if chargeback is None:
            chargeback = _open(charge, gateway, dispute, at)
        _check_same(chargeback, charge, dispute)
        if not chargeback.is_running:
            return chargeback
        chargeback.evidence_due_at = dispute.evidence_due_at
        chargeback.save(update_fields=["evidence_due_at"])
        if dispute.status == "under_review" and chargeback.status == Status.OPEN:
            note_answered(chargeback, by=Actor.system(), at=at)
        elif dispute.status in {"won", "lost"}:
            _close(chargeback, charge, dispute, at)
        return chargeback


def note_answered(chargeback: Chargeback, *, by: Actor, at: datetime, reason: str = "") -> None:
    """Note that the bank has the evidence (inner; the charge is locked).

    From: open. To: answered. Money: none. Event: payments.chargeback_answered.
    """
    chargeback.status, chargeback.evidence_at = Status.ANSWERED, chargeback.evidence_at or at
    chargeback.save(update_fields=["status", "evidence_at"])
    settle_money_cases(chargeback.holder, kind=MoneyCase.Kind.CHARGEBACK, at=at)
    _tell("answered", chargeback, by=by, at=at, reason=reason)


def lock_chargeback(chargeback_id: int) -> Chargeback:
    """Lock a chargeback after everything that stands before it in the one order."""
    known = Charge.objects.get(chargebacks=chargeback_id)
    charge = _lock(known)
    chargeback = Chargeback.objects.locked(chargeback_id)
    chargeback.charge = charge
    return chargeback


def _lock(known: Charge) -> Charge:
    """Lock all that a chargeback of a charge may touch: parties, the purpose's rows, held and released money, cases.

    Held money comes before released money: who releases it holds that lock until the release is there to be seen.
    """
    payees = Holding.objects.filter(charge=known).values_list("payee_id", flat=True)
    for party_id in sorted({known.party_id, *payees}):
        Party.objects.locked(party_id)
    purpose_named(known.purpose).lock(known.reference)
    list(Holding.objects.filter(charge=known).order_by("created_at", "pk").select_for_update(no_key=True))
    for release_id in list(Release.objects.filter(charge=known).order_by("pk").values_list("pk", flat=True)):
        Release.objects.locked(release_id)
    for watch in watches_of(known.purpose):
        watch.lock(known)
    list(credits_of(known).select_for_update(of=("self",), no_key=True))  # as who asks for credit back: before a charge
    return Charge.objects.locked(known.pk)


def _check_same(chargeback: Chargeback, charge: Charge, dispute: ProviderDispute) -> None:
    """Refuse news that cannot be of this chargeback. Raises MoveMismatch."""
    ours = (chargeback.charge_id, chargeback.amount, chargeback.currency)
    if ours != (charge.pk, dispute.amount, dispute.currency):
        raise MoveMismatch(f"{dispute.provider_id}: the provider's sum is {dispute.amount} of {dispute.payment}")
    if dispute.status == "lost" and not dispute.is_withheld:
        raise MoveMismatch(f"{dispute.provider_id} was lost, but its sum was not taken")
    if {chargeback.status, dispute.status} == {Status.WON, Status.LOST}:
        raise MoveMismatch(f"{dispute.provider_id} was {chargeback.status} and is {dispute.status} now")


def _open(charge: Charge, gateway: str, dispute: ProviderDispute, at: datetime) -> Chargeback:
    """Write down what the bank took, and freeze as much money of that charge as there is, in one posting."""
    was_held = Holding.objects.filter(charge=charge).exists()
    chargeback = Chargeback.objects.create(
        charge=charge,
        gateway=gateway,
        provider_id=dispute.provider_id,
        amount=dispute.amount,
        currency=dispute.currency,
        fee=dispute.fee,
        reason=dispute.reason[:60],
        sale_vat=0 if was_held else _sale_vat(charge, dispute.amount),
        evidence_due_at=dispute.evidence_due_at,
        contested_at=dispute.created_at,
        created_at=at,
    )
    left, legs = chargeback.amount, []
    for freeze in (_freeze_refunds, _freeze_credits, _freeze_cases, _freeze_held, _freeze_released):
        for covered, more in freeze(chargeback, charge, left, at):
            left -= covered
            legs += more
    chargeback.uncovered = left
    chargeback.missing = _released(chargeback).aggregate(total=Sum("missing"))["total"] or 0
    chargeback.save(update_fields=["uncovered", "missing"])
    legs += [
        Leg("withheld", -chargeback.amount),
        Leg("gateway", chargeback.amount + chargeback.fee),
        Leg("exp:chargeback", -chargeback.fee),
    ]
    key = f"chargeback:{chargeback.pk}"
    post(key=key, kind="chargeback", at=at, currency=chargeback.currency, legs=merge_legs(legs))
    purpose = purpose_named(charge.purpose)
    if purpose.charged_back:
        purpose.charged_back(chargeback, at)
    for watch in watches_of(charge.purpose):
        watch.charged_back(chargeback, at)
    _ask_staff(MoneyCase.Kind.CHARGEBACK, chargeback, chargeback.amount, due_at=chargeback.evidence_due_at, at=at)
    if chargeback.uncovered and was_held:
        _ask_staff(MoneyCase.Kind.CHARGEBACK_UNCOVERED, chargeback, chargeback.uncovered, due_at=None, at=at)
    _tell("opened", chargeback, by=Actor.system(), at=at)
    return chargeback


def _sale_vat(charge: Charge, amount: int) -> int:
    """Return the VAT in a contested part of something sold: together the parts have no more than the whole."""
    others = charge.chargebacks.exclude(status=Status.WON).aggregate(amount=Sum("amount"), vat=Sum("sale_vat"))
    so_far = min((others["amount"] or 0) + amount, charge.amount)
    return max(split(so_far, [charge.gross, charge.vat])[1] - (others["vat"] or 0), 0)


def _ask_staff(
    kind: MoneyCase.Kind, chargeback: Chargeback, amount: int, *, due_at: datetime | None, at: datetime
) -> None:
    charge = chargeback.charge
    open_money_case(
        kind=kind,
        subject=chargeback.holder,
        title=charge.title,
        scope=charge.scope,
        party_id=charge.party_id,
        amount=amount,
        currency=chargeback.currency,
        due_at=due_at,
        by=Actor.system(),
        at=at,
    )


Covered = Iterator[tuple[int, list[Leg]]]


def _freeze_refunds(chargeback: Chargeback, charge: Charge, left: int, at: datetime) -> Covered:
    """Take refunds that were not sent yet: the payer has that money already (k4). Credit paid back is another's."""
    waiting = Refund.objects.filter(charge=charge, status=Refund.Status.RESERVED, credit=0).order_by("pk")
    for pk in list(waiting.values_list("pk", flat=True)):
        refund = Refund.objects.locked(pk)
        move = MoneyMove.objects.filter(verb=MoneyMove.Verb.REFUND, source=f"refund-{pk}").latest("attempt")
        move = MoneyMove.objects.locked(move.pk)
        if left and refund.status == Refund.Status.RESERVED and move.status == MoneyMove.Status.PLANNED:
            drop_move(move, at=at, code=NOT_SENT)
            covered = min(left, refund.amount)
            yield covered, take_refund(chargeback, refund, move, covered, at=at)
            left -= covered


def _freeze_credits(chargeback: Chargeback, charge: Charge, left: int, at: datetime) -> Covered:
    """Take what is left of the credit that refused refunds became: as credit and from the bank it is theirs twice."""
    for credit in credits_of(charge).filter(left__gt=0).select_related("refund__charge"):
        if not left:
            return
        covered = min(left, credit.left)
        yield covered, take_credit(chargeback, credit, covered, at=at)
        left -= covered


def _freeze_cases(chargeback: Chargeback, charge: Charge, left: int, at: datetime) -> Covered:
    """Take what an open case has frozen (k4): the case waits for the bank."""
    frozen = FrozenPart.objects.filter(charge=charge, closed_at=None, case__startswith="case:").order_by("pk")
    for part in frozen.select_for_update(no_key=True):
        if not left:
            return
        covered = min(left, part.whole)
        _pass_on(chargeback, part, covered, at)
        yield covered, [Leg(f"frozen:{part.case}", -covered), Leg(f"frozen:{chargeback.holder}", covered)]
        left -= covered


def _pass_on(chargeback: Chargeback, part: FrozenPart, amount: int, at: datetime) -> None:
    """Move a share of a case's frozen part to the chargeback."""
    shares = shares_of_whole(amount, [getattr(part, each) for each in SUMS])
    if amount == part.whole:
        part.closed_at = at
    else:
        for name, share in zip(SUMS, shares, strict=True):
            setattr(part, name, getattr(part, name) - share)
    part.save(update_fields=[*SUMS, "closed_at"])
    _copy(part, case=chargeback.holder, taken_from=part.case, shares=shares, at=at)


def _copy(part: FrozenPart, *, case: str, taken_from: str, shares: Sequence[int], at: datetime) -> FrozenPart:
    return FrozenPart.objects.create(
        case=case,
        source=part.source,
        taken_from=taken_from,
        scope=part.scope,
        charge_id=part.charge_id,
        credit_payment_id=part.credit_payment_id,
        payer_id=part.payer_id,
        payee_id=part.payee_id,
        currency=part.currency,
        created_at=at,
        **dict(zip(SUMS, shares, strict=True)),
    )


def _freeze_held(chargeback: Chargeback, charge: Charge, left: int, at: datetime) -> Covered:
    """Take what is held (k1)."""
    fields = ("gross_left", "vat_left", "fee_left", "fee_vat_left")
    holdings = Holding.objects.filter(charge=charge, gross_left__gt=0).order_by("created_at", "pk")
    for holding in holdings.select_for_update(no_key=True):
        if not left:
            return
        whole = [getattr(holding, each) for each in fields]
        covered = min(left, sum(whole))
        shares = shares_of_whole(covered, whole)
        for name, all_of, share in zip(fields, whole, shares, strict=True):
            setattr(holding, name, all_of - share)
        holding.save(update_fields=list(fields))
        part = FrozenPart.objects.create(
            case=chargeback.holder,
            source=holding.holder,
            scope=holding.scope,
            charge=charge,
            payer_id=holding.payer_id,
            payee_id=holding.payee_id,
            currency=holding.currency,
            created_at=at,
            **dict(zip(SUMS, shares, strict=True)),
        )
        yield (
            covered,
            [
                Leg(f"held:{part.source}", -part.gross - part.vat),
                Leg(f"held_fee:{part.source}", -part.client_fee - part.client_fee_vat),
                Leg(f"frozen:{part.case}", covered),
            ],
        )
        left -= covered


def _freeze_released(chargeback: Chargeback, charge: Charge, left: int, at: datetime) -> Covered:
    """Take what was released (k2): pending before available, and note what its payee does not have any more."""
    releases = sorted(Release.objects.filter(charge=charge), key=lambda each: (each.matured_at is not None, each.pk))
    available: dict[int, int] = {}
    for release in releases:
        covered = min(left, left_of(release).total)
        if not covered:
            continue
        quote = quote_charged_back(release, covered)
        party = f"party:{release.payee_id}"
        from_remaining = frozen = min(quote.net, release.remaining)
        if release.matured_at:
            if release.payee_id not in available:
                available[release.payee_id] = max(balance(f"available:{party}", release.currency), 0)
            frozen = min(from_remaining, available[release.payee_id])
            available[release.payee_id] -= frozen
        release.remaining -= from_remaining
        release.save(update_fields=["remaining"])
        FrozenRelease.objects.create(
            case=chargeback.holder,
            release=release,
            payee_id=release.payee_id,
            currency=release.currency,
            gross=quote.gross,
            vat=quote.vat,
            fee=quote.fee,
            fee_vat=quote.fee_vat,
            client_fee=quote.client_fee,
            client_fee_vat=quote.client_fee_vat,
            frozen=frozen,
            missing=quote.net - frozen,
            from_remaining=from_remaining,
            is_available=release.matured_at is not None,
            created_at=at,
        )
        where = "available" if release.matured_at else "pending"
        yield covered, [Leg(f"{where}:{party}", -frozen), Leg(f"frozen:{chargeback.holder}", frozen)]
        left -= covered


def _close(chargeback: Chargeback, charge: Charge, dispute: ProviderDispute, at: datetime) -> None:
    """Post what the bank decided, and tell the purpose."""
    is_won = dispute.status == "won"
    parts = list(_frozen(chargeback).select_for_update(no_key=True))
    released = list(_released(chargeback).select_related("release").order_by("pk").select_for_update(of=("self",)))
    legs = _won(chargeback, parts, released, at) if is_won else _lost(chargeback, parts, released)
    for row in (*parts, *released):
        row.closed_at, row.is_lost = at, not is_won
        row.save(update_fields=["closed_at", "is_lost"])
    more_fee = dispute.fee - chargeback.fee  # some providers give it back, others take another one
    legs += [Leg("gateway", more_fee), Leg("exp:chargeback", -more_fee)]
    chargeback.status, chargeback.settled_at, chargeback.fee = Status(dispute.status), at, dispute.fee
    chargeback.save(update_fields=["status", "settled_at", "fee"])
    kind = f"chargeback_{chargeback.status}"
    post(key=f"{kind}:{chargeback.pk}", kind=kind, at=at, currency=chargeback.currency, legs=merge_legs(legs))
    for row in released:
        if is_won and row.release.matured_at:
            plan_rest(Release.objects.get(pk=row.release_id), at=at)
        elif not is_won:
            _take_back(row, at)
    purpose = purpose_named(charge.purpose)
    if purpose.chargeback_closed:
        purpose.chargeback_closed(chargeback, at)
    for watch in watches_of(charge.purpose):
        watch.chargeback_closed(chargeback, at)
    _tell(str(chargeback.status), chargeback, by=Actor.system(), at=at)
    settle_money_cases(chargeback.holder, kind="" if is_won else MoneyCase.Kind.CHARGEBACK, at=at)


def _won(
    chargeback: Chargeback, parts: Sequence[FrozenPart], released: Sequence[FrozenRelease], at: datetime
) -> list[Leg]:
    """Put everything back where it was: held, a case, a refund, credit; pending, or available if it matured since."""
    frozen = sum(part.whole for part in parts) + sum(row.frozen for row in released)
    legs = [
        Leg("gateway", -chargeback.amount),
        Leg("withheld", chargeback.amount),
        Leg(f"frozen:{chargeback.holder}", -frozen),
    ]
    for part in parts:
        legs += _put_back(part, at)
    for row in released:
        release = Release.objects.locked(row.release_id)
        release.remaining += row.from_remaining
        release.save(update_fields=["remaining"])
        where = "available" if release.matured_at else "pending"
        legs.append(Leg(f"{where}:party:{row.payee_id}", row.frozen))
    return legs


def _put_back(part: FrozenPart, at: datetime) -> list[Leg]:
    """Return one frozen part to where it came from (k3, k4), and the legs."""
    kind = part.taken_from.partition(":")[0]
    if kind == "credit":
        return put_credit_back(part, at=at)
    if kind == "case":
        shares = [getattr(part, each) for each in SUMS]
        same = FrozenPart.objects.filter(
            case=part.taken_from, source=part.source, charge=part.charge, closed_at=None
        ).first()
        if same:  # what the bank did not take of it: one part again, so that it is divided by one rounding
            for name, share in zip(SUMS, shares, strict=True):
                setattr(same, name, getattr(same, name) + share)
            same.save(update_fields=list(SUMS))
        else:
            _copy(part, case=part.taken_from, taken_from="", shares=shares, at=at)
        return [Leg(f"frozen:{part.taken_from}", part.whole)]
    if kind == "refund":
        refund = Refund.objects.get(pk=int(part.taken_from.partition(":")[2]))
        mine = Part(part, part.gross, part.vat, part.client_fee, part.client_fee_vat)
        made = make_refunds([mine], source=refund.source, title=refund.title, scope=refund.scope, at=at)
        return [leg for _refund, leg in made]
    holding = Holding.objects.filter(holder=part.source, charge=part.charge).order_by("pk")[0]
    holding.gross_left += part.gross
    holding.vat_left += part.vat
    holding.fee_left += part.client_fee
    holding.fee_vat_left += part.client_fee_vat
    holding.save(update_fields=["gross_left", "vat_left", "fee_left", "fee_vat_left"])
    return [
        Leg(f"held:{part.source}", part.gross + part.vat),
        Leg(f"held_fee:{part.source}", part.client_fee + part.client_fee_vat),
    ]


def _lost(chargeback: Chargeback, parts: Sequence[FrozenPart], released: Sequence[FrozenRelease]) -> list[Leg]:
    """Give up what is frozen (i2, i3); the operator loses its fees, and a payee owes what was paid out (i4)."""
    frozen = sum(part.whole for part in parts) + sum(row.frozen for row in released)
    legs = [Leg("withheld", chargeback.amount), Leg(f"frozen:{chargeback.holder}", -frozen)]
    for row in released:
        legs += [
            Leg(f"receivable:party:{row.payee_id}", -row.missing),
            Leg("rev:service", -row.fee),
            Leg("rev:client_fee", -row.client_fee),
            Leg("tax:payable", -row.fee_vat - row.client_fee_vat),
        ]
    if chargeback.uncovered:
        loss = purpose_named(chargeback.charge.purpose).loss
        legs += loss(chargeback) if loss else [Leg("exp:chargeback", -chargeback.uncovered)]
    return legs


def _take_back(row: FrozenRelease, at: datetime) -> None:
    """Take back from the payee's own account what was transferred of a lost part, as far as it is more than theirs."""
    release = Release.objects.get(pk=row.release_id)
    over = transferred_of(release) - release.remaining - kept_of(release)
    left = min(row.frozen, max(over, 0)) if row.is_available else 0
    for transfer in release.transfers.exclude(status=ProviderTransfer.Status.DENIED).order_by("pk"):
        back = min(left, transferred_of(release, transfer))
        if back:
            plan_reversal(transfer=transfer, amount=back, at=at)
            left -= back


def _frozen(chargeback: Chargeback) -> Any:
    return FrozenPart.objects.filter(case=chargeback.holder, closed_at=None).order_by("pk")


def _released(chargeback: Chargeback) -> Any:
    return FrozenRelease.objects.filter(case=chargeback.holder, closed_at=None)


def _tell(kind: str, chargeback: Chargeback, *, by: Actor, at: datetime, reason: str = "") -> None:
    charge = chargeback.charge
    payees = {
        *FrozenPart.objects.filter(case=chargeback.holder).values_list("payee_id", flat=True),
        *FrozenRelease.objects.filter(case=chargeback.holder).values_list("payee_id", flat=True),
    }
    record(
        kind=f"payments.chargeback_{kind}",
        actor=by,
        subject=f"chargeback:{chargeback.pk}",
        scope=charge.scope,
        at=at,
        reason=reason,
        payer=charge.party_id,
        payee=min(payees, default=None),
        purpose=charge.purpose,
        reference=charge.reference,
        title=charge.title,
        amount=chargeback.amount,
        frozen=chargeback.amount - chargeback.missing - chargeback.uncovered,
        missing=chargeback.missing,
        uncovered=chargeback.uncovered,
        evidence_due_at=chargeback.evidence_due_at,
        currency=chargeback.currency,
    )
