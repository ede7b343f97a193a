"""Staff pages answer nonsense in an address or a form with 400, and stay on their feet."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.tests.cast import make_staff, sign_in
from marketplace.site import Administration

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def staff(db: None) -> Client:
    """Return the browser of somebody who may read everything."""
    client = Client()
    sign_in(client, make_staff("Ada", "administrator", at=AT))
    return client


def test_the_site_of_the_house_is_in_use() -> None:
    assert isinstance(admin.site, Administration)


@pytest.mark.parametrize(
    ("page", "query", "status"),
    [
        ("events_delivery", "?id=x", 302),
        ("events_delivery", "?event__id__exact=x", 302),
        ("events_event", "?q=%00", 200),
        ("ledger_account", "?kind=%00", 200),
        ("ledger_account", "?kind=nothing", 200),
        ("jobs_job", "?state=%00", 200),
        ("profiles_profile", "?state=nothing", 200),
        ("disputes_case", "?state=%00", 200),
        ("accounts_user", "?q=%00", 200),
        ("accounts_user", "?is_staff__exact=%00", 302),
    ],
)
def test_nonsense_in_the_address_of_a_list_breaks_nothing(staff: Client, page: str, query: str, status: int) -> None:
    answer = staff.get(reverse(f"admin:{page}_changelist") + query)
    assert answer.status_code == status


def test_every_list_that_can_be_searched_answers_words_and_numbers(staff: Client, subtests: pytest.Subtests) -> None:
    searched = [model._meta for model, pages in admin.site._registry.items() if pages.search_fields]
    assert len(searched) > 15
    for options in searched:
        for typed in ("12", "party:12", "Ada"):
            with subtests.test(list=options.label, typed=typed):
                url = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
                assert staff.get(url, {"q": typed}).status_code == 200


def test_an_act_on_a_row_that_is_none_breaks_nothing(staff: Client) -> None:
    data = {"action": "try_again", "_selected_action": "x", "index": "0"}
    answer = staff.post(reverse("admin:events_delivery_changelist"), data)
    assert answer.status_code == 400


def _broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("not a number")


def test_a_view_that_breaks_without_parameters_is_a_bug_and_stays_one(rf: RequestFactory, staff: Client) -> None:
    view = Administration().admin_view(_broken)
    plain, asked = rf.get("/admin/"), rf.get("/admin/?id=x")
    plain.user = asked.user = make_staff("Bea", "administrator", at=AT).user
    with pytest.raises(ValueError, match="not a number"):
        view(plain)
    with pytest.raises(BadRequest):
        view(asked)
