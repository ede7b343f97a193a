"""Links to videos, on these hosts only and never played on our pages; links by which a client from outside answers."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core import signing
from django.utils.translation import gettext as _

from core.errors import DomainError

#: Where a video may lie.
VIDEO_HOSTS = frozenset(
    {"www.youtube.com", "youtube.com", "youtu.be", "vimeo.com", "www.vimeo.com", "www.dailymotion.com", "dai.ly"}
)
_TESTIMONIALS = signing.Signer(salt="profiles.testimonial")


class VideoNotPossible(DomainError):
    """A video lies on a host that we know, behind https."""


def check_video(link: str) -> None:
    """Do nothing for an empty link and for one to a known host. Raises VideoNotPossible for any other."""
    if not link:
        return
    try:
        parts = urlsplit(link)
        is_plain = parts.scheme == "https" and parts.netloc in VIDEO_HOSTS and len(parts.path) > 1
    except ValueError:
        is_plain = False
    if not is_plain:
        raise VideoNotPossible(_("Give the https address of a video on YouTube, Vimeo or Dailymotion."))


def answer_token(testimonial_id: int) -> str:
    """Return what stands in the link that a client from outside gets by mail; how long it works is in the row."""
    return _TESTIMONIALS.sign(str(testimonial_id))


def testimonial_in(token: str) -> int | None:
    """Return the number of the testimonial that a link is for; None for a link that we did not make."""
    try:
        return int(_TESTIMONIALS.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
