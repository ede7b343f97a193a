"""What an archive says of the people on the other side of a conversation."""

from __future__ import annotations

from datetime import datetime

import pytest

from accounts.privacy import Reader
from accounts.tests.cast import Person
from jobs.models import Job
from proposals import privacy
from proposals.tests.cast import bid, talk

pytestmark = pytest.mark.django_db


def test_before_a_contract_the_archive_of_a_client_has_public_names(
    alice: Person, bob: Person, job: Job, at: datetime
) -> None:
    talk(alice, bid(bob, job, at=at), at=at)
    assert bob.party is not None
    reader = Reader(user_id=alice.user.pk, actors=(alice.actor,))

    sheets = {sheet.name: list(sheet.rows) for sheet in privacy.export(reader)}

    assert [row["party__public_name"] for row in sheets["conversations"]] == [bob.party.public_name]
    assert bob.user.last_name not in str(sheets)
