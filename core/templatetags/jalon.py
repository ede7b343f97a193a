"""Filters and tags that every template has: money, dates in the reader's words, icons, safe text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django import forms, template
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import formats, timezone, translation
from django.utils.dates import MONTHS
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext, pgettext

from core.clock import now
from core.forms import MoneyField
from core.money import NARROW_NBSP, format_money
from core.product import rules
from core.text import FIRST_HEADING, file_size, message_html
from core.text import markdown as to_html

register = template.Library()

MINUTE, HOUR, DAY = 60, 3_600, 86_400
#: Beyond so many days, `ago` and `clock` name the date alone.
NEAR_DAYS, FAR_DAYS = 14, 90


# --- money and numbers ------------------------------------------------------------------------------------------


@register.filter
def money(minor: int | None, currency: str | None = None) -> str:
    """Return minor units as the reader writes an amount, with decimals; nothing for None."""
    return "" if minor is None else format_money(minor, currency or rules().currency)


@register.filter
def money_whole(minor: int | None, currency: str | None = None) -> str:
    """Return minor units as an amount, decimals left out where they are zero; nothing for None."""
    return "" if minor is None else format_money(minor, currency or rules().currency, is_whole=True)


@register.filter
def percent_bps(rate_bps: int) -> str:
    """Return basis points as per cent: "10%" in English, "10 %" in French."""
    whole, rest = divmod(rate_bps, 100)
    decimals = 0 if rest == 0 else 1 if rest % 10 == 0 else 2
    text = formats.number_format(whole + rest / 100, decimal_pos=decimals, use_l10n=True)
    return f"{text}{NARROW_NBSP}%" if _is_french() else f"{text}%"


# --- dates and times --------------------------------------------------------------------------------------------
# Lists show dozens of moments, so what a language says is worked out once and the rest is put together by hand.


class Speech:
    """How one language writes days and hours; made while that language is active."""

    def __init__(self, language: str) -> None:
        self.is_french = language.startswith("fr")
        self.months = ["", *(str(MONTHS[number]) for number in range(1, 13))]
        self.full = pgettext("day and hour", "%(day)s, %(hour)s")

    def day(self, moment: date, *, with_year: bool = True) -> str:
        """Return a day: "14 November 2026"."""
        number = "1er" if self.is_french and moment.day == 1 else str(moment.day)
        text = f"{number} {self.months[moment.month]}"
        return f"{text} {moment.year}" if with_year else text

    def hour(self, moment: datetime) -> str:
        """Return an hour: "18:04"."""
        if self.is_french:
            return f"{moment.hour:02}{NARROW_NBSP}h{NARROW_NBSP}{moment.minute:02}"
        return f"{moment.hour:02}:{moment.minute:02}"

    def moment(self, moment: datetime, *, with_year: bool = True) -> str:
        """Return a day and an hour."""
        return self.full % {"day": self.day(moment, with_year=with_year), "hour": self.hour(moment)}


@lru_cache(maxsize=16)
def _speech_of(language: str) -> Speech:
    return Speech(language)


def _speech() -> Speech:
    return _speech_of(translation.get_language() or "en")


def _is_french() -> bool:
    return _speech().is_french


def _time(moment: datetime, text: str, title: str) -> SafeString:
    return mark_safe(  # noqa: S308  (every part is escaped)
        f'<time datetime="{moment.isoformat(timespec="seconds")}" title="{escape(title)}">{escape(text)}</time>'
    )


@register.simple_tag
def when(moment: date | datetime | None, shape: str = "full") -> str:
    """Render a moment in the reader's zone and language.

    Shapes: `full` (day and hour), `day`, `short` (day and hour, the year only when it is another one), `hour`.
    A plain date renders as its day. Nothing for None.
    """
    if moment is None:
        return ""
    speech = _speech()
    if not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), speech.day(moment))
    local = timezone.localtime(moment)
    zone = local.tzname() or ""
    if shape == "day":
        return _time(local, speech.day(local), f"{speech.moment(local)} {zone}")
    if shape == "hour":
        return _time(local, speech.hour(local), f"{speech.moment(local)} {zone}")
    with_year = shape != "short" or local.year != timezone.localtime(now()).year
    return _time(local, speech.moment(local, with_year=with_year), zone)


def moment_text(moment: datetime) -> str:
    """Return a day and an hour on the reader's clock, with the name of their zone: "14 November 2026, 18:04 (CET)"."""
    local = timezone.localtime(moment)
    return f"{_speech().moment(local)} ({local.tzname()})"


@register.simple_tag
def ago(moment: datetime | None) -> str:
    """Render how long ago something was, by the product's clock; beyond two weeks, its day. Nothing for None."""
    if moment is None:
        return ""
    speech, at = _speech(), now()
    local = timezone.localtime(moment)
    text = _ago_text(int((at - moment).total_seconds()))
    if not text:
        text = speech.day(local, with_year=local.year != timezone.localtime(at).year)
    return _time(local, text, f"{speech.moment(local)} {local.tzname()}")


