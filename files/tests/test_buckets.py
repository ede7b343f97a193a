"""The store in a bucket: the same product over a server that speaks S3, and what happens when it is away."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import boto3
import pytest
from django.conf import settings as django_settings
from django.http import Http404
from django.test import RequestFactory
from moto.server import ThreadedMotoServer

from core.errors import NotFound
from files import views
from files.actions import attach_files, delete_orphans, rescan_quarantined, store_file
from files.forms import FilesField, FilesForm
from files.gateway import StoreAway, store
from files.links import sign
from files.models import StoredFile
from files.tests import corpus
from files.tests.conftest import ALICE, AT, BOB, CHLOE, KIND, READERS, use_scanner
from files.tests.corpus import upload
from files.tests.test_links import ask, body
from marketplace.files_settings import store_of, store_problems

pytestmark = pytest.mark.django_db
KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "not-a-secret"}
NAME = "jalon-files"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Run a server that speaks S3 on this machine."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture(autouse=True)
def hang_up() -> Iterator[None]:
    """Close the connections that the store kept open."""
    yield
    close()


def close() -> None:
    kept: Any = store()
    if hasattr(kept, "connection"):
        kept.connection.meta.client.close()


def use_bucket(settings: Any, endpoint: str) -> None:
    options = store_of(bucket=NAME, endpoint=endpoint, region="eu-west-3", prefix="live", **KEYS)
    settings.FILES_STORE_BUCKET, settings.FILES_STORE_LINKS = NAME, "redirect"
    settings.STORAGES = {**settings.STORAGES, "default": options}


@pytest.fixture
def bucket(server: str, settings: Any) -> Iterator[Any]:
    """Keep files in an empty bucket of that server."""
    found = boto3.resource(
        "s3",
        endpoint_url=server,
        region_name="eu-west-3",
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
    ).Bucket(NAME)
    found.create(CreateBucketConfiguration={"LocationConstraint": "eu-west-3"}) if not found.creation_date else None
    found.objects.delete()
    use_bucket(settings, server)
    yield found
    found.meta.client.close()


def keys(bucket: Any) -> list[str]:
    return sorted(each.key for each in bucket.objects.all())


def letter() -> StoredFile:
    file = store_file(upload=upload("Offre n\u00b0 1.pdf", corpus.PDF), kind=KIND, by=ALICE, at=AT)
    attach_files(file_ids=[file.pk], kind=KIND, ref="7", by=ALICE, at=AT)
    READERS["7"] = {1, 2}
    return file


def test_a_file_is_kept_under_a_random_key_and_read_back_whole(bucket: Any) -> None:
    file = letter()
    assert keys(bucket) == [f"live/{file.path}"]
    assert bucket.Object(f"live/{file.path}").get()["Body"].read() == corpus.PDF
    with store().open(file.path) as opened:
        assert opened.read() == corpus.PDF
    assert store().size(file.path) == len(corpus.PDF)


def test_whoever_may_read_it_is_led_to_the_bucket_for_a_minute_and_nobody_else(bucket: Any) -> None:
    file = letter()
    answer = ask(views.content, BOB, file_id=file.pk, token=sign(file, BOB))

    assert answer.status_code == 302
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("private, no-store", "no-referrer")
    link = answer["Location"]
    asked = parse_qs(urlsplit(link).query)
    assert (asked["X-Amz-Expires"], len(asked["X-Amz-Signature"][0])) == (["60"], 64)
    with urlopen(link, timeout=5) as got:
        assert got.read() == corpus.PDF
        assert got.headers["Content-Type"] == "application/pdf"
        assert got.headers["Content-Disposition"] == "attachment; filename*=utf-8''Offre%20n%C2%B0%201.pdf"
    with pytest.raises(NotFound):
        ask(views.content, CHLOE, file_id=file.pk, token=sign(file, CHLOE))
    with pytest.raises(Http404):
        ask(views.content, CHLOE, file_id=file.pk, token=sign(file, BOB))


def test_the_site_sends_the_bytes_itself_where_the_bucket_is_out_of_reach_for_browsers(
    bucket: Any, settings: Any
) -> None:
    settings.FILES_STORE_LINKS = "stream"
    file = letter()
    answer = ask(views.content, BOB, file_id=file.pk, token=sign(file, BOB))
    assert (answer.status_code, body(answer)) == (200, corpus.PDF)
    assert answer["Content-Security-Policy"].startswith("sandbox")


def test_small_pictures_come_through_the_site(bucket: Any) -> None:
    file = store_file(upload=upload("a.png", corpus.picture()), kind=KIND, by=ALICE, at=AT)
    assert len(keys(bucket)) == 3
    answer = ask(views.image, ALICE, file_id=file.pk, size="small")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert body(answer)[:4] == b"RIFF"
    store().delete(file.copy_path("small"))
    with pytest.raises(Http404):
        ask(views.image, ALICE, file_id=file.pk, size="small")


def test_the_sweeps_delete_and_look_again_in_the_bucket_too(bucket: Any) -> None:
    use_scanner("BrokenScanner")
    waiting = letter()
    store_file(upload=upload("b.txt", b"text"), kind=KIND, by=ALICE, at=AT)
    use_scanner("EicarScanner")
    assert rescan_quarantined(at=AT + timedelta(minutes=11)) == 2
    assert delete_orphans(at=AT + timedelta(days=1, minutes=1)) == 1
    waiting.refresh_from_db()
    assert (waiting.state, keys(bucket)) == ("ready", [f"live/{waiting.path}"])


def test_a_bucket_that_is_away_keeps_nothing_and_the_form_says_so(settings: Any) -> None:
    use_bucket(settings, "http://127.0.0.1:9")  # nobody listens there
    with pytest.raises(StoreAway) as refusal:
        store_file(upload=upload("a.txt", b"text"), kind=KIND, by=ALICE, at=AT)
    assert refusal.value.status_code == 503
    left = StoredFile.objects.get()
    assert (left.state, left.attached_at) == ("quarantined", None)

    class LetterForm(FilesForm):
        letters = FilesField(kind=KIND)

    request = RequestFactory().post("/", {"letters": upload("b.txt", b"text")})
    form = LetterForm(request.POST, request.FILES, by=ALICE)
    assert not form.is_valid()
    assert form.errors["letters"] == [
        "Files cannot be reached at the moment. Nothing was lost; try again in some minutes."
    ]


def test_a_bucket_that_refuses_us_is_an_outage_and_not_a_missing_file(bucket: Any, settings: Any, server: str) -> None:
    file = letter()
    close()
    options = store_of(bucket="another-bucket", endpoint=server, region="eu-west-3", prefix="live", **KEYS)
    settings.STORAGES = {**settings.STORAGES, "default": options}
    with pytest.raises(StoreAway):
        store_file(upload=upload("a.txt", b"text"), kind=KIND, by=ALICE, at=AT)
    assert keys(bucket) == [f"live/{file.path}"]


def test_a_link_without_its_signature_opens_nothing_that_is_private(bucket: Any) -> None:
    file = letter()
    link = ask(views.content, BOB, file_id=file.pk, token=sign(file, BOB))["Location"]
    other = link.replace(file.path, "00/" + "0" * 40)
    with pytest.raises(HTTPError) as answer:
        urlopen(other, timeout=5)
    assert answer.value.code in {403, 404}
    answer.value.close()


WHOLE = {
    "bucket": NAME,
    "endpoint": "https://s3.example",
    "region": "",
    "access_key": "a",
    "secret_key": "b",
    "links": "redirect",
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"bucket": ""}, "without FILES_STORE_BUCKET"),
        ({"secret_key": ""}, "FILES_STORE_SECRET_KEY"),
        ({"endpoint": ""}, "FILES_STORE_REGION"),
        ({"endpoint": "http://s3.example"}, "https://"),
        ({"links": "maybe"}, "`redirect` or `stream`"),
    ],
)
def test_half_a_setup_is_refused(changed: dict[str, str], said: str) -> None:
    assert store_problems(**WHOLE) == []
    [problem] = store_problems(**{**WHOLE, **changed})
    assert said in problem


def test_without_a_bucket_nothing_of_it_is_imported() -> None:
    assert django_settings.FILES_STORE_BUCKET == ""
    assert store().__class__.__name__ == "FileSystemStorage"
