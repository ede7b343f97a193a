"""The pages about one's own data: what is known, taking it along, deleting the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import AccountNotDeletable, erase_account, request_export
from accounts.forms import EraseForm
from accounts.middleware import Request
from accounts.models import DataExport, User
from accounts.privacy import blockers_of
from accounts.queries import export_for, exports_for, leaver_of, may_ask_for_export
from core.clock import now
from core.errors import DomainError, NotFound
from core.limits import HOUR, allow, too_often
from core.product import rules
from files.gateway import store
from files.views import send_bytes

SALT = "accounts.export"
View = Callable[..., HttpResponse]
#: Asks for the password or the second factor, unless the person gave it minutes ago.
proved: Callable[[View], View] = reauthentication_required


def token_of(export: DataExport) -> str:
    """Return the token of the link to an archive: good for its person and this archive only."""
    return signing.dumps([export.pk, export.user_id], salt=SALT)


@login_required
@never_cache
@require_safe
def data(request: Request) -> HttpResponse:
    """Show the archives that were asked for, and the way to delete the account."""
    at = now()
    latest = exports_for(request.actor).first()
    is_ready = latest is not None and latest.status == DataExport.Status.READY and (latest.expires_at or at) > at
    context = {
        "export": latest,
        "token": token_of(latest) if latest and is_ready else "",
        "is_open": latest is not None and latest.status in DataExport.OPEN,
        "may_ask": may_ask_for_export(request.actor, at),
        "export_days": rules().export_days,
    }
    return render(request, "accounts/data.html", context)


@login_required
@proved
@require_POST
def export_request(request: Request) -> HttpResponse:
    """Ask for an archive."""
    try:
        request_export(user_id=request.actor.person_id, by=request.actor, at=now())
    except DomainError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, _("Your archive is being put together. You get a mail when it is ready."))
    return redirect("accounts:data")


@login_required
@never_cache
@require_safe
def export_download(request: Request, export_id: int, token: str) -> HttpResponseBase:
    """Send an archive to the person it is about, as long as its link lives."""
    try:
        signed = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise NotFound("") from error
    if signed != [export_id, request.actor.user_id]:
        raise NotFound("")
    if not allow(request, "export_download", limit=30, seconds=HOUR):
        raise too_often()
    export = export_for(request.actor, export_id, now())
    if not store().exists(export.path):
        raise NotFound("")
    response = send_bytes(request, export.path, media_type="application/zip", size=export.size)
    name = f"{rules().brand_name}-{export.requested_at:%Y-%m-%d}.zip"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@proved
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: Request) -> HttpResponse:
    """Say what goes, what stays and what has to end first; delete the account once its address is typed."""
    person = cast("User", request.user)
    form = EraseForm(request.POST if request.method == "POST" else None)
    status, found = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                erase_account(user_id=person.pk, typed_email=form.cleaned_data["email"], by=request.actor, at=now())
            except AccountNotDeletable as error:
                status, found = error.status_code, error.blockers
            except DomainError as error:
                form.add_error("email", error.message)
                status = error.status_code
            else:
                logout(request)
                messages.success(request, _("Your account is deleted. A mail confirms it."))
                return redirect("home")
    if found is None:
        found = blockers_of(leaver_of(person, former_name="", by=request.actor))
    context = {
        "form": form,
        "blockers": found,
        "name_days": rules().former_name_days,
        "invoice_years": rules().invoice_name_years,
    }
    return render(request, "accounts/erase.html", context, status=status)
