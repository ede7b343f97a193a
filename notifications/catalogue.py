"""Every kind of notice: which event it tells of, whom, in what words, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import DataExport, Membership, Party, PartyInvitation, User
from accounts.queries import owners_of, people_at_work, people_of
from contracts.models import Contract, ContractReader, Milestone, Offer, WorkerChange
from core.money import format_money
from disputes.models import Case
from events.models import Event
from jobs.models import Invitation, Job, JobReader, SavedSearch
from jobs.queries import stop_token
from messaging.models import GuardCase, Masking, Message, Room
from messaging.queries import readers_of
from payments.models import (
    Charge,
    Chargeback,
    FrozenPart,
    FrozenRelease,
    GiveBack,
    MoneyCase,
    Refund,
    Release,
    TransferReversal,
    Withdrawal,
    WithdrawalSchedule,
)
from payments.registry import link_to
from profiles.models import Certification, Profile, Testimonial
from proposals.models import Proposal
from trust.models import Report, ReportCase
from trust.queries import thing_name

#: Data keys that hold minor units and are shown as money.
AMOUNTS = ("amount", "to_freelancer", "to_client", "net", "threshold", "left")
#: Data keys that hold a choice, and the words of each.
CHOICES: Mapping[str, Mapping[str, Any]] = {
    "case_kind": dict(MoneyCase.Kind.choices),
    "role": dict(Membership.Role.choices),
    "outcome": {
        ReportCase.Status.UPHELD: _("It was against the rules. Thank you for telling us."),
        ReportCase.Status.DISMISSED: _("We found nothing against the rules."),
    },
}


@dataclass(frozen=True, slots=True)
class Thing:
    """What an event is about: the parties concerned, the words for the notice, and the page."""

    client_id: int | None
    freelancer_id: int | None
    words: Mapping[str, Any]
    path: str
    #: Where staff look at it.
    staff_path: str = ""
    #: Who of an agency does the work it is about: its other named workers are not told.
    worker_id: int | None = None
    #: Whom it is about, and whose account of several people it is.
    person_id: int | None = None
    owners_of: int | None = None
    #: Whose readers are the only members that hear of it.
    job_id: int | None = None
    contract_id: int | None = None
    #: The room that it stands in: only those who may read there at that moment hear of it.
    room: Room | None = None
    #: The one person concerned, where it is not everybody of the parties.
    user_id: int | None = None
    #: People who are told for themselves, whatever they act for.
    user_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice. `to` is client, freelancer or both, less whoever acted; `staff` is a group told as well.

    News of the people of a party go to the person they are about, or to the party's owners.
    """

    to: str
    title: str | Promise
    text: str | Promise = ""
    is_mailed: bool = True
    staff: str = ""


def _path(name: str, **kwargs: Any) -> str:
    with translation.override("en"):  # English pages have no prefix: the reader's is added when the notice is opened
        return reverse(name, kwargs=kwargs)


def _profile(pk: int) -> Thing:
    profile = Profile.objects.get(pk=pk)
    return Thing(None, profile.party_id, {}, _path("profiles:edit"))


def _job(pk: int) -> Thing:
    job = Job.objects.get(pk=pk)
    return Thing(job.client_id, None, {"job": job.title}, _path("jobs:detail", job_id=pk), job_id=pk)


def _invitation(pk: int) -> Thing:
    invitation = Invitation.objects.select_related("job__client", "party").get(pk=pk)
    words = {
        "job": invitation.job.title,
        "client": invitation.job.client.public_name,
        "freelancer": invitation.party.public_name,
    }
    return Thing(invitation.job.client_id, invitation.party_id, words, _path("jobs:detail", job_id=invitation.job_id))


def _search(pk: int) -> Thing:
    search = SavedSearch.objects.filter(pk=pk).first()
    if search is None:  # deleted before its news went out: nobody is told
        return Thing(None, None, {}, "")
    words = {"search": search.name, "stop_path": _path("jobs:search_stop", token=stop_token(pk))}
    return Thing(None, search.party_id, words, _path("jobs:search", search_id=pk), user_id=search.user_id)


def _proposal(pk: int) -> Thing:
    proposal = Proposal.objects.select_related("job__client", "party").get(pk=pk)
    words = {
        "job": proposal.job.title,
        "client": proposal.job.client.public_name,
        "freelancer": proposal.party.public_name,
        "currency": proposal.currency,
    }
    path = _path("proposals:detail", proposal_id=pk)
    return Thing(proposal.job.client_id, proposal.party_id, words, path, job_id=proposal.job_id)


