"""The pages on which held money moves: exact sums first, then one button. Each is one act of `confirm`."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _

from accounts.middleware import Request
from contracts import actions
from contracts.forms import AmountForm, AskBackForm, PartForm
from contracts.models import Milestone
from contracts.queries import milestones_of
from contracts.views.confirm import Act, Clean, Words, confirm, page
from contracts.views.sums import amount_text, release_lines, return_lines, silence_text
from core.clock import now
from core.product import rules

Status = Milestone.Status


@login_required
@page
def milestone_approve(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Approve submitted work and release all of its money."""

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Approve “%(title)s”") % {"title": milestone.title},
            button=_("Approve and release %(amount)s") % {"amount": amount_text(milestone, milestone.held)},
            icon="lock-open",
            lines=release_lines(milestone, milestone.held),
            notes=[_final()],
        )

    def act(milestone: Milestone, seen: int, _clean: Clean) -> None:
        actions.approve_milestone(milestone_id=milestone.pk, seen_version=seen, by=request.actor, at=now())

    return confirm(request, contract_id, milestone_id, Act("approve_milestone", words, act, done=_released))


@login_required
@page
def milestone_release(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Release all the money without waiting for a submission."""

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Release “%(title)s” now") % {"title": milestone.title},
            button=_("Release %(amount)s") % {"amount": amount_text(milestone, milestone.held)},
            icon="lock-open",
            lede=_("No work waits for your approval on this milestone."),
            lines=release_lines(milestone, milestone.held),
            notes=[_final()],
        )

    def act(milestone: Milestone, seen: int, _clean: Clean) -> None:
        actions.release_milestone(milestone_id=milestone.pk, seen_version=seen, by=request.actor, at=now())

    return confirm(request, contract_id, milestone_id, Act("release_milestone", words, act, done=_released))


@login_required
@page
def milestone_release_part(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Release a part; keep, ask back or move the rest."""

    def form(milestone: Milestone, data: Any, _files: Any) -> PartForm:
        targets = milestones_of(milestone.contract).filter(status=Status.AGREED)
        return PartForm(data, milestone=milestone, most=milestone.held - 1, targets=targets)

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Release a part of “%(title)s”") % {"title": milestone.title},
            button=_("Continue"),
            lede=_("You see the exact sums before anything is released."),
        )

    def review(milestone: Milestone, clean: Clean) -> Words:
        amount, rest = clean["amount"], milestone.held - clean["amount"]
        fate = {
            PartForm.KEEP: _("%(rest)s stays held for the work to come."),
            PartForm.ASK_BACK: _("You ask for %(rest)s back. The freelancer has %(days)d days to answer."),
        }.get(clean["rest"], _("%(rest)s funds another milestone of this contract."))
        return Words(
            title=_("Release a part of “%(title)s”") % {"title": milestone.title},
            button=_("Release %(amount)s") % {"amount": amount_text(milestone, amount)},
            icon="lock-open",
            lines=release_lines(milestone, amount),
            notes=[fate % {"rest": amount_text(milestone, rest), "days": rules().ask_back_days}, _final()],
        )

    def act(milestone: Milestone, seen: int, clean: Clean) -> None:
        verb = partial(actions.release_milestone_part)
        if clean["rest"] == PartForm.ASK_BACK:
            verb = partial(actions.release_part_and_ask_back, note=clean["note"])
        elif clean["rest"] != PartForm.KEEP:
            verb = partial(actions.release_part_and_move, target_id=int(clean["rest"]))
        verb(milestone_id=milestone.pk, amount=clean["amount"], seen_version=seen, by=request.actor, at=now())

    act_on = Act("release_milestone_part", words, act, form=form, review=review, done=_released)
    return confirm(request, contract_id, milestone_id, act_on)


