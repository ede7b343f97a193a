"""What the frame of a page, the landing page and the table of fees show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from contracts.models import Milestone
from core.actor import Actor
from core.money import fee_of
from core.product import rules
from jobs.models import Job
from ledger.models import CONNECT
from payments.models import FeeSchedule
from payments.queries import ChargeQuote, ReleaseQuote, charge_quote, operator_position
from payments.tax import UNTAXED, ChargeTaxes, tax_on
from proposals.models import CONNECTS
from taxonomy.models import Category


@dataclass(frozen=True, slots=True)
class Hat:
    """A party that the reader may act for."""

    party_id: int
    kind: str
    name: str
    connects: int
    photo: UUID | None = None
    #: Invitations to jobs that wait for an answer of the party.
    invitations: int = 0
    #: Rooms of the party whose newest words are by others and unread; of some roles `unread_rooms` counts those open.
    unread_rooms: int = 0


@dataclass(frozen=True, slots=True)
class Around:
    """What the frame of a page shows of its reader: whether a notice is unread, and the parties they act for."""

    has_unread: bool
    hats: tuple[Hat, ...]


#: Written by hand: it runs on every page of somebody signed in, and building it costs more than running it.
_AROUND = """
    SELECT membership.party_id, party.kind, party.name, COALESCE(account.balance, 0), profile.photo_id,
           (SELECT count(*) FROM jobs_invitation WHERE party_id = membership.party_id AND status = 'invited'),
           (SELECT count(*) FROM messaging_room_parties side
            JOIN messaging_room room ON room.id = side.room_id
            JOIN messaging_message message ON message.id = room.last_message_id
            LEFT JOIN messaging_readmark mark ON mark.room_id = room.id AND mark.user_id = %(user)s
            WHERE side.party_id = membership.party_id AND message.id > COALESCE(mark.last_read_id, 0)
                  AND message.author_id <> %(user)s AND message.deleted_at IS NULL),
           EXISTS (SELECT 1 FROM notifications_notice WHERE user_id = %(user)s AND read_at IS NULL)
    FROM accounts_membership membership
    JOIN accounts_party party ON party.id = membership.party_id
    LEFT JOIN profiles_profile profile ON profile.party_id = party.id
    LEFT JOIN ledger_account account
           ON account.name = %(connects)s || membership.party_id AND account.currency = %(currency)s
    WHERE membership.user_id = %(user)s AND membership.ended_at IS NULL AND party.closed_at IS NULL
    ORDER BY membership.created_at, membership.id
"""


def around(actor: Actor) -> Around:
    """Return what the frame shows of `actor`, in one query; nothing for visitors."""
    if actor.user_id is None:
        return Around(has_unread=False, hats=())
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, {"user": actor.user_id, "connects": CONNECTS, "currency": CONNECT})
        found = cursor.fetchall()
    return Around(
        has_unread=any(unread for *_hat, unread in found),
        hats=tuple(Hat(*hat) for *hat, _unread in found),
    )


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category and how many open jobs everybody may see in it."""

    slug: str
    name: str
    icon: str
    jobs: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What the landing page says about this installation: its own rows, counted."""

    open_jobs: int
    paid_milestones: int
    held_milestones: int


def categories_with_jobs() -> list[CategoryCount]:
    """Return every category with its number of open public jobs, in the order of the landing page."""
    open_jobs = Count("jobs", filter=Q(jobs__status=Job.Status.OPEN, jobs__visibility=Job.Visibility.PUBLIC))
    return [
        CategoryCount(category.slug, category.name, category.icon, category.open_jobs)
        for category in Category.objects.annotate(open_jobs=open_jobs).order_by("position", "slug")
    ]


def counts() -> Counts:
    """Return the counts of the landing page."""
    milestones = Milestone.objects.aggregate(
        paid=Count("pk", filter=Q(status=Milestone.Status.RELEASED)),
        held=Count(
            "pk",
            filter=Q(status__in=Milestone.HELD),
        ),
    )
    open_jobs = Job.objects.filter(status=Job.Status.OPEN, visibility=Job.Visibility.PUBLIC).count()
    return Counts(open_jobs=open_jobs, paid_milestones=milestones["paid"], held_milestones=milestones["held"])


def fee_versions(at: datetime) -> list[FeeSchedule]:
    """Return the public table of fees, the version in force at `at` first, later ones left out."""
    return list(FeeSchedule.objects.filter(valid_from__lte=at).order_by("-valid_from", "-version"))


@dataclass(frozen=True, slots=True)
class Quote:
    """What a milestone costs its client and brings its freelancer under one version of the fees, in minor units.

    `charge` and `release` are the same with the operator's VAT on everything, for two businesses of its country.
    """

    fee: FeeSchedule
    amount: int
    client_fee: int
    client_pays: int
    freelancer_fee: int
    freelancer_gets: int
    charge: ChargeQuote
    release: ReleaseQuote


def quote(fee: FeeSchedule, amount: int) -> Quote:
    """Return the example of the fees pages for `amount` minor units."""
    client_fee, freelancer_fee = fee_of(amount, fee.client_bps), fee_of(amount, fee.freelancer_bps)
    home = operator_position()
    tax = tax_on(home, home, dict(rules().vat_rates)) if home.charges_vat else UNTAXED
    charge = charge_quote(amount, client_fee, ChargeTaxes(tax, tax))
    release = ReleaseQuote(amount, charge.vat, freelancer_fee, tax.on(freelancer_fee), tax, tax)
    return Quote(
        fee,
        amount,
        client_fee,
        client_pays=amount + client_fee,
        freelancer_fee=freelancer_fee,
        freelancer_gets=amount - freelancer_fee,
        charge=charge,
        release=release,
    )
