"""Asking clients from outside for their words, and what becomes of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import has_belonged
from core.actor import Actor
from core.errors import DomainError, NotAllowed, NotFound
from core.machine import sources_of
from core.mails import claim, send_each
from core.product import rules
from core.sweeps import for_each
from events.actions import record
from messaging.guard import check_texts
from profiles.actions.certifications import ReasonMissing
from profiles.actions.rows import lock_own
from profiles.gateway import testimonial_mail
from profiles.links import testimonial_in
from profiles.models import Profile, Testimonial
from profiles.permissions import can_review_profile

logger = logging.getLogger("jalon.mails")
#: Fewest characters of what a client writes.
LEAST_WORDS = 40
#: Attempts before the mail is given up, with a growing pause between them.
MOST_ATTEMPTS = 10


class TestimonialNotPossible(DomainError):
    """Who has an approved profile asks few people a day, each once, and never who said no."""


class TestimonialUsed(DomainError):
    """A link works once, until it expires or is taken back."""


class TestimonialTooShort(DomainError):
    """What is shown says something, under a name, with the agreement of whoever wrote it."""


class TestimonialNotWaiting(DomainError):
    """Each step follows the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Whom a freelancer asks, about which work, and in which language the mail is."""

    name: str
    company: str
    project: str
    email: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a client from outside writes, the name and company they agree to have shown, and that they do agree."""

    text: str
    name: str
    company: str
    language: str
    has_agreed: bool


@transaction.atomic
def ask_for_testimonial(*, profile_id: int, request: Request, by: Actor, at: datetime) -> Testimonial:
    """Have a mail with a signed link sent to a client from outside.

    To: asked. Event: profiles.testimonial_asked, without the address.

    Raises NotAllowed unless `by` may write for the profile's party, LeadsAway for contact data, TestimonialNotPossible
    before the profile is approved, for one's own address, for more than `testimonial_requests_daily` in 24 hours, for
    somebody who was asked within `testimonial_days`, and for whoever said no.
    """
    profile = lock_own(profile_id, by)
    if profile.status != Profile.Status.APPROVED:
        raise TestimonialNotPossible(_("You can ask once your profile is approved."))
    check_texts({"name": request.name, "company": request.company, "project": request.project})
    if not (request.name.strip() and request.project.strip()):
        raise TestimonialNotPossible(_("Say whom you ask, and about which project."))
    address = request.email.strip().lower()
    _check_address(profile, address, at)
    testimonial = Testimonial.objects.create(
        profile=profile,
        name=request.name,
        company=request.company,
        project=request.project,
        language=request.language,
        email=address,
        address_key=key_of(address),
        asked_at=at,
        expires_at=at + timedelta(days=rules().testimonial_days),
        mail_due_at=at,
    )
    _tell("testimonial_asked", testimonial, by, at)
    return testimonial


@transaction.atomic
def write_testimonial(*, token: str, words: Words, by: Actor, at: datetime) -> Testimonial:
    """Take a client's words; staff read them before anybody else does.

    From: asked, by whoever holds the link. To: written. Event: profiles.testimonial_written.

    Raises NotFound for a link that leads nowhere, NotAllowed for the freelancer, TestimonialUsed when the link has
    worked, has expired or was taken back, TestimonialTooShort, LeadsAway for contact data.
    """
    testimonial = _answered(token, "write_testimonial", by, at)
    if not (words.has_agreed and words.name.strip()) or len(words.text.strip()) < LEAST_WORDS:
        raise TestimonialTooShort(_("Write a few sentences, say under which name, and agree to its use."))
    check_texts({"text": words.text, "name": words.name, "company": words.company})
    testimonial.text, testimonial.name, testimonial.company = words.text, words.name, words.company
    testimonial.text_language = words.language
    testimonial.status, testimonial.written_at, testimonial.mail_due_at = Testimonial.Status.WRITTEN, at, None
    testimonial.save()
    _tell("testimonial_written", testimonial, by, at)
    return testimonial


@transaction.atomic
def decline_testimonial(*, token: str, by: Actor, at: datetime) -> Testimonial:
    """Say no; this freelancer can ask the same address no more.

    From: asked, by whoever holds the link. To: declined. Event: profiles.testimonial_declined.

    Raises NotFound, NotAllowed and TestimonialUsed as `write_testimonial` does.
    """
    testimonial = _answered(token, "decline_testimonial", by, at)
    return _end(testimonial, Testimonial.Status.DECLINED, by, at)


@transaction.atomic
def withdraw_testimonial(*, profile_id: int, testimonial_id: int, by: Actor, at: datetime) -> Testimonial:
    """Take a request back, or take the words off for good; the link works no more.

    From: asked, written, published. To: withdrawn. Event: profiles.testimonial_withdrawn.

    Raises NotAllowed unless `by` may write for the profile's party, NotFound for another's, TestimonialNotWaiting in
    any other state.
    """
    testimonial = _own(profile_id, testimonial_id, by)
    _check_state(testimonial, "withdraw_testimonial")
    return _end(testimonial, Testimonial.Status.WITHDRAWN, by, at)


