"""VAT in statements of sums: its words and its line."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.money import MINUS, format_money
from core.templatetags.jalon import percent_bps
from payments.tax import Reason, Tax

register = template.Library()

#: Reasons that a statement names even though no VAT comes of them.
NAMED = frozenset({Reason.REVERSE_CHARGE, Reason.UNDECLARED})


def vat_words(tax: Tax, of: str = "work") -> str:
    """Return the label of the line of a VAT, in the reader's language.

    `of` is "work" (of the freelancer, read by the client), "own" (the same, read by the freelancer) or "fee".
    """
    rate = percent_bps(tax.rate_bps)
    if tax.reason == Reason.REVERSE_CHARGE:
        return _("VAT on the fee: reverse charge") if of == "fee" else _("VAT: reverse charge")
    if tax.reason == Reason.UNDECLARED:
        return _("VAT: not declared")
    if of == "fee":
        return _("VAT on the fee, %(rate)s") % {"rate": rate}
    if of == "own":
        return _("Your VAT, %(rate)s") % {"rate": rate}
    return _("VAT, %(rate)s") % {"rate": rate}


def is_shown(tax: Tax) -> bool:
    """Test whether a statement has a line for this VAT."""
    return bool(tax.rate_bps) or tax.reason in NAMED


@register.simple_tag
def vat_line(tax: Tax, amount: int, currency: str, of: str = "work", *, is_minus: bool = False) -> SafeString | str:
    """Return the line of a VAT in a statement; nothing where none is due and there is nothing to say."""
    if not is_shown(tax):
        return ""
    sign = MINUS if is_minus and amount else ""
    return format_html("<div><dt>{}</dt><dd>{}{}</dd></div>", vat_words(tax, of), sign, format_money(amount, currency))
