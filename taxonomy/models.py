"""Categories, specialities, skills and the synonyms that lead to them, named in English and French."""

from __future__ import annotations

import re
import unicodedata
import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

LANGUAGES = (("en", "English"), ("fr", "Français"))
_GAPS = re.compile(r"[\s_/\-\u2010-\u2015]+")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "œ": "oe", "æ": "ae", "ß": "ss"})


def normalise(text: str) -> str:
    """Return `text` as two spellings of one word share it: lower case, no accents, single spaces for gaps and dashes.

    Signs that tell languages apart ("c++", "c#", ".net", "node.js") stay.
    """
    if text.isascii():
        return _GAPS.sub(" ", text.casefold()).strip()
    lowered = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(sign))
    return _GAPS.sub(" ", bare).strip()


class Named(models.Model):
    """Something with one name per language; `name` is the one of the active language."""

    slug = models.SlugField(max_length=80, unique=True, help_text=_("Never changes: files and links refer to it."))
    name_en = models.CharField(_("English name"), max_length=80)
    name_fr = models.CharField(_("French name"), max_length=80)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language."""
        return self.name_in(get_language() or "en")

    def name_in(self, language: str) -> str:
        """Return the name in `language`; English where it is not French."""
        return self.name_fr if language.startswith("fr") else self.name_en


class Category(Named):
    """A trade, as the landing page lists it; each job and profile has one."""

    icon = models.CharField(max_length=40, help_text=_("Name of the picture in the icon sprite."))
    position = models.PositiveSmallIntegerField(default=0, help_text=_("Place in lists, smallest first."))

    class Meta:
        ordering = ["position", "slug"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")


class Speciality(Named):
    """A narrower field inside one category."""

    category = models.ForeignKey(Category, models.PROTECT, related_name="specialities")
    position = models.PositiveSmallIntegerField(default=0, help_text=_("Place inside its category, smallest first."))

    class Meta:
        ordering = ["category__position", "position", "slug"]
        verbose_name = _("speciality")
        verbose_name_plural = _("specialities")


class Skill(Named):
    """Something a person can do or use; jobs ask for it and profiles offer it."""

    is_soft = models.BooleanField(
        _("soft skill"), default=False, help_text=_("About how a person works: communication, organisation.")
    )
    categories = models.ManyToManyField(
        Category, related_name="skills", blank=True, help_text=_("Where it is suggested first.")
    )

    class Meta:
        ordering = ["slug"]
        verbose_name = _("skill")
        verbose_name_plural = _("skills")


class Synonym(models.Model):
    """Another word for a skill; one word leads to exactly one skill."""

    word = models.CharField(
        max_length=80, unique=True, help_text=_("Lower case, without accents, single spaces: as it is looked up.")
    )
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="synonyms")
    language = models.CharField(
        max_length=2, choices=LANGUAGES, blank=True, help_text=_("Empty where both languages use it.")
    )

    class Meta:
        ordering = ["word"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(word=Lower("word")) & models.Q(word__regex=r"^\S+( \S+)*$"),
                name="taxonomy_synonym_word_normalised",
            ),
        ]
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")

    def __str__(self) -> str:
        return self.word


class Edition(models.Model):
    """Which state of the words holds; one row, its stamp drawn anew at every change.

    Each process compares it with the stamp of what it remembers.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    stamp = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="taxonomy_edition_single")]

    def __str__(self) -> str:
        return str(self.stamp)
