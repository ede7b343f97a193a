"""Form fields for categories, specialities and skills."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.product import rules
from taxonomy.models import Category, Skill, Speciality
from taxonomy.queries import LONGEST, categories, closest_skill, find_skills

_SEPARATORS = re.compile(r"[,;\n\r\t]+")


class SkillsInput(forms.TextInput):
    """A text input for names with commas between them, and the list of suggestions that fills while one types."""

    template_name = "taxonomy/_skills_input.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Point the input at its list of suggestions."""
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        options_id = f"{widget['attrs'].get('id', name)}_options"
        widget["options_id"] = options_id
        widget["attrs"] |= {
            "list": options_id,
            "autocomplete": "off",
            "hx-get": f"{reverse('taxonomy:skill_suggest')}?field={name}",
            "hx-trigger": "input changed delay:200ms",
            "hx-target": f"#{options_id}",
            "hx-swap": "innerHTML",
        }
        return context


class SkillsField(forms.CharField):
    """Reads skills as names or synonyms in either language and cleans to a list of Skill, each once, in their order."""

    default_error_messages = {"required": _("Enter at least one skill.")}

    def __init__(self, *, maximum: int | None = None, **kwargs: Any) -> None:
        """Take the most skills allowed; by default the product's own number."""
        self.maximum = maximum
        kwargs.setdefault("widget", SkillsInput)
        kwargs.setdefault("label", _("Skills"))
        kwargs.setdefault("help_text", _("Names with commas between them, such as Django, PostgreSQL."))
        super().__init__(max_length=2000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show skills as their names in the reader's language, and what was typed as it was typed."""
        if value is None or isinstance(value, str):
            return value
        return ", ".join(each.name if isinstance(each, Skill) else str(each) for each in value)

    def clean(self, value: Any) -> list[Skill]:
        """Return the skills. Names each unknown one and the known one most like it."""
        text = super().clean(value)
        typed = list(dict.fromkeys(part.strip() for part in _SEPARATORS.split(text) if part.strip()))
        if not typed and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        maximum = self.maximum or rules().skills_maximum
        found = find_skills(typed[: 2 * maximum])
        skills = list({skill.pk: skill for skill in found.values() if skill}.values())
        unknown = [part for part, skill in found.items() if skill is None]
        if len(typed) > 2 * maximum or len(skills) + len(unknown) > maximum:
            raise ValidationError(
                ngettext("Enter %(maximum)s skill at most.", "Enter %(maximum)s skills at most.", maximum)
                % {"maximum": maximum},
                code="too_many",
            )
        if unknown:
            raise ValidationError([self._unknown(part) for part in unknown])
        return skills

    def _unknown(self, part: str) -> ValidationError:
        near = closest_skill(part)
        shown = part if len(part) <= LONGEST else f"{part[:LONGEST]}…"
        if near is None:
            return ValidationError(_("“%(typed)s” is not a known skill."), code="unknown", params={"typed": shown})
        return ValidationError(
            _("“%(typed)s” is not a known skill. Did you mean “%(near)s”?"),
            code="unknown",
            params={"typed": shown, "near": near.name},
        )


class CategoryChoices:
    """The categories by name, read anew each time a form is shown."""

    def __init__(self, blank: Any = "") -> None:
        self.blank = blank

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Yield the empty choice where there is one, then each category."""
        if self.blank:
            yield "", self.blank
        for category in categories():
            yield category.slug, category.name


class SpecialityChoices(CategoryChoices):
    """The specialities grouped by category."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Yield the empty choice where there is one, then a group for each category."""
        if self.blank:
            yield "", self.blank
        for category in categories():
            yield category.name, [(each.slug, each.name) for each in category.specialities.all()]


class CategoryField(forms.ChoiceField):
    """A choice of one category; cleans to a Category, or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Category"))
        super().__init__(choices=lambda: CategoryChoices(_("Choose a category")), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a category, or its id, as its choice."""
        return _slug_of(value, categories())

    def clean(self, value: Any) -> Category | None:
        """Return the category."""
        slug = super().clean(_slug_of(value, categories()))
        return next((each for each in categories() if each.slug == slug), None)


class SpecialityField(forms.ChoiceField):
    """A choice of one speciality, grouped by category; cleans to a Speciality, or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Speciality"))
        super().__init__(choices=lambda: SpecialityChoices(_("Choose a speciality")), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a speciality, or its id, as its choice."""
        return _slug_of(value, specialities())

    def clean(self, value: Any) -> Speciality | None:
        """Return the speciality."""
        known = specialities()
        slug = super().clean(_slug_of(value, known))
        return next((each for each in known if each.slug == slug), None)


class SpecialitiesField(forms.MultipleChoiceField):
    """A choice of several specialities, grouped by category; cleans to a list of Speciality."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Specialities"))
        super().__init__(choices=SpecialityChoices, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show specialities, or their ids, as their choices."""
        if value is None or isinstance(value, str):
            return value
        known = specialities()
        return [_slug_of(each, known) for each in value]

    def clean(self, value: Any) -> list[Speciality]:
        """Return the specialities in the order of lists."""
        slugs = super().clean(value)
        maximum = rules().specialities_maximum
        if len(slugs) > maximum:
            raise ValidationError(
                ngettext("Choose %(maximum)s speciality at most.", "Choose %(maximum)s specialities at most.", maximum)
                % {"maximum": maximum},
                code="too_many",
            )
        return [each for each in specialities() if each.slug in slugs]


def specialities() -> Sequence[Speciality]:
    """Return every speciality in the order of lists."""
    return [each for category in categories() for each in category.specialities.all()]


def _slug_of(value: Any, known: Iterable[Category | Speciality]) -> Any:
    """Return the slug that a row, an id or a slug stands for."""
    if isinstance(value, Category | Speciality):
        return value.slug
    if isinstance(value, int):
        return next((each.slug for each in known if each.pk == value), "")
    return value
