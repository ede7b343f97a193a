"""Importing a file of posts: every row is posted, drafted or refused by name, and once."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Party
from accounts.tests.cast import Person
from jobs.models import Job
from tests.nothing import nothing_happens

ROW: dict[str, Any] = {
    "title": "  Dashboard   builder ",
    "domestic_label": "U.S. only",
    "description": "We have five years of sales in PostgreSQL and want a dashboard that shop managers can read alone.",
    "project_type": "Ongoing project",
    "hours_per_week": "Less than 30",
    "duration": "3-6 months",
    "experience_level": "Entry level",
    "min_hourly_rate": 10.0,
    "max_hourly_rate": 40.5,
    "fixed_price": None,
    "skills": ["SQL", "Dashboard", "Basket weaving"],
}


@pytest.fixture
def party(alice: Person) -> Party:
    """Return Alice's party, with the words of the taxonomy loaded."""
    assert alice.party is not None
    return alice.party


def run(tmp_path: Path, rows: Any, party: Party, marc: Person, *, text: str | None = None) -> list[str]:
    file = tmp_path / "posts.json"
    file.write_text(json.dumps(rows) if text is None else text)
    out = StringIO()
    call_command("import_jobs", str(file), party=party.slug, approve_as=marc.user.email, stdout=out)
    return out.getvalue().splitlines()


def test_a_row_becomes_an_open_job_with_its_figures(tmp_path: Path, party: Party, marc: Person) -> None:
    lines = run(tmp_path, [ROW], party, marc)
    job = Job.objects.get()
    assert lines == [
        "imported: row 1, “Dashboard builder”: unknown skill dropped: Basket weaving",
        "imported 1, drafted 0, refused 0, unchanged 0",
    ]
    assert (job.status, job.title, job.kind, job.rate_low, job.rate_high) == (
        "open",
        "Dashboard builder",
        "hourly",
        1_000,
        4_050,
    )
    assert (job.duration, job.weekly_load, job.level, job.place) == ("half_year", 20, "entry", "U.S. only")
    assert (job.language, job.connects_cost) == ("en", 4)  # 25.25 x 20 x 18 = 9 090
    assert job.skills.count() == 2
    assert job.category is not None
    assert job.category.slug == "data"


def test_a_second_run_posts_nothing_and_says_so(tmp_path: Path, party: Party, marc: Person) -> None:
    rows = [ROW, {**ROW, "min_hourly_rate": None, "max_hourly_rate": None}]
    assert run(tmp_path, rows, party, marc)[-1] == "imported 1, drafted 1, refused 0, unchanged 0"
    with nothing_happens():
        lines = run(tmp_path, rows, party, marc)
    assert lines == [
        "imported 0, drafted 0, refused 0, unchanged 2",
        "Nothing new: what this file can post was imported before.",
    ]


def test_a_row_that_comes_twice_is_posted_once(tmp_path: Path, party: Party, marc: Person) -> None:
    lines = run(tmp_path, [ROW, {**ROW, "title": "Dashboard builder"}, {**ROW, "max_hourly_rate": 41}], party, marc)
    assert "unchanged: row 2, “Dashboard builder”: the same as an earlier row of this file" in lines
    assert lines[-1] == "imported 2, drafted 0, refused 0, unchanged 1"


def test_a_row_without_a_price_is_kept_as_a_draft_by_name(tmp_path: Path, party: Party, marc: Person) -> None:
    lines = run(tmp_path, [{**ROW, "min_hourly_rate": None, "max_hourly_rate": None, "skills": ["SQL"]}], party, marc)
    assert lines[0] == "drafted: row 1, “Dashboard builder”: it has no price"
    assert Job.objects.get().status == "draft"


def test_what_is_changed_on_the_way_has_its_line(tmp_path: Path, party: Party, marc: Person) -> None:
    plain = {**ROW, "skills": ["SQL"]}
    rows = [
        {**plain, "max_hourly_rate": None},
        {**plain, "min_hourly_rate": 50},
        {**plain, "fixed_price": 100},
        {
            **plain,
            "hours_per_week": None,
            "duration": None,
            "fixed_price": 7,
            "min_hourly_rate": None,
            "max_hourly_rate": None,
        },
    ]
    lines = run(tmp_path, rows, party, marc)
    assert lines[:-1] == [
        "imported: row 1, “Dashboard builder”: only one end of the hourly rate: taken for both",
        "imported: row 2, “Dashboard builder”: the ends of the hourly rate were the wrong way round: turned",
        "imported: row 3, “Dashboard builder”: both a fixed price and a rate: the fixed price was taken",
    ]
    figures = list(Job.objects.order_by("pk").values_list("kind", "budget", "rate_low", "rate_high"))
    assert figures == [
        ("hourly", None, 1_000, 1_000),
        ("hourly", None, 4_050, 5_000),
        ("fixed", 10_000, None, None),
        ("fixed", 700, None, None),
    ]


