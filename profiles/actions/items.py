"""Filling the sections of a profile that hold lists: add, change, move, delete."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actor import Actor
from core.errors import DomainError, NotFound
from core.product import rules
from files.actions import replace_files
from files.queries import files_of
from messaging.guard import check_texts
from profiles.actions.rows import lock_own, note_changes
from profiles.links import check_video
from profiles.models import Certification, Entry, PortfolioItem, Section, WorkHistory
from profiles.queries import CERTIFICATE, PORTFOLIO, sections_of

Item = Entry | PortfolioItem | Certification


class ItemNotPossible(DomainError):
    """A section holds so many items, each of which says something, in an order of time, and each language once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTexts:
    """What is written about a job, a training, another experience or a language; days are the first of a month."""

    section: Section
    heading: str = ""
    organisation: str = ""
    started_on: date | None = None
    ended_on: date | None = None
    text: str = ""
    language: str = ""
    fluency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioTexts:
    """What is shown of a piece of work."""

    heading: str
    text: str = ""
    video: str = ""
    skill_ids: Sequence[int] = ()
    file_ids: Sequence[uuid.UUID] = ()
    work_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificationTexts:
    """What is claimed of a certificate; days are the first of a month. The proof is a PDF or a picture."""

    heading: str
    organisation: str
    issued_on: date
    expires_on: date | None = None
    proof_id: uuid.UUID | None = None


Texts = EntryTexts | PortfolioTexts | CertificationTexts
#: The owner of the files of each section whose items have some.
FILES_OF = {Section.PORTFOLIO: PORTFOLIO, Section.CERTIFICATES: CERTIFICATE}


@transaction.atomic
def add_item(*, profile_id: int, texts: Texts, by: Actor, at: datetime) -> Item:
    """Put an item at the end of its section.

    The profile keeps its state; a certification is claimed, and waits for staff to check it.
    Event: profiles.profile_saved, with the section.

    Raises NotAllowed unless `by` may write for its party, ItemNotPossible for a section that an agency does not have, a
    full one, dates in the wrong order, a language that is there already, a certificate without proof, a contract of
    another party or an item that says nothing, LeadsAway for contact data, VideoNotPossible, FileGone.
    """
    profile = lock_own(profile_id, by)
    section = _section_of(texts)
    if section not in sections_of(profile):
        raise ItemNotPossible(_("An agency’s profile has no such section: it stands on the profiles of its people."))
    number = _rows(profile.pk, section).count()
    most = rules().profile_items_maximum
    if number >= most:
        raise ItemNotPossible(
            ngettext("Keep %(most)s entry at most.", "Keep %(most)s entries at most.", most) % {"most": most}
        )
    item: Item
    if isinstance(texts, EntryTexts):
        item = Entry(profile=profile, section=section, position=number, created_at=at)
    elif isinstance(texts, CertificationTexts):
        item = Certification(profile=profile, position=number, created_at=at, claimed_at=at)
    else:
        item = PortfolioItem(profile=profile, position=number, created_at=at)
    _write(item, texts, by, at)
    note_changes(profile, [section], by, at)
    return item


@transaction.atomic
def change_item(*, profile_id: int, item_id: int, texts: Texts, by: Actor, at: datetime) -> Item:
    """Write an item anew; it keeps its place. A certification that says something else is only claimed again.

    The profile keeps its state. Event: profiles.profile_saved, with the section.

    Raises what `add_item` raises but for a full section, and NotFound if the item is not there any more.
    """
    profile = lock_own(profile_id, by)
    section = _section_of(texts)
    item = _item(profile.pk, section, item_id)
    _write(item, texts, by, at)
    note_changes(profile, [section], by, at)
    return item


@transaction.atomic
def move_item(*, profile_id: int, section: Section, item_id: int, places: int, by: Actor, at: datetime) -> None:
    """Move an item so many places towards the end of its section, towards the top below 0; it stops at either end.

    The profile keeps its state. Event: profiles.profile_saved, with the section, if anything moved.

    Raises NotAllowed unless `by` may write for its party, NotFound if the item is not there any more.
    """
    profile = lock_own(profile_id, by)
    item = _item(profile.pk, section, item_id)
    order: list[Item] = list(_rows(profile.pk, section))
    old = order.index(item)
    new = min(max(old + places, 0), len(order) - 1)
    if new == old:
        return
    order.insert(new, order.pop(old))
    _number(order)
    note_changes(profile, [section], by, at)


@transaction.atomic
def delete_item(*, profile_id: int, section: Section, item_id: int, by: Actor, at: datetime) -> None:
    """Take an item off for good; its files are swept.

    The profile keeps its state. Event: profiles.profile_saved, with the section.

    Raises NotAllowed unless `by` may write for its party, NotFound if the item is not there any more.
    """
    profile = lock_own(profile_id, by)
    item = _item(profile.pk, section, item_id)
    if section in FILES_OF:
        replace_files(file_ids=[], kind=FILES_OF[section], ref=item.pk, by=by, at=at)
    item.delete()
    _number(list(_rows(profile.pk, section)))
    note_changes(profile, [section], by, at)


