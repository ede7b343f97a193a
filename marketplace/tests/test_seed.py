"""The demonstration world can be told to its end, and its books are right."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.core.validators import validate_email

from accounts.models import LegalProfile, User
from accounts.queries import staff_groups_of
from contracts.models import Contract, Milestone, Offer
from core.clock import now
from core.registers import SAMPLE_VAT_NUMBER
from disputes.models import Case
from events.models import Event
from jobs.models import Job
from ledger.checks import run_checks
from marketplace.facts import fact_differences, waiting_events
from marketplace.logins import ADMINISTRATOR, LOGINS
from marketplace.seed import add_crowd, make_world
from marketplace.seed.people import COMPANIES, FREELANCERS, IN_REVIEW
from payments.models import Charge, Withdrawal
from profiles.models import Profile


@pytest.mark.django_db
def test_the_world_shows_every_stage_and_its_books_are_right(settings: Any) -> None:
    settings.PRODUCT = replace(settings.PRODUCT, operator_vat_number=SAMPLE_VAT_NUMBER)
    at = now()
    make_world(at=at, tell=lambda _what: None)
    assert (waiting_events(), fact_differences()) == (0, []), "what events counted is what the sources say"
    told = Counter(Job.objects.values_list("status", flat=True))
    add_crowd(profiles=3, jobs=4, at=at, tell=lambda _what: None)

    assert run_checks() == []
    assert Counter(Job.objects.values_list("status", flat=True)) == told + Counter(open=4)
    crowd = Profile.objects.filter(party__memberships__user__email__startswith="freelancer-")
    assert list(crowd.values_list("status", flat=True)) == [Profile.Status.APPROVED] * 3
    appointed = Event.objects.filter(kind="accounts.staff_group_granted").order_by("data__group")
    assert list(appointed.values_list("data__group", flat=True)) == ["finance", "mediator", "moderator", "support"]
    ada = User.objects.get(email=ADMINISTRATOR.email)
    assert set(appointed.values_list("actor_user_id", flat=True)) == {ada.pk}
    assert staff_groups_of(ada) == {"administrator"}
    assert sorted(Contract.objects.values_list("status", flat=True)) == ["active", "active", "ended"]
    assert Offer.objects.filter(status=Offer.Status.PENDING).count() == 1
    assert Case.objects.filter(status=Case.Status.MEDIATION).count() == 1
    assert Milestone.objects.filter(status=Milestone.Status.SUBMITTED).count() == 1
    assert Withdrawal.objects.get().status == Withdrawal.Status.PAID
    assert Job.objects.filter(status=Job.Status.IN_REVIEW).count() == 1
    # One freelancer has an offer to answer and has not said what they are before the law; the others stand in all ways.
    waiting = Offer.objects.get(status=Offer.Status.PENDING)
    assert not LegalProfile.objects.filter(party=waiting.freelancer).exists()
    reasons = set(Charge.objects.filter(purpose__startswith="contracts.").values_list("vat_reason", flat=True))
    assert reasons == {"domestic", "reverse", "outside"}
    assert Profile.objects.filter(status=Profile.Status.SUBMITTED).count() == 1


def test_everybody_of_the_world_can_type_their_address_into_the_form() -> None:
    logins = {*LOGINS, IN_REVIEW.login, *(each.login for each in (*COMPANIES, *FREELANCERS))}

    addresses = [login.email for login in logins]

    assert "ines@jalon.example" in addresses
    assert len(set(addresses)) == len(addresses)
    for address in addresses:
        validate_email(address)
