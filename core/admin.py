"""What the admin pages of several apps share: who is looking, pages on which nothing can be changed, queues."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet, TextChoices
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.actor import Actor

Row = TypeVar("Row", bound=Model)
#: Digits of the largest key that is looked up.
KEY_DIGITS = 18

if TYPE_CHECKING:  # Django's own classes take no parameters when they run
    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyTabularInline = admin.TabularInline[Any, Any]
else:
    AnyModelAdmin, AnyTabularInline = admin.ModelAdmin, admin.TabularInline


def actor_of(request: HttpRequest) -> Actor:
    """Return who is looking; nobody where no middleware has said."""
    actor = getattr(request, "actor", None)
    return actor if isinstance(actor, Actor) else Actor.anonymous()


def is_key(text: str) -> bool:
    """Test whether a text that somebody typed can be the key of a row."""
    return text.isascii() and text.isdecimal() and len(text) <= KEY_DIGITS


def found(rows: QuerySet[Row], object_id: str) -> Row:
    """Return the row that an address names. Raises Http404."""
    row = rows.filter(pk=int(object_id)).first() if is_key(object_id) else None
    if row is None:
        raise Http404
    return row


def first_error(form: forms.BaseForm) -> str:
    """Return the first thing that is wrong with a form which a page shows in one line."""
    return str(next(iter(form.errors.values()))[0])


class ReadOnlyPages:
    """Pages that show rows to those who may read them and let nobody add, change or delete one."""

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor may see these pages."""
        raise NotImplementedError

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the section to those who may read."""
        return self.may_read(actor_of(request))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Show the pages to those who may read."""
        return self.may_read(actor_of(request))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Say no: rows come from verbs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Say no."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Say no."""
        return False


class ReadOnlyAdmin(ReadOnlyPages, AnyModelAdmin):
    """A list and a page for each row, to read."""

    show_full_result_count = False


class ScreenAdmin(ReadOnlyAdmin):
    """Rows that have a screen of their own instead of Django's page, with all about them and what may be done."""

    def page(self, request: HttpRequest, pk: int, /, *, problem: str = "") -> HttpResponse:
        """Render the screen of a row, with what was refused. Raises Http404."""
        raise NotImplementedError

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the screen of a row to those who may read."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page(request, int(object_id) if is_key(object_id) else 0)

    def need_row(self, request: HttpRequest, pk: int) -> Any:
        """Return the row that is acted on. Raises Http404."""
        return found(self.get_queryset(request), str(pk))


class ExactSearchAdmin(ReadOnlyAdmin):
    """A list that is searched for whole values by index, never for parts of text in every row."""

    search_fields = ("pk",)  # shows the field; `get_search_results` does the work

    def search_condition(self, typed: str) -> Q:
        """Return which rows are meant by what was typed."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows that are meant, each once."""
        typed = search_term.strip()
        return (queryset.filter(self.search_condition(typed)) if typed else queryset), False


class ReadOnlyInline(ReadOnlyPages, AnyTabularInline):
    """Rows that belong to the one on the page, to read."""

    extra = 0
    can_delete = False


class QueueFilter(admin.SimpleListFilter):
    """What is looked at: the rows that wait for staff at first, one state or everything on request."""

    title = gettext_lazy("state")
    parameter_name = "state"
    #: Every state of the rows, those that wait, and what the waiting ones are called.
    states: ClassVar[type[TextChoices]]
    waiting: ClassVar[tuple[str, ...]]
    words: ClassVar[str | Promise]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices after the queue, which is the empty one."""
        others = [choice for choice in self.states.choices if choice[0] not in self.waiting]
        return [("any", gettext_lazy("All")), *others]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Call the empty choice by what it shows."""
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": self.words} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the queue, one state, or everything."""
        value = self.value()
        if value is None:
            return queryset.filter(status__in=self.waiting)
        if value == "any":
            return queryset
        return queryset.filter(status=value) if value in self.states.values else queryset.none()