@transaction.atomic
def hide_testimonial(*, profile_id: int, testimonial_id: int, by: Actor, at: datetime) -> Testimonial:
    """Keep a published one off the profile until it is shown again. Event: profiles.testimonial_hidden.

    Raises NotAllowed unless `by` may write for the profile's party, NotFound, TestimonialNotWaiting unless published.
    """
    return _show(_own(profile_id, testimonial_id, by), by, at, is_hidden=True)


@transaction.atomic
def show_testimonial(*, profile_id: int, testimonial_id: int, by: Actor, at: datetime) -> Testimonial:
    """Put a hidden one on the profile again. Event: profiles.testimonial_shown.

    Raises what `hide_testimonial` raises.
    """
    return _show(_own(profile_id, testimonial_id, by), by, at, is_hidden=False)


@transaction.atomic
def publish_testimonial(*, testimonial_id: int, reason: str, by: Actor, at: datetime) -> Testimonial:
    """Put a client's words on the profile.

    From: written. To: published. Event: profiles.testimonial_published.

    Raises NotAllowed unless `by` is a moderator of another party, TestimonialNotWaiting in any other state,
    ReasonMissing.
    """
    testimonial = _check_decision(testimonial_id, "publish_testimonial", reason, by)
    testimonial.status = Testimonial.Status.PUBLISHED
    return _decide(testimonial, reason, by, at)


@transaction.atomic
def refuse_testimonial(*, testimonial_id: int, reason: str, by: Actor, at: datetime) -> Testimonial:
    """Keep a client's words off the profile, or take them off it, as when the client wants them gone.

    From: written, published. To: refused. Event: profiles.testimonial_refused.

    Raises what `publish_testimonial` raises.
    """
    testimonial = _check_decision(testimonial_id, "refuse_testimonial", reason, by)
    testimonial.status, testimonial.reason = Testimonial.Status.REFUSED, reason.strip()
    return _decide(testimonial, reason, by, at)


@transaction.atomic
def expire_testimonial(*, testimonial_id: int, by: Actor, at: datetime) -> Testimonial:
    """End a request whose link works no more; the address goes.

    From: asked, once its time is over. To: expired. Event: profiles.testimonial_expired.

    Raises NotAllowed unless the system does it, TestimonialNotWaiting in any other state, and before its time.
    """
    testimonial = _lock(testimonial_id)
    if not by.is_system:
        raise NotAllowed(_("Only the clock ends a request."))
    _check_state(testimonial, "expire_testimonial")
    if testimonial.expires_at > at:
        raise TestimonialNotWaiting(_("This testimonial has moved on. Reload the page."))
    return _end(testimonial, Testimonial.Status.EXPIRED, by, at)


def expire_testimonials(*, at: datetime) -> int:
    """End each request whose link works no more; return how many. Event: profiles.testimonial_expired."""
    rows = Testimonial.objects.filter(status=Testimonial.Status.ASKED, expires_at__lte=at)
    return for_each(rows, lambda pk: expire_testimonial(testimonial_id=pk, by=Actor.system(), at=at).pk)


def send_testimonial_mails(*, at: datetime, limit: int = 50) -> int:
    """Send the mails that are due and return how many went out; not one transaction.

    Each is claimed first, so that no lock is held while the mail server thinks; one that cannot be sent waits longer
    each time and is given up in the end.
    """
    due = Testimonial.objects.filter(expires_at__gt=at).select_related("profile__party")

    def end(testimonial: Testimonial) -> None:
        Testimonial.objects.filter(pk=testimonial.pk, status=Testimonial.Status.ASKED).update(mail_due_at=None)

    return send_each(
        lambda: claim(due, at=at, attempts="mail_attempts", next_at="mail_due_at"),
        compose=testimonial_mail,
        sent=end,
        failed=lambda testimonial: end(testimonial) if testimonial.mail_attempts >= MOST_ATTEMPTS else None,
        limit=limit,
    )


def key_of(address: str) -> str:
    """Return the keyed hash by which an address is known again once it is gone."""
    return salted_hmac("profiles.testimonial", address, algorithm="sha256").hexdigest()


def check_link(testimonial: Testimonial, at: datetime) -> None:
    """Do nothing while the link of a testimonial works. Raises TestimonialUsed, which says why it does not."""
    if testimonial.status == Testimonial.Status.ASKED and at < testimonial.expires_at:
        return
    if testimonial.written_at is not None:
        raise TestimonialUsed(
            _("This link was used: your words arrived on %(day)s.") % {"day": _day(testimonial.written_at)}
        )
    if testimonial.status == Testimonial.Status.DECLINED:
        raise TestimonialUsed(_("This link was used: you said no, and you are not asked again."))
    if testimonial.status == Testimonial.Status.WITHDRAWN:
        raise TestimonialUsed(_("The freelancer has taken the request back."))
    raise TestimonialUsed(_("This link was valid until %(day)s.") % {"day": _day(testimonial.expires_at)})


