"""The suggestions under a skills input."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.limits import allow
from taxonomy.queries import suggest_skills

SUGGESTIONS = 10
#: Questions of one visitor in a minute; fast typing asks about twice a second.
PER_MINUTE = 240
LONGEST_INPUT = 2000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One option: the whole text the input would hold, and the skill it adds."""

    value: str
    name: str


@require_GET
def skill_suggest(request: HttpRequest) -> HttpResponse:
    """Return options for the name being typed after the last comma; those before it are kept in each option.

    The text is in `q`, or in the parameter that `field` names, as an input sends itself.
    """
    if not allow(request, "skill_suggest", limit=PER_MINUTE, seconds=60):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    typed = request.GET.get("q") or request.GET.get(request.GET.get("field", "skills"), "")
    head, comma, last = typed[:LONGEST_INPUT].rpartition(",")
    kept = f"{head.strip()}{comma} " if comma else ""
    suggestions = [Suggestion(f"{kept}{skill.name}", skill.name) for skill in suggest_skills(last, limit=SUGGESTIONS)]
    response = render(request, "taxonomy/_skill_options.html", {"suggestions": suggestions})
    response["Cache-Control"] = "private, max-age=60"
    return response