def _section_of(texts: Texts) -> Section:
    if isinstance(texts, EntryTexts):
        return texts.section
    return Section.CERTIFICATES if isinstance(texts, CertificationTexts) else Section.PORTFOLIO


def _rows(profile_id: int, section: Section) -> QuerySet[Entry] | QuerySet[PortfolioItem] | QuerySet[Certification]:
    if section == Section.PORTFOLIO:
        return PortfolioItem.objects.filter(profile_id=profile_id)
    if section == Section.CERTIFICATES:
        return Certification.objects.filter(profile_id=profile_id)
    return Entry.objects.filter(profile_id=profile_id, section=section)


def _item(profile_id: int, section: Section, item_id: int) -> Item:
    item = _rows(profile_id, section).filter(pk=item_id).first()
    if item is None:
        raise NotFound(_("This entry is not there any more."))
    return item


def _number(order: Sequence[Item]) -> None:
    for position, item in enumerate(order):
        if item.position != position:
            item.position = position
            item.save(update_fields=["position"])


def _write(item: Item, texts: Texts, by: Actor, at: datetime) -> None:
    if isinstance(item, Entry) and isinstance(texts, EntryTexts):
        _check_entry(item, texts)
        check_texts({"heading": texts.heading, "organisation": texts.organisation, "text": texts.text})
        for name in ("heading", "organisation", "started_on", "ended_on", "text", "language", "fluency"):
            setattr(item, name, getattr(texts, name))
        item.save()
    elif isinstance(item, PortfolioItem) and isinstance(texts, PortfolioTexts):
        _check_heading(texts.heading)
        check_video(texts.video)
        _check_number(texts)
        _check_work(item, texts)
        check_texts({"heading": texts.heading, "text": texts.text})
        item.heading, item.text, item.video, item.work_id = texts.heading, texts.text, texts.video, texts.work_id
        item.save()
        item.skills.set(texts.skill_ids)
        replace_files(file_ids=texts.file_ids, kind=PORTFOLIO, ref=item.pk, by=by, at=at)
    elif isinstance(item, Certification) and isinstance(texts, CertificationTexts):
        _check_certificate(texts)
        check_texts({"heading": texts.heading, "organisation": texts.organisation})
        _claim(item, texts, by, at)


def _claim(item: Certification, texts: CertificationTexts, by: Actor, at: datetime) -> None:
    """Write what is claimed; what staff found holds no longer, unless nothing is new."""
    known = [file.pk for file in files_of(CERTIFICATE, item.pk)] if item.pk else []
    plain = ("heading", "organisation", "issued_on", "expires_on")
    if item.pk and known == [texts.proof_id] and all(getattr(item, name) == getattr(texts, name) for name in plain):
        return
    for name in plain:
        setattr(item, name, getattr(texts, name))
    if item.pk:
        item.version += 1
    item.status, item.claimed_at, item.reason = Certification.Status.CLAIMED, at, ""
    item.decided_at = item.decided_by = None
    item.save()
    replace_files(file_ids=[texts.proof_id] if texts.proof_id else [], kind=CERTIFICATE, ref=item.pk, by=by, at=at)


def _check_certificate(texts: CertificationTexts) -> None:
    _check_heading(texts.heading)
    if not texts.organisation.strip():
        raise ItemNotPossible(_("Say who issued it."))
    if texts.proof_id is None:
        raise ItemNotPossible(_("Add the certificate itself, as a PDF or a picture."))
    if texts.expires_on and texts.expires_on < texts.issued_on:
        raise ItemNotPossible(_("It cannot end before it began."))


def _check_work(item: PortfolioItem, texts: PortfolioTexts) -> None:
    if texts.work_id is None:
        return
    if not WorkHistory.objects.filter(pk=texts.work_id, party_id=item.profile.party_id).exists():
        raise ItemNotPossible(_("Choose one of your own contracts."))


def _check_heading(heading: str) -> None:
    if not heading.strip():
        raise ItemNotPossible(_("Give it a title."))


def _check_entry(item: Entry, texts: EntryTexts) -> None:
    if texts.section != Section.LANGUAGES:
        _check_heading(texts.heading)
    elif not (texts.language in Entry.Language.values and texts.fluency in Entry.Fluency.values):
        raise ItemNotPossible(_("Choose a language and how well you speak it."))
    elif (
        Entry.objects.filter(profile_id=item.profile_id, section=Section.LANGUAGES, language=texts.language)
        .exclude(pk=item.pk)
        .exists()
    ):
        raise ItemNotPossible(_("This language is on your profile already."))
    if texts.started_on and texts.ended_on and texts.ended_on < texts.started_on:
        raise ItemNotPossible(_("It cannot end before it began."))


def _check_number(texts: PortfolioTexts) -> None:
    most = rules().portfolio_files_maximum
    if len(set(texts.file_ids)) > most:
        raise ItemNotPossible(
            ngettext("Show %(most)s file at most.", "Show %(most)s files at most.", most) % {"most": most}
        )
    if len(set(texts.skill_ids)) > rules().skills_maximum:
        raise ItemNotPossible(_("Name fewer skills."))
