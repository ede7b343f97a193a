"""What machines ask: whether the process lives, and whether it can serve."""

from __future__ import annotations

import logging
from typing import cast

from django.core.cache import caches
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from core.cache import ForgivingCache

logger = logging.getLogger("jalon.health")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process lives."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database and cache answer, else 503 naming the one that does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        logger.exception("the database does not answer")
        return HttpResponse("database", status=503, content_type="text/plain")
    try:
        cast("ForgivingCache", caches["default"]).ask()
    except (RedisError, OSError):
        logger.exception("the cache does not answer")
        return HttpResponse("cache", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
