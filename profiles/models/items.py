"""What stands in the sections of a profile, several in each, in an order that the freelancer chooses."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from profiles.models.profiles import Profile
from profiles.models.work import WorkHistory
from taxonomy.models import Skill


class Section(models.TextChoices):
    """A part of the profile that holds a list."""

    PORTFOLIO = "portfolio", _("portfolio")
    EMPLOYMENT = "employment", _("employment")
    EDUCATION = "education", _("education")
    CERTIFICATES = "certificates", _("certifications")
    EXPERIENCE = "experience", _("other experience")
    LANGUAGES = "languages", _("languages")


#: The sections of an agency: what its people learnt and where they worked stands on their own profiles.
AGENCY_SECTIONS = (Section.PORTFOLIO, Section.LANGUAGES)


class Item(models.Model):
    """One line of a section; `position` counts from 0 within the section."""

    position = models.PositiveSmallIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        abstract = True
        ordering: ClassVar = ["position", "pk"]


class Entry(Item):
    """A job held, a training, another experience or a spoken language; a language is named once."""

    class Language(models.TextChoices):
        ARABIC = "ar", _("Arabic")
        BENGALI = "bn", _("Bengali")
        BULGARIAN = "bg", _("Bulgarian")
        CATALAN = "ca", _("Catalan")
        CHINESE = "zh", _("Chinese")
        CROATIAN = "hr", _("Croatian")
        CZECH = "cs", _("Czech")
        DANISH = "da", _("Danish")
        DUTCH = "nl", _("Dutch")
        ENGLISH = "en", _("English")
        ESTONIAN = "et", _("Estonian")
        FINNISH = "fi", _("Finnish")
        FRENCH = "fr", _("French")
        GERMAN = "de", _("German")
        GREEK = "el", _("Greek")
        HEBREW = "he", _("Hebrew")
        HINDI = "hi", _("Hindi")
        HUNGARIAN = "hu", _("Hungarian")
        IRISH = "ga", _("Irish")
        ITALIAN = "it", _("Italian")
        JAPANESE = "ja", _("Japanese")
        KOREAN = "ko", _("Korean")
        LATVIAN = "lv", _("Latvian")
        LITHUANIAN = "lt", _("Lithuanian")
        MALTESE = "mt", _("Maltese")
        NORWEGIAN = "no", _("Norwegian")
        PERSIAN = "fa", _("Persian")
        POLISH = "pl", _("Polish")
        PORTUGUESE = "pt", _("Portuguese")
        ROMANIAN = "ro", _("Romanian")
        RUSSIAN = "ru", _("Russian")
        SERBIAN = "sr", _("Serbian")
        SLOVAK = "sk", _("Slovak")
        SLOVENIAN = "sl", _("Slovenian")
        SPANISH = "es", _("Spanish")
        SWEDISH = "sv", _("Swedish")
        TURKISH = "tr", _("Turkish")
        UKRAINIAN = "uk", _("Ukrainian")
        VIETNAMESE = "vi", _("Vietnamese")

    class Fluency(models.TextChoices):
        BASIC = "basic", _("basic")
        CONVERSATIONAL = "conversational", _("conversational")
        FLUENT = "fluent", _("fluent")
        NATIVE = "native", _("native or bilingual")

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="entries")
    section = models.CharField(_("section"), max_length=12, choices=Section.choices)
    heading = models.CharField(_("heading"), max_length=120, blank=True, help_text="Role, degree or subject.")
    organisation = models.CharField(_("organisation"), max_length=120, blank=True, help_text="Company or school.")
    started_on = models.DateField(_("from"), null=True, blank=True, help_text="The first of the month.")
    ended_on = models.DateField(_("until"), null=True, blank=True, help_text="Empty: it goes on.")
    text = models.TextField(_("description"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, blank=True)
    fluency = models.CharField(_("level"), max_length=16, choices=Fluency.choices, blank=True)

    class Meta(Item.Meta):
        verbose_name = _("profile entry")
        verbose_name_plural = _("profile entries")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["profile", "language"], condition=Q(section="languages"), name="profiles_entry_language_once"
            ),
            models.CheckConstraint(
                condition=Q(section="languages", heading="") & ~Q(language="") & ~Q(fluency="")
                | Q(section__in=["employment", "education", "experience"], language="", fluency="") & ~Q(heading=""),
                name="profiles_entry_of_its_section",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(started_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="profiles_entry_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.heading or self.language


class PortfolioItem(Item):
    """A piece of work that a freelancer shows: its words, pictures and files, perhaps a link to a video."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="portfolio")
    heading = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("description"), max_length=2000, blank=True)
    video = models.URLField(_("link to a video"), max_length=300, blank=True)
    skills = models.ManyToManyField(Skill, blank=True, related_name="+")
    work = models.ForeignKey(
        WorkHistory,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The contract here that it came from.",
    )

    class Meta(Item.Meta):
        verbose_name = _("portfolio item")
        verbose_name_plural = _("portfolio items")

    def __str__(self) -> str:
        return self.heading
