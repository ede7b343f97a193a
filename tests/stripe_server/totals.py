"""What went where, summed from the books."""

from __future__ import annotations

from dataclasses import dataclass

from tests.stripe_server.world import World

MEANING = {
    "charge": "charged", "payment": "charged", "refund": "refunded", "payment_refund": "refunded",
    "refund_failure": "refunded", "payment_failure_refund": "refunded", "adjustment": "disputed",
    "transfer": "transferred", "transfer_refund": "reversed", "payout": "paid_out", "payout_cancel": "paid_out",
    "payout_failure": "paid_out", "topup": "topped_up", "topup_reversal": "topped_up",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of one currency, each as a positive number; what came back is taken off."""

    charged: int
    refunded: int
    disputed: int
    transferred: int
    reversed: int
    topped_up: int
    paid_out: int  # by the platform
    paid_out_by_accounts: int
    fees: int
    platform: int
    accounts: dict[str, int]


def totals(world: World, currency: str) -> Totals:
    """Return what went where in a currency."""
    with world.lock:
        sums = dict.fromkeys(MEANING.values(), 0)
        fees = paid_out_by_accounts = 0
        for (kind, account), names in world.by_kind.items():
            for entry in (world.objects[name] for name in names if kind == "balance_transaction"):
                if entry["currency"] != currency:
                    continue
                fees += entry["fee"]
                if account is None:
                    sums[MEANING[entry["type"]]] += entry["amount"]
                elif MEANING[entry["type"]] == "paid_out":
                    paid_out_by_accounts -= entry["amount"]
        held = {
            account: parts["available"] + parts["pending"]
            for (account, known), parts in world.balances.items()
            if known == currency
        }
    return Totals(
        charged=sums["charged"], refunded=-sums["refunded"], disputed=-sums["disputed"],
        transferred=-sums["transferred"], reversed=sums["reversed"], topped_up=sums["topped_up"],
        paid_out=-sums["paid_out"], paid_out_by_accounts=paid_out_by_accounts, fees=fees, platform=held.pop(None, 0),
        accounts={account: amount for account, amount in held.items() if account is not None},
    )  # fmt: skip


def check_books(world: World) -> None:
    """Fail unless every balance is the sum of its movements and no money came or went unseen."""
    with world.lock:
        moved: dict[tuple[str | None, str], int] = {}
        for (kind, account), names in world.by_kind.items():
            for entry in (world.objects[name] for name in names if kind == "balance_transaction"):
                place = account, entry["currency"]
                moved[place] = moved.get(place, 0) + entry["net"]
        shown = {place: parts["available"] + parts["pending"] for place, parts in world.balances.items()}
        assert {place: amount for place, amount in shown.items() if amount} == {
            place: amount for place, amount in moved.items() if amount
        }
        for currency in {currency for _, currency in shown}:
            sums = totals(world, currency)
            came = sums.charged + sums.topped_up
            went = sums.refunded + sums.disputed + sums.fees + sums.paid_out + sums.paid_out_by_accounts
            assert came - went == sums.platform + sum(sums.accounts.values())
