"""One of everything, for the access table and the crawlers: made through product verbs, named as the rows name it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actions import add_hat, invite_member
from accounts.models import PartyInvitation
from accounts.queries import acting
from accounts.tests.cast import Person, make_client, make_member, make_staff
from contracts import actions
from contracts.actions import MilestoneTerms
from contracts.models import Contract, Milestone, Offer, OfferVersion, WorkerChange
from contracts.tests import cast
from core.actor import Actor
from core.clock import now
from disputes.actions import sweep_silent_ask_backs
from disputes.models import Case
from files.actions import store_file
from files.models import StoredFile
from files.queries import files_of
from jobs.actions import invite_to_job, pause_job, publish_job, save_search, start_draft
from jobs.models import Invitation, Job, SavedSearch
from messaging.actions import appeal_mask, open_room, post_message, start_call
from messaging.models import MESSAGE_FILES, Call, GuardCase, Masking, Room
from messaging.queries import room_of
from notifications.models import Notice
from payments.actions import (
    mature_releases,
    note_differences,
    open_money_case,
    plan_transfers,
    request_withdrawal,
    run_charge,
)
from payments.models import Charge, Invoice, MoneyCase, PaymentMethod, PayoutMethod, Release, Withdrawal
from payments.queries.differences import Finding, Listing
from payments.tests import cards
from profiles.actions import EntryTexts, add_item, save_talent
from profiles.models import Profile, Section, TalentEntry
from profiles.tests.cast import add_certificate, ask, make_approved, make_profile, make_studio, write
from proposals.actions import (
    buy_connects,
    edit_terms,
    fill_scorecard,
    save_draft,
    withdraw_proposal,
    write_note,
)
from proposals.models import Conversation, Interview, Proposal, ProposalNote
from proposals.tests.cast import agree, attach, bid, make_job, make_terms, propose, talk
from trust.actions import report_job
from trust.models import Report


@dataclass(slots=True)
class World:
    """Everything a row of the access table may speak of. The client is Alice, the freelancer is Bob."""

    people: dict[str, Person]
    job: Job
    draft_job: Job
    review_job: Job
    paused_job: Job
    proposal: Proposal
    offer_proposal: Proposal
    draft_offer: Offer
    countered_offer: Offer
    counter: OfferVersion
    revision: OfferVersion
    offer: Offer
    contract: Contract
    agreed: Milestone
    proposed: Milestone
    funding: Milestone
    funded: Milestone
    submitted: Milestone
    refund_requested: Milestone
    disputed: Milestone
    case: Case
    room: Room
    profile: Profile
    draft_profile: Profile
    charge: Charge
    release: Release
    withdrawal: Withdrawal
    bank: PayoutMethod
    card: PaymentMethod
    spare_card: PaymentMethod
    file: StoredFile
    notice: Notice
    invoice: Invoice
    agency_contract: Contract
    worker_change: WorkerChange
    job_invitation: Invitation
    search: SavedSearch
    talent: TalentEntry
    conversation: Conversation
    interview: Interview
    agreed_interview: Interview
    at: datetime
    invitation: PartyInvitation
    report: Report
    talk: Room
    masking: Masking
    guard_case: GuardCase
    proposal_note: ProposalNote
    call: Call

    def __getattr__(self, name: str) -> Any:
        """Return a person by role."""
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


#: Made days ago, so that holds, waits and clocks have run where the rows need it.
DAYS_BEFORE = 20
#: What a proposal by milestones asks for.
PARTS = (MilestoneTerms("Audit of the kiosk", 30_000), MilestoneTerms("Its screens", 60_000))


def make_world() -> World:  # noqa: PLR0915  (one line for each thing of the world)
    """Return the world as it is now."""
    today = now()
    at = today - timedelta(days=DAYS_BEFORE)
    moderator = make_staff("Maya", "moderator", at=at)
    deal = cast.make_deal(at=at, hires_wanted=5)
    alice, bob = deal.alice, deal.bob
    assert alice.party is not None
    assert bob.party is not None
    contract, states = _contract(deal, at)
    spare_card = cards.make_card(alice, cards.SECOND_STEP, at=at)
    withdrawal, bank = _withdrawal(deal, at, today)
    states |= _late_states(deal, contract, spare_card, today)

    chloe = make_approved("Chloé", moderator=moderator, at=at)
    cards.settle_all(at)
    job = make_job(alice, at=today, title="Front-end work on the quay kiosk", hires_wanted=3)
    proposal = bid(bob, job, at=today, milestones=PARTS, file_ids=[attach(bob, at=today).pk])
    _unsent_and_withdrawn(chloe, job, make_job(alice, at=today, title="A map of the harbour"), today)
    waiting_job = make_job(alice, at=today, title="Six labels for apple juice")
    offer_deal = cast.Deal(alice, bob, waiting_job, _changed_bid(bob, waiting_job, today), deal.card, today)
    offer = cast.send(offer_deal)
    third_job = make_job(alice, at=today, title="Translate our booking texts")
    draft_deal = cast.Deal(alice, bob, third_job, bid(bob, third_job, at=today), deal.card, today)
    draft_offer = cast.write(draft_deal)
    counter, revision = _negotiation(replace(deal, at=today))
    dashboard = make_job(alice, at=today, title="A dashboard of wind")
    draft_job = start_draft(client_id=alice.party.pk, terms=make_terms(title="A draft"), by=alice.actor, at=today)

    eve = make_client("Eve", at=at)
    newcomer = make_client("Nadia", at=at)
    assert newcomer.party is not None
    review = start_draft(client_id=newcomer.party.pk, terms=make_terms(title="Pottery"), by=newcomer.actor, at=today)
    review_job = publish_job(job_id=review.pk, by=newcomer.actor, at=today)
    draft_profile = make_profile(_freelancer_hat(alice, today), at=today)

    agency_contract, worker_change = _agency(deal, moderator, today)
    assert chloe.party is not None
    job_invitation = invite_to_job(job_id=job.pk, party_id=chloe.party.pk, by=alice.actor, at=today)
    _contest(chloe, today)
    room = room_of(contract.scope)
    assert room is not None
    open_money_case(
        kind=MoneyCase.Kind.SHORTFALL, subject="cash:0", amount=2_500, currency="EUR", by=Actor.system(), at=today
    )
    stray = Finding("orphan", "object:sbx_po_stray", verb="payout", their_amount=2_500, currency="EUR")
    listing = Listing("sandbox", since=at, at=today, records=[], balances=None, accounts={})
    note_differences(listing=listing, found=[stray], at=today)
    _say_something(room, bob, today)
    cards.settle_all(today + cards.SANDBOX_TIME)
    people = {
        "client": alice,
        "client_admin": make_member("Adrien", alice.party, "admin", at=at),
        "hiring_manager": make_member("Hélène", alice.party, "hiring_manager", at=at),
        "finance": make_member("Farid", alice.party, "finance", at=at),
        "member": make_member("Maud", alice.party, "member", at=at),
        "other_client": eve,
        "freelancer": bob,
        "other_freelancer": chloe,
        "named_worker": make_member("Nils", bob.party, "named_worker", at=at),
        "wrong_hat": _freelancer_hat(alice, today),
        "support": make_staff("Samir", "support", at=at),
        "moderator": moderator,
        "mediator": make_staff("Dora", "mediator", at=at),
        "finance_staff": make_staff("Fanny", "finance", at=at),
        "administrator": make_staff("Ada", "administrator", at=at),
    }
    profile = Profile.objects.get(party=bob.party)
    held = EntryTexts(section=Section.EMPLOYMENT, heading="Developer", organisation="Rivage")
    add_item(profile_id=profile.pk, texts=held, by=bob.actor, at=today)
    add_certificate(bob, at=today)
    ask(bob, "ana@client.example", at=today)
    write(ask(bob, "ben@client.example", at=today), at=today)
    return World(
        people=people,
        job=job,
        draft_job=draft_job,
        review_job=review_job,
        paused_job=pause_job(job_id=dashboard.pk, by=alice.actor, at=today),
        proposal=proposal,
        offer_proposal=draft_deal.proposal,
        draft_offer=draft_offer,
        countered_offer=counter.offer,
        counter=counter,
        revision=revision,
        offer=offer,
        contract=contract,
        **states,
        case=Case.objects.get(),
        room=room,
        profile=Profile.objects.get(party=bob.party),
        draft_profile=draft_profile,
        charge=Charge.objects.get(reference=states["funding"].pk, purpose="contracts.milestone"),
        release=Release.objects.filter(payee=bob.party, remaining__gt=0).latest("pk"),
        withdrawal=withdrawal,
        bank=bank,
        card=deal.card,
        spare_card=spare_card,
        file=files_of("contracts.submission", _submission_ref(states["submitted"]))[0],
        invoice=Invoice.objects.filter(kind="work", seller_party=bob.party).latest("issued_at"),
        job_invitation=job_invitation,
        search=save_search(subject="jobs", name="Kiosks", query="q=kiosk", alert="daily", by=bob.actor, at=today),
        talent=save_talent(profile_id=profile.pk, note="Quick", by=alice.actor, at=today),
        conversation=talk(alice, offer_deal.proposal, at=today),
        interview=propose(bob, talk(alice, draft_deal.proposal, at=today), at=today, note="Bring the drawings."),
        agreed_interview=_agreed_interview(alice, bob, today),
        notice=Notice.objects.filter(user=alice.user).latest("pk"),
        agency_contract=agency_contract,
        worker_change=worker_change,
        at=today,
        invitation=invite_member(
            party_id=alice.party.pk,
            email=eve.user.email,
            role="member",
            language="en",
            by=alice.actor,
            at=today - timedelta(hours=2),
        ),
        proposal_note=_noted(proposal, alice, today),
        report=report_job(
            job_id=job.pk, reason="spam", text="The same post stands three times.", by=eve.actor, at=today
        ),
        talk=_talk(deal, today),
        masking=Masking.objects.latest("pk"),
        guard_case=GuardCase.objects.get(),
        call=_ringing(room, alice, today),
    )


def _say_something(room: Room, person: Person, at: datetime) -> None:
    """Write in a room, with a file."""
    plan = SimpleUploadedFile("quay.txt", b"The gate is on the left.")
    file = store_file(upload=plan, kind=MESSAGE_FILES, by=person.actor, at=at)
    text = "Shall we walk through it at 11?"
    post_message(room_id=room.pk, text=text, token="world", file_ids=[file.pk], by=person.actor, at=at)


def _ringing(room: Room, caller: Person, at: datetime) -> Call:
    """Return a call that rings for an hour: as long as anybody may need who looks at the whole world."""
    call = start_call(room_id=room.pk, kind=Call.Kind.VOICE, by=caller.actor, at=at)
    Call.objects.filter(pk=call.pk).update(rings_until=at + timedelta(hours=1))
    call.refresh_from_db()
    return call


def _talk(deal: cast.Deal, at: datetime) -> Room:
    """Return a room before a contract: Bob writes contact data there, and appeals against the last mask."""
    sides = [deal.client.pk, deal.freelancer.pk]
    job = make_job(deal.alice, at=at, title="Kiosk")
    begun = Conversation.objects.create(job=job, party=deal.freelancer, created_at=at)
    talk = open_room(kind=Room.Kind.INTERVIEW, owner=begun.scope, title="Kiosk", party_ids=sides, at=at, guarded=True)
    for number in range(3):
        text = f"Screen {number}: write to bob.keller{number}@gmail.com."
        message = post_message(room_id=talk.pk, text=text, token=f"talk{number}", by=deal.bob.actor, at=at)
    appeal_mask(message_id=message.pk, words="The kiosk prints this address.", by=deal.bob.actor, at=at)
    return talk


def _changed_bid(freelancer: Person, job: Job, at: datetime) -> Proposal:
    """Return a proposal by milestones whose terms were changed once."""
    sent = bid(freelancer, job, at=at, milestones=PARTS)
    return edit_terms(proposal_id=sent.pk, amount=85_000, duration="", seen_version=1, by=freelancer.actor, at=at)


def _unsent_and_withdrawn(freelancer: Person, begun: Job, left: Job, at: datetime) -> None:
    """Let a freelancer begin to write for one job, and take back what they sent for another, noting why."""
    file = attach(freelancer, "unsent.txt", at=at)
    typed = {"letter": "I know that quay.", "amount": "800"}
    save_draft(job_id=begun.pk, content=typed, file_ids=[file.pk], by=freelancer.actor, at=at)
    withdrawn = bid(freelancer, left, at=at)
    withdraw_proposal(proposal_id=withdrawn.pk, note="Too far from the sea.", by=freelancer.actor, at=at)


def _negotiation(deal: cast.Deal) -> tuple[OfferVersion, OfferVersion]:
    """Return a counter-offer that waits for the client, and new terms of the client's that were not sent."""
    job = make_job(deal.alice, at=deal.at, title="Signs for the pier")
    deal = replace(deal, job=job, proposal=bid(deal.bob, job, at=deal.at))
    offer = cast.send(deal)
    return cast.counter(deal, offer, note="With two more screens."), cast.revision(deal, offer, *cast.CHEAPER)


