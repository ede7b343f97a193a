"""A profile on paper: the CV that a freelancer takes along, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from html import unescape

from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.money import format_money
from core.pdf import Document
from core.product import rules
from core.text import markdown
from profiles.models import Certification, Entry, Profile, Section
from profiles.queries import Certificate, Filled


def cv_pdf(profile: Profile, sections: Iterable[Filled], *, skills: Sequence[str], address: str) -> bytes:
    """Return the CV: what the profile's page says, by the name that everybody sees; the same content, the same bytes.

    `address` is where the profile itself is found.
    """
    party, brand = profile.party, rules().brand_name
    name = party.public_name
    paper = Document(
        f"{name}, {profile.title}" if profile.title else name,
        author=name,
        language=get_language() or "en",
        page_of=lambda page, pages: f"{name}, {brand}, {page}/{pages}",
    )
    paper.heading(name, is_large=True)
    if profile.title:
        paper.heading(profile.title)
    rate = format_money(profile.hourly_rate, profile.currency) if profile.hourly_rate else ""
    facts = [
        (_("Place"), ", ".join(part for part in (party.place, str(party.country.name)) if part)),
        (_("Level"), profile.get_level_display()),
        (_("Hourly rate"), rate),
        (_("Skills"), ", ".join(skills)),
        (_("Profile"), address),
    ]
    paper.pairs([fact for fact in facts if fact[1]])
    if profile.overview.strip():
        paper.gap(4)
        paper.heading(_("About"))
        for paragraph in _paragraphs(_unmarked(profile.overview)):
            paper.text(paragraph)
    for filled in sections:
        if filled.count:
            _set(paper, filled)
    return paper.render()


def _set(paper: Document, filled: Filled) -> None:
    """Set a section with what stands in it."""
    paper.gap(4)
    label = str(Section(filled.section).label)
    paper.heading(label[0].upper() + label[1:])
    lines = [(_line(entry), entry.text) for entry in filled.entries]
    lines += [(_certificate_line(each), "") for each in filled.certificates]
    for line, text in [*lines, *((work.item.heading, work.item.text) for work in filled.works)]:
        paper.text(line)
        for paragraph in _paragraphs(text):
            paper.text(paragraph, is_muted=True)


def _line(entry: Entry) -> str:
    """Return an entry in one line: what, where, from when until when."""
    if entry.section == Section.LANGUAGES:
        return f"{entry.get_language_display()}: {entry.get_fluency_display()}"
    what = ", ".join(part for part in (entry.heading, entry.organisation) if part)
    if not entry.started_on:
        return f"{what} ({_month(entry.ended_on)})" if entry.ended_on else what
    until = _month(entry.ended_on) if entry.ended_on else _("today")
    return f"{what} ({_month(entry.started_on)} – {until})"


def _certificate_line(certificate: Certificate) -> str:
    """Return a certificate in one line: what, from whom, since when, and what staff or time say about it."""
    item = certificate.item
    notes = [_month(item.issued_on)]
    if item.expires_on:
        word = _("expired in") if certificate.has_expired else _("valid until")
        notes.append(f"{word} {_month(item.expires_on)}")
    if item.status == Certification.Status.CHECKED:
        notes.append(_("checked by %(brand)s") % {"brand": rules().brand_name})
    return f"{item.heading}, {item.organisation} ({', '.join(notes)})"


def _month(day: date) -> str:
    return date_format(day, "YEAR_MONTH_FORMAT")


def _unmarked(text: str) -> str:
    """Return a Markdown text without its marks."""
    return unescape(strip_tags(str(markdown(text)).replace("<li>", "• ").replace("<br>", "\n")))


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
