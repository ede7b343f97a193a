"""The rows of the job list in words, put together once here: templates take several times as long for the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.money import format_money
from core.templatetags.jalon import ago, icon
from jobs.models import Job
from jobs.queries import JobRow, Page, ReaderProfile, SkillShown, bucket
from profiles.models import Level
from taxonomy.phrases import reasons
from taxonomy.queries import Lexicon

#: Skills of a row; the page of the job has all.
SKILLS_OF_A_ROW = 6


@dataclass(frozen=True, slots=True)
class Icons:
    """The pictures of a row, drawn once for all rows."""

    verified: SafeString
    place: SafeString
    people: SafeString
    connects: SafeString


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list."""

    job: JobRow
    url: str
    meta: list[str]
    pay: str
    pay_words: str
    skills: list[SkillShown]
    more_skills: int
    foot: list[SafeString]
    reasons: list[str]


def rows_of(page: Page, words: Lexicon, mine: ReaderProfile | None) -> list[Row]:
    """Return the rows of a page for a reader, whose own skills come first."""
    icons = Icons(icon("badge-check", "verified"), icon("map-pin"), icon("users"), icon("coins"))
    levels = {value: capfirst(str(label)) for value, label in Level.choices}
    durations = {value: capfirst(str(label)) for value, label in Job.Duration.choices}
    known = mine.skill_ids if mine else frozenset()
    agos: dict[datetime, str] = {}
    rows = []
    for job in page.rows:
        if job.posted_at not in agos:
            agos[job.posted_at] = ago(job.posted_at)
        told = (agos[job.posted_at], levels.get(job.level, ""), durations.get(job.duration, ""))
        skills = _skills(job, words, known)
        rows.append(
            Row(
                job,
                url=reverse("jobs:detail", args=[job.pk]),
                meta=[each for each in told if each],
                pay=_pay(job),
                pay_words=_("Fixed price") if job.kind == Job.Kind.FIXED else _("Per hour"),
                skills=skills[:SKILLS_OF_A_ROW],
                more_skills=max(len(skills) - SKILLS_OF_A_ROW, 0),
                foot=list(_foot(job, icons)),
                reasons=list(_reasons(job, page, words)),
            )
        )
    return rows


def _skills(job: JobRow, words: Lexicon, known: frozenset[int]) -> list[SkillShown]:
    found = [(pk, words.skills[pk]) for pk in job.skill_ids if pk in words.skills]
    shown = [SkillShown(skill.slug, skill.name, pk in known) for pk, skill in found]
    return sorted(shown, key=lambda skill: (not skill.is_matched, skill.name.casefold()))


def _reasons(job: JobRow, page: Page, words: Lexicon) -> Iterator[str]:
    """Yield why a search found the job, and which of its words are not there."""
    skills, said = reasons(page.question, title=job.title, skill_ids=job.skill_ids)
    if said:
        yield _("In the title: %(words)s") % {"words": ", ".join(said)}
    if skills:
        yield _("Asks for: %(skills)s") % {"skills": ", ".join(words.skills[pk].name for pk in skills)}
    if job.missing:
        yield _("Without: %(words)s") % {"words": ", ".join(job.missing)}


def _pay(job: JobRow) -> str:
    if job.kind == Job.Kind.FIXED:
        return "" if job.budget is None else format_money(job.budget, job.currency, is_whole=True)
    if job.rate_low is None or job.rate_high is None:
        return ""
    low, high = (format_money(rate, job.currency, is_whole=True) for rate in (job.rate_low, job.rate_high))
    return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def _foot(job: JobRow, icons: Icons) -> Iterator[SafeString]:
    """Yield what a row says of its client, its place and its proposals."""
    mark = icons.verified if job.is_payment_verified else mark_safe("")
    if job.client_spent:
        amount = format_money(job.client_spent, job.currency, is_whole=True)
        yield _with(mark, _("%(amount)s spent") % {"amount": amount})
    elif job.is_payment_verified:
        yield _with(mark, _("Payment verified"))
    if not job.client_hires and not job.client_spent:
        yield conditional_escape(_("New client"))
    if job.place:
        yield _with(icons.place, job.place)
    yield _with(icons.people, _("%(range)s proposals") % {"range": bucket(job.proposals)})
    cost = job.connects_cost
    yield _with(icons.connects, ngettext("%(cost)s connect", "%(cost)s connects", cost) % {"cost": cost})


def _with(picture: SafeString, text: str) -> SafeString:
    return picture + conditional_escape(text)