def _agency(deal: cast.Deal, moderator: Person, at: datetime) -> tuple[Contract, WorkerChange]:
    """Return a contract of the client with an agency, whose owner asks the client to accept another worker."""
    studio = make_studio(moderator=moderator, at=at)
    cards.settle_all(at)
    job = make_job(deal.alice, at=at, title="Signs for the new quay")
    proposal = bid(studio.olga, job, at=at, worker_id=studio.nina.user.pk)
    contract = cast.sign(cast.Deal(deal.alice, studio.olga, job, proposal, deal.card, at))
    change = actions.propose_worker(
        contract_id=contract.pk, worker_id=studio.emil.user.pk, reason="Nina is ill.", by=studio.olga.actor, at=at
    )
    return contract, change


def _agreed_interview(alice: Person, bob: Person, at: datetime) -> Interview:
    """Return an interview about a job of its own, for which both sides meet elsewhere."""
    talked = talk(alice, bid(bob, make_job(alice, at=at, title="A film about the harbour"), at=at), at=at)
    link = "https://meet.example/harbour"
    return agree(alice, propose(bob, talked, at=at, way="link", link=link, note="The first cut"), at=at)


def _submission_ref(milestone: Milestone) -> int:
    submission = milestone.submissions.first()
    assert submission is not None
    return submission.pk


