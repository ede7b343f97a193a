"""The named rules that send a post to review: what each looks for, what it weighs, and what it found.

A rule raises a question and answers none: staff read the post with what was found before them. The words are compared
in lower case and without accents; each rule reads both languages, whatever the post says of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.money import format_money
from core.product import rules
from jobs.models import Job
from jobs.queries.prices import price_of, price_quartiles
from taxonomy.models import normalise

#: Characters of what was found that are kept, and of two descriptions that are compared.
SNIPPET, COMPARED_TEXT = 120, 1500
#: The newest posts of the category that a description is compared with, and how alike two are from which one copies.
COMPARED_POSTS, COPY_FROM = 300, 0.7
#: So many times below the lower quartile, or above the upper one, a price is odd.
ODD_TIMES = 4

_MEANS = (
    r"(?:paypal|western union|moneygram|zelle|venmo|cash ?app|bitcoins?|crypto\w*|usdt|gift cards?|cartes? cadeaux?"
    r"|mandat|especes|cash|cheques?|revolut|wire transfer|virement(?: direct)?)"
)
_SOME = r"(?:[\w']+ ){0,4}?"
_BY = rf"(?:via|by|in|with|through|on) {_SOME}{_MEANS}\b"
_PAR = rf"(?:via|par|en|avec|sur) {_SOME}{_MEANS}\b"
_OFF = r"(?:outside|off) (?:of )?(?:the |this )?(?:platform|site|website|jalon)\b"
_HORS = r"(?:hors|en dehors) (?:de |du )?(?:la |cette |ce )?(?:plateforme|site|jalon)\b"
OUTSIDE = (
    rf"\b(?:we|i)(?:'ll| will| can|) pay {_SOME}{_BY}",
    rf"\b(?:you (?:will be|are|get) paid|payments? (?:will be|is|are) (?:made|sent)) {_SOME}{_BY}",
    rf"\b(?:nous|je|on) (?:vous )?(?:pai\w+|pay\w+|regl\w+) {_SOME}{_PAR}",
    rf"\b(?:paiements?|reglements?) (?:se fera|sera|seront|est|effectues?) {_SOME}{_PAR}",
    rf"\b(?:pay\w*|paid|work|deal|hire\w*|contact\w*|continue) {_SOME}{_OFF}",
    rf"\b(?:pai\w+|pay\w+|regl\w+|travail\w+|contact\w*|continuer) {_SOME}{_HORS}",
)
MONEY = (
    r"\b(?:registration|training|application|security|onboarding|starter|refundable) (?:fee|deposit|kit)s?\b",
    rf"\b(?:send|transfer|deposit|advance) (?:us|me) {_SOME}(?:money|funds|deposit|fee)\b",
    rf"\bbuy {_SOME}gift cards?\b",
    r"\bfrais (?:d'|de )(?:inscription|dossier|formation|adhesion)\b",
    r"\b(?:depot|caution|acompte) (?:de garantie|de securite|remboursable|a verser)\b",
    rf"\b(?:verser|avancer|envoyer) {_SOME}(?:caution|frais|depot|argent|fonds)\b",
    rf"\bachet\w+ {_SOME}cartes? cadeaux?\b",
)
FREE = (
    r"\b(?:free|unpaid) (?:test|trial|sample) (?:task|work|project|article|design|page|day|week)s?\b",
    r"\bunpaid (?:trial|test|work|task|internship)s?\b",
    r"\bwork for (?:free|exposure)\b",
    r"\b(?:test|trial|first) (?:task|work|project|article|design|page) (?:is|will be|must be) (?:free|unpaid)\b",
    (
        r"\b(?:essai|test|travail|stage|echantillon|maquette|article) (?:d'essai |de test )?"
        r"(?:gratuite?|benevole|non remuneree?|non payee?)\b"
    ),
    r"\btravail\w* (?:gratuitement|sans remuneration|sans etre paye)\w*\b",
)
SHORTENED = (
    r"\b(?:bit\.ly|tinyurl\.com|t\.co|is\.gd|cutt\.ly|rb\.gy|goo\.gl|ow\.ly|forms\.gle|t\.me|wa\.me|lnkd\.in)/\S+",
)
LINKS = (r"\b(?:https?://|www\.)\S+",)

COPIES = f"""
SELECT id, title FROM (
    SELECT id, title, client_id, description FROM jobs_job
    WHERE category_id = %s AND posted_at IS NOT NULL AND id <> %s ORDER BY posted_at DESC LIMIT {COMPARED_POSTS}
) post
WHERE client_id <> %s AND similarity(left(description, {COMPARED_TEXT}), left(%s, {COMPARED_TEXT})) >= {COPY_FROM}
ORDER BY similarity(left(description, {COMPARED_TEXT}), left(%s, {COMPARED_TEXT})) DESC, id LIMIT 1
"""  # noqa: S608  (numbers of this file; everything from outside is a parameter)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it is called, what it weighs, and why it is looked for."""

    weight: int
    name: Promise
    why: Promise


