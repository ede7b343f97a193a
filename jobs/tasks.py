"""What clocks do that read a form: they load, look, and call one action."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import translation

from accounts.queries import acting
from core.sweeps import for_each
from jobs.actions import note_found, rest_search
from jobs.forms import SearchForm
from jobs.models import SavedSearch
from jobs.permissions import can_save_searches
from jobs.queries import due_searches, jobs_since
from profiles.forms import TalentForm
from profiles.queries import talent_since
from taxonomy.forms import FilterForm
from taxonomy.queries import Lexicon, lexicon

#: A post is given so long to be committed: one whose transaction began earlier and ends later is not passed over.
SETTLED = timedelta(seconds=30)
#: So many new ones are counted; so many are named.
COUNTED, NAMED = 100, 10
FORMS: dict[str, type[SearchForm | TalentForm]] = {
    SavedSearch.Subject.JOBS: SearchForm,
    SavedSearch.Subject.TALENT: TalentForm,
}


def read_search(subject: str, query: str, words: Lexicon) -> SearchForm | TalentForm:
    """Return the form of the list that a query leads to: it knows its filters, and what of them nobody knows."""
    return FORMS[subject](QueryDict(query), lexicon=words)


def is_whole(form: FilterForm) -> bool:
    """Test whether every part of a search could be read; one with a part left out would find what nobody asked for."""
    return not form.notes and not form.unread


def send_search_alerts(*, at: datetime) -> int:
    """Tell the owners of searches of what is new in them; return how many were told.

    For each search the membership, the new ones and the move to the next place: some ten statements, whatever there is.
    """
    until = at - SETTLED
    words = lexicon()
    return for_each(due_searches(at=at, until=until), lambda pk: _look(pk, words, until, at))


def _look(search_id: int, words: Lexicon, until: datetime, at: datetime) -> int:
    search = SavedSearch.objects.select_related("user").get(pk=search_id)
    form = read_search(search.subject, search.query, words)
    actor = acting(search.user, search.party_id).actor
    is_theirs = actor.party_id == search.party_id and can_save_searches(actor, search.subject)
    if not is_whole(form) or not is_theirs or not search.user.is_active:
        rest_search(search_id=search.pk, at=at)
        return 0
    since = search.seen_at
    if isinstance(form, SearchForm):
        jobs = jobs_since(form.filters(), actor, lexicon=words, since=since, until=until, limit=COUNTED + 1)
        found: list[dict[str, Any]] = [
            {"title": title, "language": language, "path": _path("jobs:detail", pk)} for pk, title, language in jobs
        ]
    else:
        people = talent_since(form.filters(), actor, lexicon=words, since=since, until=until, limit=COUNTED + 1)
        found = [{"profile": pk} for pk in people]  # names are looked up when the mail is written, and stored nowhere
    count = f"{COUNTED}+" if len(found) > COUNTED else str(len(found))
    return note_found(search_id=search.pk, since=since, until=until, found=found[:NAMED], count=count, at=at)


def _path(name: str, key: int | str) -> str:
    with translation.override("en"):  # English pages have no prefix: the reader's is added when the mail is written
        return reverse(name, args=[key])
