"""The frame of pages: who is shown what, pages that recover, the component sheet."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from accounts.models import Party
from accounts.tests.cast import make_client, make_freelancer, make_staff, sign_in
from core.actor import Actor
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.pages import refusal
from marketplace import urls
from marketplace.context import Shell
from marketplace.queries import around
from notifications.models import Notice

pytestmark = pytest.mark.django_db


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


class BrokenUrls:
    urlpatterns = [path("broken/", broken), *urls.urlpatterns]


def test_a_visitor_sees_how_to_sign_in_and_no_account_menu(client: Client) -> None:
    page = client.get("/fees/").content.decode()
    assert "Log in" in page
    assert "Log out" not in page


def test_pages_of_visitors_take_no_query_for_their_frame(client: Client, django_assert_num_queries: Any) -> None:
    client.get("/keyboard/")
    with django_assert_num_queries(0):
        client.get("/keyboard/")


def test_the_frame_takes_one_query_beside_person_and_party(client: Client, django_assert_max_num_queries: Any) -> None:
    sign_in(client, make_freelancer("Bob"))
    client.get("/keyboard/")
    with django_assert_max_num_queries(3):
        client.get("/keyboard/")


def test_a_freelancer_sees_connects_and_wallet(client: Client) -> None:
    sign_in(client, make_freelancer("Bob"))
    page = client.get("/keyboard/").content.decode()
    assert '0<span class="pill__word"> connects</span>' in page
    assert "Post a job</a>" not in page.split("<footer")[0]


def test_a_client_sees_post_a_job_and_no_connects(client: Client) -> None:
    sign_in(client, make_client("Alice"))
    page = client.get("/keyboard/").content.decode().split("<footer")[0]
    assert "Post a job</a>" in page
    assert "pill__word" not in page


def test_the_frame_knows_every_party_of_a_person_and_nobody_elses() -> None:
    alice, bob = make_client("Alice"), make_freelancer("Bob")
    assert [hat.party_id for hat in around(alice.actor).hats] == [alice.actor.party_id]
    assert [hat.party_id for hat in around(bob.actor).hats] == [bob.actor.party_id]
    assert around(Actor.anonymous()).hats == ()


def test_every_link_of_the_frame_leads_somewhere(client: Client) -> None:
    for person in (make_client("Alice"), make_freelancer("Bob"), make_staff("Dora", "mediator")):
        request: Any = RequestFactory().get("/")
        request.actor, request.resolver_match = person.actor, None
        shell = Shell(request)
        links = [
            *shell.nav,
            *shell.tabs,
            *shell.account_links,
            *(link for column in shell.foot for link in column.links),
        ]
        sign_in(client, person)
        for url in {link.url for link in links}:
            assert client.get(url, follow=True).status_code == 200, url


def test_an_unknown_address_gets_a_page_that_leads_on(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "We cannot find this page" in answer.content.decode()


def test_a_broken_page_says_so_without_details(client: Client) -> None:
    client.raise_request_exception = False
    with override_settings(ROOT_URLCONF=BrokenUrls):
        answer = client.get("/broken/")
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "Something broke on our side" in page
    assert "broken on purpose" not in page


def test_pages_of_a_broken_server_need_no_request() -> None:
    for name in ("400.html", "500.html"):
        assert "Jalon" in render_to_string(name)


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (NotAllowed("Only the client can approve."), 403, "Only the client can approve."),
        (DomainError("New work was <b>submitted</b>."), 409, "New work was &lt;b&gt;submitted&lt;/b&gt;."),
        (NotFound("Secret"), 404, "We cannot find this page"),
    ],
)
def test_a_refusal_has_its_page(error: DomainError, status: int, said: str) -> None:
    request: Any = RequestFactory().get("/")
    request.actor, request.resolver_match = Actor.anonymous(), None
    answer = refusal(request, error)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert "Secret" not in answer.content.decode()


def test_a_form_without_its_token_says_what_to_do() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/theme/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "The form was not sent" in answer.content.decode()


def test_the_component_sheet_shows_every_component(client: Client) -> None:
    page = client.get("/design/").content.decode()
    assert "<c-" not in page
    for css in ("btn", "card", "badge", "chip", "avatar", "person", "field", "errors", "notice", "empty", "moneybar",
                "statement", "stats", "facts", "stepper", "milestone", "timeline", "file", "table", "tabs", "crumbs",
                "pagehead", "pager", "disclosure", "menu", "msg"):  # fmt: skip
        assert re.search(rf'class="[^"]*\b{css}\b', page), css


def test_the_component_sheet_is_for_staff_on_a_real_installation(client: Client) -> None:
    with override_settings(EMBEDDED=False):
        assert client.get("/design/").status_code == 404
        sign_in(client, make_staff("Dora", "mediator"))
        assert client.get("/design/").status_code == 200


def test_pages_carry_no_inline_style_or_script(client: Client) -> None:
    for address in ("/", "/fees/", "/keyboard/", "/design/", "/nowhere/"):
        page = client.get(address).content.decode()
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\bsrc=)", page), address


def test_an_error_on_the_page_is_in_its_title(client: Client) -> None:
    assert "<title>Error: Component sheet" in client.get("/design/").content.decode()


def test_every_component_says_what_it_takes() -> None:
    for file in sorted((django_settings.BASE_DIR / "templates/cotton").glob("*.html")):
        text = file.read_text()
        assert text.startswith("{% comment %}\n"), file.name
        assert "Slot" in text or "Attributes" in text, file.name


def test_the_start_page_follows_the_party(client: Client) -> None:
    def starts_at(person: Any) -> str:
        sign_in(client, person)
        return client.get("/start/").headers["Location"]

    assert starts_at(make_client("Alice")) == "/jobs/mine/"
    assert starts_at(make_freelancer("Bob")) == "/jobs/"
    assert starts_at(make_staff("Dora", "mediator")) == "/admin/"
    assert Party.objects.count() == 2


def test_an_unread_notice_puts_a_dot_on_the_bell(client: Client) -> None:
    bob = make_freelancer("Bob")
    sign_in(client, bob)
    assert "has-dot" not in client.get("/keyboard/").content.decode()
    notice = Notice.objects.create(user=bob.user, event_id=1, kind="jobs.job_opened", path="/jobs/1/", created_at=now())
    assert "has-dot" in client.get("/keyboard/").content.decode()
    Notice.objects.filter(pk=notice.pk).update(read_at=now())
    assert "has-dot" not in client.get("/keyboard/").content.decode()


def test_the_frame_of_one_language_is_not_shown_in_the_other(client: Client) -> None:
    for _twice in range(2):
        assert "Keyboard shortcuts</a>" in client.get("/fees/").content.decode()
        french = client.get("/fr/fees/").content.decode()
        assert "Raccourcis clavier</a>" in french
        assert 'formaction="/fr/theme/"' in french


def test_the_buttons_of_the_frame_belong_to_one_form_with_a_token(client: Client) -> None:
    sign_in(client, make_freelancer("Bob"))
    page = client.get("/fees/?a=1").content.decode()
    assert page.count('<form id="frame" method="post" hidden>') == 1
    assert page.count("csrfmiddlewaretoken") == 1
    assert '<input type="hidden" name="next" value="/fees/?a=1">' in page
    assert page.count("<button") == page.count('<button form="frame"')


def test_pages_are_packed_and_other_answers_are_not(client: Client) -> None:
    page = client.get("/", HTTP_ACCEPT_ENCODING="gzip")
    assert page.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(page.content).startswith(b"<!doctype html>")
    assert "Content-Encoding" not in client.get("/").headers
    assert "Content-Encoding" not in client.get("/healthz", HTTP_ACCEPT_ENCODING="gzip").headers
