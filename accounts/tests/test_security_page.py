"""What the page about signing in says of the second step."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.tests.cast import make_client, sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("methods", "words"),
    [
        ([], "Off"),
        (["totp"], "On"),
        (["webauthn"], "On"),
        (["webauthn", "recovery_codes"], "On"),
    ],
)
def test_the_second_step_is_on_with_an_app_or_a_passkey(client: Client, methods: list[str], words: str) -> None:
    alice = make_client("Alice")
    for method in methods:
        Authenticator.objects.create(user=alice.user, type=method, data={})
    sign_in(client, alice)
    answer = client.get("/settings/security/")
    assert answer.context["has_second_step"] is (words == "On")
    assert ("You have no recovery codes." in answer.content.decode()) is (
        words == "On" and "recovery_codes" not in methods
    )
