"""What happens to a mail on its way out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.http import HttpResponse
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_a_mail_server_that_is_down_is_said_and_the_account_is_there(
    sign_up_with: Callable[..., HttpResponse], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    assert sign_up_with().status_code == 302
    assert User.objects.count() == 1
    assert "The mail could not be sent just now." in client.get("/accounts/confirm-email/").content.decode()