RULES: Mapping[str, Rule] = {
    "outside_payment": Rule(
        50,
        _("Pays or talks outside"),
        _("Money that does not pass through here protects nobody, and most cheats begin so."),
    ),
    "asks_money": Rule(
        50, _("Asks the freelancer for money"), _("Fees, deposits and gift cards: no client needs them to pay someone.")
    ),
    "free_work": Rule(50, _("Asks for free work"), _("Tests and samples are work: a small first milestone pays them.")),
    "hidden_link": Rule(
        40, _("Shortened link or messenger"), _("Nobody sees where it leads, or it leads the talk away from here.")
    ),
    "links": Rule(
        20, _("Links"), _("Look where they lead: to the client's own site, or to a form that asks for data.")
    ),
    "price_low": Rule(
        30,
        _("Price far below others"),
        _("Less than a quarter of the lower quartile of the category in the last year."),
    ),
    "price_high": Rule(
        30, _("Price too good"), _("More than four times the upper quartile of the category in the last year.")
    ),
    "copy": Rule(
        50, _("Copy of another client's post"), _("Cheats post what others wrote; so do people with two accounts.")
    ),
}


@dataclass(frozen=True, slots=True)
class Risk:
    """One rule that a post touches, and what was found, in the post's own words or in figures."""

    rule: str
    found: str

    @property
    def weight(self) -> int:
        """Return what the rule weighs."""
        return RULES[self.rule].weight

    @property
    def name(self) -> Promise:
        """Return what the rule is called."""
        return RULES[self.rule].name

    @property
    def why(self) -> Promise:
        """Return why the rule is looked for."""
        return RULES[self.rule].why

    def as_data(self) -> dict[str, str]:
        """Return it as it is kept on the job."""
        return {"rule": self.rule, "found": self.found}


def risks_in(job: Job, *, at: datetime) -> list[Risk]:
    """Return the rules that a post touches, the heaviest first. Two statements."""
    found = [*_in_words(job), *_in_price(job, at), *_in_copies(job)]
    return sorted(found, key=lambda risk: -risk.weight)


def weight_of(risks: list[Risk]) -> int:
    """Return what these rules weigh together."""
    return sum(risk.weight for risk in risks)


def kept_risks(job: Job) -> list[Risk]:
    """Return what was found when the job was last published or changed; rules that are no more are left out."""
    return [Risk(row["rule"], row["found"]) for row in job.risks if row.get("rule") in RULES]


def _in_words(job: Job) -> Iterator[Risk]:
    texts = [normalise(text) for text in (job.title, job.description, *job.questions)]
    linked = [text.casefold() for text in (job.title, job.description, *job.questions)]
    looks: tuple[tuple[str, tuple[str, ...], list[str]], ...] = (
        ("outside_payment", OUTSIDE, texts),
        ("asks_money", MONEY, texts),
        ("free_work", FREE, texts),
        ("hidden_link", SHORTENED, linked),
        ("links", LINKS, linked),
    )
    for rule, patterns, where in looks:
        words = next((match[0] for text in where for each in patterns if (match := re.search(each, text))), None)
        if words is not None:
            yield Risk(rule, words[:SNIPPET])


def _in_price(job: Job, at: datetime) -> Iterator[Risk]:
    price = price_of(job)
    if price is None:
        return
    usual = price_quartiles(
        category_id=job.category_id, kind=job.kind, currency=job.currency, client_id=job.client_id, at=at
    )
    if usual is None:
        return
    figures = " / ".join(format_money(each, job.currency) for each in (price, usual.low, usual.high))
    if price * ODD_TIMES < usual.low:
        yield Risk("price_low", figures)
    elif price > usual.high * ODD_TIMES:
        yield Risk("price_high", figures)


def _in_copies(job: Job) -> Iterator[Risk]:
    if job.category_id is None:
        return
    text = job.description
    values: list[Any] = [job.category_id, job.pk, job.client_id, text, text]
    with connection.cursor() as cursor:
        cursor.execute(COPIES, values)
        row = cursor.fetchone()
    if row is not None:
        yield Risk("copy", f"#{row[0]} {row[1]}"[:SNIPPET])


def is_risky(risks: list[Risk]) -> bool:
    """Test whether staff read a post with these risks before it opens."""
    return weight_of(risks) >= rules().job_risk_weight
