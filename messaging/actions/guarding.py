"""The guard over messages before a contract: what is masked, appeals against it, and those who try again and again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from events.actions import record
from messaging.guard.masking import mask
from messaging.models import LONGEST_WORD, GuardCase, Masking, Message, Room
from messaging.permissions import can_appeal_mask, can_decide_mask, can_see_guard_cases


class AlreadyAppealed(DomainError):
    """One appeals once against a mask that stands."""


class MaskNotAppealed(DomainError):
    """Moderators decide about an appeal, once, and read no other message."""


class GuardCaseClosed(DomainError):
    """A case is closed once."""


class WordsMissing(DomainError):
    """An appeal and a decision say why."""


def mask_message(message: Message, *, by: Actor, at: datetime) -> None:
    """Mask for the other side what leads away in a message before a contract, and count it (inner).

    Event: messaging.guard_repeated, when one person did it so often that moderators should know.
    """
    masked = mask(message.text)
    if masked is None:
        return
    message.masked_text = masked.text
    message.save(update_fields=["masked_text"])
    Masking.objects.create(message=message, author_id=message.author_id, kinds=masked.kinds, created_at=at)
    _count_repeats(message, by=by, at=at)


def end_mask(message: Message, *, at: datetime) -> None:
    """End the mask of a message whose words go (inner)."""
    if not message.masked_text:
        return
    Masking.objects.filter(message=message, status__in=Masking.LIVE).update(status=Masking.Status.ENDED, ended_at=at)
    message.masked_text = ""
    message.save(update_fields=["masked_text"])


def _count_repeats(message: Message, *, by: Actor, at: datetime) -> None:
    since = at - timedelta(days=rules().guard_repeat_days)
    looked_at = GuardCase.objects.filter(user_id=message.author_id, closed_at__gt=since).order_by("-closed_at").first()
    if looked_at is not None and looked_at.closed_at is not None:
        since = looked_at.closed_at
    counted = (
        Masking.objects.filter(author_id=message.author_id, created_at__gt=since)
        .exclude(status=Masking.Status.LIFTED)
        .values("message_id")
        .distinct()
        .count()
    )
    if counted < rules().guard_repeats:
        return
    case, is_new = GuardCase.objects.get_or_create(
        user_id=message.author_id,
        status=GuardCase.Status.OPEN,
        defaults={"party_id": message.party_id, "opened_at": at},
    )
    if is_new:
        record(kind="messaging.guard_repeated", actor=by, subject=f"guard_case:{case.pk}", at=at, count=counted)


@transaction.atomic
def appeal_mask(*, message_id: int, words: str, by: Actor, at: datetime) -> Masking:
    """Say to moderators that what was masked in one's message is no contact data. They read this one message.

    From: masked. To: appealed. Event: messaging.mask_appealed.

    Raises NotAllowed if `by` did not write it, AlreadyAppealed in any other state, WordsMissing.
    """
    message, masking = _locked(message_id)
    if not can_appeal_mask(by, message):
        raise NotAllowed(_("Only its author can appeal."))
    if masking is None or masking.status != Masking.Status.MASKED:
        raise AlreadyAppealed(_("There is nothing masked that you could appeal against, or you have done so."))
    masking.appeal = _words(words)
    masking.status, masking.appealed_at = Masking.Status.APPEALED, at
    masking.due_at = at + timedelta(hours=rules().mask_appeal_hours)
    masking.save(update_fields=["appeal", "status", "appealed_at", "due_at"])
    _tell("mask_appealed", masking, by, at)
    return masking


@transaction.atomic
def lift_mask(*, masking_id: int, reason: str, by: Actor, at: datetime) -> Masking:
    """Agree with an appeal: the other side reads the message as it was typed.

    From: appealed. To: lifted. Event: messaging.mask_lifted.

    Raises NotAllowed for anyone but moderators, and for those of either side; MaskNotAppealed in any other state;
    WordsMissing.
    """
    masking = _to_decide(masking_id, by)
    _note_decision(masking, Masking.Status.LIFTED, reason, by, at=at)
    message, room = masking.message, masking.message.room
    room.revision += 1
    room.save(update_fields=["revision"])
    message.masked_text, message.revision = "", room.revision
    message.save(update_fields=["masked_text", "revision"])
    _tell("mask_lifted", masking, by, at)
    return masking


@transaction.atomic
def keep_mask(*, masking_id: int, reason: str, by: Actor, at: datetime) -> Masking:
    """Refuse an appeal: the mask stays until there is a contract. The writer reads why.

    From: appealed. To: kept. Event: messaging.mask_kept. Raises what `lift_mask` raises.
    """
    masking = _to_decide(masking_id, by)
    _note_decision(masking, Masking.Status.KEPT, reason, by, at=at)
    _tell("mask_kept", masking, by, at)
    return masking


@transaction.atomic
def close_guard_case(*, case_id: int, reason: str, by: Actor, at: datetime) -> GuardCase:
    """Note what was done about somebody whose messages were masked again and again; counting begins anew.

    From: open. To: closed. Event: messaging.guard_case_closed.

    Raises NotAllowed for anyone but moderators, GuardCaseClosed, WordsMissing.
    """
    case: GuardCase = GuardCase.objects.locked(case_id)
    if not can_see_guard_cases(by) or case.user_id == by.user_id:
        raise NotAllowed(_("Only moderators who are not concerned decide this."))
    if case.status != GuardCase.Status.OPEN:
        raise GuardCaseClosed(_("This was looked at before."))
    case.reason = _words(reason)
    case.status, case.closed_at, case.closed_by_id = GuardCase.Status.CLOSED, at, by.user_id
    case.save(update_fields=["reason", "status", "closed_at", "closed_by"])
    record(kind="messaging.guard_case_closed", actor=by, subject=f"guard_case:{case.pk}", at=at, reason=case.reason)
    return case


def _locked(message_id: int) -> tuple[Message, Masking | None]:
    """Lock the room and a message of it, and return the message with its mask."""
    room = Room.objects.locked(Message.objects.values_list("room_id", flat=True).get(pk=message_id))
    message: Message = Message.objects.locked(message_id)
    message.room = room
    masking: Masking | None = Masking.objects.filter(message=message, status__in=Masking.LIVE).first()
    if masking is not None:
        masking.message = message
    return message, masking


def _to_decide(masking_id: int, by: Actor) -> Masking:
    message_id = Masking.objects.values_list("message_id", flat=True).get(pk=masking_id)
    message, masking = _locked(message_id)
    if not can_decide_mask(by, message):
        raise NotAllowed(_("Only moderators who are not concerned decide this."))
    if masking is None or masking.pk != masking_id or masking.status != Masking.Status.APPEALED:
        raise MaskNotAppealed(_("Nobody waits for a decision about this message any more."))
    return masking


def _note_decision(masking: Masking, status: Masking.Status, reason: str, by: Actor, *, at: datetime) -> None:
    masking.reason = _words(reason)
    masking.status, masking.decided_at, masking.decided_by_id = status, at, by.user_id
    masking.save(update_fields=["reason", "status", "decided_at", "decided_by"])


def _words(text: str) -> str:
    clean = text.replace("\x00", "").strip()
    if not clean:
        raise WordsMissing(_("Say why in a sentence."))
    return clean[:LONGEST_WORD]


def _tell(kind: str, masking: Masking, by: Actor, at: datetime) -> None:
    record(
        kind=f"messaging.{kind}",
        actor=by,
        subject=f"masking:{masking.pk}",
        scope=masking.message.room.owner,
        at=at,
        room=masking.message.room_id,
    )