def _offer(pk: int) -> Thing:
    offer = Offer.objects.select_related("client", "freelancer").get(pk=pk)
    words = {
        "offer": offer.title,
        "client": offer.client.name,
        "freelancer": offer.freelancer.public_name,
        "currency": offer.currency,
    }
    return Thing(
        offer.client_id,
        offer.freelancer_id,
        words,
        _path("contracts:offer", offer_id=pk),
        job_id=offer.job_id,
        worker_id=offer.worker_id,
    )


def _of_contract(contract: Contract, **words: Any) -> Thing:
    return Thing(
        contract.client_id,
        contract.freelancer_id,
        {
            "contract": contract.title,
            "client": contract.client.name,
            "freelancer": contract.freelancer.name,
            "currency": contract.currency,
            **words,
        },
        _path("contracts:room", contract_id=contract.pk),
        contract_id=contract.pk,
        worker_id=contract.worker_id,
    )


def _contract(pk: int) -> Thing:
    contract = Contract.objects.select_related("client", "freelancer", "worker").get(pk=pk)
    return _of_contract(contract, worker=contract.worker.get_full_name() if contract.worker else "")


def _milestone(pk: int) -> Thing:
    milestone = Milestone.objects.select_related("contract__client", "contract__freelancer").get(pk=pk)
    return _of_contract(milestone.contract, milestone=milestone.title)


def _case(pk: int) -> Thing:
    case = Case.objects.select_related("milestone__contract__client", "milestone__contract__freelancer").get(pk=pk)
    return _of_contract(case.milestone.contract, milestone=case.milestone.title)


def _message(pk: int) -> Thing:
    message = Message.objects.select_related("room", "author").prefetch_related("room__parties").get(pk=pk)
    room = message.room
    if room.kind == Room.Kind.CONTRACT:
        path = _path("contracts:messages", contract_id=int(room.owner.rpartition(":")[2]))
    else:
        path = _path("messaging:room", room_id=room.pk)
    sides = {party.kind == Party.Kind.CLIENT: party.pk for party in room.parties.all()}
    words = {"contract": room.title, "author": message.author_name}
    return Thing(sides.get(True), sides.get(False), words, path, room=room)


def _masking(pk: int) -> Thing:
    masking = Masking.objects.select_related("message__room", "message__author").get(pk=pk)
    room = masking.message.room
    path = _path("messaging:room", room_id=room.pk)
    return Thing(
        None,
        None,
        {"contract": room.title},
        path,
        staff_path=_path("admin:messaging_masking_change", object_id=pk),
        person_id=masking.author_id,
        owners_of=masking.message.party_id,
    )


def _guard_case(pk: int) -> Thing:
    case = GuardCase.objects.select_related("user").get(pk=pk)
    path = _path("admin:messaging_guardcase_change", object_id=pk)
    return Thing(None, None, {"who": case.user.get_full_name()}, path)


def _worker_change(pk: int) -> Thing:
    change = WorkerChange.objects.select_related("contract__client", "contract__freelancer", "worker").get(pk=pk)
    return _of_contract(change.contract, worker=change.worker.get_full_name())


def _withdrawal(pk: int) -> Thing:
    withdrawal = Withdrawal.objects.select_related("method").get(pk=pk)
    words = {"bank": withdrawal.method.label, "amount": withdrawal.amount, "currency": withdrawal.currency}
    return Thing(None, withdrawal.party_id, words, _path("payments:wallet"))


def _schedule(pk: int) -> Thing:
    schedule = WithdrawalSchedule.objects.select_related("method").get(pk=pk)
    return Thing(None, schedule.party_id, {"bank": schedule.method.label}, _path("payments:withdrawal_schedule"))


def _release(pk: int) -> Thing:
    release = Release.objects.get(pk=pk)
    words = {"title": release.title, "amount": release.net, "currency": release.currency}
    return Thing(release.payer_id, release.payee_id, words, _path("payments:wallet"))


def _charge(pk: int) -> Thing:
    charge = Charge.objects.get(pk=pk)
    words = {"title": charge.title, "amount": charge.amount, "currency": charge.currency}
    return Thing(charge.party_id, None, words, _path("payments:charge", charge_id=pk))


def _refund(pk: int) -> Thing:
    refund = Refund.objects.select_related("charge").get(pk=pk)
    words = {"title": refund.title, "amount": refund.amount, "currency": refund.currency}
    return Thing(refund.charge.party_id, None, words, _path("payments:client"))


def _give_back(pk: int) -> Thing:
    release = GiveBack.objects.select_related("release").get(pk=pk).release
    with translation.override("en"):
        path = link_to(release.scope)
    return Thing(release.payer_id, release.payee_id, {"title": release.title}, path or _path("payments:wallet"))


def _credit(pk: int) -> Thing:
    words = {"client": Party.objects.get(pk=pk).name}
    return Thing(pk, None, words, _path("payments:client"), staff_path=_path("admin:payments_credit_changelist"))


