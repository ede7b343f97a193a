"""Evidence: what speaks for a contested charge, read by finance staff with a reason, and sent to the bank once."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, NotAllowed
from events.actions import record
from payments.actions.cases import ReasonMissing
from payments.actions.chargebacks import lock_chargeback, note_answered, see_dispute
from payments.gateway import EVIDENCE_FILES, EVIDENCE_TEXTS, Evidence, EvidenceFile, GatewayRefused
from payments.gateways import gateway_named
from payments.models import Charge, Chargeback
from payments.papers import receipt_pdf
from payments.permissions import can_handle_chargeback
from payments.registry import purpose_named

#: Characters of each text that a bank reads.
LONGEST_TEXT = 20_000


class ChargebackNotOpen(DomainError):
    """The bank has the evidence, or has decided."""


class EvidenceNotTaken(DomainError):
    """The provider refused the evidence, or still waits for it after it was sent."""


@transaction.atomic
def download_evidence(*, chargeback_id: int, reason: str, by: Actor, at: datetime) -> bytes:
    """Return what speaks for a contested charge as a zip, for finance staff; the contract's timeline says that it was.

    Money: none. Event: payments.chargeback_evidence_read.

    Raises NotAllowed unless `by` is of finance staff and of neither side, ReasonMissing.
    """
    chargeback = Chargeback.objects.select_related("charge__party", "charge__method").get(pk=chargeback_id)
    _check(chargeback, by, reason)
    _tell_read(chargeback, reason, by, at)
    evidence = evidence_of(chargeback)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in evidence.texts.items():
            bundle.writestr(f"{name}.txt", text)
        for name, file in evidence.files.items():
            bundle.writestr(f"{name}/{file.name}", file.content)
    return out.getvalue()


def send_evidence(*, chargeback_id: int, words: str, reason: str, by: Actor, at: datetime) -> Chargeback:
    """Hand the bank what speaks for a contested charge, with the words of staff; not one transaction.

    What was sent is kept: texts, and the names and checksums of files. Where there is no answer the same can be asked
    again: the provider is first asked whether it has the evidence.

    From: open. To: answered, or what the bank says at once. Money: none by itself.
    Event: payments.chargeback_evidence_read, payments.chargeback_answered.

    Raises NotAllowed unless `by` is of finance staff and of neither side, ReasonMissing, ChargebackNotOpen,
    EvidenceNotTaken, and GatewayUnreachable without an answer.
    """
    with transaction.atomic():
        chargeback = lock_chargeback(chargeback_id)
        _check(chargeback, by, reason)
        if chargeback.status != Chargeback.Status.OPEN:
            raise ChargebackNotOpen(_("The bank has the evidence already, or has decided. Nothing was sent."))
        evidence = evidence_of(chargeback, words=words.strip())
        chargeback.evidence = _summary(evidence)
        chargeback.evidence_tries += 1
        chargeback.save(update_fields=["evidence", "evidence_tries"])
        _tell_read(chargeback, reason, by, at)
    gateway = gateway_named(chargeback.gateway)
    try:
        dispute = gateway.submit_evidence(
            chargeback.provider_id,
            key=f"{gateway.environment}:evidence:chargeback-{chargeback.pk}:{chargeback.evidence_tries}",
            texts=evidence.texts,
            files=evidence.files,
            at=at,
        )
    except GatewayRefused as error:
        raise EvidenceNotTaken(
            _("The provider did not take the evidence: %(answer)s. Send it again, or in the provider's dashboard.")
            % {"answer": error}
        ) from error
    if dispute.status == "needs_response":
        raise EvidenceNotTaken(
            _("The provider still waits for evidence. Send it again, or in the provider's dashboard.")
        )
    with transaction.atomic():
        chargeback = lock_chargeback(chargeback_id)
        if chargeback.status == Chargeback.Status.OPEN:
            note_answered(chargeback, by=by, at=at, reason=reason.strip())
    see_dispute(chargeback.gateway, dispute, at)
    return Chargeback.objects.get(pk=chargeback_id)


def evidence_of(chargeback: Chargeback, *, words: str = "") -> Evidence:
    """Return what speaks for a contested charge: what its purpose knows, a receipt, and the `words` of staff.

    Texts are cut to what a bank reads.
    """
    charge = chargeback.charge
    collect = purpose_named(charge.purpose).evidence
    found = collect(charge) if collect else Evidence(texts=_texts_of(charge), files={})
    texts = {**found.texts, "other": words}
    with translation.override("en"):  # what banks read everywhere
        receipt = EvidenceFile("receipt.pdf", "application/pdf", receipt_pdf(charge))
    files = {**found.files, "receipt": receipt}
    return Evidence(
        texts={name: texts[name][:LONGEST_TEXT] for name in EVIDENCE_TEXTS if texts.get(name)},
        files={name: files[name] for name in EVIDENCE_FILES if name in files},
    )


def _texts_of(charge: Charge) -> dict[str, str]:
    return {
        "product": charge.title,
        "service_date": (charge.settled_at or charge.created_at).astimezone(UTC).date().isoformat(),
        "customer_name": charge.party.name,
    }


def _check(chargeback: Chargeback, by: Actor, reason: str) -> None:
    if not can_handle_chargeback(by, chargeback):
        raise NotAllowed(_("Only finance staff of neither side can do this."))
    if not reason.strip():
        raise ReasonMissing(_("Say why."))


def _summary(evidence: Evidence) -> dict[str, Any]:
    files = {
        name: {"name": file.name, "sha256": hashlib.sha256(file.content).hexdigest()}
        for name, file in evidence.files.items()
    }
    return {"texts": dict(evidence.texts), "files": files}


def _tell_read(chargeback: Chargeback, reason: str, by: Actor, at: datetime) -> None:
    record(
        kind="payments.chargeback_evidence_read",
        actor=by,
        subject=chargeback.holder,
        scope=chargeback.charge.scope,
        at=at,
        reason=reason.strip(),
        title=chargeback.charge.title,
    )
