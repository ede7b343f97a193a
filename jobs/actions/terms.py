"""What a client fills in about a job, and what must be in it before others may see it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.money import format_money
from core.product import rules
from jobs.models import Job
from jobs.queries.templates import blanks_of
from messaging.guard import guard_problems

#: Fewest characters of a description that others are asked to bid on.
SHORTEST_DESCRIPTION = 80
#: Most characters of one question.
LONGEST_QUESTION = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTexts:
    """What may still change once a job is open: the words, who sees it and how many people are wanted."""

    title: str
    description: str = ""
    language: str = "en"
    category_id: int | None = None
    speciality_id: int | None = None
    skill_ids: tuple[int, ...] = ()
    place: str = ""
    wanted_country: str = ""
    wanted_language: str = ""
    visibility: str = Job.Visibility.PUBLIC
    hires_wanted: int = 1
    file_ids: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTerms(JobTexts):
    """All of a job. Money is in minor units of the installation's currency, rates are an hour's."""

    kind: str = Job.Kind.FIXED
    budget: int | None = None
    rate_low: int | None = None
    rate_high: int | None = None
    duration: str = ""
    weekly_load: int | None = None
    level: str = ""
    starts_on: date | None = None
    due_on: date | None = None
    questions: tuple[str, ...] = ()


Problems = dict[str, list[str]]


def text_problems(job: Job, skills: int) -> Problems:
    """Return what the words of a job lack before others may read it, by field; `skills` is how many it asks for."""
    problems: Problems = {}
    if not job.title.strip():
        problems["title"] = [_("Enter a title.")]
    length = len(job.description.strip())
    if length < SHORTEST_DESCRIPTION:
        problems["description"] = [
            _("Describe the work in %(least)s characters or more: there are %(length)s now.")
            % {"least": SHORTEST_DESCRIPTION, "length": length}
        ]
    blanks = blanks_of(job.description)
    if blanks:
        problems.setdefault("description", []).append(_fill_in(blanks))
    texts = {"title": job.title, "description": job.description, "place": job.place}
    for name, messages in guard_problems(texts).items():
        problems.setdefault(name, []).extend(messages)
    if job.category_id is None:
        problems["category"] = [_("Choose a category.")]
    if job.speciality is not None and job.speciality.category_id != job.category_id:
        problems["speciality"] = [_("This speciality belongs to another category. Choose one of the category above.")]
    most = rules().skills_maximum
    if not 1 <= skills <= most:
        problems["skills"] = [ngettext("Enter %(most)s skill.", "Enter 1 to %(most)s skills.", most) % {"most": most}]
    if not max(1, job.hires_made) <= job.hires_wanted <= rules().hires_maximum:
        problems["hires_wanted"] = [
            _("Enter a number from %(least)s to %(most)s.")
            % {"least": max(1, job.hires_made), "most": rules().hires_maximum}
        ]
    return problems


def term_problems(job: Job, skills: int) -> Problems:
    """Return what a draft lacks before it may be published, by field; `skills` is how many it asks for."""
    problems = text_problems(job, skills)
    if not job.level:
        problems["level"] = [_("Choose how experienced the person must be.")]
    if job.kind == Job.Kind.FIXED:
        least = rules().milestone_minimum
        if job.budget is None:
            problems["budget"] = [_("Enter a budget.")]
        elif job.budget < least:
            problems["budget"] = [
                _("Enter %(least)s or more: it is the smallest milestone.")
                % {"least": format_money(least, job.currency)}
            ]
    else:
        for name in ("rate_low", "rate_high"):
            if getattr(job, name) is None:
                problems[name] = [_("Enter both ends of the hourly rate.")]
    if len(job.questions) > rules().questions_maximum:
        problems["questions"] = [_("Ask %(most)s questions at most.") % {"most": rules().questions_maximum}]
    elif any(len(question) > LONGEST_QUESTION for question in job.questions):
        problems["questions"] = [_("Keep each question to %(most)s characters.") % {"most": LONGEST_QUESTION}]
    elif blanks := blanks_of("\n".join(job.questions)):
        problems["questions"] = [_fill_in(blanks)]
    else:
        problems |= guard_problems({"questions": "\n".join(job.questions)})
    return problems


def _fill_in(blanks: list[str]) -> str:
    return ngettext(
        "Fill in or delete what stands in square brackets: %(first)s.",
        "Fill in or delete what stands in square brackets in %(number)s places. The first: %(first)s.",
        len(blanks),
    ) % {"number": len(blanks), "first": blanks[0]}