def _freelancer_hat(person: Person, at: datetime) -> Person:
    """Return the same person as they act for a freelancer party of their own."""
    mine = person.user.memberships.filter(party__kind="freelancer").select_related("party").first()
    party = mine.party if mine else add_hat(kind="freelancer", by=person.actor, at=at)
    return Person(person.user, party, acting(person.user, party.pk).actor)


def _fund(deal: cast.Deal, milestone: Milestone, card: PaymentMethod, at: datetime) -> Milestone:
    milestone.refresh_from_db()
    return actions.fund_milestone(
        milestone_id=milestone.pk, method_id=card.pk, seen_version=milestone.version, by=deal.alice.actor, at=at
    )


def _noted(proposal: Proposal, by: Person, at: datetime) -> ProposalNote:
    """Return a note of the client on the proposal, which has a scorecard of the client's too."""
    fill_scorecard(proposal_id=proposal.pk, marks={"skills": 5, "price": 3}, by=by.actor, at=at)
    return write_note(proposal_id=proposal.pk, text="Knows the quay already.", by=by.actor, at=at)


def _contract(deal: cast.Deal, at: datetime) -> tuple[Contract, dict[str, Milestone]]:
    """Return a contract with one released milestone, and one whose submitted work was asked back long ago."""
    plan = [
        MilestoneTerms(title=title, amount=50_000)
        for title in ("Audit", "Disputed", "Submitted", "Asked back", "Funding", "Funded", "Agreed")
    ]
    contract = cast.sign(deal, *plan, at=at)
    rows = {row.title: row for row in Milestone.objects.filter(contract=contract)}
    audit = rows["Audit"]
    actions.release_milestone(milestone_id=audit.pk, seen_version=audit.version, by=deal.alice.actor, at=at)
    for title in ("Disputed", "Submitted", "Asked back", "Funded"):
        _fund(deal, rows[title], deal.card, at)
    cast.settle(at)
    disputed = _submit(deal, rows["Disputed"], at)
    actions.ask_milestone_back(
        milestone_id=disputed.pk,
        amount=disputed.amount,
        note="The work stopped.",
        seen_version=disputed.version,
        by=deal.alice.actor,
        at=at + timedelta(days=1),
    )
    sweep_silent_ask_backs(at=at + timedelta(days=9))
    cast.settle(at + timedelta(days=9))
    states = {"disputed": "Disputed", "submitted": "Submitted", "refund_requested": "Asked back"}
    states |= {"funding": "Funding", "funded": "Funded", "agreed": "Agreed"}
    return contract, {name: rows[title] for name, title in states.items()}


