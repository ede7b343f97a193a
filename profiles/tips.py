"""The guide's tips, beside each section of the edit page; staff's points lead to them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from profiles.models import ProfileReview

Point = ProfileReview.Point


@dataclass(frozen=True, slots=True)
class Tip:
    """Advice for one point; `section` is the part of the edit page where it stands."""

    section: str
    words: tuple[str | Promise, ...]


TIPS: dict[str, Tip] = {
    Point.PHOTO: Tip(
        "photo",
        (
            _("Your face, natural light, a calm background."),
            _("Only you: no logo, no group, no drawing."),
        ),
    ),
    Point.TITLE: Tip(
        "title",
        (
            _("Name the work, not yourself: “Product designer for booking services”."),
            _("Leave out “best”, “cheap” and capital letters."),
        ),
    ),
    Point.OVERVIEW: Tip(
        "overview",
        (
            _("Begin with what a client gains; the first 250 characters are what lists show."),
            _("Then two or three works with their result, and how you work."),
            _("End with what to do next: what should a client send you?"),
        ),
    ),
    Point.CONTACT: Tip(
        "overview",
        (_("Leave out addresses, phone numbers and chat links: clients reach you here, and payments stay protected."),),
    ),
    Point.CATEGORY: Tip("category", (_("Choose the one category in which you want to be found."),)),
    Point.SKILLS: Tip(
        "skills",
        (
            _("Only what you would be hired for; the strongest first."),
            _("Soft skills count too: communication, project management."),
        ),
    ),
    Point.RATE: Tip("rate", (_("What an hour costs a client. Look at what others of your level ask."),)),
    Point.LANGUAGE: Tip(
        "language", (_("The texts are in the language you chose, and read by somebody else before you submit."),)
    ),
    Point.VIDEO: Tip(
        "overview",
        (_("A video of a minute is enough: who you are, what you do, for whom. Look into the camera."),),
    ),
    Point.PORTFOLIO: Tip(
        "portfolio",
        (
            _("Three works that are like those you want next, the best first."),
            _("Say what the task was, what you did and what came of it; show only what you may show."),
        ),
    ),
    Point.EMPLOYMENT: Tip("employment", (_("The latest first; what you were responsible for, in two sentences."),)),
    Point.EDUCATION: Tip("education", (_("Degrees and longer courses that a client would ask about."),)),
    Point.CERTIFICATES: Tip(
        "certificates",
        (
            _("Only what you hold, with the certificate itself as proof: a PDF or a picture that can be read."),
            _("Nobody but staff sees the proof. What they have checked carries a badge with the day."),
        ),
    ),
    Point.EXPERIENCE: Tip(
        "experience", (_("Talks, volunteering, open source: what shows your skill and was no job."),)
    ),
    Point.LANGUAGES: Tip(
        "languages", (_("Only languages in which you can work with a client, with an honest level."),)
    ),
}


def tips_of(section: str) -> list[str | Promise]:
    """Return the tips of one section of the edit page."""
    return [words for tip in TIPS.values() if tip.section == section for words in tip.words]


@dataclass(frozen=True, slots=True)
class PointToChange:
    """A point that staff named: its word, where it is mended, and how."""

    label: str | Promise
    section: str
    words: tuple[str | Promise, ...]


def points_to_change(points: tuple[str, ...]) -> list[PointToChange]:
    """Return the named points with the section and the tips they lead to."""
    known = [Point(each) for each in points if each in Point.values]
    return [PointToChange(point.label, TIPS[point].section, TIPS[point].words) for point in known]
