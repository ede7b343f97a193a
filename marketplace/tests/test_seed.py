"""The demonstration world can be told to its end, and its books are right."""

from __future__ import annotations

import pytest
from django.core.validators import validate_email

from contracts.models import Contract, Milestone, Offer
from core.clock import now
from disputes.models import Case
from jobs.models import Job
from ledger.checks import run_checks
from marketplace.logins import LOGINS
from marketplace.seed import make_world
from marketplace.seed.people import COMPANIES, FREELANCERS, IN_REVIEW
from payments.models import Withdrawal
from profiles.models import Profile


@pytest.mark.django_db
def test_the_world_shows_every_stage_and_its_books_are_right() -> None:
    make_world(at=now(), tell=lambda _what: None)

    assert run_checks() == []
    assert sorted(Contract.objects.values_list("status", flat=True)) == ["active", "active", "ended"]
    assert Offer.objects.filter(status=Offer.Status.PENDING).count() == 1
    assert Case.objects.filter(status=Case.Status.MEDIATION).count() == 1
    assert Milestone.objects.filter(status=Milestone.Status.SUBMITTED).count() == 1
    assert Withdrawal.objects.get().status == Withdrawal.Status.PAID
    assert Job.objects.filter(status=Job.Status.IN_REVIEW).count() == 1
    assert Profile.objects.filter(status=Profile.Status.SUBMITTED).count() == 1


def test_everybody_of_the_world_can_type_their_address_into_the_form() -> None:
    logins = {*LOGINS, IN_REVIEW.login, *(each.login for each in (*COMPANIES, *FREELANCERS))}

    addresses = [login.email for login in logins]

    assert "ines@jalon.example" in addresses
    assert len(set(addresses)) == len(addresses)
    for address in addresses:
        validate_email(address)
