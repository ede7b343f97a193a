"""The price of a proposal while it is typed: one sum or rows of milestones, with the fee and what is received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.middleware import Request
from core.errors import DomainError
from core.money import LARGEST, parse_money
from jobs.models import Job
from payments.queries import ReleaseQuote, current_fees
from proposals.forms import (
    BY_MILESTONES,
    ROWS_AT_START,
    BaseMilestoneRows,
    ProposalForm,
    plan_rows,
    rows_showing,
    typed_plan,
)
from proposals.queries import quote_plan

#: The buttons of a form that show it again instead of sending it.
CHANGING = {"recalculate", "add_row", "remove_row", "save_draft"}


def changed_rows(data: Any) -> BaseMilestoneRows:
    """Return the rows of a posted form as they were typed, with one more or without one, as its button says."""
    typed = typed_plan(data)
    taken = data.get("remove_row", "")
    if taken.isdecimal() and int(taken) < len(typed):
        del typed[int(taken)]
    more = 1 if "add_row" in data else 0
    return rows_showing(plan_rows(), typed, least=max(len(typed) + more, 1) if typed or more else ROWS_AT_START)


def plan_problem(form: ProposalForm, rows: BaseMilestoneRows) -> str:
    """Return what is wrong with the milestones as a whole, of rows that were judged."""
    return str(next(iter(rows.non_form_errors()), "")) if form.is_by_milestones else ""


def are_valid(form: ProposalForm, rows: BaseMilestoneRows) -> bool:
    """Test whether form and rows can be sent; both are judged, so that each says what is wrong with it."""
    is_form_valid = form.is_valid()
    return (rows.is_valid() if form.is_by_milestones else True) and is_form_valid


def amount_in(form: ProposalForm, rows: BaseMilestoneRows) -> int:
    """Return the price of a valid form: what was typed, or what its milestones sum to."""
    if form.is_by_milestones:
        return sum(each.amount for each in rows.terms())
    return int(form.cleaned_data["amount"])


def typed_amounts(data: Any, job: Job) -> list[int]:
    """Return the price as it is being typed: one sum, or that of each milestone; what is no amount is left out."""
    by_milestones = job.kind == Job.Kind.FIXED and data.get("pricing") == BY_MILESTONES
    texts = [row["amount"] for row in typed_plan(data)] if by_milestones else [data.get("amount", "")]
    return read_amounts(texts, job)


def read_amounts(texts: Sequence[str], job: Job) -> list[int]:
    """Return the amounts that can be read; the others say so when the form is sent."""
    amounts = []
    for text in texts:
        try:
            amount = parse_money(text, job.currency)
        except DomainError:
            continue
        if 0 < amount <= LARGEST:
            amounts.append(amount)
    return amounts


def quote_shown(request: Request, job: Job, form: ProposalForm, rows: BaseMilestoneRows) -> ReleaseQuote | None:
    """Return the fee and the net of the price that the form shows, in words typed or in figures of the product."""
    if rows.is_bound or not form.is_by_milestones:
        amount = form["amount"].value()
        if not form.is_by_milestones and isinstance(amount, int):
            return quote_of(request, job, [amount])
        typed = request.POST if request.method == "POST" else {"amount": amount or ""}
        return quote_of(request, job, typed_amounts(typed, job))
    shown = [row.initial.get("amount") or "" for row in rows.forms]
    figures = [amount for amount in shown if isinstance(amount, int)]
    return quote_of(request, job, figures or read_amounts(shown, job))


def quote_of(request: Request, job: Job, amounts: Sequence[int]) -> ReleaseQuote | None:
    """Return what the reader would receive of these parts of a price; None for none."""
    amounts = [amount for amount in amounts if amount > 0]
    if not amounts:
        return None
    party_id = request.actor.party_id
    payer_id = job.client_id if party_id is not None else None
    return quote_plan(amounts, current_fees().version, payer_id=payer_id, payee_id=party_id)
