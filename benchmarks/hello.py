"""The floor that pages are compared with: Django without middleware answering `HttpResponse(b"ok")`."""

from __future__ import annotations

from django.conf import settings

if not settings.configured:
    settings.configure(
        DEBUG=False, SECRET_KEY="benchmark" * 8, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[]
    )

from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path


def hello(_request: HttpRequest) -> HttpResponse:
    """Answer with two bytes."""
    return HttpResponse(b"ok")


urlpatterns = [path("", hello)]
application = get_asgi_application()
