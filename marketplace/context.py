"""What every page shows around its content: the brand, the way through the house, the reader's theme.

Nothing here costs a query until a template uses it; pages of visitors use nothing that does. Links depend on role,
language and page alone, so a process works them out once for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.product import rules
from marketplace.permissions import can_advance_clock
from marketplace.queries import Around, Hat, around
from messaging.queries import unread_rooms

Words = str | Promise
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Link:
    """A place one can go to, in the reader's language."""

    label: str
    url: str
    icon: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A titled list of links at the foot of the page."""

    title: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a link leads, and the addresses on which it is the current one: names, or namespaces ending in a colon."""

    label: Words
    name: str
    icon: str = ""
    here: tuple[str, ...] = ()
    short: Words = ""


@dataclass(frozen=True, slots=True)
class Role:
    """What decides which places a reader has."""

    kind: str
    is_signed_in: bool
    is_staff: bool
    is_embedded: bool
    has_demo_clock: bool


FIND_WORK = Place(
    _("Find work"),
    "jobs:list",
    "search",
    ("jobs:list", "jobs:detail", "jobs:saved", "jobs:searches", "jobs:search_new", "jobs:search_edit"),
    pgettext_lazy("short, tab bar", "Work"),
)
FIND_FREELANCERS = Place(
    _("Find freelancers"),
    "profiles:talent",
    "users",
    (
        "profiles:talent",
        "profiles:public",
        "profiles:talent_lists",
        "profiles:talent_save",
        "profiles:talent_list_new",
        "profiles:talent_list_edit",
    ),
    pgettext_lazy("short, tab bar", "Freelancers"),
)
FEES = Place(_("Fees"), "fees", "receipt")
HOW = Place(_("How it works"), "how", "info")
GUIDE_JOB = Place(_("How to write a post"), "guide_job")
GUIDE_PROFILE = Place(_("How to write a profile"), "guide_profile")
ADMINISTRATION = Place(_("Administration"), "admin:index", "shield-check")
MAILBOX = Place(_("Mailbox"), "accounts:mailbox", "mail")
DEMO_CLOCK = Place(_("Demo clock"), "demo_clock", "clock")

MAIN = {
    "": (FIND_WORK, HOW, FEES),
    "staff": (FIND_WORK, ADMINISTRATION),
    "freelancer": (
        FIND_WORK,
        Place(_("Proposals"), "proposals:mine", "send", ("proposals:", "jobs:invitations", "jobs:invitation_decline")),
        Place(_("Contracts"), "contracts:list", "briefcase", ("contracts:",)),
        Place(_("Wallet"), "payments:wallet", "wallet", ("payments:",)),
    ),
    "client": (
        Place(_("My jobs"), "jobs:mine", "inbox", ("jobs:", "proposals:"), pgettext_lazy("short, tab bar", "Jobs")),
        Place(_("Contracts"), "contracts:list", "briefcase", ("contracts:",)),
        FIND_FREELANCERS,
        Place(_("Payments"), "payments:client", "credit-card", ("payments:",)),
    ),
}


#: The kinds of parties that work: an agency has a freelancer's places.
WORKING = ("freelancer", "agency")


def _main_places(role: Role) -> tuple[Place, ...]:
    return MAIN.get("freelancer" if role.kind in WORKING else role.kind) or MAIN["staff" if role.is_staff else ""]


def _account_places(role: Role) -> tuple[Place, ...]:
    return (
        *((Place(_("Profile"), "profiles:edit", "user"),) if role.kind in WORKING else ()),
        Place(_("Settings"), "accounts:settings", "settings"),
        *((ADMINISTRATION,) if role.is_staff else ()),
        *((DEMO_CLOCK,) if role.has_demo_clock else ()),
        *((MAILBOX,) if role.is_embedded else ()),
    )


def _foot_places(role: Role) -> tuple[tuple[Words, tuple[Place, ...]], ...]:
    hires = role.kind == "client" or not role.is_signed_in
    connects = (Place(_("Connects"), "proposals:connects"),) if role.kind in WORKING else ()
    return (
        (
            _("For clients"),
            (
                *((Place(_("Post a job"), "jobs:new"),) if hires else ()),
                FIND_FREELANCERS,
                GUIDE_JOB,
                HOW,
            ),
        ),
        (_("For freelancers"), (FIND_WORK, *connects, GUIDE_PROFILE)),
        (
            _("About"),
            (
                FEES,
                Place(_("How ranking works"), "ranking"),
                Place(_("Terms of use"), "accounts:terms"),
                Place(_("Privacy notice"), "accounts:privacy"),
            ),
        ),
        (_("Help"), (Place(_("Keyboard shortcuts"), "keyboard"), *((MAILBOX,) if role.is_embedded else ()))),
    )


