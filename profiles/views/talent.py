"""The list of freelancers."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from core.clock import now
from profiles.forms import TalentForm
from profiles.forms.talent import write_quality
from profiles.queries import TalentPage, saved_among, search_talent, talent_without_each
from profiles.views.rows import talent_rows
from taxonomy.queries import lexicon


@require_safe
def talent(request: Request) -> HttpResponse:
    """List the freelancers that match the filters in the address."""
    words = lexicon()
    form = TalentForm(request.GET, lexicon=words)
    filters = form.filters()
    page = search_talent(filters, request.actor, lexicon=words)
    chips = form.chips()
    is_filtered = bool(chips or filters.words)
    context = {
        "form": form,
        "chips": chips,
        "groups": form.groups(page.facets),
        "has_earned": any(row.earned > 0 for row in page.rows),
        "page": page,
        "saved": saved_among(request.actor, [row.pk for row in page.rows]),
        "rows": talent_rows(page, words, asked=frozenset(filters.skills), at=now()),
        "has_all": any(not row.missing for row in page.rows),
        "suggestion": form.suggestion(page.question, page.count),
        "is_filtered": is_filtered,
        "removals": form.removals(talent_without_each(filters, request.actor, lexicon=words))
        if is_filtered and not page.rows
        else [],
        "kept": form.kept(),
        **_pages(form, page, is_further=bool(filters.after) and not filters.words),
    }
    return render(request, "profiles/talent.html", context)


def _pages(form: TalentForm, page: TalentPage, *, is_further: bool) -> dict[str, str]:
    """Return the addresses of the neighbouring pages; back from a further page of the whole list is to its top."""
    previous = form.query(changes={"page": str(page.number - 1)}) if page.number > 1 else ""
    following = {"after": write_quality(page.after)} if page.after else {"page": str(page.number + 1)}
    return {
        "previous_url": form.query() if is_further else previous,
        "next_url": form.query(changes=following) if page.has_more else "",
    }
