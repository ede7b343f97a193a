"""The site of the staff's pages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.admin import AnyModelAdmin

logger = logging.getLogger("jalon.staff")
View = Callable[..., HttpResponseBase]


class Administration(AdminSite):
    """The pages that the house wrote, and no others.

    Libraries bring pages of their own, on which a superuser could read the secrets of second steps, put people into
    groups and move clocks without a reason or a trace: those are left out, whatever order the apps are loaded in.
    """

    def register(self, model_or_iterable: Any, admin_class: type[AnyModelAdmin] | None = None, **options: Any) -> None:
        """Register pages of the house; leave out those of libraries."""
        if admin_class is not None and _is_of_the_house(admin_class):
            super().register(model_or_iterable, admin_class, **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return the view for staff only, and with 400 for parameters that no column can be compared with."""
        return super().admin_view(_refusing_nonsense(view), cacheable)


def _is_of_the_house(admin_class: type[AnyModelAdmin]) -> bool:
    app = apps.get_containing_app_config(admin_class.__module__)
    return app is not None and str(settings.BASE_DIR / app.name) == app.path


def _refusing_nonsense(view: View) -> View:
    """Answer 400 where the parameters broke a view: a NUL, a word for a number, a number that no column holds.

    Without parameters to blame, the error is a bug and stays one. It is logged in either case.
    """

    @wraps(view)
    def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (ValueError, OverflowError, DataError) as error:
            if not (request.GET or "_selected_action" in request.POST):
                raise
            logger.warning("parameters that no column can be compared with", exc_info=True)
            raise BadRequest("parameters") from error

    return refusing
