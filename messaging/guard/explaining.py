"""The words in which a text is refused."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from messaging.guard.findings import Finding

#: Most findings that one refusal names.
MOST_NAMED = 3


def explain(findings: Sequence[Finding]) -> str:
    """Return why a text is refused, in the reader's language, with what was found in it."""
    return _(
        "Take this out: %(found)s. Until there is a contract, people talk and pay here, where both sides are "
        "protected. If you meant something else, word it differently."
    ) % {"found": _named(findings)}


def explain_masking(findings: Sequence[Finding]) -> str:
    """Return what becomes of a message before a contract, in the reader's language, with what was found in it."""
    return _(
        "The other side will not read this: %(found)s. Until there is a contract, people talk and pay here, where both "
        "sides are protected. Change your message, or send it with these places hidden."
    ) % {"found": _named(findings)}


def _named(findings: Sequence[Finding]) -> str:
    named = []
    for found in findings:
        words = _("%(what)s (“%(excerpt)s”)") % {"what": found.kind.label, "excerpt": found.excerpt}
        if words not in named:
            named.append(words)
    return "; ".join(named[:MOST_NAMED])
