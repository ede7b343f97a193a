"""What a script that sends a form is told instead of being led on."""

from __future__ import annotations

import pytest
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory

from files.middleware import UploadMiddleware


def answer_to(response: HttpResponse, **headers: str) -> HttpResponse:
    return UploadMiddleware(lambda _request: response)(RequestFactory().post("/", headers=headers))


def test_a_script_is_told_where_to_go_and_keeps_its_cookies() -> None:
    led = HttpResponseRedirect("/contracts/5/#files")
    led.set_cookie("messages", "all went well")
    told = answer_to(led, **{"X-Upload": "1"})
    assert (told.status_code, told["X-Location"], told.content) == (204, "/contracts/5/#files", b"")
    assert told.cookies["messages"].value == "all went well"
    assert not told.has_header("Location")


@pytest.mark.parametrize("headers", [{}, {"X-Upload": "0"}])
def test_browsers_are_led_on(headers: dict[str, str]) -> None:
    led = answer_to(HttpResponseRedirect("/next/"), **headers)
    assert (led.status_code, led["Location"]) == (302, "/next/")


@pytest.mark.parametrize("status", [200, 304, 413, 422])
def test_every_other_answer_stays(status: int) -> None:
    page = HttpResponse("page", status=status)
    assert answer_to(page, **{"X-Upload": "1"}) is page
