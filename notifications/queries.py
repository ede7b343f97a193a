"""Reads of notices, for the person they are for."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import translate_url
from django.utils import translation

from core.actor import Actor
from notifications.catalogue import KINDS
from notifications.catalogue.words import words
from notifications.models import Notice


@dataclass(frozen=True, slots=True)
class Line:
    """A notice as the list shows it."""

    notice: Notice
    title: str
    text: str


def notices_for(actor: Actor) -> QuerySet[Notice]:
    """Return a person's notices, newest first."""
    if actor.user_id is None or actor.impersonator_id is not None:
        return Notice.objects.none()
    return Notice.objects.filter(user_id=actor.user_id, kind__in=KINDS).order_by("-created_at", "-pk")


def lines(notices: list[Notice]) -> list[Line]:
    """Put notices into words in the active language."""
    return [Line(notice, *words(notice.kind, notice.data)) for notice in notices]


def localised(path: str, language: str) -> str:
    """Return the address in a language of a page that is kept without a prefix, as English has it."""
    with translation.override("en"):  # the language in which a bare address resolves
        return translate_url(path, language)
