"""The site of the staff's pages."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite

from core.admin import AnyModelAdmin


class Administration(AdminSite):
    """The pages that the house wrote, and no others.

    Libraries bring pages of their own, on which a superuser could read the secrets of second steps, put people into
    groups and move clocks without a reason or a trace: those are left out, whatever order the apps are loaded in.
    """

    def register(self, model_or_iterable: Any, admin_class: type[AnyModelAdmin] | None = None, **options: Any) -> None:
        """Register pages of the house; leave out those of libraries."""
        if admin_class is not None and _is_of_the_house(admin_class):
            super().register(model_or_iterable, admin_class, **options)


def _is_of_the_house(admin_class: type[AnyModelAdmin]) -> bool:
    app = apps.get_containing_app_config(admin_class.__module__)
    return app is not None and str(settings.BASE_DIR / app.name) == app.path
