"""Who may report, and who decides about reports."""

from __future__ import annotations

from accounts.permissions import has_belonged, is_moderator
from core.actor import Actor
from trust.models import Report, ReportCase


def can_report(by: Actor, party_id: int) -> bool:
    """Test whether the actor may report what belongs to this party: people who are signed in, and never were of it."""
    return by.user_id is not None and by.impersonator_id is None and not has_belonged(by, party_id)


def can_see_cases(by: Actor) -> bool:
    """Test whether the actor reads what was reported and by whom."""
    return is_moderator(by)


def can_decide_case(by: Actor, case: ReportCase) -> bool:
    """Test whether the actor decides this case: moderators who never were of the party and did not report it."""
    return (
        is_moderator(by)
        and not has_belonged(by, case.party_id)
        and not Report.objects.filter(case=case, reporter_id=by.user_id or 0).exists()
    )
