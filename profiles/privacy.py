"""What this app knows about people: their profiles, which go with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from accounts.permissions import reads_all
from accounts.privacy import Leaver, Reader, Sheet, datum, fields_of
from files.actions import drop_files
from profiles.actions.profiles import PHOTO
from profiles.models import (
    Certification,
    Entry,
    OldAddress,
    PartyFacts,
    PortfolioItem,
    Profile,
    ProfileReview,
    TalentEntry,
    TalentList,
    Testimonial,
    WorkHistory,
)
from profiles.permissions import can_read_talent_lists
from profiles.queries import CERTIFICATE, PORTFOLIO

DATA = (
    datum(
        "profiles.Profile profiles.ProfileDocument",
        "profiles.json",
        "deleted",
        "With its pictures, and from search; its address is free.",
    ),
    datum("profiles.Entry profiles.PortfolioItem", "entries.json, works.json", "deleted", "With the profile."),
    datum("profiles.OldAddress", "addresses.json", "deleted", "With the profile."),
    datum("profiles.ProfileReview", "reviews.json, without the reader's name", "deleted", "With the profile."),
    datum("profiles.Certification", "certifications.json", "deleted", "With the profile, and with the proofs."),
    datum("profiles.Testimonial", "testimonials.json, without addresses", "deleted", "With the profile."),
    datum(
        "profiles.WorkHistory",
        "work-history.json",
        "nameless",
        "Of contracts, under the party's number; shown nowhere without the profile.",
    ),
    datum(
        "profiles.TalentList profiles.TalentEntry",
        "talent-lists.json",
        "deleted",
        "Lists of a client that closes; on those of others, the entry about the profile.",
    ),
    datum(
        "profiles.PartyFacts",
        "facts.json",
        "kept",
        "Counts of jobs and sums, under the party's number.",
    ),
)


def export(reader: Reader) -> Iterator[Sheet]:
    """Yield the profiles of the parties that a person acts for, with what stands in their sections."""
    ids = reader.party_ids()
    mine = Profile.objects.filter(party_id__in=ids).order_by("pk")
    about = ("slug", "status", "language", "title", "overview", "video", "level", "hourly_rate", "currency")
    states = ("visibility", "availability", "away_until", "created_at", "submitted_at", "approved_at")
    yield Sheet("profiles", fields_of(mine, *about, "category__name_en", *states))
    skills = Profile.skills.through.objects.filter(profile__in=mine).order_by("pk")
    yield Sheet("skills", fields_of(skills, "skill__name_en", "skill__name_fr"))
    entries = Entry.objects.filter(profile__in=mine).order_by("section", "position", "pk")
    said = ("section", "heading", "organisation", "started_on", "ended_on", "text", "language", "fluency")
    yield Sheet("entries", fields_of(entries, *said))
    works = PortfolioItem.objects.filter(profile__in=mine).order_by("position", "pk")
    yield Sheet("works", fields_of(works, "heading", "text", "video", "created_at"))
    certificates = Certification.objects.filter(profile__in=mine).order_by("position", "pk")
    claimed = ("heading", "organisation", "issued_on", "expires_on", "status", "reason", "claimed_at", "decided_at")
    yield Sheet("certifications", fields_of(certificates, *claimed))
    testimonials = Testimonial.objects.filter(profile__in=mine).order_by("pk")
    praised = ("status", "name", "company", "project", "text", "is_hidden", "reason", "asked_at", "written_at")
    yield Sheet("testimonials", fields_of(testimonials, *praised))
    history = WorkHistory.objects.filter(party_id__in=reader.party_ids(lambda actor: actor.sees_sums)).order_by("pk")
    done = ("contract_id", "title", "started_at", "ended_at", "amount", "currency", "is_amount_hidden")
    yield Sheet("work-history", fields_of(history, *done))
    kept = TalentEntry.objects.filter(talent_list__party_id__in=reader.party_ids(can_read_talent_lists)).order_by("pk")
    yield Sheet("talent-lists", fields_of(kept, "talent_list__name", "profile__slug", "note", "created_at"))
    addresses = OldAddress.objects.filter(profile__in=mine).order_by("pk")
    yield Sheet("addresses", fields_of(addresses, "slug", "left_at"))
    reviews = ProfileReview.objects.filter(profile__in=mine).order_by("pk")
    yield Sheet("reviews", fields_of(reviews, "is_approved", "points", "note", "created_at"))
    led = reader.party_ids(lambda actor: reads_all(actor) and actor.sees_sums)
    facts = PartyFacts.objects.filter(party_id__in=led).order_by("pk")
    counts = ("jobs_posted", "jobs_hired", "hires", "spent", "earned", "contracts_ended", "is_payment_verified")
    yield Sheet("facts", fields_of(facts, *counts))


def erase(leaver: Leaver, *, at: datetime) -> None:
    """Delete the profiles of the parties that close, and let their files go."""
    TalentList.objects.filter(party_id__in=leaver.party_ids).delete()
    for profile in Profile.objects.filter(party_id__in=leaver.party_ids).order_by("pk"):
        drop_files(kind=PHOTO, ref=profile.pk, at=at)
        for item in profile.portfolio.values_list("pk", flat=True):
            drop_files(kind=PORTFOLIO, ref=item, at=at)
        for certificate in profile.certifications.values_list("pk", flat=True):
            drop_files(kind=CERTIFICATE, ref=certificate, at=at)
        ProfileReview.objects.filter(profile=profile).delete()
        profile.delete()
