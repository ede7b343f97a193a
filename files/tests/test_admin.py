"""Staff see which files there are; nobody changes or opens one there."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.tests.cast import make_staff, sign_in
from files.actions import store_file
from files.models import StoredFile
from files.tests.conftest import ALICE, AT, KIND
from files.tests.corpus import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def file() -> StoredFile:
    return store_file(upload=upload("plan.txt", b"secret words"), kind=KIND, by=ALICE, at=AT)


@pytest.mark.parametrize("group", ["support", "moderator", "mediator", "administrator"])
def test_staff_see_names_and_never_the_content(client: Client, file: StoredFile, group: str) -> None:
    sign_in(client, make_staff("Sam", group))
    assert "plan.txt" in client.get("/admin/files/storedfile/").content.decode()
    page = client.get(f"/admin/files/storedfile/{file.pk}/change/").content.decode()
    assert file.sha256 in page
    assert "secret words" not in page


def test_finance_staff_do_not(client: Client, file: StoredFile) -> None:
    sign_in(client, make_staff("Fanny", "finance"))
    assert client.get("/admin/files/storedfile/").status_code == 403


def test_nothing_is_changed_there(client: Client, file: StoredFile) -> None:
    sign_in(client, make_staff("Ada", "administrator"))
    for path in (f"{file.pk}/change/", f"{file.pk}/delete/", "add/"):
        assert client.post(f"/admin/files/storedfile/{path}", {"post": "yes", "name": "x"}).status_code == 403
    assert StoredFile.objects.get().name == "plan.txt"
