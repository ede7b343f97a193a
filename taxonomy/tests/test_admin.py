"""Staff change names and synonyms, and everybody sees it at once."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.tests.cast import make_client, make_staff, sign_in
from taxonomy.models import Category, Skill, Speciality, Synonym
from taxonomy.queries import find_skill

pytestmark = pytest.mark.django_db


@pytest.fixture
def maud(client: Client) -> Client:
    """A moderator's browser."""
    sign_in(client, make_staff("Maud", "moderator"))
    return client


def test_a_synonym_is_kept_as_it_is_looked_up_and_found_at_once(maud: Client) -> None:
    skill = Skill.objects.get(slug="django")
    assert find_skill("jangoh") is None
    answer = maud.post("/admin/taxonomy/synonym/add/", {"word": "  Jângoh ", "skill": skill.pk, "language": ""})
    assert answer["Location"] == "/admin/taxonomy/synonym/"
    assert Synonym.objects.get(word="jangoh").skill == skill
    assert find_skill("Jangoh") == skill


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("Python", "“python” is already the name of a skill."),
        ("js", "Synonym with this Word already exists."),
        ("- -", "Write a word."),
    ],
)
def test_a_word_that_is_taken_or_none_is_refused(maud: Client, word: str, message: str) -> None:
    before = Synonym.objects.count()
    skill = Skill.objects.get(slug="django")
    answer = maud.post("/admin/taxonomy/synonym/add/", {"word": word, "skill": skill.pk, "language": ""})
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert Synonym.objects.count() == before


def test_a_deleted_synonym_is_forgotten_at_once(maud: Client) -> None:
    assert find_skill("js") is not None
    row = Synonym.objects.get(word="js")
    maud.post(f"/admin/taxonomy/synonym/{row.pk}/delete/", {"post": "yes"})
    assert find_skill("js") is None


def test_a_renamed_category_keeps_its_slug(maud: Client) -> None:
    row = Category.objects.get(slug="data")
    sent = {"slug": "other", "name_en": "Numbers", "name_fr": "Chiffres", "icon": row.icon, "position": row.position}
    maud.post(f"/admin/taxonomy/category/{row.pk}/change/", sent)
    row.refresh_from_db()
    assert (row.slug, row.name_en, row.name_fr) == ("data", "Numbers", "Chiffres")


@pytest.mark.parametrize(
    ("model", "slug"),
    [(Category, "data"), (Speciality, "data-science"), (Skill, "django")],
    ids=["category", "speciality", "skill"],
)
def test_nothing_that_jobs_may_use_is_deleted(
    maud: Client, model: type[Category | Speciality | Skill], slug: str
) -> None:
    row = model.objects.get(slug=slug)
    pages = f"/admin/taxonomy/{model.__name__.lower()}/"
    assert maud.get(pages).status_code == 200
    assert maud.post(f"{pages}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert model.objects.filter(slug=slug).exists()


def test_a_skill_is_shown_with_its_synonyms(maud: Client) -> None:
    row = Skill.objects.get(slug="javascript")
    page = maud.get(f"/admin/taxonomy/skill/{row.pk}/change/").content.decode()
    assert 'value="ecmascript"' in page


@pytest.mark.parametrize("group", ["support", "mediator", "finance"])
def test_other_staff_do_not_change_words(client: Client, group: str) -> None:
    sign_in(client, make_staff("Sam", group))
    assert client.get("/admin/taxonomy/synonym/").status_code == 403


def test_people_do_not_see_the_pages(client: Client) -> None:
    sign_in(client, make_client("Alice"))
    assert client.get("/admin/taxonomy/synonym/").status_code == 302