def _day(moment: datetime) -> str:
    return date_format(moment, "DATE_FORMAT")


def _check_address(profile: Profile, address: str, at: datetime) -> None:
    if User.objects.filter(memberships__party_id=profile.party_id, email__iexact=address).exists():
        raise TestimonialNotPossible(_("This is your own address."))
    asked = Testimonial.objects.filter(profile=profile)
    to_this = asked.filter(address_key=key_of(address))
    if to_this.filter(status=Testimonial.Status.DECLINED).exists():
        raise TestimonialNotPossible(_("This person was asked and said no."))
    days = rules().testimonial_days
    if to_this.filter(asked_at__gt=at - timedelta(days=days)).exists():
        raise TestimonialNotPossible(
            ngettext(
                "You asked this person within the last %(days)s day.",
                "You asked this person within the last %(days)s days.",
                days,
            )
            % {"days": days}
        )
    most = rules().testimonial_requests_daily
    if asked.filter(asked_at__gt=at - timedelta(days=1)).count() >= most:
        raise TestimonialNotPossible(
            ngettext("You can ask %(most)s person a day.", "You can ask %(most)s people a day.", most) % {"most": most}
        )


def _lock(testimonial_id: int) -> Testimonial:
    """Return a testimonial, locked after its profile."""
    profile_id = Testimonial.objects.values_list("profile_id", flat=True).get(pk=testimonial_id)
    profile = Profile.objects.locked(profile_id)
    testimonial = Testimonial.objects.locked(testimonial_id)
    testimonial.profile = profile
    return testimonial


def _answered(token: str, verb: str, by: Actor, at: datetime) -> Testimonial:
    testimonial_id = testimonial_in(token)
    if testimonial_id is None or not Testimonial.objects.filter(pk=testimonial_id).exists():
        raise NotFound(_("This link leads nowhere."))
    testimonial = _lock(testimonial_id)
    if testimonial.profile.party.closed_at is not None:
        raise NotFound(_("This link leads nowhere."))
    if has_belonged(by, testimonial.profile.party_id):
        raise NotAllowed(_("Your client answers here, not you."))
    check_link(testimonial, at)
    _check_state(testimonial, verb)
    return testimonial


def _own(profile_id: int, testimonial_id: int, by: Actor) -> Testimonial:
    profile = lock_own(profile_id, by)
    testimonial = Testimonial.objects.filter(profile=profile, pk=testimonial_id).select_for_update(no_key=True).first()
    if testimonial is None:
        raise NotFound(_("This testimonial is not there any more."))
    testimonial.profile = profile
    return testimonial


def _check_state(testimonial: Testimonial, verb: str) -> None:
    if testimonial.status not in sources_of(Testimonial.TRANSITIONS, verb):
        raise TestimonialNotWaiting(_("This testimonial has moved on. Reload the page."))


def _end(testimonial: Testimonial, status: str, by: Actor, at: datetime) -> Testimonial:
    testimonial.status, testimonial.email, testimonial.mail_due_at = status, "", None
    testimonial.save(update_fields=["status", "email", "mail_due_at"])
    _tell(f"testimonial_{status}", testimonial, by, at)
    return testimonial


def _show(testimonial: Testimonial, by: Actor, at: datetime, *, is_hidden: bool) -> Testimonial:
    if testimonial.status != Testimonial.Status.PUBLISHED:
        raise TestimonialNotWaiting(_("This testimonial has moved on. Reload the page."))
    if testimonial.is_hidden != is_hidden:
        testimonial.is_hidden = is_hidden
        testimonial.save(update_fields=["is_hidden"])
        _tell("testimonial_hidden" if is_hidden else "testimonial_shown", testimonial, by, at)
    return testimonial


def _check_decision(testimonial_id: int, verb: str, reason: str, by: Actor) -> Testimonial:
    testimonial = _lock(testimonial_id)
    if not can_review_profile(by, testimonial.profile):
        raise NotAllowed(_("Only moderators may decide about testimonials, and not about their own."))
    _check_state(testimonial, verb)
    if not reason.strip():
        raise ReasonMissing(_("Say why in a sentence."))
    return testimonial


def _decide(testimonial: Testimonial, reason: str, by: Actor, at: datetime) -> Testimonial:
    testimonial.email, testimonial.decided_at, testimonial.decided_by_id = "", at, by.person_id
    testimonial.save(update_fields=["status", "reason", "email", "decided_at", "decided_by"])
    _tell(f"testimonial_{testimonial.status}", testimonial, by, at, reason=reason.strip())
    return testimonial


def _tell(event: str, testimonial: Testimonial, by: Actor, at: datetime, *, reason: str = "") -> None:
    record(
        kind=f"profiles.{event}",
        actor=by,
        subject=f"testimonial:{testimonial.pk}",
        scope=f"party:{testimonial.profile.party_id}",
        at=at,
        reason=reason,
    )
