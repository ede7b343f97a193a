"""Staff see which files there are and whom they belong to; nothing is changed or opened here."""

from __future__ import annotations

from django.contrib import admin

from core.actor import Actor
from core.admin import ReadOnlyAdmin
from files.models import StoredFile
from files.permissions import can_list_files


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    """Read only: files are written by their own verbs."""

    list_display = ("name", "owner_kind", "owner_ref", "media_type", "size", "state", "created_at")
    list_filter = ("state", "owner_kind", "is_image")
    search_fields = ("name", "owner_ref", "sha256")
    date_hierarchy = "created_at"

    def may_read(self, by: Actor) -> bool:
        """Show them to staff who look into reports and cases."""
        return can_list_files(by)
