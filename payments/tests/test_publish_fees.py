"""The versions of the fees: a new one when the settings say so, and only then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from payments.actions import publish_fees
from payments.models import FeeSchedule
from tests.nothing import nothing_happens

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_fees_that_the_newest_version_has_already_are_not_published_again() -> None:
    with nothing_happens():
        assert publish_fees(using="default", at=AT) is None


def test_other_fees_become_the_next_version_and_the_old_one_stays(settings: Any) -> None:
    before = list(FeeSchedule.objects.order_by("version").values_list())
    settings.PRODUCT = replace(settings.PRODUCT, freelancer_fee_bps=900)

    version = publish_fees(using="default", at=AT)

    assert version is not None
    assert (version.freelancer_bps, version.client_bps, version.valid_from) == (900, 500, AT)
    assert list(FeeSchedule.objects.order_by("version").values_list())[:-1] == before
    with nothing_happens():
        assert publish_fees(using="default", at=AT) is None
