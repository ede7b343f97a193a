"""What the admin pages of several apps share: who is looking, and pages on which nothing can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from core.actor import Actor

if TYPE_CHECKING:  # Django's own classes take no parameters when they run
    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyTabularInline = admin.TabularInline[Any, Any]
else:
    AnyModelAdmin, AnyTabularInline = admin.ModelAdmin, admin.TabularInline


def actor_of(request: HttpRequest) -> Actor:
    """Return who is looking; nobody where no middleware has said."""
    actor = getattr(request, "actor", None)
    return actor if isinstance(actor, Actor) else Actor.anonymous()


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


class ReadOnlyInline(ReadOnlyPages, AnyTabularInline):
    """Rows that belong to the one on the page, to read."""

    extra = 0
    can_delete = False
