"""The terms of use, the privacy notice and the billing mandate, in every version."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.models import LegalDocument
from accounts.queries import legal_document, legal_versions
from core.clock import now

#: Digits of the largest version number that is looked up.
VERSION_DIGITS = 6


@require_http_methods(["GET"])
def terms(request: HttpRequest) -> HttpResponse:
    """Show the terms of use."""
    return _document(request, LegalDocument.Kind.TERMS)


@require_http_methods(["GET"])
def privacy(request: HttpRequest) -> HttpResponse:
    """Show the privacy notice."""
    return _document(request, LegalDocument.Kind.PRIVACY)


@require_http_methods(["GET"])
def mandate(request: HttpRequest) -> HttpResponse:
    """Show the billing mandate."""
    return _document(request, LegalDocument.Kind.MANDATE)


def _document(request: HttpRequest, kind: LegalDocument.Kind) -> HttpResponse:
    at = now()
    asked = request.GET.get("version", "")
    version = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= VERSION_DIGITS else None
    document = None if asked and version is None else legal_document(kind, at, version)
    versions = legal_versions(kind, at)
    if document is None and (asked or versions):
        raise Http404
    context = {
        "title": kind.label,
        "document": document,
        "versions": versions,
        "is_current": bool(document and versions and document.version == versions[0][0]),
    }
    return render(request, "accounts/legal.html", context)
