"""Links to videos: on these hosts only, shown as plain links, never played on our pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from core.errors import DomainError

#: Where a video may lie.
VIDEO_HOSTS = frozenset(
    {"www.youtube.com", "youtube.com", "youtu.be", "vimeo.com", "www.vimeo.com", "www.dailymotion.com", "dai.ly"}
)


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
