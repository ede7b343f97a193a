"""What templates show: money, dates, deadlines, icons, forms and addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import formats, timezone, translation

from core.forms import ExplainedChoiceField, MoneyField
from core.product import rules
from core.templatetags import jalon
from core.templatetags.jalon import (
    active_if,
    ago,
    bar_parts,
    clock,
    control_kind,
    error_items,
    escrow_word,
    icon,
    initials,
    money,
    money_whole,
    options,
    percent_bps,
    when,
)
from core.text import file_size

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False), timezone.override(ZoneInfo("Europe/Paris")), translation.override("en"):
        yield


class PriceForm(forms.Form):
    price = MoneyField(label="Your price", minimum=500)
    pay = ExplainedChoiceField(
        label="Pay", choices=[("a", "By milestone"), ("b", "At once")], descriptions={"a": "Part by part."}
    )
    skills = forms.MultipleChoiceField(
        choices=[("x", "X")], widget=forms.CheckboxSelectMultiple, required=False, label="Skills"
    )
    agree = forms.BooleanField(required=False)
    letter = forms.CharField(label="Cover letter", widget=forms.Textarea, help_text="Say how you would start.")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def render(text: str, **context: object) -> str:
    return Template(text).render(Context(context))


def test_money_has_two_decimals_and_its_currency() -> None:
    assert money(140_000, "EUR") == "€1,400.00"


def test_money_in_french_ends_with_its_sign() -> None:
    with translation.override("fr"):
        assert money(140_000, "EUR") == "1\u202f400,00\u00a0€"


def test_whole_money_drops_decimals_only_where_they_are_zero() -> None:
    assert (money_whole(140_000, "EUR"), money_whole(140_050, "EUR")) == ("€1,400", "€1,400.50")


def test_no_amount_shows_nothing() -> None:
    assert money(None) == ""


@pytest.mark.parametrize(("bps", "text"), [(1000, "10%"), (250, "2.5%"), (1225, "12.25%"), (0, "0%")])
def test_rates_show_as_few_decimals_as_they_have(bps: int, text: str) -> None:
    assert percent_bps(bps) == text


def test_a_french_rate_keeps_its_sign_on_the_line() -> None:
    with translation.override("fr"):
        assert percent_bps(250) == "2,5\u202f%"


def test_a_moment_shows_in_the_zone_of_the_reader() -> None:
    assert (
        when(datetime(2026, 12, 1, 17, 4, tzinfo=UTC))
        == '<time datetime="2026-12-01T18:04:00+01:00" title="CET">1 December 2026, 18:04</time>'
    )


def test_a_french_moment_has_its_first_and_its_hour() -> None:
    with translation.override("fr"):
        assert ">1er décembre 2026 à 18\u202fh\u202f04<" in when(datetime(2026, 12, 1, 17, 4, tzinfo=UTC))


def test_only_the_first_of_a_month_is_an_ordinal_in_french() -> None:
    with translation.override("fr"):
        assert ">21 décembre 2026<" in when(date(2026, 12, 21))


def test_a_short_moment_names_the_year_only_when_it_is_another_one() -> None:
    assert ">14 November, 10:00<" in when(datetime(2026, 11, 14, 9, 0, tzinfo=UTC), "short")
    assert ">14 November 2025, 10:00<" in when(datetime(2025, 11, 14, 9, 0, tzinfo=UTC), "short")


def test_a_plain_date_shows_as_its_day() -> None:
    assert when(date(2027, 1, 9)) == '<time datetime="2027-01-09">9 January 2027</time>'


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=12), "12 minutes ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=13, hours=23), "13 days ago"),
        (timedelta(days=14), "9 November"),
        (timedelta(days=400), "19 October 2025"),
    ],
)
def test_ago_counts_in_the_largest_unit_then_names_the_day(age: timedelta, text: str) -> None:
    assert f">{text}<" in ago(NOON - age)


@pytest.mark.parametrize(
    ("rest", "text"),
    [
        (timedelta(days=3, hours=1), "26 November, 14:00 (in 3 days)"),
        (timedelta(days=13, hours=23, minutes=59), "7 December, 12:59 (in 14 days)"),
        (timedelta(hours=30), "24 November, 19:00 (in 30 hours)"),
        (timedelta(minutes=40), "23 November, 13:40 (in 40 minutes)"),
        (timedelta(seconds=20), "23 November, 13:00 (in 1 minute)"),
        (timedelta(seconds=-1), "23 November, 12:59 (time is up)"),
        (timedelta(days=120), "23 March 2027, 13:00"),
    ],
)
def test_a_deadline_says_when_and_how_far_off(rest: timedelta, text: str) -> None:
    assert f">{text}<" in clock(NOON + rest)


def test_nothing_has_no_time() -> None:
    assert (when(None), ago(None), clock(None)) == ("", "", "")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Inès Caradec", "IC"), ("Brise", "B"), ("Jean-Luc de la Tour", "JT"), ("", ""), ("(x) élan", "É")],
)
def test_initials_are_the_first_and_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_the_word_for_held_money_follows_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (escrow_word(), escrow_word("state")) == ("escrow", "In escrow")
    held = replace(rules(), escrow_wording="held")
    monkeypatch.setattr(jalon, "rules", lambda: held)
    assert escrow_word("until") == "held by our payment provider until you approve"


def test_an_icon_is_hidden_unless_it_has_a_label() -> None:
    assert icon("bell") == '<svg class="icon" aria-hidden="true"><use href="/static/img/icons.svg#i-bell"></use></svg>'
    assert 'role="img" aria-label="Verified &lt;b&gt;"' in icon("check", label="Verified <b>")


def test_every_icon_of_the_list_is_in_the_sprite() -> None:
    sprite = (settings.BASE_DIR / "static/img/icons.svg").read_text()
    listed = (settings.BASE_DIR / "static/img/ICONS.txt").read_text().split("\n\n", 1)[1].split("\n")
    names = [name.split(" ")[0] for name in listed if name]
    assert len(names) > 50
    assert [name for name in names if f'id="i-{name}"' not in sprite] == []


def test_the_current_link_is_marked() -> None:
    assert active_if("files", "files") == ' aria-current="page"'
    assert active_if("files", "terms") == ""
    assert active_if(False) == ""


def test_a_money_bar_leaves_a_gap_between_its_parts() -> None:
    assert bar_parts(140_000, 140_000, 420_000) == {"released": 333, "held_from": 336, "held": 330, "due": 140_000}


def test_a_money_bar_of_nothing_is_empty() -> None:
    assert bar_parts(0, 0, 0) == {"released": 0, "held_from": 0, "held": 0, "due": 0}


def test_each_control_has_its_layout() -> None:
    form = PriceForm()
    kinds = {name: control_kind(form[name]) for name in form.fields}
    assert kinds == {
        "price": "money",
        "pay": "radio",
        "skills": "checks",
        "agree": "check",
        "letter": "input",
        "token": "hidden",
    }


def test_a_choice_shows_its_explanation_and_what_was_chosen() -> None:
    first, second = options(PriceForm({"pay": "b"})["pay"])
    assert (first.label, first.text, second.text) == ("By milestone", "Part by part.", "")
    assert "checked" not in first.control
    assert 'value="b"' in second.control
    assert "checked" in second.control


def test_an_error_reads_the_same_above_the_form_and_at_its_field() -> None:
    form = PriceForm({"price": "1", "pay": ""})
    items = error_items(form, message="Closed <b>")
    assert [(item.text, item.target) for item in items] == [
        ("Closed <b>", ""),
        ("Enter €5.00 or more.", "id_price"),
        ("“Pay” is missing.", "id_pay_0"),
        ("“Cover letter” is missing.", "id_letter"),
    ]


def test_a_field_joins_hint_and_error_to_its_control() -> None:
    html = render("{% control field %}", field=PriceForm({"price": "1"})["letter"])
    assert 'class="input"' in html
    assert 'aria-describedby="id_letter_helptext id_letter_error"' in html
    assert 'aria-invalid="true"' in html


def test_changing_one_parameter_keeps_the_others_and_starts_at_the_first_page() -> None:
    request = RequestFactory().get("/jobs/", {"q": "a&b", "page": "3", "level": ["entry", "expert"]})
    assert (
        render('{% query_with sort="new" %}', request=request)
        == "?q=a%26b&amp;level=entry&amp;level=expert&amp;sort=new"
    )
    assert render('{% query_without "level" "entry" %}', request=request) == "?q=a%26b&amp;level=expert"
    assert render('{% query_without "level" %}', request=request) == "?q=a%26b"


@pytest.mark.parametrize(("language", "shown"), [("en", "1400.50"), ("fr", "1400,50")])
def test_a_sum_in_a_form_has_the_readers_decimal_mark(language: str, shown: str) -> None:
    with translation.override(language):
        field = MoneyField()
        assert field.prepare_value(140_050) == shown
        assert field.clean(shown) == 140_050


@pytest.mark.parametrize(
    ("language", "size", "shown"),
    [("en", 25 * 1024**2, "25 MB"), ("en", 1536 * 1024, "1.5 MB"), ("fr", 25 * 1024**2, "25 Mo"), ("fr", 0, "0 octet")],
)
def test_sizes_have_no_decimal_that_says_nothing(language: str, size: int, shown: str) -> None:
    with translation.override(language):
        assert file_size(size).replace("\xa0", " ") == shown


@pytest.mark.parametrize(("language", "shown"), [("en", "3 May 2026"), ("fr", "3 mai 2026")])
def test_short_days_are_never_a_row_of_figures(language: str, shown: str) -> None:
    with translation.override(language):
        assert formats.date_format(date(2026, 5, 3), "DATE_FORMAT") == shown
