"""What speaks for a contested payment, for the client's bank: the contract, the work handed in, the messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from accounts.models import Membership
from contracts.models import Contract, Milestone, Offer
from contracts.models.milestones import PURPOSE
from contracts.queries import Work, works_of
from core.money import format_money
from core.pdf import Document
from core.product import rules
from files.gateway import store
from messaging.queries import messages_of, room_of
from payments.gateway import Evidence, EvidenceFile
from payments.models import Charge

#: Messages that go to the bank, the newest ones.
MOST_MESSAGES = 300
#: Bytes of the largest file that goes along, and what banks read.
LARGEST_FILE = 4_000_000
READABLE = ("application/pdf", "image/png", "image/jpeg")


def chargeback_evidence(charge: Charge) -> Evidence:
    """Return what is known of the work that a charge paid for, in English, as banks read it."""
    contract = _contract_of(charge)
    if contract is None:
        return Evidence(texts=_offer_texts(charge), files={})
    milestones = list(contract.milestones.order_by("position"))
    works = works_of(milestones)
    handed_in = [work for milestone in milestones for work in reversed(works.get(milestone.pk, []))]
    files = {
        "service": _paper("contract", contract, _tell_contract(contract, milestones, works)),
        "communication": _paper("messages", contract, _tell_messages(contract)),
    }
    sample = _sample(handed_in)
    if sample:
        files["other"] = sample
    return Evidence(texts=_texts(contract, charge, milestones, handed_in), files=files)


def _contract_of(charge: Charge) -> Contract | None:
    paid_for = {"milestones": charge.reference} if charge.purpose == PURPOSE else {"offer": charge.reference}
    return Contract.objects.select_related("client", "freelancer").filter(**paid_for).first()


def _offer_texts(charge: Charge) -> dict[str, str]:
    offer = Offer.objects.select_related("client", "freelancer").get(pk=charge.reference)
    return {
        "product": f"Work ordered from {offer.freelancer.name}: {offer.title}\n\n{offer.deliverables}",
        "customer_name": offer.client.name,
        "customer_email": _email_of(offer.client_id),
        "refund_policy": _policy(),
        "refusal": "The work was ordered and paid for; the freelancer had not accepted the order yet.",
    }


def _texts(
    contract: Contract, charge: Charge, milestones: Sequence[Milestone], handed_in: Sequence[Work]
) -> dict[str, str]:
    last = max((work.submission.created_at for work in handed_in), default=None)
    facts = [f"The client ordered and paid this work on {_moment(charge.created_at)}."]
    facts += [f"Work was handed in on {_moment(work.submission.created_at)}." for work in handed_in]
    facts += [f"“{each.title}”: {_state(each)}." for each in milestones]
    return {
        "product": f"Work of {contract.freelancer.name}: {contract.title}\n\n{contract.deliverables}",
        "service_date": (last or contract.started_at).astimezone(UTC).date().isoformat(),
        "customer_name": contract.client.name,
        "customer_email": _email_of(contract.client_id),
        "refund_policy": _policy(),
        "refusal": "\n".join(facts),
    }


def _policy() -> str:
    product = rules()
    return (
        f"Payments are held by {product.brand_name} until the client approves the work, or says nothing for "
        f"{product.review_days} days after it was handed in. Held money can be asked back at any time; the freelancer "
        f"answers within {product.ask_back_days} days, and a mediator divides it if they disagree."
    )


def _tell_contract(contract: Contract, milestones: Sequence[Milestone], works: dict[int, list[Work]]) -> list[str]:
    lines = [f"Client: {contract.client.name}", f"Freelancer: {contract.freelancer.name}"]
    lines += [f"Agreed on {_moment(contract.started_at)}", contract.deliverables]
    for milestone in milestones:
        lines.append(f"# {milestone.title}, {format_money(milestone.amount, contract.currency)}: {_state(milestone)}")
        if milestone.description:
            lines.append(milestone.description)
        for work in reversed(works.get(milestone.pk, [])):
            lines.append(
                f"Handed in on {_moment(work.submission.created_at)} by {work.submission.author.get_full_name()}"
            )
            if work.submission.note:
                lines.append(work.submission.note)
            lines += [f"File {file.name}, {file.size} bytes, SHA-256 {file.sha256}" for file in work.files]
    return lines


def _tell_messages(contract: Contract) -> list[str]:
    room = room_of(contract.scope)
    messages = messages_of(room, count=MOST_MESSAGES) if room else []
    lines = []
    for message in messages:
        lines += [f"# {_moment(message.created_at)}, {message.author_name}", message.text or "Deleted by its author."]
    return lines or ["The two sides wrote no messages."]


def _paper(name: str, contract: Contract, lines: Sequence[str]) -> EvidenceFile:
    title = f"{name.title()}: {contract.title}"
    paper = Document(
        title,
        author=rules().brand_name,
        language="en",
        page_of=lambda page, pages: f"{contract.scope}, {page}/{pages}",
    )
    paper.heading(title, is_large=True)
    for line in lines:
        if line.startswith("# "):
            paper.heading(line.removeprefix("# "))
        else:
            paper.text(line)
    return EvidenceFile(f"{name}.pdf", "application/pdf", paper.render())


def _sample(handed_in: Sequence[Work]) -> EvidenceFile | None:
    """Return the newest file that was handed in and that a bank can read."""
    files = [file for work in reversed(handed_in) for file in work.files]
    for file in files:
        if file.is_ready and file.media_type in READABLE and file.size <= LARGEST_FILE:
            with store().open(file.path) as content:
                return EvidenceFile(file.name, file.media_type, content.read())
    return None


def _email_of(party_id: int) -> str:
    owner = Membership.objects.filter(party_id=party_id, role=Membership.Role.OWNER).select_related("user").first()
    return owner.user.email if owner else ""


def _state(milestone: Milestone) -> str:
    done = f", on {_moment(milestone.finished_at)}" if milestone.finished_at else ""
    return f"{milestone.status.replace('_', ' ')}{done}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
