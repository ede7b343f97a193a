"""The settings: complete by themselves in the embedded set-up, loud about anything wrong elsewhere."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from marketplace.embedded import BASE_DIR
from marketplace.management.commands.settings_table import page, with_table

COMPLETE = {
    "DATABASE_URL": "postgres://jalon:secret@db.example:5432/jalon",
    "REDIS_URL": "redis://cache.example:6379/0",
    "SECRET_KEY": "k" * 60,
    "BASE_URL": "https://jalon.example",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example:587",
    "DEFAULT_FROM_EMAIL": "jalon@jalon.example",
    "PRIVATE_FILES_ROOT": "/srv/jalon/files",
    "JALON_OPERATOR_NAME": "Jalon SAS",
    "JALON_OPERATOR_ADDRESS": "1 rue du Port, 44000 Nantes",
}
STRIPE = {
    "PAYMENT_GATEWAY": "stripe",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_1",
    "STRIPE_WEBHOOK_SECRETS": "whsec_1,whsec_2",
    "STRIPE_CONNECT_WEBHOOK_SECRETS": "whsec_3",
    "STRIPE_THIN_WEBHOOK_SECRETS": "whsec_4",
}
LIVE = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_PUBLISHABLE_KEY": "pk_live_1"}
Load = Callable[..., dict[str, Any]]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Return a function that reads the settings in an environment of nothing but its arguments."""

    def read(**environ: str) -> dict[str, Any]:
        for name in variables() | {"JALON_OPERATOR_COUNTRY", "JALON_OPERATOR_VAT_NUMBER"}:
            monkeypatch.delenv(name, raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(BASE_DIR / "marketplace" / "settings.py"))

    return read


def variables() -> set[str]:
    source = "".join((BASE_DIR / "marketplace" / name).read_text() for name in ("settings.py", "embedded.py", "run.py"))
    return set(re.findall(r'(?:environ(?:\.get)?[(\[]|needed\(\s*|flag\(|count\(|list\()"([A-Z_]+)"', source))


def test_nothing_is_needed_in_the_embedded_set_up(load: Load) -> None:
    settings = load()
    assert settings["EMBEDDED"] is True
    assert settings["DEMO_CLOCK"] is True
    assert settings["DEBUG"] is False
    assert settings["BASE_URL"] == "http://localhost:8000"
    assert settings["EMAIL_BACKEND"] == "accounts.mailbox.MailboxBackend"
    assert settings["DATABASES"]["default"]["HOST"].endswith("run-dev")


def test_the_sample_vat_number_serves_the_embedded_set_up_only(load: Load) -> None:
    assert load()["PRODUCT"].operator_vat_number == "FR12000000000"
    assert load(JALON_OPERATOR_VAT_NUMBER="")["PRODUCT"].operator_vat_number == ""
    assert load(**COMPLETE)["PRODUCT"].operator_vat_number == ""
    with pytest.raises(ImproperlyConfigured, match="JALON_OPERATOR_VAT_NUMBER is the sample"):
        load(**COMPLETE, JALON_OPERATOR_VAT_NUMBER="FR12000000000")


@pytest.mark.parametrize("missing", ["JALON_OPERATOR_NAME", "JALON_OPERATOR_ADDRESS"])
def test_an_operator_without_name_or_address_cannot_invoice(load: Load, missing: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="printed on every invoice"):
        load(**{**COMPLETE, missing: ""})


@pytest.mark.parametrize(("country", "number"), [("FR", "FR13000000000"), ("DE", "FR11123456782"), ("FR", "siren")])
def test_a_vat_number_that_cannot_be_the_operators_is_refused(load: Load, country: str, number: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="is not a VAT number of the country"):
        load(**COMPLETE, JALON_OPERATOR_COUNTRY=country, JALON_OPERATOR_VAT_NUMBER=number)


def test_a_complete_environment_is_taken_as_it_is(load: Load) -> None:
    settings = load(**COMPLETE)
    assert settings["EMBEDDED"] is False
    assert settings["DEMO_CLOCK"] is False
    assert settings["DATABASES"]["default"]["HOST"] == "db.example"
    assert settings["ALLOWED_HOSTS"] == ["jalon.example"]
    assert settings["SESSION_COOKIE_NAME"] == "__Host-session"
    assert settings["SECURE_HSTS_SECONDS"] == 63_072_000
    assert settings["EMAIL_HOST"] == "mail.example"
    assert settings["CELERY_BROKER_URL"] == "redis://cache.example:6379/0"


