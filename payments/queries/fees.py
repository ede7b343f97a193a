"""What money movements cost: the versions of the fees, and quotes before anybody commits."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from core.money import fee_of
from payments.models import FeeSchedule, Release
from payments.queries.holdings import held_part
from payments.queries.positions import deal_taxes, operator_tax
from payments.tax import UNTAXED, UNTAXED_CHARGE, ChargeTaxes, Tax


@dataclass(frozen=True, slots=True)
class ChargeQuote:
    """What a client would be charged for an amount of work, each part with its VAT."""

    gross: int
    vat: int
    client_fee: int
    client_fee_vat: int
    taxes: ChargeTaxes

    @property
    def total(self) -> int:
        """Return all of it together: what the card is charged."""
        return self.gross + self.vat + self.client_fee + self.client_fee_vat


@dataclass(frozen=True, slots=True)
class ReleaseQuote:
    """What a freelancer would receive of an amount of work: with their VAT, less the fee and the VAT on it.

    `work` says why the work carries the VAT it does, `tax` the same of the fee; `fee_bps` is the rate of the fee.
    """

    gross: int
    vat: int
    fee: int
    fee_vat: int
    tax: Tax
    work: Tax = UNTAXED
    fee_bps: int = 0

    @property
    def net(self) -> int:
        """Return what is left of it for the freelancer."""
        return self.gross + self.vat - self.fee - self.fee_vat


def current_fees() -> FeeSchedule:
    """Return the version of the fees that new contracts are made under."""
    return FeeSchedule.objects.latest("version")


def fees(version: int) -> FeeSchedule:
    """Return one version of the fees; versions never change."""
    return FeeSchedule.objects.get(pk=version)


def quote_charge(gross: int, version: int, taxes: ChargeTaxes = UNTAXED_CHARGE) -> ChargeQuote:
    """Return what a client is charged for `gross` minor units of work under this version, with these taxes."""
    return charge_quote(gross, fee_of(gross, fees(version).client_bps), taxes)


def charge_quote(gross: int, client_fee: int, taxes: ChargeTaxes) -> ChargeQuote:
    """Return a charge of this work and this fee with its taxes, each rounded half up once."""
    return ChargeQuote(gross, taxes.work.on(gross), client_fee, taxes.fee.on(client_fee), taxes)


def quote_release(
    gross: int, version: int, holder: str = "", *, vat: int = 0, tax: Tax = UNTAXED, work: Tax = UNTAXED
) -> ReleaseQuote:
    """Return what a freelancer receives of `gross` under this version, after what was released from `holder` before.

    The fee is that of everything released so far, less what was taken: parts never cost more than the whole; its VAT
    at the rate of `tax` likewise. `vat` is the freelancer's own, which no fee is taken of.
    """
    before = Release.objects.filter(source=holder) if holder else Release.objects.none()
    so_far = before.aggregate(gross=Sum("gross"), fee=Sum("fee"))
    released, taken = so_far["gross"] or 0, so_far["fee"] or 0
    rate = fees(version).freelancer_bps
    fee = min(max(fee_of(released + gross, rate) - taken, 0), gross)
    at_rate = before.filter(fee_vat_bps=tax.rate_bps).aggregate(fee=Sum("fee"), vat=Sum("fee_vat"))
    fee_vat = tax.on((at_rate["fee"] or 0) + fee) - (at_rate["vat"] or 0)
    return ReleaseQuote(gross, vat, fee, min(max(fee_vat, 0), gross + vat - fee), tax, work, rate)


def quote_work(gross: int, version: int, *, payer_id: int, payee_id: int) -> ReleaseQuote:
    """Return what a freelancer would receive of work that is not paid yet, as both sides stand with VAT now."""
    taxes = deal_taxes(payer_id=payer_id, payee_id=payee_id)
    work = taxes.charge.work
    return quote_release(gross, version, vat=work.on(gross), tax=taxes.service, work=work)


def quote_held_release(holder: str, gross: int, version: int, *, payee_id: int) -> ReleaseQuote:
    """Return what a freelancer would receive of a part of what is held, with the VAT that is held with it."""
    part = held_part(holder, gross)
    return quote_release(gross, version, holder, vat=part.vat, tax=operator_tax(payee_id))
