"""Staff edit names and synonyms here; slugs stay, because files and links refer to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import actor_of
from taxonomy.actions import renew_edition
from taxonomy.models import Category, Named, Skill, Speciality, Synonym, normalise
from taxonomy.permissions import can_edit_words
from taxonomy.queries import find_skill

if TYPE_CHECKING:  # Django's own classes take no parameters when they run
    SynonymModelForm = forms.ModelForm[Synonym]
    SynonymTabularInline = admin.TabularInline[Synonym, Skill]
    AnyModelAdmin = admin.ModelAdmin[Any]
else:
    SynonymModelForm, SynonymTabularInline, AnyModelAdmin = forms.ModelForm, admin.TabularInline, admin.ModelAdmin


class SynonymForm(SynonymModelForm):
    """Reads a word as people write it."""

    class Meta:
        model = Synonym
        fields = ("word", "skill", "language")

    def clean_word(self) -> str:
        """Normalise the word; refuse one that already names another skill."""
        word = normalise(self.cleaned_data["word"])
        if not word:
            raise ValidationError(_("Write a word."))
        found = find_skill(word)
        if found is not None and word in {normalise(found.name_en), normalise(found.name_fr), normalise(found.slug)}:
            raise ValidationError(_("“%(word)s” is already the name of a skill.") % {"word": word})
        return word


class WordsPages:
    """Pages for those who may change the words."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the section to those who may change the words."""
        return can_edit_words(actor_of(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show the pages to them."""
        return can_edit_words(actor_of(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let them add."""
        return can_edit_words(actor_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let them change."""
        return can_edit_words(actor_of(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let them delete."""
        return can_edit_words(actor_of(request))


class SynonymInline(WordsPages, SynonymTabularInline):
    """The other words of a skill, on its own page."""

    model = Synonym
    form = SynonymForm
    extra = 1


class WordsAdmin(WordsPages, AnyModelAdmin):
    """Edits words and makes every process forget the ones it remembers."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the rows below, then renew the edition."""
        super().save_related(request, form, formsets, change)
        renew_edition()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, then renew the edition."""
        super().delete_model(request, obj)
        renew_edition()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete, then renew the edition."""
        super().delete_queryset(request, queryset)
        renew_edition()


class NamedAdmin(WordsAdmin):
    """Names may change, slugs may not, and nothing that jobs and profiles may use is deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Named | None = None) -> tuple[str, ...]:
        """Keep the slug of a row that exists."""
        return ("slug",) if obj else ()


@admin.register(Category)
class CategoryAdmin(NamedAdmin):
    """Trades."""

    search_fields = ("name_en", "name_fr", "slug")
    list_display = ("name_en", "name_fr", "position", "slug")


@admin.register(Speciality)
class SpecialityAdmin(NamedAdmin):
    """Fields inside a trade."""

    search_fields = ("name_en", "name_fr", "slug")
    list_display = ("name_en", "name_fr", "category", "slug")
    list_filter = ("category",)
    list_select_related = ("category",)


@admin.register(Skill)
class SkillAdmin(NamedAdmin):
    """Skills with their synonyms."""

    list_display = ("name_en", "name_fr", "is_soft", "slug")
    list_filter = ("is_soft", "categories")
    search_fields = ("name_en", "name_fr", "slug", "synonyms__word")
    formfield_overrides: ClassVar = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    inlines = (SynonymInline,)


@admin.register(Synonym)
class SynonymAdmin(WordsAdmin):
    """Every word that leads to a skill."""

    form = SynonymForm
    list_display = ("word", "skill", "language")
    list_filter = ("language",)
    list_select_related = ("skill",)
    search_fields = ("word", "skill__name_en", "skill__name_fr")
