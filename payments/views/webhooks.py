"""The address that payment providers announce their events to."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.clock import now
from core.errors import DomainError
from payments.actions.inbox import LARGEST_BODY, receive_webhook
from payments.gateways import GATEWAYS


@csrf_exempt  # machines sign the body instead
@require_POST
def webhook(request: HttpRequest, gateway: str, scope: str = "platform") -> HttpResponse:
    """Store a signed event and answer at once; nothing is read beyond the size of a real one.

    What happens on the platform, on the accounts of parties and to accounts themselves (thin events) comes to an
    address of its own, each signed by its own secrets.
    """
    if gateway not in GATEWAYS:
        raise Http404
    body = request.read(LARGEST_BODY + 1)
    try:
        receive_webhook(gateway=gateway, scope=scope, body=body, headers=request.headers, at=now())
    except DomainError as error:
        return HttpResponse(error.message, status=error.status_code, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=200)