def address(name: str) -> str:
    """Return the address of a page; how it all works is a part of the home page."""
    return f"{reverse('home')}#how" if name == "how" else reverse(name)


def _links(places: tuple[Place, ...], here: str, *, is_short: bool = False) -> Iterator[Link]:
    for place in places:
        prefixes = place.here or (place.name,)
        is_current = any(here == each or (each.endswith(":") and here.startswith(each)) for each in prefixes)
        yield Link(str((is_short and place.short) or place.label), address(place.name), place.icon, is_current)


@lru_cache(maxsize=2048)
def _main(role: Role, here: str, _language: str) -> tuple[Link, ...]:
    return tuple(_links(_main_places(role), here))


@lru_cache(maxsize=2048)
def _tabs(role: Role, here: str, _language: str) -> tuple[Link, ...]:
    return tuple(_links(_main_places(role), here, is_short=True))


@lru_cache(maxsize=2048)
def _account(role: Role, here: str, _language: str) -> tuple[Link, ...]:
    return tuple(_links(_account_places(role), here))


@lru_cache(maxsize=64)
def _foot(role: Role, _language: str) -> tuple[Column, ...]:
    return tuple(Column(str(title), tuple(_links(places, ""))) for title, places in _foot_places(role))


class Shell:
    """The frame of one page, worked out as far as its template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def actor(self) -> Actor:
        """Who reads; a visitor where nobody asked yet."""
        return getattr(self._request, "actor", None) or Actor.anonymous()

    @property
    def is_signed_in(self) -> bool:
        """Test whether somebody is signed in."""
        return self.actor.user_id is not None

    @property
    def is_client(self) -> bool:
        """Test whether the reader acts for a client."""
        return self.actor.party_kind == "client"

    @property
    def is_freelancer(self) -> bool:
        """Test whether the reader acts for a freelancer or an agency."""
        return self.actor.party_kind in WORKING

    @property
    def is_embedded(self) -> bool:
        """Test whether this is the set-up without a mail server, whose mails are read on a page."""
        return self._role.is_embedded

    @property
    def has_demo_clock(self) -> bool:
        """Test whether the reader may move the demonstration clock."""
        return self._role.has_demo_clock

    @cached_property
    def nav(self) -> tuple[Link, ...]:
        """The main places of the reader."""
        return _main(self._role, self._here, get_language() or "")

    @property
    def tabs(self) -> tuple[Link, ...]:
        """The same, in words that fit the bar at the foot of a phone."""
        return _tabs(self._role, self._here, get_language() or "")

    @property
    def account_links(self) -> tuple[Link, ...]:
        """The rest of the reader's places, for the account menu."""
        return _account(self._role, self._here, get_language() or "")

    @property
    def foot(self) -> tuple[Column, ...]:
        """The columns at the foot of the page."""
        return _foot(self._role, get_language() or "")

    @property
    def unread_rooms(self) -> int:
        """The rooms of the reader that wait to be read; who reads only some of their party's is counted for."""
        if self.actor.role in {"member", "named_worker"}:
            return unread_rooms(self.actor)
        return self.hat.unread_rooms if self.hat else 0

    @cached_property
    def around(self) -> Around:
        """The reader's unread notices and parties, in one query."""
        return around(self.actor)

    @property
    def hats(self) -> tuple[Hat, ...]:
        """The parties the reader may act for."""
        return self.around.hats

    @cached_property
    def hat(self) -> Hat | None:
        """The party the reader acts for."""
        return next((hat for hat in self.hats if hat.party_id == self.actor.party_id), None)

    @cached_property
    def _role(self) -> Role:
        return Role(
            kind=self.actor.party_kind,
            is_signed_in=self.is_signed_in,
            is_staff=self.actor.is_staff,
            is_embedded=bool(settings.EMBEDDED),
            has_demo_clock=can_advance_clock(self.actor),
        )

    @cached_property
    def _here(self) -> str:
        match = self._request.resolver_match
        return match.view_name if match else ""


def theme_of(request: HttpRequest) -> str:
    """Return the theme that the reader chose: light, dark, or nothing for the system's."""
    theme = request.COOKIES.get("theme", "")
    return theme if theme in THEMES else ""


def shell(request: HttpRequest) -> dict[str, object]:
    """Give every template the brand, the shell, the theme, and whether single-key shortcuts are on."""
    return {
        "brand": rules().brand_name,
        "shell": Shell(request),
        "theme": theme_of(request),
        "has_keys": request.COOKIES.get("keys") != "off",
    }