@pytest.mark.parametrize("name", sorted(COMPLETE.keys() - {"DATABASE_URL"}))
def test_what_is_missing_is_named(load: Load, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"- Set {name}: "):
        load(**{key: value for key, value in COMPLETE.items() if key != name})


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"DEMO_CLOCK": "1"}, "DEMO_CLOCK moves deadlines and money"),
        ({"DEBUG": "1"}, "DEBUG shows code and settings"),
        ({"BASE_URL": "http://jalon.example"}, "must begin with https://"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"DATABASE_URL": "sqlite:///x.db"}, "DATABASE_URL must be a PostgreSQL address"),
        ({"PAYMENT_GATEWAY": "barter"}, "PAYMENT_GATEWAY='barter' is not known"),
        ({"DEBUG": "perhaps"}, "DEBUG='perhaps' is neither yes nor no"),
        ({"DATABASE_POOL_SIZE": "many"}, "DATABASE_POOL_SIZE='many' is not a whole number"),
        ({"JALON_REVIEW_DAYS": "soon"}, "JALON_REVIEW_DAYS='soon' cannot be read: write a whole number"),
        ({"JALON_ESCROW_WORDING": "guaranteed"}, "JALON_ESCROW_WORDING='guaranteed' cannot be read"),
    ],
)
def test_what_contradicts_itself_is_refused(load: Load, environ: dict[str, str], message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)):
        load(**{**COMPLETE, **environ})


def test_stripe_is_taken_with_all_its_settings(load: Load) -> None:
    settings = load(**COMPLETE, **STRIPE)
    assert settings["STRIPE_WEBHOOK_SECRETS"] == ["whsec_1", "whsec_2"]
    assert settings["STRIPE_METHODS"] == ["card", "sepa_debit"]
    assert settings["DEMO_CLOCK"] is False
    assert load(**COMPLETE, **{**STRIPE, **LIVE})["STRIPE_JS_URL"] == "https://js.stripe.com/v3/"
    without_thin = {name: value for name, value in STRIPE.items() if "THIN" not in name}
    assert load(**COMPLETE, **without_thin, STRIPE_ACCOUNTS="v1")["STRIPE_THIN_WEBHOOK_SECRETS"] == []


@pytest.mark.parametrize("name", sorted(STRIPE.keys() - {"PAYMENT_GATEWAY"}))
def test_what_stripe_needs_is_named(load: Load, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"- Set {name}: "):
        load(**COMPLETE, **{key: value for key, value in STRIPE.items() if key != name})


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"STRIPE_SECRET_KEY": "pk_test_1"}, "Set STRIPE_SECRET_KEY"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_live_1"}, "are of different modes"),
        ({"STRIPE_WEBHOOK_SECRETS": "whsec_1,whsec_2,whsec_3"}, "STRIPE_WEBHOOK_SECRETS takes one secret"),
        ({"STRIPE_THIN_WEBHOOK_SECRETS": "secret"}, "STRIPE_THIN_WEBHOOK_SECRETS takes one secret"),
        ({"STRIPE_ACCOUNTS": "v3"}, "STRIPE_ACCOUNTS='v3' is not known"),
        ({"STRIPE_METHODS": "card,cash"}, "STRIPE_METHODS must name"),
        ({"STRIPE_METHODS": "card,card"}, "STRIPE_METHODS must name"),
        ({"STRIPE_JS_URL": "http://js.example/"}, "STRIPE_JS_URL must be the https:// address"),
        ({"STRIPE_API_BASE": "ftp://api.example"}, "STRIPE_API_BASE must be"),
        ({**LIVE, "STRIPE_API_BASE": "https://api.example"}, "are for tests"),
        ({**LIVE, "STRIPE_JS_URL": "https://js.example/"}, "are for tests"),
    ],
)
def test_stripe_settings_that_contradict_themselves_are_refused_unread(
    load: Load, environ: dict[str, str], message: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)) as refused:
        load(**{**COMPLETE, **STRIPE, **environ})
    for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS"):
        assert {**STRIPE, **environ}[name] not in str(refused.value)


def test_the_demonstration_clock_needs_the_sandbox_even_when_embedded(load: Load) -> None:
    with pytest.raises(ImproperlyConfigured, match="DEMO_CLOCK"):
        load(DEMO_CLOCK="1", PAYMENT_GATEWAY="barter")


def test_all_faults_are_told_at_once(load: Load) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        load(DATABASE_URL=COMPLETE["DATABASE_URL"])
    assert str(refused.value).count("\n- ") == 8


@pytest.mark.parametrize(("value", "header"), [("", None), ("1", ("HTTP_X_FORWARDED_PROTO", "https"))])
def test_a_header_says_the_scheme_only_where_the_proxy_sets_it(load: Load, value: str, header: object) -> None:
    loaded = load(**COMPLETE, PROXY_SETS_SCHEME=value)
    assert loaded.get("SECURE_PROXY_SSL_HEADER") == header


def test_every_variable_is_in_the_operators_guide() -> None:
    text = page().read_text()
    assert {name for name in variables() if f"`{name}`" not in text} - {"MAKELEVEL", "PYTHONWARNINGS"} == set()


def test_the_guides_table_of_product_numbers_is_that_of_the_code() -> None:
    text = page().read_text()
    assert with_table(text) == text