@login_required
@page
def milestone_ask_back(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Ask held money back, all or a part."""

    def form(milestone: Milestone, data: Any, _files: Any) -> AskBackForm:
        return AskBackForm(data, milestone=milestone, most=milestone.held, initial={"amount": milestone.held})

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Ask for money back: “%(title)s”") % {"title": milestone.title},
            button=_("Continue"),
            lede=_("You see the exact sums before you ask."),
        )

    def review(milestone: Milestone, clean: Clean) -> Words:
        return Words(
            title=_("Ask for money back: “%(title)s”") % {"title": milestone.title},
            button=_("Ask %(amount)s back") % {"amount": amount_text(milestone, clean["amount"])},
            lines=return_lines(milestone, clean["amount"]),
            notes=[
                _("The freelancer has %(days)d days to answer.") % {"days": rules().ask_back_days},
                silence_text(milestone),
            ],
        )

    def act(milestone: Milestone, seen: int, clean: Clean) -> None:
        actions.ask_milestone_back(
            milestone_id=milestone.pk,
            amount=clean["amount"],
            note=clean["note"],
            seen_version=seen,
            by=request.actor,
            at=now(),
        )

    return confirm(request, contract_id, milestone_id, Act("ask_milestone_back", words, act, form=form, review=review))


@login_required
@page
def milestone_agree(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Let the client have back what was asked for."""

    def words(milestone: Milestone) -> Words:
        amount = milestone.asked_back or 0
        return Words(
            title=_("Give back the money of “%(title)s”") % {"title": milestone.title},
            button=_("Give back %(amount)s") % {"amount": amount_text(milestone, amount)},
            icon="undo-2",
            lede=milestone.asked_back_note,
            lines=return_lines(milestone, amount),
            notes=[_stays(milestone, milestone.held - amount), _final()],
        )

    def act(milestone: Milestone, seen: int, _clean: Clean) -> None:
        actions.agree_to_ask_back(milestone_id=milestone.pk, seen_version=seen, by=request.actor, at=now())

    return confirm(request, contract_id, milestone_id, Act("agree_to_ask_back", words, act))


@login_required
@page
def milestone_give_back(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Give the client back all that is held."""

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Give back the money of “%(title)s”") % {"title": milestone.title},
            button=_("Give back %(amount)s") % {"amount": amount_text(milestone, milestone.held)},
            icon="undo-2",
            lines=return_lines(milestone, milestone.held),
            notes=[_("You receive nothing for what is given back."), _final()],
            is_danger=True,
        )

    def act(milestone: Milestone, seen: int, _clean: Clean) -> None:
        actions.give_milestone_back(milestone_id=milestone.pk, seen_version=seen, by=request.actor, at=now())

    return confirm(request, contract_id, milestone_id, Act("give_milestone_back", words, act))


@login_required
@page
def milestone_release_undisputed(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Release held money that the open case is not about."""

    def form(milestone: Milestone, data: Any, _files: Any) -> AmountForm:
        return AmountForm(data, milestone=milestone, most=milestone.held, initial={"amount": milestone.held})

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Release what is not frozen of “%(title)s”") % {"title": milestone.title},
            button=_("Continue"),
            lede=_("The case goes on about the rest. You see the exact sums before anything is released."),
        )

    def review(milestone: Milestone, clean: Clean) -> Words:
        return Words(
            title=_("Release what is not frozen of “%(title)s”") % {"title": milestone.title},
            button=_("Release %(amount)s") % {"amount": amount_text(milestone, clean["amount"])},
            icon="lock-open",
            lines=release_lines(milestone, clean["amount"]),
            notes=[_final()],
        )

    def act(milestone: Milestone, seen: int, clean: Clean) -> None:
        actions.release_undisputed(
            milestone_id=milestone.pk, amount=clean["amount"], seen_version=seen, by=request.actor, at=now()
        )

    act_on = Act("release_undisputed", words, act, form=form, review=review, done=_released)
    return confirm(request, contract_id, milestone_id, act_on)


@login_required
@page
def milestone_give_undisputed_back(request: Request, contract_id: int, milestone_id: int) -> HttpResponse:
    """Give back held money that the open case is not about."""

    def form(milestone: Milestone, data: Any, _files: Any) -> AmountForm:
        return AmountForm(data, milestone=milestone, most=milestone.held, initial={"amount": milestone.held})

    def words(milestone: Milestone) -> Words:
        return Words(
            title=_("Give back what is not frozen of “%(title)s”") % {"title": milestone.title},
            button=_("Continue"),
            lede=_("The case goes on about the rest. You see the exact sums before anything moves."),
        )

    def review(milestone: Milestone, clean: Clean) -> Words:
        return Words(
            title=_("Give back what is not frozen of “%(title)s”") % {"title": milestone.title},
            button=_("Give back %(amount)s") % {"amount": amount_text(milestone, clean["amount"])},
            icon="undo-2",
            lines=return_lines(milestone, clean["amount"]),
            notes=[_final()],
        )

    def act(milestone: Milestone, seen: int, clean: Clean) -> None:
        actions.give_undisputed_back(
            milestone_id=milestone.pk, amount=clean["amount"], seen_version=seen, by=request.actor, at=now()
        )

    return confirm(
        request, contract_id, milestone_id, Act("give_undisputed_back", words, act, form=form, review=review)
    )


def _stays(milestone: Milestone, rest: int) -> str:
    if rest:
        return _("%(rest)s stays held for the work to come.") % {"rest": amount_text(milestone, rest)}
    return _("Nothing stays held on this milestone.")


def _released(_milestone: Milestone) -> str:
    return _("The money was released. It is available to the freelancer in %(days)d days.") % {
        "days": rules().security_days
    }


def _final() -> str:
    return _("This cannot be undone here.")
