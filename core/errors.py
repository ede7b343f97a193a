"""Refusals that a person can understand; everything else that is raised is a bug."""

from __future__ import annotations

from django.utils.translation import gettext as _


class DomainError(Exception):
    """A rule refused the request; nothing has changed. The message is written for the user."""

    status_code = 409

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(DomainError):
    """The actor may see the thing but may not do this to it."""

    status_code = 403


class NotFound(DomainError):
    """The thing does not exist, or the actor may not know that it does."""

    status_code = 404


class FormSentBefore(DomainError):
    """A form that works once was sent again with other content: what it did the first time stands, and no more."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("This form was sent before with other figures. Open it anew."))