def _ago_text(seconds: int) -> str:
    """Return an age in its largest unit; nothing beyond two weeks."""
    if seconds < MINUTE:
        return gettext("just now")
    if seconds < HOUR:
        count = seconds // MINUTE
        return ngettext("%(count)s minute ago", "%(count)s minutes ago", count) % {"count": count}
    if seconds < DAY:
        count = seconds // HOUR
        return ngettext("%(count)s hour ago", "%(count)s hours ago", count) % {"count": count}
    if seconds < NEAR_DAYS * DAY:
        count = seconds // DAY
        return ngettext("%(count)s day ago", "%(count)s days ago", count) % {"count": count}
    return ""


@register.simple_tag
def clock(deadline: datetime | None) -> str:
    """Render a deadline: its day and hour, and how far off it is by the product's clock. Nothing for None."""
    if deadline is None:
        return ""
    at = now()
    local = timezone.localtime(deadline)
    text = _speech().moment(local, with_year=local.year != timezone.localtime(at).year)
    rest = _rest_text(int((deadline - at).total_seconds()))
    if rest:
        text = pgettext("deadline and how far off it is", "%(deadline)s (%(rest)s)") % {"deadline": text, "rest": rest}
    return _time(local, text, local.tzname() or "")


def _rest_text(seconds: int) -> str:
    """Return what is left of a clock in its largest unit; nothing beyond three months."""
    if seconds <= 0:
        return gettext("time is up")
    if seconds < HOUR:
        count = max(_nearest(seconds, MINUTE), 1)
        return ngettext("in %(count)s minute", "in %(count)s minutes", count) % {"count": count}
    if seconds < 2 * DAY:
        count = _nearest(seconds, HOUR)
        return ngettext("in %(count)s hour", "in %(count)s hours", count) % {"count": count}
    if seconds < FAR_DAYS * DAY:
        count = _nearest(seconds, DAY)
        return ngettext("in %(count)s day", "in %(count)s days", count) % {"count": count}
    return ""


def _nearest(seconds: int, unit: int) -> int:
    """Return the whole number of units nearest to so many seconds: a clock of 14 days begins at 14."""
    return (seconds + unit // 2) // unit


# --- words and texts --------------------------------------------------------------------------------------------


@register.filter
def as_message(source: str | None) -> SafeString:
    """Return the HTML of a message in a room."""
    return message_html(source or "")


@register.filter
def markdown(source: str | None, first_heading: int = FIRST_HEADING) -> SafeString:
    """Return the safe HTML of a text in Markdown, headings from `first_heading` down: 2 where it is the page."""
    return to_html(source or "", first_heading)


@register.filter
def document(source: str | None) -> SafeString:
    """Return the safe HTML of a document in Markdown that is a page of its own; its lines were wrapped by an editor."""
    return to_html(source or "", 2, breaks=False)


register.filter("file_size", file_size)


@register.filter
def initials(name: str | None) -> str:
    """Return one or two capital letters that stand for a name."""
    words = [word for word in (name or "").replace("-", " ").split() if word[0].isalnum()]
    letters = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in letters).upper()


@register.simple_tag
def escrow_word(form: str = "noun") -> str:
    """Return how this installation speaks of held money, in one of the forms `noun`, `state` and `until`."""
    if rules().escrow_wording == "escrow":
        words = {
            "noun": pgettext("held money, noun", "escrow"),
            "state": pgettext("held money, state", "In escrow"),
            "until": gettext("held in escrow until you approve"),
        }
    else:
        words = {
            "noun": pgettext("held money, noun", "held money"),
            "state": pgettext("held money, state", "Held"),
            "until": gettext("held by our payment provider until you approve"),
        }
    return words[form]


# --- markup -----------------------------------------------------------------------------------------------------


@cache
def _sprite() -> str:
    return static("img/icons.svg")


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """Render an icon of the sprite. It is hidden from screen readers unless it has a `label`."""
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" {}><use href="{}#i-{}"></use></svg>', f" {css}" if css else "", said, _sprite(), name
    )


@register.simple_tag
def active_if(value: Any, other: Any = True, mark: str = "page") -> str:
    """Return `aria-current` when `value` equals `other`, or is true when it stands alone."""
    is_active = bool(value) if other is True else value == other
    return format_html(' aria-current="{}"', mark) if is_active else ""


# --- forms ------------------------------------------------------------------------------------------------------


