"""Where a person is logged in, and ending it there."""

from __future__ import annotations

from typing import cast

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions import sign_out_device, sign_out_other_devices
from accounts.middleware import Request
from accounts.models import User
from accounts.queries import devices_of
from core.clock import now
from core.errors import DomainError


class CurrentDevice(DomainError):
    """The device at hand is left by logging out."""


@login_required
@never_cache
@require_http_methods(["GET"])
def devices(request: Request) -> HttpResponse:
    """List the devices, this one first."""
    found = devices_of(cast("User", request.user), request.session.session_key)
    others = sum(not device.is_current for device in found)
    return render(request, "accounts/devices.html", {"devices": found, "others": others})


@login_required
@require_http_methods(["POST"])
def device_sign_out(request: Request, device_id: int) -> HttpResponse:
    """End one log-in on another device."""
    device = get_object_or_404(UserSession, pk=device_id, user_id=cast("User", request.user).pk)
    if device.session_key == request.session.session_key:
        raise CurrentDevice(_("This is the device you are using. Log out from the menu instead."))
    sign_out_device(device_id=device.pk, by=request.actor, at=now())
    messages.success(request, _("That device is logged out."))
    return redirect("accounts:devices")


@login_required
@require_http_methods(["POST"])
def devices_sign_out(request: Request) -> HttpResponse:
    """End the log-ins on all other devices."""
    sign_out_other_devices(
        user_id=cast("User", request.user).pk, keep=request.session.session_key or "", by=request.actor, at=now()
    )
    messages.success(request, _("All other devices are logged out."))
    return redirect("accounts:devices")
