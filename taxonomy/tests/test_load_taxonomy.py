"""Loading the words: what the product's own files hold, and what loading again does."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from taxonomy.actions import DATA, BadTaxonomy, load_taxonomy
from taxonomy.models import Category, Edition, Skill, Speciality, Synonym, normalise
from taxonomy.queries import find_skill

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bare_tables(db: None) -> None:
    """Begin without words, whatever other tests stored."""
    for model in (Synonym, Skill, Speciality, Category, Edition):
        model.objects.all().delete()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "skills").mkdir()
    (tmp_path / "categories.toml").write_text(
        '[[category]]\nslug = "web"\nen = "Web"\nfr = "Web"\nicon = "code"\n'
        'specialities = [{ slug = "front", en = "Front end", fr = "Front-end" }]\n',
        encoding="utf-8",
    )
    write(tmp_path, "web", "javascript,JavaScript,,js,,", "css,CSS,,css3,,")
    write(tmp_path, "soft", "autonomy,Autonomy,Autonomie,,,")
    return tmp_path


def write(folder: Path, name: str, *lines: str) -> None:
    text = "\n".join(["slug,en,fr,words,words_en,words_fr,also", *(f"{line}," for line in lines)])
    (folder / "skills" / f"{name}.csv").write_text(text + "\n", encoding="utf-8")


def test_the_products_own_files_hold_what_the_product_promises() -> None:
    loaded = load_taxonomy()
    assert (loaded.categories, loaded.specialities) == (12, 110)
    assert (loaded.skills, loaded.soft_skills, loaded.synonyms) == (700, 32, 3294)
    assert (Category.objects.count(), Speciality.objects.count()) == (12, 110)
    assert (Skill.objects.count(), Synonym.objects.count()) == (700, 3294)


def test_every_category_has_eight_to_ten_specialities_and_skills_of_its_own() -> None:
    load_taxonomy()
    counts = Counter(Speciality.objects.values_list("category__slug", flat=True))
    assert set(counts.values()) == {8, 9, 10}
    for category in Category.objects.all():
        assert category.skills.count() >= 30, category.slug


def test_every_icon_of_a_category_is_in_the_sprite() -> None:
    load_taxonomy()
    sprite = (DATA.parent.parent / "static" / "img" / "icons.svg").read_text(encoding="utf-8")
    for category in Category.objects.all():
        assert f'id="i-{category.icon}"' in sprite, category.slug


def test_every_name_fits_a_line_and_french_names_use_the_curly_apostrophe() -> None:
    load_taxonomy()
    for row in (*Category.objects.all(), *Speciality.objects.all(), *Skill.objects.all()):
        assert 0 < len(row.name_en) <= 60
        assert 0 < len(row.name_fr) <= 60
        assert "'" not in row.name_fr
        assert row.name_en == row.name_en.strip()
        assert row.name_fr == row.name_fr.strip()


def test_every_stored_synonym_is_normalised_and_no_name_is_a_synonym() -> None:
    load_taxonomy()
    names = {normalise(text) for skill in Skill.objects.all() for text in (skill.slug, skill.name_en, skill.name_fr)}
    words = set(Synonym.objects.values_list("word", flat=True))
    assert {word for word in words if normalise(word) != word} == set()
    assert words & names == set()


def test_loading_again_changes_nothing_and_keeps_the_edition() -> None:
    load_taxonomy()
    stamp = Edition.objects.get().stamp
    ids = dict(Skill.objects.values_list("slug", "pk"))
    again = load_taxonomy()
    assert not any(again.changes.values())
    assert dict(Skill.objects.values_list("slug", "pk")) == ids
    assert Edition.objects.get().stamp == stamp


def test_a_renamed_skill_stays_the_same_skill(folder: Path) -> None:
    load_taxonomy(folder=folder)
    before = Skill.objects.get(slug="css")
    write(folder, "web", "javascript,JavaScript,,js,,", "css,Cascading style sheets,Feuilles de style,css3,,")
    loaded = load_taxonomy(folder=folder)
    after = Skill.objects.get(slug="css")
    assert (after.pk, after.name_en, after.name_fr) == (before.pk, "Cascading style sheets", "Feuilles de style")
    assert loaded.changes["skill changed"] == 1
    assert find_skill("feuilles de style") == after


def test_what_left_the_files_stays(folder: Path) -> None:
    load_taxonomy(folder=folder)
    write(folder, "web", "javascript,JavaScript,,js,,")
    load_taxonomy(folder=folder)
    assert Skill.objects.filter(slug="css").exists()
    assert find_skill("css3") == Skill.objects.get(slug="css")


def test_a_word_that_staff_added_stays(folder: Path) -> None:
    load_taxonomy(folder=folder)
    Synonym.objects.create(word="vanilla", skill=Skill.objects.get(slug="javascript"))
    load_taxonomy(folder=folder)
    assert Synonym.objects.get(word="vanilla").skill.slug == "javascript"


def test_a_synonym_follows_the_files_to_another_skill(folder: Path) -> None:
    load_taxonomy(folder=folder)
    write(folder, "web", "javascript,JavaScript,,,,", "css,CSS,,js,,")
    loaded = load_taxonomy(folder=folder)
    assert loaded.changes["synonyms changed"] == 1
    assert Synonym.objects.get(word="js").skill.slug == "css"


def test_a_synonym_that_became_a_name_goes(folder: Path) -> None:
    load_taxonomy(folder=folder)
    write(folder, "web", "javascript,JavaScript,,,,", "css,CSS,,css3,,", "js,JS,,,,")
    load_taxonomy(folder=folder)
    assert find_skill("js") == Skill.objects.get(slug="js")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("css,CSS again,,,,", "stands in the files twice"),
        ("cascade,Cascade,,css3,,", "leads to two skills"),
        ("cascade,Cascade,JavaScript,,,", "leads to two skills"),
    ],
)
def test_files_that_contradict_themselves_load_nothing(folder: Path, line: str, message: str) -> None:
    write(folder, "web", "javascript,JavaScript,,js,,", "css,CSS,,css3,,", line)
    with pytest.raises(BadTaxonomy, match=message):
        load_taxonomy(folder=folder)
    assert not Category.objects.exists()
    assert not Skill.objects.exists()


def test_an_unknown_category_loads_nothing(folder: Path) -> None:
    write(folder, "gardens", "hedges,Hedges,Haies,,,")
    with pytest.raises(BadTaxonomy, match="There is no category “gardens”"):
        load_taxonomy(folder=folder)
    assert not Skill.objects.exists()


def test_the_command_prints_what_is_there_and_what_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_taxonomy", folder=folder)
    assert capsys.readouterr().out.splitlines() == [
        "1 categories, 1 specialities, 3 skills (1 soft), 2 synonyms",
        "1 category added, 1 speciality added, 3 skill added, 2 skill categories added, 2 synonyms added",
    ]
    call_command("load_taxonomy", folder=folder)
    assert capsys.readouterr().out.splitlines()[1] == "nothing changed"


def test_the_command_names_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"categories\.toml"):
        call_command("load_taxonomy", folder=tmp_path)


def test_a_name_is_shown_in_the_readers_language(folder: Path) -> None:
    load_taxonomy(folder=folder)
    autonomy = Skill.objects.get(slug="autonomy")
    assert (autonomy.name, autonomy.is_soft) == ("Autonomy", True)
    with override("fr"):
        assert str(autonomy) == "Autonomie"


def test_the_files_are_read_from_any_copy(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    assert load_taxonomy(folder=tmp_path / "data").skills == load_taxonomy().skills
