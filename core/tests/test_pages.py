"""Answers that refuse come as pages, and htmx shows them where pages stand."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse, HttpResponseNotAllowed
from django.test import RequestFactory

from core.actor import Actor
from core.errors import DomainError
from core.middleware import RefusalMiddleware


def ask(answer: HttpResponse, **headers: str) -> HttpResponse:
    request: Any = RequestFactory().get("/", headers=headers)
    request.actor, request.resolver_match = Actor.anonymous(), None
    return RefusalMiddleware(lambda _request: answer)(request)


def test_a_method_that_is_not_offered_gets_a_page_and_keeps_what_is() -> None:
    answer = ask(HttpResponseNotAllowed(["POST"]))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "There is nothing to see at this address" in answer.content.decode()


@pytest.mark.parametrize("status", [403, 404, 409, 500])
def test_a_whole_page_is_shown_in_place_of_the_old_one(status: int) -> None:
    answer = ask(HttpResponse("<!doctype html><main id=main>", status=status), hx_request="true")
    assert (answer["HX-Retarget"], answer["HX-Reselect"]) == ("#main", "#main")


def test_a_fragment_stays_where_it_was_asked_for() -> None:
    assert "HX-Retarget" not in ask(HttpResponse("<form>", status=409), hx_request="true")


def test_a_page_that_was_not_asked_for_by_htmx_is_left_alone() -> None:
    assert "HX-Retarget" not in ask(HttpResponse("<!doctype html>", status=409))


def test_a_refusal_that_a_view_let_pass_becomes_its_page_and_a_bug_does_not() -> None:
    middleware = RefusalMiddleware(lambda _request: HttpResponse())
    request: Any = RequestFactory().get("/")
    request.actor, request.resolver_match = Actor.anonymous(), None
    answer = middleware.process_exception(request, DomainError("The job was closed."))
    assert answer is not None
    assert answer.status_code == 409
    assert middleware.process_exception(request, ValueError("a bug")) is None
