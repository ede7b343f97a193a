"""What must be true of the Stripe settings before anything starts: half a set-up would take money and lose track."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

KINDS = {"sk": "secret", "rk": "secret", "pk": "publishable"}
METHODS = frozenset({"card", "sepa_debit"})
#: How many secrets one address of webhooks has at most: two while they are changed.
ROTATION = 2
LOCAL = frozenset({"localhost", "127.0.0.1"})


def stripe_problems(
    *,
    secret_key: str,
    publishable_key: str,
    secrets: Mapping[str, Sequence[str]],
    accounts: str,
    methods: Sequence[str],
    api_base: str,
    js_url: str,
) -> list[str]:
    """Return what is missing or contradicts itself, each with what to do; values are never repeated."""
    mode, other = mode_of(secret_key, "secret"), mode_of(publishable_key, "publishable")
    found = [
        *_key_problems(mode, other),
        *_secret_problems(secrets, accounts),
        *_address_problems(mode, api_base, js_url),
    ]
    if accounts not in {"v1", "v2"}:
        found.append(f"STRIPE_ACCOUNTS={accounts!r} is not known: write `v2`, or `v1` for a platform of before it.")
    if not methods or set(methods) - METHODS or len(set(methods)) != len(methods):
        found.append("STRIPE_METHODS must name `card`, `sepa_debit` or both, separated by a comma.")
    return found


def mode_of(key: str, kind: str) -> str:
    """Return `live` or `test` for a key of the kind; empty for anything else."""
    first, _, rest = key.partition("_")
    mode = rest.partition("_")[0]
    return mode if KINDS.get(first) == kind and mode in {"live", "test"} else ""


def _key_problems(mode: str, other: str) -> Iterator[str]:
    if not mode:
        yield "Set STRIPE_SECRET_KEY: the secret key of your Stripe account, which begins with sk_test_ or sk_live_."
    if not other:
        yield "Set STRIPE_PUBLISHABLE_KEY: the publishable key, which begins with pk_test_ or pk_live_."
    if mode and other and mode != other:
        yield "STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY are of different modes: take both from test or from live."


def _secret_problems(secrets: Mapping[str, Sequence[str]], accounts: str) -> Iterator[str]:
    for name, values in secrets.items():
        if not values and not (name == "STRIPE_THIN_WEBHOOK_SECRETS" and accounts == "v1"):
            yield f"Set {name}: the signing secret of that webhook address, which begins with whsec_."
        if len(values) > ROTATION or any(not value.startswith("whsec_") for value in values):
            yield f"{name} takes one secret that begins with whsec_, or two while you change it."


def _address_problems(mode: str, api_base: str, js_url: str) -> Iterator[str]:
    script = urlsplit(js_url)
    if (script.scheme != "https" and script.hostname not in LOCAL) or not script.netloc:
        yield "STRIPE_JS_URL must be the https:// address of Stripe's script."
    if api_base and urlsplit(api_base).scheme not in {"http", "https"}:
        yield "STRIPE_API_BASE must be an http:// or https:// address."
    if mode == "live" and (api_base or script.hostname != "js.stripe.com"):
        yield "STRIPE_API_BASE and STRIPE_JS_URL are for tests: live keys and cards go to Stripe alone. Unset them."
