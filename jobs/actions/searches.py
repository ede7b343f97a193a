"""Keeping searches under a name, and telling their owners of what is new in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from events.actions import record
from jobs.models import SavedSearch
from jobs.permissions import can_change_search, can_save_searches

Alert = SavedSearch.Alert
LONGEST_QUERY = 2000
#: How long a search whose words have gone is left alone before it is looked at again.
REST = timedelta(hours=1)


class SearchEmpty(DomainError):
    """A saved search asks for something."""


class SearchTooLong(DomainError):
    """The filters of a saved search fit into an address."""


class SearchNameTaken(DomainError):
    """A person gives each of their searches a name of its own."""


class TooManySearches(DomainError):
    """A person keeps a number of searches."""


@transaction.atomic
def save_search(*, subject: str, name: str, query: str, alert: str, by: Actor, at: datetime) -> SavedSearch:
    """Keep a search; its alerts tell of what comes after this moment.

    `query` is what the address of the list holds. Event: none, it is nobody else's business.

    Raises NotAllowed if `by` has no such lists, SearchEmpty, SearchTooLong, SearchNameTaken, TooManySearches.
    """
    if by.party_id is None or not can_save_searches(by, subject):
        raise NotAllowed(_("Switch to the account with which you search, then save it."))
    if not query:
        raise SearchEmpty(_("Enter words or choose a filter first: a search for everything is not saved."))
    if len(query) > LONGEST_QUERY:
        raise SearchTooLong(_("This search is too long to be saved. Take some filters off."))
    User.objects.select_for_update(no_key=True).get(pk=by.person_id)  # so that two tabs cannot pass the limit together
    most = rules().saved_searches_maximum
    if SavedSearch.objects.filter(user_id=by.person_id).count() >= most:
        raise TooManySearches(
            ngettext(
                "You can keep %(most)d search. Delete one first.",
                "You can keep %(most)d searches. Delete one first.",
                most,
            )
            % {"most": most}
        )
    _check_name(name.strip(), subject, by.person_id, by.party_id)
    return SavedSearch.objects.create(
        user_id=by.person_id,
        party_id=by.party_id,
        subject=subject,
        name=name.strip(),
        query=query,
        alert=Alert(alert),
        seen_at=at,
        next_at=_next(alert, at),
        created_at=at,
    )


@transaction.atomic
def change_search(*, search_id: int, name: str, alert: str, by: Actor, at: datetime) -> SavedSearch:
    """Give a search another name, or another rhythm; alerts that begin again tell of what comes from now on.

    Event: none. Raises NotAllowed for somebody else's, SearchNameTaken.
    """
    search = SavedSearch.objects.locked(search_id)
    if not can_change_search(by, search):
        raise NotAllowed(_("Only who saved a search can change it."))
    if name.strip() != search.name:
        _check_name(name.strip(), search.subject, search.user_id, search.party_id)
        search.name = name.strip()
    if alert != search.alert:
        if search.alert == Alert.OFF:
            search.seen_at = at
        search.alert, search.next_at = Alert(alert), _next(alert, at)
    search.save(update_fields=["name", "alert", "seen_at", "next_at"])
    return search


@transaction.atomic
def delete_search(*, search_id: int, by: Actor) -> None:
    """Forget a search. Event: none. Raises NotAllowed for somebody else's."""
    search = SavedSearch.objects.locked(search_id)
    if not can_change_search(by, search):
        raise NotAllowed(_("Only who saved a search can change it."))
    search.delete()


@transaction.atomic
def stop_alerts(*, search_id: int) -> SavedSearch | None:
    """Send no more alerts of a search, for whoever holds the signed link of one; None where it was deleted."""
    search = SavedSearch.objects.filter(pk=search_id).select_for_update(no_key=True).first()
    if search is not None and search.alert != Alert.OFF:
        search.alert, search.next_at = Alert.OFF, None
        search.save(update_fields=["alert", "next_at"])
    return search


@transaction.atomic
def note_found(
    *, search_id: int, since: datetime, until: datetime, found: list[dict[str, Any]], count: str, at: datetime
) -> int:
    """Move a search on to `until`, and tell its owner of what was found after `since`, if anything was.

    `found` are the first few: jobs with title, language and path, profiles by their id; `count` says how many in all,
    such as “3” or “100+”. Returns 1 where somebody is told. A search that moved on meanwhile, or whose alerts were
    stopped, is left as it is: two clocks at once tell nothing twice. Event: jobs.search_found.
    """
    search = SavedSearch.objects.locked(search_id)
    if search.alert == Alert.OFF or search.seen_at != since or until <= since:
        return 0
    search.seen_at, search.next_at = until, _following(search, at)
    search.save(update_fields=["seen_at", "next_at"])
    if not found:
        return 0
    data: dict[str, Any] = {"found": found, "count": count}
    record(kind="jobs.search_found", actor=Actor.system(), subject=f"search:{search.pk}", scope="", at=at, **data)
    return 1


def rest_search(*, search_id: int, at: datetime) -> None:
    """Look again in a while at a search that cannot be read now; what came meanwhile is told of then."""
    SavedSearch.objects.filter(pk=search_id).exclude(alert=Alert.OFF).update(next_at=at + REST)


def _check_name(name: str, subject: str, user_id: int, party_id: int) -> None:
    taken = SavedSearch.objects.filter(user_id=user_id, party_id=party_id, subject=subject, name=name)
    if taken.exists():
        raise SearchNameTaken(_("You have a search of this name already. Choose another one."))


def _next(alert: str, at: datetime) -> datetime | None:
    if alert == Alert.OFF:
        return None
    return at + timedelta(days=SavedSearch.DAYS.get(alert, 0))


def _following(search: SavedSearch, at: datetime) -> datetime:
    """Return when a search is due next: in its rhythm, however late this time was."""
    days = SavedSearch.DAYS.get(search.alert)
    if days is None or search.next_at is None:
        return at
    period = timedelta(days=days)
    return search.next_at + period * ((at - search.next_at) // period + 1)
