"""The history of a freelancer's work: written from above, its amounts shown or hidden by its freelancer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import NotFound
from profiles.actions.rows import lock_own, tell
from profiles.models import Profile, WorkHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFacts:
    """A contract as it stands; the amount in minor units is what was released, less what went back."""

    contract_id: int
    party_id: int
    title: str
    is_title_public: bool
    language: str
    started_at: datetime
    ended_at: datetime | None
    amount: int
    currency: str


@transaction.atomic
def note_work(*, facts: WorkFacts, at: datetime) -> WorkHistory:
    """Write a contract into the history of its freelancer, as it stands; what they hide stays hidden.

    Called by handlers that hold the contract's lock, so that the newest facts are written last. Event: none.
    """
    values = {
        "party_id": facts.party_id,
        "title": facts.title,
        "is_title_public": facts.is_title_public,
        "language": facts.language,
        "started_at": facts.started_at,
        "ended_at": facts.ended_at,
        "amount": facts.amount,
        "currency": facts.currency,
    }
    work, _is_new = WorkHistory.objects.update_or_create(contract_id=facts.contract_id, defaults=values)
    return work


@transaction.atomic
def hide_work_amount(*, profile_id: int, work_id: int, by: Actor, at: datetime) -> WorkHistory:
    """Keep from visitors what a contract brought. Event: profiles.work_amount_hidden.

    Raises NotAllowed unless `by` may write for the party, NotFound for work of another party.
    """
    return _show(lock_own(profile_id, by), work_id, by, at, is_hidden=True)


@transaction.atomic
def show_work_amount(*, profile_id: int, work_id: int, by: Actor, at: datetime) -> WorkHistory:
    """Let visitors see what a contract brought. Event: profiles.work_amount_shown.

    Raises what `hide_work_amount` raises.
    """
    return _show(lock_own(profile_id, by), work_id, by, at, is_hidden=False)


def _show(profile: Profile, work_id: int, by: Actor, at: datetime, *, is_hidden: bool) -> WorkHistory:
    work = WorkHistory.objects.filter(pk=work_id, party_id=profile.party_id).first()
    if work is None:
        raise NotFound(_("This contract is not one of yours."))
    if work.is_amount_hidden != is_hidden:
        work.is_amount_hidden = is_hidden
        work.save(update_fields=["is_amount_hidden"])
        event = "work_amount_hidden" if is_hidden else "work_amount_shown"
        tell(f"profiles.{event}", profile, by, at, work=work.pk)
    return work