def _cash(pk: int) -> Thing:
    return Thing(None, None, {}, "", staff_path=_path("admin:payments_operatorcash_changelist"))


def _chargeback(pk: int) -> Thing:
    chargeback = Chargeback.objects.select_related("charge").get(pk=pk)
    charge = chargeback.charge
    payees = [
        *FrozenPart.objects.filter(case=chargeback.holder).values_list("payee_id", flat=True),
        *FrozenRelease.objects.filter(case=chargeback.holder).values_list("payee_id", flat=True),
    ]
    words = {"title": charge.title, "amount": chargeback.amount, "currency": chargeback.currency}
    with translation.override("en"):
        path = link_to(charge.scope)
    staff_path = _path("admin:payments_chargeback_change", object_id=pk)
    return Thing(charge.party_id, payees[0] if payees else None, words, path or _path("payments:wallet"), staff_path)


def _debt(pk: int) -> Thing:
    return Thing(None, pk, {}, _path("payments:wallet"))


def _money_case(pk: int) -> Thing:
    return Thing(None, None, {"number": pk}, _path("admin:payments_moneycase_change", object_id=pk))


def _differences(_pk: int) -> Thing:
    return Thing(None, None, {}, _path("admin:payments_difference_changelist"))


def _reversal(pk: int) -> Thing:
    reversal = TransferReversal.objects.select_related("party").get(pk=pk)
    path = _path("admin:payments_transferreversal_change", object_id=pk)
    return Thing(None, None, {"freelancer": reversal.party.name}, "", staff_path=path)


def _party(pk: int) -> Thing:
    return Thing(None, pk, {}, _path("proposals:connects"))


def _party_invitation(pk: int) -> Thing:
    invitation = PartyInvitation.objects.select_related("party", "ended_by").get(pk=pk)
    name = invitation.ended_by.get_full_name() if invitation.ended_by else invitation.email
    words = {"party": invitation.party.name, "name": name, "email": invitation.email}
    return Thing(None, None, words, _path("accounts:people"), owners_of=invitation.party_id)


def _membership(pk: int) -> Thing:
    membership = Membership.objects.select_related("party", "user").get(pk=pk)
    words = {"party": membership.party.name, "name": membership.user.get_full_name()}
    path = _path("accounts:people") if membership.ended_at is None else _path("accounts:settings")
    return Thing(None, None, words, path, person_id=membership.user_id, owners_of=membership.party_id)


def _export(pk: int) -> Thing:
    return Thing(None, None, {}, _path("accounts:data"), user_ids=(DataExport.objects.get(pk=pk).user_id,))


def _books(_pk: int) -> Thing:
    return Thing(None, None, {}, f"{_path('admin:events_event_changelist')}?q=books:1")


def _page(pk: int) -> Thing:
    return Thing(pk, None, {}, _path("accounts:party"))


def _report(pk: int) -> Thing:
    report = Report.objects.select_related("case__job", "case__profile__party", "case__party").get(pk=pk)
    path = _path("trust:report", report_id=pk)
    return Thing(None, None, {"thing": thing_name(report.case)}, path, user_ids=(report.reporter_id,))


def _report_case(pk: int) -> Thing:
    case = ReportCase.objects.select_related("job", "profile__party", "party").get(pk=pk)
    path = _path("admin:trust_reportcase_change", object_id=pk)
    return Thing(None, None, {"thing": thing_name(case)}, path)


def _certification(pk: int) -> Thing:
    certification = Certification.objects.select_related("profile").get(pk=pk)
    return Thing(None, certification.profile.party_id, {"certificate": certification.heading}, _path("profiles:edit"))


def _testimonial(pk: int) -> Thing:
    testimonial = Testimonial.objects.select_related("profile").get(pk=pk)
    return Thing(None, testimonial.profile.party_id, {"who": testimonial.name}, _path("profiles:edit"))


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "profile": _profile,
    "job": _job,
    "proposal": _proposal,
    "offer": _offer,
    "contract": _contract,
    "milestone": _milestone,
    "case": _case,
    "message": _message,
    "withdrawal": _withdrawal,
    "withdrawal_schedule": _schedule,
    "release": _release,
    "charge": _charge,
    "refund": _refund,
    "give_back": _give_back,
    "credit": _credit,
    "cash": _cash,
    "differences": _differences,
    "chargeback": _chargeback,
    "debt": _debt,
    "money_case": _money_case,
    "reversal": _reversal,
    "party": _party,
    "books": _books,
    "worker_change": _worker_change,
    "party_invitation": _party_invitation,
    "membership": _membership,
    "invitation": _invitation,
    "search": _search,
    "page": _page,
    "report": _report,
    "report_case": _report_case,
    "export": _export,
    "certification": _certification,
    "testimonial": _testimonial,
    "masking": _masking,
    "guard_case": _guard_case,
}