def _submit(deal: cast.Deal, milestone: Milestone, at: datetime) -> Milestone:
    milestone.refresh_from_db()
    file = store_file(
        upload=SimpleUploadedFile("notes.txt", b"What we tested on the quay."),
        kind="contracts.submission",
        by=deal.bob.actor,
        at=at,
    )
    return actions.submit_milestone(
        milestone_id=milestone.pk,
        note="Ready to look at.",
        file_ids=[file.pk],
        seen_version=milestone.version,
        by=deal.bob.actor,
        at=at,
    )


def _late_states(deal: cast.Deal, contract: Contract, second_step: PaymentMethod, at: datetime) -> dict[str, Milestone]:
    """Bring the milestones into their states today, so that no clock has run out; return all by the rows' names."""
    rows = {row.title: row for row in Milestone.objects.filter(contract=contract)}
    _submit(deal, rows["Submitted"], at)
    asked = rows["Asked back"]
    actions.ask_milestone_back(
        milestone_id=asked.pk,
        amount=asked.amount,
        note="We stopped this part.",
        seen_version=asked.version,
        by=deal.alice.actor,
        at=at,
    )
    _fund(deal, rows["Funding"], second_step, at)
    charge = Charge.objects.get(reference=rows["Funding"].pk, purpose="contracts.milestone")
    run_charge(charge_id=charge.pk, at=at)
    proposed = cast.proposed(replace(deal, at=at), contract)
    names = {
        "agreed": "Agreed",
        "funding": "Funding",
        "funded": "Funded",
        "submitted": "Submitted",
        "refund_requested": "Asked back",
        "disputed": "Disputed",
    }
    return {name: cast.fresh(rows[title]) for name, title in names.items()} | {"proposed": proposed}


def _contest(person: Person, at: datetime) -> None:
    """Let somebody buy connects and contest the payment."""
    assert person.party is not None
    card = cards.make_card(person, at=at)
    buy_connects(party_id=person.party.pk, quantity=2, method_id=card.pk, token="world", by=person.actor, at=at)
    cards.settle_all(at)
    charge = Charge.objects.get(party=person.party)
    cards.sandbox().contest(charge.provider_id or "", charge.amount, at=at)
    cards.settle_all(at + cards.SANDBOX_TIME)


def _withdrawal(deal: cast.Deal, at: datetime, today: datetime) -> tuple[Withdrawal, PayoutMethod]:
    """Return a reserved withdrawal of Bob's and the bank account it goes to."""
    assert deal.bob.party is not None
    bank = cards.make_bank(deal.bob, today)
    later = at + timedelta(days=6)
    mature_releases(at=later)
    plan_transfers(at=later)
    cast.settle(later)
    withdrawal = request_withdrawal(
        party_id=deal.bob.party.pk, method_id=bank.pk, amount=10_000, by=deal.bob.actor, at=today
    )
    return withdrawal, bank
