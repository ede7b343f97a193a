"""Opening a file: ask who may, lead to a short-lived link, send the bytes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.actor import Actor
from core.errors import DomainError, NotFound
from files.gateway import direct_link, store
from files.links import Link, judge, sign
from files.models import StoredFile
from files.pictures import COPY_TYPE, SIZES
from files.queries import file_for

CHUNK = 256 * 1024
#: Seconds for which a browser may show a small picture again without asking.
PICTURE_LIFE = 300
#: Whatever a file holds, it may not run, load or send anything.
POLICY = "sandbox; default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"


class FileNotChecked(DomainError):
    """A file in quarantine cannot be read by anybody."""


@require_safe
def open_file(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """Lead whoever may read the file to a link that only they can use, for five minutes; 404 for everybody else.

    A visitor is asked to sign in first, whether there is such a file or not.
    """
    actor = _actor(request)
    try:
        file = file_for(actor, file_id)
    except NotFound:
        if actor.user_id is None:
            return redirect_to_login(request.get_full_path())
        raise
    _refuse_quarantined(file)
    response = redirect("files:content", file_id=file.pk, token=sign(file, actor))
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def content(request: HttpRequest, file_id: uuid.UUID, token: str) -> HttpResponseBase:
    """Send the file, or lead to where it lies for a minute.

    Who may read it is asked again; an old link leads back to `open_file`, a wrong one nowhere.
    """
    actor = _actor(request)
    link = judge(token, file_id, actor)
    if link is Link.WRONG:
        raise Http404
    file = file_for(actor, file_id)
    _refuse_quarantined(file)
    if link is Link.OLD:
        return redirect("files:open", file_id=file.pk)
    if not store().exists(file.path):
        raise Http404
    disposition = content_disposition_header(not file.is_image, file.name) or "attachment"
    away = direct_link(file.path, media_type=file.media_type, disposition=disposition)
    if away:
        response: HttpResponseBase = HttpResponseRedirect(away)
        response["Referrer-Policy"] = "no-referrer"
    else:
        response = send_bytes(request, file.path, media_type=file.media_type, size=file.size)
        response["Content-Disposition"] = disposition
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def image(request: HttpRequest, file_id: uuid.UUID, size: str) -> HttpResponseBase:
    """Send the small copy of a picture to whoever may read it, such as a profile photo to everybody."""
    if size not in SIZES:
        raise Http404
    file = file_for(_actor(request), file_id)
    if not file.is_image:
        raise Http404
    _refuse_quarantined(file)
    path = file.copy_path(size)
    try:
        length = store().size(path)
    except FileNotFoundError as error:  # being deleted, or lost with a disk
        raise Http404 from error
    response = send_bytes(request, path, media_type=COPY_TYPE, size=length)
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = f"private, max-age={PICTURE_LIFE}"
    return response


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware of accounts, which is above
    return actor


def _refuse_quarantined(file: StoredFile) -> None:
    if not file.is_ready:
        raise FileNotChecked(
            _("“%(name)s” has not been checked for malware yet. Try again in some minutes.") % {"name": file.name}
        )


def send_bytes(request: HttpRequest, path: str, *, media_type: str, size: int) -> HttpResponseBase:
    """Stream what lies in the private folder, with headers that keep it from being anything but a file."""
    is_async = isinstance(request, ASGIRequest)
    response = StreamingHttpResponse(_pieces_later(path) if is_async else _pieces(path), content_type=media_type)
    response["Content-Length"] = str(size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    return response


def _pieces(path: str) -> Iterator[bytes]:
    """Yield the bytes; opened when the first are wanted, so that an answer nobody reads leaves nothing open."""
    with store().open(path) as opened:
        while piece := opened.read(CHUNK):
            yield piece


async def _pieces_later(path: str) -> AsyncIterator[bytes]:
    """Yield the bytes on a server of sockets, reading in a thread of its own."""
    opened = await sync_to_async(store().open, thread_sensitive=False)(path)
    try:
        while piece := await sync_to_async(opened.read, thread_sensitive=False)(CHUNK):
            yield piece
    finally:
        await sync_to_async(opened.close, thread_sensitive=False)()