def test_a_bad_row_is_refused_by_name_and_leaves_nothing(tmp_path: Path, party: Party, marc: Person) -> None:
    bad = [
        ({**ROW, "description": "Short."}, "there are 6 now."),
        ({**ROW, "skills": []}, "Enter 1 to 15 skills."),
        ({**ROW, "skills": "SQL"}, "“skills” is not a list of texts"),
        ({**ROW, "title": "x" * 121}, "Shorten the title to 120 characters: it has 121."),
        ({**ROW, "title": None}, "Enter a title."),
        ({**ROW, "title": "a\x00b"}, "Null characters are not allowed."),
        ({**ROW, "title": "\ud800"}, "“title” holds half a character"),
        ({**ROW, "title": ["a"]}, "“title” is not a text"),
        ({**ROW, "experience_level": None}, "Choose how experienced the person must be."),
        ({**ROW, "experience_level": "Wizard"}, "“wizard” is not a known “experience_level”"),
        ({**ROW, "duration": "for ever"}, "“for ever” is not a known “duration”"),
        ({**ROW, "fixed_price": 4.99}, "Enter €5.00 or more: it is the smallest milestone."),
        ({**ROW, "fixed_price": -5}, "figures"),
        ({**ROW, "fixed_price": float("nan")}, "“fixed_price” is not an amount"),
        ({**ROW, "fixed_price": 1e300}, "“fixed_price” is not an amount"),
        ({**ROW, "fixed_price": "1e9999999"}, "“fixed_price” is not an amount"),
        ({**ROW, "fixed_price": "1e-9999999"}, "“fixed_price” is not an amount"),
        ({**ROW, "fixed_price": True}, "“fixed_price” is not an amount"),
        ({**ROW, "fixed_price": {}}, "“fixed_price” is not an amount"),
        ("a row", "it is not an object with fields"),
        (None, "it is not an object with fields"),
    ]
    with nothing_happens():
        lines = run(tmp_path, [row for row, _words in bad], party, marc)
    "".join(lines).encode()  # half a character would stop the printing, and with it the import
    refused = [line for line in lines if line.startswith("refused: row ")]
    for number, (_row, words) in enumerate(bad, start=1):
        assert any(line.startswith(f"refused: row {number}, ") and words in line for line in refused), (words, refused)
    assert lines[-1] == f"imported 0, drafted 0, refused {len(bad)}, unchanged 0"


def test_a_file_that_is_no_list_of_posts_is_refused(tmp_path: Path, party: Party, marc: Person) -> None:
    for text in ("{", "{}", "1", "[" * 100_000):
        with nothing_happens(), pytest.raises(CommandError):
            run(tmp_path, None, party, marc, text=text)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_jobs", str(tmp_path / "missing.json"), party=party.slug, approve_as=marc.user.email)


def test_people_who_cannot_post_or_approve_are_refused(tmp_path: Path, party: Party, marc: Person, bob: Person) -> None:
    file = tmp_path / "posts.json"
    file.write_text(json.dumps([ROW]))
    with nothing_happens():
        for slug, login, words in (
            ("nobody", marc.user.email, "There is no client party"),
            (party.slug, bob.user.email, "is not the e-mail address of a moderator"),
            (party.slug, "nobody@example.com", "is not the e-mail address of a moderator"),
        ):
            with pytest.raises(CommandError, match=words):
                call_command("import_jobs", str(file), party=slug, approve_as=login)


def test_elsewhere_than_in_the_embedded_set_up_both_people_are_named(
    tmp_path: Path, party: Party, marc: Person, settings: Any
) -> None:
    settings.EMBEDDED = False
    file = tmp_path / "posts.json"
    file.write_text("[]")
    for options in ({}, {"party": party.slug}, {"approve_as": marc.user.email}):
        with pytest.raises(CommandError, match="Name the client and the moderator"):
            call_command("import_jobs", str(file), **options)


def test_a_row_that_another_run_posts_meanwhile_is_left_alone(
    tmp_path: Path, party: Party, marc: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, [ROW], party, marc)
    looks = iter([False, True])

    class Late:
        """Looks away at first, as a run does that looked before the other one wrote."""

        def exists(self) -> bool:
            return next(looks)

    monkeypatch.setattr(Job.objects, "filter", lambda **_filters: Late())
    file = tmp_path / "posts.json"
    out = StringIO()
    monkeypatch.setattr("jobs.actions.publishing.is_first_post", lambda _job: False)
    call_command("import_jobs", str(file), party=party.slug, approve_as=marc.user.email, stdout=out)
    monkeypatch.undo()
    assert "imported 0, drafted 0, refused 0, unchanged 1" in out.getvalue()
    assert Job.objects.count() == 1