KINDS: Mapping[str, Kind] = {
    # Profiles
    "profiles.profile_approved": Kind(
        "freelancer", _("Your profile is approved"), _("It is public now, and you can send proposals.")
    ),
    "profiles.profile_changes_requested": Kind(
        "freelancer", _("Your profile needs some changes"), _("Open it to see which points, then submit it again.")
    ),
    # Jobs
    "jobs.job_opened": Kind("client", _("Your job “%(job)s” is open"), _("Freelancers can send proposals now.")),
    "jobs.job_sent_back": Kind(
        "client", _("Your job “%(job)s” needs some changes"), _("Open it to see why, then publish it again.")
    ),
    "jobs.job_removed": Kind("client", _("Your job “%(job)s” was removed"), _("Open it to see why.")),
    "jobs.job_expiring": Kind(
        "client", _("Your job “%(job)s” expires soon"), _("Read its proposals or edit it to keep it open.")
    ),
    "jobs.job_expired": Kind("client", _("Your job “%(job)s” has expired"), _("Connects went back to the bidders.")),
    "jobs.job_filled": Kind("client", _("Your job “%(job)s” is filled"), is_mailed=False),
    # Proposals
    "proposals.proposal_submitted": Kind("client", _("%(freelancer)s sent a proposal for “%(job)s”")),
    "proposals.proposal_viewed": Kind(
        "freelancer", _("The client opened your proposal for “%(job)s”"), is_mailed=False
    ),
    "proposals.proposal_declined": Kind("freelancer", _("Your proposal for “%(job)s” was declined")),
    "proposals.proposal_closed": Kind("freelancer", _("“%(job)s” has ended, and your proposal with it")),
    "proposals.connects_returned": Kind("freelancer", _("Your connects for “%(job)s” came back"), is_mailed=False),
    "proposals.connects_granted": Kind("freelancer", _("You received free connects"), is_mailed=False),
    "proposals.connects_bought": Kind("freelancer", _("The connects you bought have arrived"), is_mailed=False),
    "proposals.connects_expired": Kind("freelancer", _("Some of your connects have expired"), is_mailed=False),
    # Offers
    "contracts.offer_sent": Kind(
        "freelancer",
        _("%(client)s sent you an offer: “%(offer)s”"),
        _("The first milestone is paid and held. Accept or decline the offer before it expires."),
    ),
    "contracts.offer_payment_failed": Kind(
        "client",
        _("The payment for your offer “%(offer)s” did not go through"),
        _("Nothing was charged. Open the offer and try again, or use another card."),
    ),
    "contracts.offer_accepted": Kind(
        "client", _("%(freelancer)s accepted your offer “%(offer)s”"), _("The contract has started.")
    ),
    "contracts.offer_declined": Kind(
        "client", _("%(freelancer)s declined your offer “%(offer)s”"), _("Your money goes back to your card.")
    ),
    "contracts.offer_withdrawn": Kind("freelancer", _("%(client)s withdrew the offer “%(offer)s”")),
    "contracts.offer_expired": Kind("both", _("The offer “%(offer)s” has expired"), _("The money goes back.")),
    "contracts.offer_expiring": Kind(
        "freelancer", _("The offer “%(offer)s” is waiting for you"), _("Accept or decline it before it expires.")
    ),
    # Contracts
    "contracts.contract_ending": Kind(
        "both", _("“%(contract)s” is being ended"), _("Open it to see what happens next.")
    ),
    "contracts.contract_ended": Kind("both", _("“%(contract)s” has ended"), is_mailed=False),
    "contracts.milestone_proposed": Kind(
        "both", _("A milestone was proposed: “%(milestone)s”"), _("Accept or decline it.")
    ),
    "contracts.milestone_accepted": Kind("both", _("The milestone “%(milestone)s” was accepted")),
    "contracts.milestone_declined": Kind("both", _("The milestone “%(milestone)s” was declined")),
    "contracts.milestone_withdrawn": Kind("both", _("The milestone “%(milestone)s” was withdrawn"), is_mailed=False),
    "contracts.milestone_cancelled": Kind("both", _("The milestone “%(milestone)s” was cancelled")),
    "contracts.milestone_funded": Kind(
        "both", _("“%(milestone)s” is funded"), _("The money is held until the work is approved.")
    ),
    "contracts.milestone_payment_failed": Kind(
        "client",
        _("The payment for “%(milestone)s” did not go through"),
        _("Nothing was charged. Open the contract and try again, or use another card."),
    ),
    "contracts.milestone_payment_returned": Kind(
        "client",
        _("A payment for “%(milestone)s” came too late"),
        _("The money goes back to your card."),
    ),
    "contracts.milestone_submitted": Kind(
        "client",
        _("%(freelancer)s submitted “%(milestone)s”"),
        _("Approve it or ask for changes. Without an answer it is approved when its time is over."),
    ),
    "contracts.milestone_changes_requested": Kind(
        "freelancer",
        _("%(client)s asked for changes to “%(milestone)s”"),
        _("The clock of silent approval has stopped."),
    ),
    "contracts.milestone_approved": Kind("freelancer", _("%(client)s approved “%(milestone)s” and released the money")),
    "contracts.milestone_released": Kind("freelancer", _("%(client)s released the money of “%(milestone)s”")),
    "contracts.milestone_released_part": Kind("freelancer", _("%(client)s released a part of “%(milestone)s”")),
    "contracts.milestone_released_by_silence": Kind(
        "both", _("“%(milestone)s” was approved by silence"), _("Nobody answered in time, so the money was released.")
    ),
    "contracts.milestone_moved": Kind("freelancer", _("Held money of “%(milestone)s” was moved to “%(target)s”")),
    "contracts.milestone_asked_back": Kind(
        "freelancer",
        _("%(client)s asks for the money of “%(milestone)s” back"),
        _("Agree, give it back, or let mediators decide. Open the contract to see what silence does."),
    ),
    "contracts.milestone_refunded": Kind("both", _("The money of “%(milestone)s” goes back to %(client)s")),
    "contracts.milestone_given_back": Kind("client", _("%(freelancer)s gave back the money of “%(milestone)s”")),
    "contracts.milestone_review_ending": Kind(
        "client",
        _("“%(milestone)s” is waiting for your answer"),
        _("Without one it is approved when its time is over."),
    ),
    "contracts.milestone_ask_back_ending": Kind(
        "freelancer",
        _("%(client)s still waits for your answer about “%(milestone)s”"),
        _("Open the contract to see what silence does."),
    ),
    # Cases
    "disputes.case_opened": Kind(
        "both", _("A mediator will decide about “%(milestone)s”"), _("The sum in question is frozen until then.")
    ),
    "disputes.case_decided": Kind(
        "both", _("The case about “%(milestone)s” is decided"), _("Open the contract to read the decision.")
    ),
    # Rooms
    "messaging.message_posted": Kind("both", _("%(author)s wrote in “%(contract)s”")),
    # Money
    "payments.release_matured": Kind("freelancer", _("%(amount)s for “%(title)s” is available"), is_mailed=False),
    "payments.release_given_back": Kind(
        "both", _("%(amount)s for “%(title)s” goes back to the client"), _("Our fees go back with it, in proportion.")
    ),
    "payments.payer_wanted": Kind(
        "client",
        _("Your bank wants you to confirm %(amount)s for “%(title)s”"),
        _("Nothing was charged yet. Open the payment and confirm it with your bank: it is stopped if nobody does."),
    ),
    "payments.refund_denied": Kind(
        "client",
        _("Your card did not take %(amount)s back"),
        _("The sum for “%(title)s” is your credit now: pay with it, or ask for it back on the payments page."),
    ),
    "payments.credit_asked_back": Kind(
        "staff", _("%(client)s asks for %(amount)s of credit"), _("No card can take it: pay it out."), staff="finance"
    ),
    "payments.credit_used": Kind("client", _("%(amount)s of your credit paid for “%(title)s”"), is_mailed=False),
    "payments.credit_returned": Kind("client", _("%(amount)s for “%(title)s” is your credit again")),
    "payments.credit_paid_out_planned": Kind("client", _("%(amount)s of your credit is being paid out")),
    "payments.cash_denied": Kind(
        "staff", _("The provider refused to move %(amount)s of cash"), _("Nothing was moved."), staff="finance"
    ),
    "payments.cash_returned": Kind(
        "staff",
        _("%(amount)s of cash came back after it had arrived"),
        _("The bank undid what was confirmed, and our books follow. Look whether the balance covers what is owed."),
        staff="finance",
    ),
    "payments.reversal_denied": Kind(
        "staff",
        _("%(amount)s could not be taken back from %(freelancer)s"),
        _("It is tried again every hour; the client is refunded all the same."),
        staff="finance",
    ),
    "payments.shortfall_found": Kind(
        "staff",
        _("%(amount)s is missing on the platform's balance"),
        _("It does not cover what is owed to others. Put cash in."),
        is_mailed=False,  # the case about it is
        staff="finance",
    ),
    "payments.chargeback_opened": Kind(
        "both",
        _("The payment of %(amount)s for “%(title)s” is contested at the bank"),
        _(
            "The sum is frozen where it is until the bank has decided. What was paid out of it already is kept back "
            "from the freelancer's withdrawals."
        ),
    ),
    "payments.chargeback_answered": Kind(
        "both", _("The bank has our evidence about “%(title)s”"), _("It decides, often after weeks."), is_mailed=False
    ),
    "payments.chargeback_won": Kind(
        "both",
        _("The bank left the payment of %(amount)s for “%(title)s” here"),
        _("What was frozen is free again, and clocks that stood still run on."),
    ),
    "payments.chargeback_lost": Kind(
        "both",
        _("The bank took the payment of %(amount)s for “%(title)s” back"),
        _("What was frozen of it is gone. What had been paid out of it, the freelancer owes; later earnings repay it."),
    ),
    "payments.debt_repaid": Kind(
        "freelancer",
        _("%(amount)s of what you owe was repaid"),
        _("It was taken from your pending or available money. %(left)s is left to repay."),
    ),
    "disputes.case_waits": Kind(
        "both",
        _("The case about “%(milestone)s” waits for the client's bank"),
        _("The payment is contested there. The case goes on once the bank has decided."),
    ),
    "disputes.case_goes_on": Kind(
        "both", _("The case about “%(milestone)s” goes on"), _("The bank has decided about the payment.")
    ),
    "disputes.case_lost": Kind(
        "both",
        _("The case about “%(milestone)s” has ended"),
        _("The client's bank took back all of the sum in question."),
    ),
    "contracts.offer_charged_back": Kind(
        "both",
        _("The offer “%(offer)s” was withdrawn"),
        _("Its payment is contested at the client's bank."),
    ),
    "proposals.connects_taken_back": Kind(
        "freelancer",
        _("The payment of connects is contested at your bank"),
        _("Those left were taken back; those you have spent must be bought again before your next proposal."),
    ),
    "proposals.connects_given_back": Kind(
        "freelancer", _("Your connects are back"), _("The bank left their payment here.")
    ),
    "payments.withdrawal_paid": Kind("freelancer", _("%(amount)s was paid to %(bank)s")),
    "payments.withdrawal_returned": Kind(
        "freelancer",
        _("Your bank returned %(amount)s"),
        _("The money is available again. Add another bank account before you withdraw it."),
    ),
    "payments.withdrawal_cancelled": Kind(
        "freelancer", _("Your withdrawal of %(amount)s was cancelled"), is_mailed=False
    ),
    "payments.schedule_skipped_below_threshold": Kind(
        "freelancer",
        _("Your scheduled withdrawal was skipped"),
        _("There was less than %(threshold)s that could leave. The next day of the schedule comes as planned."),
        is_mailed=False,
    ),
    "payments.schedule_skipped_debt": Kind(
        "freelancer",
        _("Your scheduled withdrawal was skipped"),
        _("You owe money that is repaid first. The next day of the schedule comes as planned."),
    ),
    "payments.schedule_skipped_method": Kind(
        "freelancer",
        _("Your scheduled withdrawal was skipped"),
        _("The bank account %(bank)s cannot be used yet. The next day of the schedule comes as planned."),
    ),
    "payments.schedule_skipped_account": Kind(
        "freelancer",
        _("Your scheduled withdrawal was skipped"),
        _("Our payment provider has not enabled your account. Open your wallet to see what is missing."),
    ),
    "payments.schedule_paused": Kind(
        "freelancer",
        _("Your scheduled withdrawals are paused"),
        _("The bank account %(bank)s cannot be used any more. Choose another one to start them again."),
    ),
    # For finance staff
    "payments.books_differ": Kind(
        "staff",
        _("The books are not right. Differences found: %(count)s"),
        _("Open the newest event to read them. Find the cause before anything is corrected."),
        staff="finance",
    ),
    "payments.money_case_opened": Kind(
        "staff",
        _("Money case %(number)s: %(case_kind)s"),
        _("It cannot settle by itself. Open it, take it, and write down how it ended."),
        staff="finance",
    ),
    "payments.money_case_overdue": Kind(
        "staff",
        _("Money case %(number)s is overdue: %(case_kind)s"),
        _("Its deadline has passed and it is still open."),
        staff="finance",
    ),
    "payments.differences_found": Kind(
        "staff",
        _("The books and the provider differ. New differences: %(count)s"),
        _("Open the list to read what each means and what to do. Not explained yet: %(left)s."),
        staff="finance",
    ),
    "payments.differences_gone": Kind("staff", _("The books and the provider agree again"), staff="finance"),
    "payments.books_right_again": Kind("staff", _("The books are right again"), staff="finance"),
    # The worker of an agency's contract
    "contracts.worker_left": Kind(
        "both",
        _("%(worker)s has left %(freelancer)s and worked on “%(contract)s”"),
        _("The agency can propose somebody else, whom the client accepts or declines. Until then its owner delivers."),
    ),
    "contracts.worker_proposed": Kind(
        "client",
        _("%(freelancer)s proposes %(worker)s for the work on “%(contract)s”"),
        _("Read why, then accept or decline. Without an answer the contract keeps its worker."),
    ),
    "contracts.worker_replaced": Kind("both", _("%(worker)s does the work on “%(contract)s” from now on")),
    "contracts.worker_declined": Kind(
        "freelancer", _("%(client)s declined %(worker)s for “%(contract)s”"), _("The contract keeps its worker.")
    ),
    "contracts.worker_withdrawn": Kind(
        "client", _("%(freelancer)s no longer proposes %(worker)s for “%(contract)s”"), is_mailed=False
    ),
    "contracts.worker_change_expiring": Kind(
        "client",
        _("%(freelancer)s waits for your answer about %(worker)s"),
        _("Accept or decline it before it expires."),
    ),
    "contracts.worker_change_expired": Kind(
        "both", _("%(worker)s was not accepted in time for “%(contract)s”"), _("The contract keeps its worker.")
    ),
    # People of a party
    "accounts.invitation_accepted": Kind(
        "owners", _("%(name)s joined %(party)s"), _("Role: %(role)s."), is_mailed=False
    ),
    "accounts.invitation_declined": Kind(
        "owners", _("The invitation of %(email)s to %(party)s was declined"), is_mailed=False
    ),
    "accounts.invitation_expired": Kind(
        "owners", _("The invitation of %(email)s to %(party)s has expired"), is_mailed=False
    ),
    "accounts.member_left": Kind("owners", _("%(name)s left %(party)s")),
    "accounts.member_removed": Kind(
        "person", _("You no longer belong to %(party)s"), _("An owner or administrator removed you.")
    ),
    "accounts.role_changed": Kind("person", _("Your role in %(party)s has changed"), _("It is now: %(role)s.")),
    # Invitations
    "jobs.invitation_sent": Kind(
        "freelancer",
        _("%(client)s invited you to “%(job)s”"),
        _("A proposal costs you no connects. Answer before the invitation expires."),
    ),
    "jobs.invitation_declined": Kind(
        "client", _("%(freelancer)s declined your invitation to “%(job)s”"), is_mailed=False
    ),
    "jobs.invitation_withdrawn": Kind("freelancer", _("The invitation to “%(job)s” was withdrawn"), is_mailed=False),
    "jobs.search_found": Kind("freelancer", _("New for your search “%(search)s”: %(count)s")),
    "jobs.invitation_expired": Kind("both", _("The invitation to “%(job)s” has expired"), is_mailed=False),
    # Reports
    "trust.report_answered": Kind("person", _("We looked at what you reported: “%(thing)s”"), "%(outcome)s"),
    "trust.case_opened": Kind(
        "staff", _("Reported: “%(thing)s”"), _("Read it and decide."), is_mailed=False, staff="moderator"
    ),
    "accounts.about_cleared": Kind(
        "client",
        _("The text about you was taken down"),
        _("It breaks our rules: %(why)s You may write another one."),
    ),
    # People
    "accounts.export_ready": Kind(
        "person",
        _("Your data is ready to download"),
        _("The archive is deleted some days from now: the page says when."),
    ),
    "accounts.export_failed": Kind(
        "person",
        _("Your data could not be put together"),
        _("Ask for it once more; if that fails too, write to support."),
    ),
    # What stands on a profile
    "profiles.certification_checked": Kind(
        "freelancer",
        _("Your certificate “%(certificate)s” is checked"),
        _("Your profile says so, with the day."),
    ),
    "profiles.certification_refused": Kind(
        "freelancer",
        _("Your certificate “%(certificate)s” could not be confirmed"),
        _("Open your profile to read why. Change it, and it is checked again."),
    ),
    "profiles.testimonial_written": Kind(
        "freelancer",
        _("%(who)s wrote about your work"),
        _("Staff read it, then it stands on your profile."),
        is_mailed=False,
    ),
    "profiles.testimonial_declined": Kind(
        "freelancer", _("%(who)s does not want to write a testimonial"), is_mailed=False
    ),
    "profiles.testimonial_expired": Kind(
        "freelancer", _("%(who)s did not answer: the link has expired"), is_mailed=False
    ),
    "profiles.testimonial_published": Kind(
        "freelancer",
        _("What %(who)s wrote is on your profile"),
        _("You can hide it there at any time."),
    ),
    "profiles.testimonial_refused": Kind(
        "freelancer",
        _("What %(who)s wrote is not on your profile"),
        _("Open your profile to read why."),
    ),
    "profiles.available_now_lapsing": Kind(
        "freelancer",
        _("Are you still available now?"),
        _("Confirm it on your profile, or it lapses within a day."),
    ),
    "profiles.available_now_lapsed": Kind(
        "freelancer", _("You are not shown as available now any more"), is_mailed=False
    ),
    "profiles.vacation_ended": Kind(
        "freelancer",
        _("Your vacation has ended"),
        _("Say on your profile if you are available now."),
        is_mailed=False,
    ),
    # Messages before a contract
    "messaging.mask_appealed": Kind(
        "staff",
        _("A message was hidden by mistake, says its writer"),
        _("Read it and decide."),
        is_mailed=False,
        staff="moderator",
    ),
    "messaging.guard_repeated": Kind(
        "staff",
        _("%(who)s writes contact data again and again"),
        _("Look at how often, and decide what to do."),
        is_mailed=False,
        staff="moderator",
    ),
    "messaging.mask_lifted": Kind(
        "person", _("Your message in “%(contract)s” is shown whole"), _("A moderator agreed with you.")
    ),
    "messaging.mask_kept": Kind(
        "person",
        _("A part of your message in “%(contract)s” stays hidden"),
        _("Open it to read why. It is shown once there is a contract."),
    ),
}


