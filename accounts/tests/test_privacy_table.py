"""Every model of the product has a word on what becomes of it, and the operator's guide says the same."""

from __future__ import annotations

from collections import Counter

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model

from accounts.models import Party
from accounts.privacy import keepers
from marketplace.management.commands.privacy_table import page, rows, with_table

#: How a column that names a person without a foreign key ends.
OF_PEOPLE = ("user_id", "uploaded_by_id", "uploaded_for_id", "requested_by_id", "changed_by_id", "impersonator_id")
OF_OWNERS = {"owner", "issuer", "recipients"}


def named() -> dict[str, str]:
    return {model: row.exported for row in rows() for model in row.models}


def is_about_people(model: type[Model]) -> bool:
    for field in model._meta.get_fields():
        if field.is_relation and field.related_model in {get_user_model(), Party} and not field.auto_created:
            return True
        if getattr(field, "attname", "").endswith(OF_PEOPLE) or field.name in OF_OWNERS:
            return True
    return False


def test_every_model_is_named_once() -> None:
    models = {model._meta.label for model in apps.get_models()}
    counted = Counter(model for row in rows() for model in row.models)

    assert models - set(counted) == set(), "say in <app>/privacy.py what becomes of these"
    assert set(counted) - models == set(), "these are no models"
    assert [model for model, count in counted.items() if count > 1] == []


def test_nothing_that_points_at_people_is_called_impersonal() -> None:
    known = named()
    wrong = [
        model._meta.label
        for model in apps.get_models()
        if is_about_people(model) and known[model._meta.label] == "no personal data"
    ]

    assert wrong == ["payments.InvoiceSeries"]  # whose series it is: a number of a party, and a count


def test_every_row_has_its_reason() -> None:
    assert [row.models for row in rows() if not (row.why.endswith(".") and row.exported)] == []


def test_the_guide_says_what_the_code_says() -> None:
    assert page().read_text(encoding="utf-8") == with_table(page().read_text(encoding="utf-8"))


def test_lower_apps_come_first() -> None:
    order = [keeper.app for keeper in keepers()]
    assert order == [
        *("core", "ledger", "events", "files", "taxonomy", "accounts", "messaging", "payments", "profiles", "jobs"),
        *("proposals", "contracts", "disputes", "trust", "notifications"),
    ]
