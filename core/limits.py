"""How often one visitor may do the same thing: counters in the cache, light and forgetful."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.cache import CacheDown
from core.errors import DomainError

logger = logging.getLogger(__name__)
AnyRequest = TypeVar("AnyRequest", bound=HttpRequest)
Rest = ParamSpec("Rest")
MINUTE, HOUR = 60, 3600


class TooOften(DomainError):
    """The same person did the same thing more often than anybody needs to."""

    status_code = 429


def allow(request: HttpRequest, name: str, *, limit: int, seconds: int) -> bool:
    """Test whether this visitor has asked for `name` at most `limit` times since its window of `seconds` began.

    A visitor is the signed-in user, else the address. Without a cache nothing can be counted: people who are signed in
    go on with their work, everybody else hears no.
    """
    user_id = getattr(getattr(request, "actor", None), "user_id", None)
    if user_id:
        return allow_user(user_id, name, limit=limit, seconds=seconds)
    return _count(f"{name}:{request.META.get('REMOTE_ADDR', '')}", limit, seconds, without_cache=False)


def allow_user(user_id: int, name: str, *, limit: int, seconds: int) -> bool:
    """Test as `allow` does for a person, where no request is at hand."""
    return _count(f"{name}:user:{user_id}", limit, seconds, without_cache=True)


def limited(
    name: str, *, limit: int, seconds: int, methods: Collection[str] = ("POST",)
) -> Callable[
    [Callable[Concatenate[AnyRequest, Rest], HttpResponse]], Callable[Concatenate[AnyRequest, Rest], HttpResponse]
]:
    """Let each visitor use a view `limit` times in `seconds`, by these methods; its page raises TooOften after that.

    The limits are far above what a person does by hand: they stop programs and stuck keys.
    """

    def decorate(
        view: Callable[Concatenate[AnyRequest, Rest], HttpResponse],
    ) -> Callable[Concatenate[AnyRequest, Rest], HttpResponse]:
        @wraps(view)
        def counted(request: AnyRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
            if request.method in methods and not allow(request, name, limit=limit, seconds=seconds):
                raise too_often()
            return view(request, *args, **kwargs)

        return cast("Callable[Concatenate[AnyRequest, Rest], HttpResponse]", counted)

    return decorate


def too_often() -> TooOften:
    """Return the refusal in the reader's language."""
    return TooOften(_("You did this very often just now. Wait a few minutes, then try again."))


def _count(key: str, limit: int, seconds: int, *, without_cache: bool) -> bool:
    key = f"limit:{key}"
    try:
        cache.add(key, 0, seconds)
        return int(cache.incr(key)) <= limit
    except ValueError:  # the window ended between the two calls
        return True
    except CacheDown:
        return without_cache
    except Exception:
        logger.exception("the counter %s cannot be read", key)
        return False