def kind_is_work(kind: str) -> bool:
    """Test whether a kind of event is about work and its money, which concern only some of an agency's people."""
    return kind.partition(".")[0] in {"contracts", "disputes", "messaging", "payments"}


def thing_of(event: Event) -> Thing:
    """Return what an event is about. Raises KeyError for a subject of a kind without notices."""
    name, _colon, pk = event.subject.partition(":")
    return THINGS[name](int(pk))


def audience(kind: Kind, thing: Thing, actor_party_id: int | None) -> Iterable[int]:
    """Return the parties to tell: those concerned, but for the one that acted."""
    sides = {
        "client": [thing.client_id],
        "freelancer": [thing.freelancer_id],
        "both": [thing.client_id, thing.freelancer_id],
        "staff": [],
        "person": [],
        "owners": [],
    }[kind.to]
    return [party for party in sides if party is not None and party != actor_party_id]


def found_of(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what an alert found, each with title, language and path; people as they may be read by everybody now."""
    found = list(data.get("found", ()))
    ids = [each["profile"] for each in found if "profile" in each]
    shown = Profile.objects.approved().filter(pk__in=ids).exclude(visibility=Profile.Visibility.PRIVATE)
    people = {each.pk: each for each in shown.select_related("party")}
    return [
        {
            "title": f"{people[each['profile']].party.public_name}: {people[each['profile']].title}",
            "language": people[each["profile"]].language,
            "path": _path("profiles:public", slug=people[each["profile"]].slug),
        }
        if "profile" in each
        else each
        for each in found
        if "profile" not in each or each["profile"] in people
    ]


def people_told_of(party_id: int, thing: Thing, kind: str) -> list[User]:
    """Return the people of a party who hear of a thing: members only where they were added to it.

    Of work and its money, an agency's named workers hear only what they work on.
    """
    if thing.user_id is not None:  # a person's own thing, whatever their role
        return [user for user in people_of(party_id) if user.pk == thing.user_id]
    if thing.room is not None:
        open_to = readers_of(thing.room, party_id)
        return [user for user in people_of(party_id) if user.pk in open_to]
    members = set(
        Membership.objects.live()
        .filter(party_id=party_id, role=Membership.Role.MEMBER)
        .values_list("user_id", flat=True)
    )
    added: set[int] = set()
    if members and thing.job_id is not None:
        added |= set(JobReader.objects.filter(job_id=thing.job_id).values_list("user_id", flat=True))
    if members and thing.contract_id is not None:
        readers = ContractReader.objects.filter(contract_id=thing.contract_id, party_id=party_id)
        added |= set(readers.values_list("user_id", flat=True))
    people = people_at_work(party_id, thing.worker_id) if kind_is_work(kind) else people_of(party_id)
    return [user for user in people if user.pk not in members or user.pk in added]


def people_told(kind: Kind, thing: Thing) -> Iterable[tuple[int | None, User]]:
    """Return who hears of the people of a party, each with the account the notice is for."""
    if kind.to == "owners" and thing.owners_of is not None:
        return [(thing.owners_of, user) for user in owners_of(thing.owners_of)]
    if kind.to == "person":
        belongs = Membership.objects.live().filter(user_id=thing.person_id or 0, party_id=thing.owners_of or 0).exists()
        party_id = thing.owners_of if belongs else None
        return [(party_id, user) for user in User.objects.filter(pk=thing.person_id or 0, is_active=True)]
    return []


def words(kind: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """Return title and text of a notice in the active language; sums are formatted for it."""
    spec = KINDS[kind]
    shown = {
        key: format_money(value, data["currency"])
        if key in AMOUNTS and isinstance(value, int) and "currency" in data
        else str(CHOICES[key].get(value, value))
        if key in CHOICES
        else value
        for key, value in data.items()
    }
    title, text = str(spec.title), str(spec.text)
    return title % shown if shown else title, text % shown if shown else text
