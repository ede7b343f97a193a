"""How often one visitor may ask for the same thing: counters in the cache, light and forgetful."""

from __future__ import annotations

import logging

from django.core.cache import cache
from django.http import HttpRequest

from core.cache import CacheDown

logger = logging.getLogger(__name__)


def allow(request: HttpRequest, name: str, *, limit: int, seconds: int) -> bool:
    """Test whether this visitor has asked for `name` at most `limit` times since its window of `seconds` began.

    A visitor is the signed-in user, else the address. Without a cache nothing can be counted: people who are signed in
    go on with their work, everybody else hears no.
    """
    actor = getattr(request, "actor", None)
    user_id = getattr(actor, "user_id", None)
    key = f"limit:{name}:{f'user:{user_id}' if user_id else request.META.get('REMOTE_ADDR', '')}"
    try:
        cache.add(key, 0, seconds)
        return int(cache.incr(key)) <= limit
    except ValueError:  # the window ended between the two calls
        return True
    except CacheDown:
        return user_id is not None
    except Exception:
        logger.exception("the counter of %s cannot be read", name)
        return False