@register.filter
def control_kind(field: BoundField) -> str:
    """Return how a bound field is laid out: hidden, check, radio, checks, money or input."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxSelectMultiple):  # before its base class, RadioSelect
        return "checks"
    if isinstance(widget, forms.RadioSelect):
        return "radio"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "money" if isinstance(field.field, MoneyField) else "input"


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """Render the control of a bound field; Django joins it to the hint and the error of c-field."""
    if isinstance(field.field.widget, forms.CheckboxInput):
        return field.as_widget()
    css = f"{field.field.widget.attrs.get('class', '')} input".strip()
    return field.as_widget(attrs={"class": css})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a group: its control, its label, and a line that explains it."""

    control: SafeString
    label: str
    text: str


@register.filter
def options(field: BoundField) -> Iterator[Option]:
    """Yield the choices of a group of radio buttons or check boxes.

    A field with `descriptions`, such as an ExplainedChoiceField, brings the lines that explain them.
    """
    descriptions: Mapping[str, Any] = getattr(field.field, "descriptions", {})
    for subwidget in field.subwidgets:
        data = subwidget.data
        control = _option_control(data)
        yield Option(control, data["label"], str(descriptions.get(str(data["value"]), "")))


def _option_control(data: dict[str, Any]) -> SafeString:
    attrs = [(name, value) for name, value in data["attrs"].items() if value is not False and value is not None]
    said = mark_safe("")
    for name, value in attrs:
        said += format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)
    return format_html(
        '<input type="{}" name="{}" value="{}"{}>',
        data["type"],
        data["name"],
        "" if data["value"] is None else data["value"],
        said,
    )


@register.filter
def error_texts(field: BoundField) -> list[str]:
    """Return what is wrong with a bound field; the summary and the field say it in the same words.

    Django's bare "This field is required." becomes a sentence that names the field.
    """
    bare = str(forms.Field.default_error_messages["required"])
    named = gettext("“%(label)s” is missing.") % {"label": field.label}
    return [named if str(error) == bare else str(error) for error in field.errors]


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """One line of an error summary and the id of the control it is about, if it is about one."""

    text: str
    target: str


@register.simple_tag
def error_items(
    form: forms.BaseForm | None, several: Iterable[forms.BaseForm] | None = None, message: str = ""
) -> list[ErrorItem]:
    """Return the lines of an error summary: a refusal, then what the forms say, in their order."""
    items = [ErrorItem(str(message), "")] if message else []
    for each in [*([form] if form else []), *(several or [])]:
        items += [ErrorItem(str(error), "") for error in each.non_field_errors()]
        for name in each.errors:
            if name != NON_FIELD_ERRORS:
                field = each[name]
                items += [ErrorItem(text, _target(field)) for text in error_texts(field)]
    return items


def _target(field: BoundField) -> str:
    return f"{field.auto_id}_0" if isinstance(field.field.widget, forms.RadioSelect) else field.id_for_label


@lru_cache(maxsize=4096)
def _remembered(name: str, language: str, values: tuple[tuple[str, Any], ...]) -> SafeString:
    return render_to_string(name, dict(values))


@register.simple_tag
def fixed(name: str, **values: Any) -> SafeString:
    """Render a fragment that depends on nothing but the language and `values`, once for each of them in a process.

    For the frame of pages, which is the same for thousands of requests. `values` must be hashable; the fragment
    sees no request, no user and no other variable.
    """
    if settings.DEBUG:
        return render_to_string(name, values)
    return _remembered(name, translation.get_language() or "", tuple(values.items()))


@register.simple_tag
def brand_name() -> str:
    """Return the name of the installation."""
    return rules().brand_name


@register.simple_tag
def currency_code() -> str:
    """Return the code of the installation's currency."""
    return rules().currency


@register.simple_tag
def bar_parts(released: int, held: int, total: int) -> dict[str, int]:
    """Return the parts of a money bar in thousandths of its width, with a gap of three, and what is still to fund."""
    whole = max(total, released + held, 1)
    first, second = released * 1000 // whole, held * 1000 // whole
    gap = 3 if first and second else 0
    return {
        "released": first,
        "held_from": first + gap,
        "held": max(second - gap, 0),
        "due": max(total - released - held, 0),
    }


# --- addresses --------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: Any) -> str:
    """Return the page's query string with these parameters set, or dropped when None; the page number starts anew."""
    query = _request(context).GET.copy()
    query.pop("page", None)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return conditional_escape(f"?{query.urlencode()}")


@register.simple_tag(takes_context=True)
def query_without(context: template.Context, key: str, value: Any = None) -> str:
    """Return the page's query string without one value of a parameter, or without all of them when none is given."""
    query = _request(context).GET.copy()
    query.pop("page", None)
    kept = [] if value is None else [each for each in query.getlist(key) if each != str(value)]
    query.setlist(key, kept)
    return conditional_escape(f"?{query.urlencode()}")


def _request(context: template.Context) -> HttpRequest:
    request: HttpRequest = context["request"]
    return request
