"""The site of the staff pages: Django's own, but nonsense in an address or a form is answered, not fallen over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

logger = logging.getLogger("jalon.staff")
View = Callable[..., HttpResponseBase]


class StaffSite(AdminSite):
    """Django's site, whose lists hand what stands in an address to the database as it is."""

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return the view for staff only, and with 400 for parameters that no column can be compared with."""
        return super().admin_view(_refusing_nonsense(view), cacheable)


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
