"""The form fields: what they read, refuse and show again."""

from __future__ import annotations

import pytest
from django import forms
from django.utils.translation import override

from taxonomy.forms import CategoryField, SkillsField, SpecialitiesField, SpecialityField
from taxonomy.models import Category, Skill, Speciality

pytestmark = pytest.mark.django_db


class WorkForm(forms.Form):
    skills = SkillsField()
    category = CategoryField()
    speciality = SpecialityField(required=False)
    specialities = SpecialitiesField(required=False)


def form(**data: object) -> WorkForm:
    return WorkForm({"skills": "Django", "category": "web-development", **data})


def test_skills_are_read_by_name_and_synonym_in_their_order_and_once() -> None:
    filled = form(skills="réseaux sociaux, js; Django\njavascript,, ")
    assert filled.is_valid()
    assert [skill.slug for skill in filled.cleaned_data["skills"]] == ["social-media", "javascript", "django"]


def test_each_unknown_skill_is_named_with_the_one_most_like_it() -> None:
    filled = form(skills="Djanggo, Python, qqqqqqqqwwww")
    assert filled.errors["skills"] == [
        "“Djanggo” is not a known skill. Did you mean “Django”?",
        "“qqqqqqqqwwww” is not a known skill.",
    ]
    assert 'value="Djanggo, Python, qqqqqqqqwwww"' in str(filled["skills"])


def test_fifteen_skills_fit_and_sixteen_do_not() -> None:
    names = [skill.name_en for skill in Skill.objects.filter(slug__startswith="a").order_by("slug")[:16]]
    assert form(skills=",".join(names[:15])).is_valid()
    assert form(skills=",".join(names)).errors["skills"] == ["Enter 15 skills at most."]


def test_hundreds_of_words_are_refused_without_looking_each_up() -> None:
    assert form(skills=",".join(str(number) for number in range(400))).errors["skills"] == ["Enter 15 skills at most."]


def test_a_huge_text_is_refused() -> None:
    assert "2000" in form(skills="x" * 5000).errors["skills"][0]


@pytest.mark.parametrize("text", ["", " , ; "])
def test_no_skill_is_refused_where_one_is_needed(text: str) -> None:
    assert form(skills=text).errors["skills"] == ["Enter at least one skill."]


def test_hostile_text_comes_back_escaped() -> None:
    filled = form(skills='<script>alert(1)</script>, "')
    assert not filled.is_valid()
    assert "<script>" not in str(filled["skills"])
    assert "<script>" not in str(filled.errors)


def test_stored_skills_are_shown_by_their_names_in_the_readers_language() -> None:
    skills = [Skill.objects.get(slug="social-media"), Skill.objects.get(slug="django")]
    assert 'value="Social media, Django"' in str(WorkForm(initial={"skills": skills})["skills"])
    with override("fr"):
        assert 'value="Réseaux sociaux, Django"' in str(WorkForm(initial={"skills": skills})["skills"])


def test_the_input_asks_for_suggestions_and_works_without_scripts() -> None:
    shown = str(form()["skills"])
    assert 'hx-get="/skills/suggest/?field=skills"' in shown
    assert 'list="id_skills_options"' in shown
    assert '<datalist id="id_skills_options"></datalist>' in shown
    assert 'aria-describedby="id_skills_helptext"' in shown


def test_a_category_is_chosen_by_slug_and_cleans_to_its_row() -> None:
    filled = form(category="data", speciality="data-science", specialities=["data-science", "data-analysis"])
    assert filled.is_valid()
    assert filled.cleaned_data["category"] == Category.objects.get(slug="data")
    assert filled.cleaned_data["speciality"] == Speciality.objects.get(slug="data-science")
    assert [each.slug for each in filled.cleaned_data["specialities"]] == ["data-analysis", "data-science"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("category", "nonsense"), ("category", "' OR 1=1"), ("speciality", "data"), ("specialities", ["data"])],
)
def test_a_choice_that_is_not_offered_is_refused(field: str, value: object) -> None:
    assert field in form(**{field: value}).errors


def test_an_empty_speciality_is_none_and_a_missing_category_is_refused() -> None:
    filled = form(category="")
    assert filled.errors == {"category": ["This field is required."]}
    assert filled.cleaned_data["speciality"] is None
    assert filled.cleaned_data["specialities"] == []


def test_eleven_specialities_are_too_many() -> None:
    slugs = list(Speciality.objects.values_list("slug", flat=True)[:11])
    assert form(specialities=slugs).errors["specialities"] == ["Choose 10 specialities at most."]


def test_specialities_are_grouped_by_category_and_shown_as_chosen() -> None:
    data = Category.objects.get(slug="data")
    speciality = Speciality.objects.get(slug="data-science")
    initial = {"category": data, "speciality": speciality.pk, "specialities": [speciality]}
    shown = WorkForm(initial=initial)
    assert '<option value="data" selected>Data and analytics</option>' in str(shown["category"])
    assert '<optgroup label="Data and analytics">' in str(shown["speciality"])
    assert '<option value="data-science" selected>Data science</option>' in str(shown["speciality"])
    assert '<option value="data-science" selected>Data science</option>' in str(shown["specialities"])
    with override("fr"):
        assert "Science des données" in str(shown["speciality"])
