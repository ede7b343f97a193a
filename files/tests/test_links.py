"""Opening files: who may, for how long, and what a browser is told about the bytes."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.http import Http404, HttpResponseBase
from django.test import AsyncRequestFactory, Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from core.actor import Actor
from core.clock import forget, move_forward
from core.errors import NotFound
from files import views
from files.actions import attach_files, store_file, store_image
from files.gateway import store
from files.links import LIFE, sign
from files.models import StoredFile
from files.tests import corpus
from files.tests.conftest import ALICE, AT, BOB, CHLOE, KIND, PUBLIC, READERS, use_scanner
from files.tests.corpus import upload

pytestmark = pytest.mark.django_db
ANYBODY = Actor.anonymous()


@pytest.fixture
def letter() -> StoredFile:
    """A PDF that Alice sent and that Alice and Bob may read."""
    file = store_file(upload=upload("Offre n\u00b0 1.pdf", corpus.PDF), kind=KIND, by=ALICE, at=AT)
    attach_files(file_ids=[file.pk], kind=KIND, ref="7", by=ALICE, at=AT)
    READERS["7"] = {1, 2}
    file.refresh_from_db()
    return file


def portrait(ref: str) -> StoredFile:
    content = corpus.picture(size=(200, 200))
    file = store_image(upload=upload("me.png", content), kind=PUBLIC, by=ALICE, at=AT)
    attach_files(file_ids=[file.pk], kind=PUBLIC, ref=ref, by=ALICE, at=AT)
    return file


def ask(view: Any, actor: Actor, method: str = "get", **kwargs: Any) -> HttpResponseBase:
    request = getattr(RequestFactory(), method)("/")
    request.actor = actor
    response: HttpResponseBase = view(request, **kwargs)
    return response


def token_in(response: HttpResponseBase) -> str:
    return response["Location"].rstrip("/").rpartition("/")[2]


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("actor", [ALICE, BOB])
def test_whoever_may_read_a_file_is_led_to_a_link_and_gets_the_bytes(letter: StoredFile, actor: Actor) -> None:
    led = ask(views.open_file, actor, file_id=letter.pk)
    assert (led.status_code, led["Cache-Control"]) == (302, "private, no-store")
    assert led["Location"].startswith(f"/files/{letter.pk}/content/")
    sent = ask(views.content, actor, file_id=letter.pk, token=token_in(led))
    assert (sent.status_code, body(sent)) == (200, corpus.PDF)


@pytest.mark.parametrize("actor", [CHLOE, Actor(user_id=9, groups=frozenset({"support"}))])
def test_a_file_one_may_not_read_is_like_one_that_does_not_exist(letter: StoredFile, actor: Actor) -> None:
    with pytest.raises(NotFound) as foreign:
        ask(views.open_file, actor, file_id=letter.pk)
    with pytest.raises(NotFound) as missing:
        ask(views.open_file, actor, file_id=uuid.uuid4())
    assert foreign.value.message == missing.value.message


def test_a_visitor_is_asked_to_sign_in_whether_there_is_such_a_file_or_not(letter: StoredFile) -> None:
    for file_id in (letter.pk, uuid.uuid4()):
        asked = ask(views.open_file, ANYBODY, file_id=file_id)
        assert (asked.status_code, asked["Location"]) == (302, "/accounts/login/?next=/")


def test_the_link_of_one_person_is_worth_nothing_to_another(letter: StoredFile) -> None:
    token = sign(letter, ALICE)
    for actor in (BOB, CHLOE, ANYBODY):
        with pytest.raises(Http404):
            ask(views.content, actor, file_id=letter.pk, token=token)


def test_a_link_opens_one_file_only(letter: StoredFile) -> None:
    other = store_file(upload=upload("b.txt", b"text"), kind=KIND, by=ALICE, at=AT)
    with pytest.raises(Http404):
        ask(views.content, ALICE, file_id=other.pk, token=sign(letter, ALICE))


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1], lambda token: token + "A", lambda _token: "nonsense", lambda _token: ":::"]
)
def test_a_link_that_was_tampered_with_opens_nothing(letter: StoredFile, change: Any) -> None:
    with pytest.raises(Http404):
        ask(views.content, ALICE, file_id=letter.pk, token=change(sign(letter, ALICE)))


def test_a_signature_made_for_something_else_opens_nothing(letter: StoredFile) -> None:
    token = signing.dumps([letter.pk.hex, 1], salt="files.kept")
    with pytest.raises(Http404):
        ask(views.content, ALICE, file_id=letter.pk, token=token)


def test_a_link_dies_after_five_minutes_of_real_time(letter: StoredFile, monkeypatch: pytest.MonkeyPatch) -> None:
    token = sign(letter, ALICE)
    real = timezone.now().timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: real + LIFE - 2)
    assert ask(views.content, ALICE, file_id=letter.pk, token=token).status_code == 200
    monkeypatch.setattr("django.core.signing.time.time", lambda: real + LIFE + 2)
    old = ask(views.content, ALICE, file_id=letter.pk, token=token)
    assert (LIFE, old.status_code, old["Location"]) == (300, 302, f"/files/{letter.pk}/")


def test_the_demonstration_clock_does_not_touch_a_link(letter: StoredFile, settings: Any) -> None:
    settings.DEMO_CLOCK = True
    token = sign(letter, ALICE)
    move_forward(by=timedelta(days=5))
    forget()
    assert ask(views.content, ALICE, file_id=letter.pk, token=token).status_code == 200
    forget()


def test_a_right_that_was_lost_closes_a_link_at_once(letter: StoredFile) -> None:
    token = sign(letter, BOB)
    READERS["7"].discard(2)
    with pytest.raises(NotFound):
        ask(views.content, BOB, file_id=letter.pk, token=token)


def test_a_file_whose_bytes_are_lost_is_not_there(letter: StoredFile) -> None:
    picture = portrait("approved")
    READERS["7"] = {1, 2}
    for path in (letter.path, picture.path, picture.copy_path("small")):
        store().delete(path)
    with pytest.raises(Http404):
        ask(views.content, ALICE, file_id=letter.pk, token=sign(letter, ALICE))
    with pytest.raises(Http404):
        ask(views.image, ALICE, file_id=picture.pk, size="small")


def test_an_upload_that_is_not_sent_yet_is_its_uploaders_alone() -> None:
    file = store_file(upload=upload("a.txt", b"text"), kind=KIND, by=ALICE, at=AT)
    assert ask(views.open_file, ALICE, file_id=file.pk).status_code == 302
    for actor in (BOB, Actor(user_id=1, impersonator_id=9)):
        with pytest.raises(NotFound):
            ask(views.open_file, actor, file_id=file.pk)


def test_a_file_in_quarantine_is_read_by_nobody() -> None:
    use_scanner("BrokenScanner")
    file = store_image(upload=upload("me.png", corpus.picture(size=(99, 99))), kind=PUBLIC, by=ALICE, at=AT)
    calls: list[tuple[Any, dict[str, Any]]] = [
        (views.open_file, {}),
        (views.content, {"token": sign(file, ALICE)}),
        (views.image, {"size": "small"}),
    ]
    for view, kwargs in calls:
        with pytest.raises(views.FileNotChecked) as caught:
            ask(view, ALICE, file_id=file.pk, **kwargs)
        assert caught.value.status_code == 409


def test_a_document_is_saved_and_never_shown_by_the_browser(letter: StoredFile) -> None:
    sent = ask(views.content, ALICE, file_id=letter.pk, token=sign(letter, ALICE))
    assert sent["Content-Type"] == "application/pdf"
    assert sent["Content-Disposition"] == "attachment; filename*=utf-8''Offre%20n%C2%B0%201.pdf"
    assert sent["Content-Length"] == str(len(corpus.PDF))
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent["Cache-Control"] == "private, no-store"
    policy = sent["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-scripts" not in policy


@pytest.mark.parametrize(("name", "content"), [("a.svg", corpus.SVG), ("a.html", corpus.HTML), ("a.xml", corpus.XML)])
def test_markup_is_sent_as_bytes_to_save(name: str, content: bytes) -> None:
    file = store_file(upload=upload(name, content), kind=KIND, by=ALICE, at=AT)
    sent = ask(views.content, ALICE, file_id=file.pk, token=sign(file, ALICE))
    assert sent["Content-Type"] == "application/octet-stream"
    assert sent["Content-Disposition"] == f'attachment; filename="{name}"'
    assert body(sent) == content


def test_only_a_picture_that_was_written_again_is_shown_in_place() -> None:
    file = store_file(upload=upload("a.png", corpus.picture()), kind=KIND, by=ALICE, at=AT)
    sent = ask(views.content, ALICE, file_id=file.pk, token=sign(file, ALICE))
    assert (sent["Content-Type"], sent["Content-Disposition"]) == ("image/png", 'inline; filename="a.png"')


def test_a_hostile_name_cannot_break_out_of_its_header() -> None:
    file = store_file(upload=upload('a";\r\nX-Evil: 1.txt', b"text"), kind=KIND, by=ALICE, at=AT)
    sent = ask(views.content, ALICE, file_id=file.pk, token=sign(file, ALICE))
    assert sent["Content-Disposition"] == 'attachment; filename="a_;X-Evil_ 1.txt"'


def test_an_approved_photo_is_shown_to_everybody_and_kept_for_five_minutes() -> None:
    file = portrait("approved-1")
    for size in ("small", "large"):
        sent = ask(views.image, ANYBODY, file_id=file.pk, size=size)
        assert (sent.status_code, sent["Content-Type"], sent["Cache-Control"]) == (
            200,
            "image/webp",
            "private, max-age=300",
        )
        data = body(sent)
        assert (data[8:12], sent["Content-Length"]) == (b"WEBP", str(len(data)))


def test_a_photo_that_is_not_approved_is_shown_to_nobody_else() -> None:
    file = portrait("draft-1")
    with pytest.raises(NotFound):
        ask(views.image, ANYBODY, file_id=file.pk, size="small")


@pytest.mark.parametrize("size", ["huge", "../small", "small/../../x", ""])
def test_there_are_no_other_sizes(size: str) -> None:
    file = portrait("approved-1")
    with pytest.raises(Http404):
        ask(views.image, ANYBODY, file_id=file.pk, size=size)


def test_a_document_has_no_picture(letter: StoredFile) -> None:
    with pytest.raises(Http404):
        ask(views.image, ALICE, file_id=letter.pk, size="small")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_files_are_only_read_here(letter: StoredFile, method: str) -> None:
    assert ask(views.open_file, ALICE, method, file_id=letter.pk).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/files/",
        "/files/1/",
        "/files/../../etc/passwd",
        "/files/%2e%2e/%2e%2e/etc/passwd",
        "/files/00000000-0000-0000-0000-000000000000/content/x/",
        "/files/00000000-0000-0000-0000-000000000000/image/small/",
        "/fr/files/00000000-0000-0000-0000-000000000000/image/small/",
    ],
)
def test_no_path_leads_into_the_folder(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_page_of_a_file_is_found_by_its_row(letter: StoredFile) -> None:
    assert letter.get_absolute_url() == reverse("files:open", args=[letter.pk]) == f"/files/{letter.pk}/"


def test_through_the_whole_house_a_visitor_learns_nothing(letter: StoredFile, client: Client) -> None:
    for file_id in (letter.pk, uuid.uuid4()):
        asked = client.get(f"/files/{file_id}/")
        assert (asked.status_code, asked["Location"]) == (302, f"/accounts/login/?next=/files/{file_id}/")
        assert client.get(f"/files/{file_id}/image/small/").status_code == 404
    assert client.get(f"/files/{letter.pk}/content/{sign(letter, ANYBODY)}/").status_code == 404


def test_through_the_whole_house_a_public_photo_keeps_its_own_policy(client: Client) -> None:
    sent = client.get(f"/files/{portrait('approved-1').pk}/image/small/")
    assert (sent.status_code, sent["Content-Security-Policy"]) == (200, views.POLICY)
    assert sent["X-Content-Type-Options"] == "nosniff"


async def test_a_server_for_sockets_sends_the_same_bytes_piece_by_piece(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    path = tmp_path / "film"
    path.write_bytes(b"0123456789" * 100)
    monkeypatch.setattr(views, "CHUNK", 300)
    monkeypatch.setattr(
        views, "store", lambda: type("Store", (), {"open": staticmethod(lambda _path: path.open("rb"))})
    )
    sent: Any = views.send_bytes(AsyncRequestFactory().get("/"), "film", media_type="video/mp4", size=1000)
    pieces = [piece async for piece in sent]
    assert ([len(piece) for piece in pieces], b"".join(pieces)) == ([300, 300, 300, 100], path.read_bytes())
