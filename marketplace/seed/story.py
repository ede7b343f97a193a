"""What happened in the demonstration world, told in order: each line is a verb of the product at its moment."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet

from accounts.actions import (
    LegalDetails,
    accept_invitation,
    accept_mandate,
    appear_for_agency,
    give_consent,
    grant_staff_group,
    invite_member,
    link_token,
    open_agency,
    save_legal_profile,
    save_party,
    set_approval_limit,
    sign_up,
    sign_up_to_join,
)
from accounts.models import LegalDocument, LegalProfile, Membership, Party, StaffGroup, User
from accounts.queries import acting, current_versions, mandate_version
from contracts.actions import (
    MilestoneTerms,
    accept_offer,
    add_contract_reader,
    approve_milestone,
    ask_milestone_back,
    end_contract,
    fund_milestone,
    send_offer,
    submit_milestone,
    write_offer,
)
from contracts.models import Contract, Milestone, Offer
from core.actor import Actor
from core.pdf import Document
from core.sweeps import run_all
from events.actions import record
from files.actions import store_file, store_image
from jobs.actions import JobTerms, approve_job, invite_to_job, publish_job, save_search, start_draft
from jobs.models import Job
from marketplace.logins import (
    ADMINISTRATOR,
    CLIENT_FINANCE,
    CLIENT_MEMBER,
    HIRING_MANAGER,
    LOGINS,
    MODERATOR,
    PASSWORD,
    Login,
)
from marketplace.seed.people import (
    AGENCY_NAME,
    AGENCY_OVERVIEW,
    AGENCY_TITLE,
    AWA,
    BOB,
    COMPANIES,
    ENERGY,
    FERRIES,
    FREELANCERS,
    IN_REVIEW,
    INES,
    JONAS,
    LEILA,
    MATEO,
    SAM,
    TOWN,
    WORKSHOP,
    Company,
    Freelancer,
    Legal,
)
from marketplace.seed.posts import (
    AUDIT,
    CHECKOUT,
    KIOSK,
    LABELS,
    LIBRARY,
    METERS,
    POSTS,
    POTTERY_TEXT,
    POTTERY_TITLE,
    Post,
)
from messaging.actions import post_message
from messaging.queries import room_of
from payments.actions import (
    add_payment_method,
    add_payout_method,
    request_withdrawal,
    run_charge,
)
from payments.gateways.sandbox import WORKING_IBAN
from payments.models import Charge, PaymentMethod
from payments.queries import purse
from profiles.actions import (
    CertificationTexts,
    EntryTexts,
    PortfolioTexts,
    ProfileTexts,
    Request,
    Words,
    add_item,
    approve_profile,
    ask_for_testimonial,
    check_certification,
    confirm_available_now,
    create_profile,
    publish_testimonial,
    save_profile,
    save_talent,
    set_profile_photo,
    submit_profile,
    write_testimonial,
)
from profiles.actions.profiles import PHOTO
from profiles.links import answer_token
from profiles.models import Certification, PortfolioItem, Profile, Testimonial
from profiles.queries import CERTIFICATE
from proposals.actions import (
    Highlight,
    InterviewTerms,
    accept_interview,
    decline_proposal,
    message_proposal,
    propose_interview,
    shortlist_proposal,
    submit_proposal,
    view_proposal,
)
from proposals.models import PROPOSAL_FILES, Conversation, Proposal
from taxonomy.actions import load_taxonomy
from taxonomy.models import Category, Speciality
from taxonomy.queries import find_skills
from trust.actions import report_job
from trust.models import Report

PHOTOS = Path(__file__).resolve().parent.parent / "demo"
CARD = "4242424242424242"
#: The event that says that the story was told to its end.
FINISHED = "marketplace.world_made"
Tell = Callable[[str], None]
TIME_ZONES = {"FR": "Europe/Paris", "DE": "Europe/Berlin", "PT": "Europe/Lisbon", "TN": "Africa/Tunis"}


class Story:
    """The world while it is being told: who is who, and what moment it is."""

    def __init__(self, *, at: datetime, tell: Tell) -> None:
        self.at = at
        self.tell = tell
        self.users: dict[str, User] = {}
        self.parties: dict[str, Party] = {}
        self.cards: dict[str, PaymentMethod] = {}
        self.jobs: dict[str, Job] = {}

    def until(self, moment: datetime) -> None:
        """Let time pass to `moment`, day by day, with every clock of the house running."""
        while self.at < moment:
            self.at = min(self.at + timedelta(days=1), moment)
            run_all(at=self.at)

    def wait(self, **span: float) -> None:
        """Let a span of time pass."""
        self.until(self.at + timedelta(**span))

    def actor(self, login: Login) -> Actor:
        """Return who acts when this person does, for their own party."""
        party = self.parties.get(login.email)
        return acting(self.users[login.email], party.pk if party else None).actor


def make_world(*, at: datetime, tell: Tell) -> None:
    """Tell the whole story so that it ends at `at`; `tell` hears what is being made."""
    load_taxonomy()
    story = Story(at=at - timedelta(days=60), tell=tell)
    tell("people")
    _staff(story)
    for company in COMPANIES:
        _client(story, company)
    for freelancer in FREELANCERS:
        _freelancer(story, freelancer)
    _banks(story)
    scenes: list[tuple[int, str, Callable[[Story], None]]] = [
        *((post.days_ago, post.key, partial(_post, post=post)) for post in POSTS),
        (45, "ferry: bids", _ferry_bids),
        (44, "ferry: hired", _ferry_hires),
        (43, "ferry: colleagues", _ferry_team),
        (37, "library: hired", _library_hires),
        (35, "meters: hired", _meters_hires),
        (30, "ferry: first milestone submitted", _ferry_submits),
        (29, "ferry: first milestone approved", _ferry_approves),
        (27, "library: done", _library_ends),
        (22, "ferry: withdrawal", _ferry_withdraws),
        (20, "meters: submitted", _meters_submits),
        (18, "ferry: second milestone", _ferry_funds),
        (16, "meters: money asked back", _meters_asks_back),
        (11, "labels: bid", _labels_bid),
        (6, "ferry: second milestone submitted", _ferry_submits),
        (2, "labels: offer", _labels_offer),
        (1, "ferry: an invitation", _ferry_invites),
        (1, "open bids", _open_bids),
        (5, "an agency", _agency),
        (1, "agency: bid", _agency_bids),
        (1, "a report", _report),
        (1, "reviews that wait", _waiting_reviews),
        (1, "an invitation", _invites),
        (1, "certificates and testimonials", _proofs),
        (1, "interviews", _interviews),
    ]
    for days_ago, name, scene in sorted(scenes, key=lambda each: -each[0]):
        tell(name)
        story.until(at - timedelta(days=days_ago) + timedelta(hours=1))
        scene(story)
    story.until(at)
    with transaction.atomic():
        record(kind=FINISHED, actor=Actor.system(), subject="house:1", at=at)


# People


def _person(story: Story, login: Login, *, language: str, country: str) -> User:
    user = User.objects.create_user(
        login.email,
        PASSWORD,
        first_name=login.first_name,
        last_name=login.last_name,
        language=language,
        country=country,
        time_zone=TIME_ZONES.get(country, "Europe/Paris"),
        created_at=story.at,
    )
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    story.users[login.email] = user
    return user


def _staff(story: Story) -> None:
    """Make the first administrator as the command line does, and have everybody else appointed by them."""
    ada = _person(story, ADMINISTRATOR, language="en", country="FR")
    ada.is_staff = ada.is_superuser = True
    ada.save(update_fields=["is_staff", "is_superuser"])
    _agree(story, ADMINISTRATOR)
    for login in LOGINS:
        if login.role not in StaffGroup.values or login == ADMINISTRATOR:
            continue
        user = _person(story, login, language="en", country="FR")
        _agree(story, login)
        story.users[login.email] = grant_staff_group(
            user_id=user.pk,
            group=StaffGroup(login.role),
            reason="They have done this work before.",
            by=story.actor(ADMINISTRATOR),
            at=story.at,
        )


def _agree(story: Story, login: Login) -> None:
    for kind, version in current_versions(story.at).items():
        give_consent(kind=LegalDocument.Kind(kind), version=version, by=story.actor(login), at=story.at)


def _client(story: Story, company: Company) -> None:
    user = _person(story, company.login, language=company.language, country=company.country)
    party = sign_up(user=user, hat="client", company_name=company.name, by=Actor.system(), at=story.at)
    story.parties[company.login.email] = party
    by = story.actor(company.login)
    save_party(
        party_id=party.pk,
        company_name=company.name,
        about=company.about,
        place=company.place,
        country=company.country,
        time_zone=user.time_zone,
        by=by,
        at=story.at,
    )
    _declare(story, company.login, company.legal)
    if company is not WORKSHOP:
        story.cards[company.login.email] = add_payment_method(party_id=party.pk, number=CARD, by=by, at=story.at)


def _freelancer(story: Story, freelancer: Freelancer, *, is_approved: bool = True) -> None:
    login = freelancer.login
    user = _person(story, login, language=freelancer.language, country=freelancer.country)
    party = sign_up(user=user, hat="freelancer", by=Actor.system(), at=story.at)
    story.parties[login.email] = party
    by = story.actor(login)
    save_party(
        party_id=party.pk,
        company_name="",
        about="",
        place=freelancer.place,
        country=freelancer.country,
        time_zone=user.time_zone,
        by=by,
        at=story.at,
    )
    _declare(story, login, freelancer.legal)
    profile = create_profile(party_id=party.pk, by=by, at=story.at)
    with (PHOTOS / freelancer.photo).open("rb") as picture:
        photo = store_image(upload=File(picture, name=freelancer.photo), kind=PHOTO, by=by, at=story.at)
    category = Category.objects.get(slug=freelancer.category)
    texts = ProfileTexts(
        language=freelancer.language,
        title=freelancer.title,
        overview=freelancer.overview,
        category_id=category.pk,
        speciality_ids=tuple(Speciality.objects.filter(slug__in=freelancer.specialities).values_list("pk", flat=True)),
        skill_ids=_skills(freelancer.skills),
        level=freelancer.level,
        hourly_rate=freelancer.rate,
    )
    set_profile_photo(profile_id=profile.pk, file_id=photo.pk, by=by, at=story.at)
    save_profile(profile_id=profile.pk, texts=texts, by=by, at=story.at)
    items: list[EntryTexts | PortfolioTexts] = [*freelancer.entries, *freelancer.works]
    for item in items:
        add_item(profile_id=profile.pk, texts=item, by=by, at=story.at)
    profile = submit_profile(profile_id=profile.pk, by=by, at=story.at)
    if is_approved:
        profile.refresh_from_db()
        approve_profile(profile_id=profile.pk, seen_version=profile.version, by=story.actor(MODERATOR), at=story.at)
        run_all(at=story.at)


def _declare(story: Story, login: Login, legal: Legal | None) -> None:
    """Give the legal status of those who have declared one; Leïla, who has an offer to answer, has not."""
    if legal is None:
        return
    party, by = story.parties[login.email], story.actor(login)
    status = LegalProfile.Status.REGISTERED if legal.is_registered else LegalProfile.Status.UNREGISTERED
    details = LegalDetails(
        status=status,
        legal_name=legal.name,
        address=legal.address,
        country=legal.country,
        siret=legal.siret,
        vat_number=legal.vat_number,
        charges_vat=legal.charges_vat,
    )
    save_legal_profile(party_id=party.pk, details=details, by=by, at=story.at)
    if party.kind != Party.Kind.CLIENT:
        accept_mandate(party_id=party.pk, version=mandate_version(story.at), by=by, at=story.at)


def _banks(story: Story) -> None:
    for freelancer in (BOB, INES):
        party = story.parties[freelancer.login.email]
        add_payout_method(party_id=party.pk, iban=WORKING_IBAN, by=story.actor(freelancer.login), at=story.at)


def _skills(names: Sequence[str]) -> tuple[int, ...]:
    found = find_skills(names)
    return tuple(dict.fromkeys(skill.pk for skill in found.values() if skill))


# Posts and bids


def _post(story: Story, *, post: Post) -> None:
    low, high = post.rates or (None, None)
    terms = JobTerms(
        title=post.title,
        description=post.description,
        language=post.language,
        category_id=Category.objects.get(slug=post.category).pk,
        skill_ids=_skills(post.skills),
        place=post.place,
        kind=Job.Kind.HOURLY if post.rates else Job.Kind.FIXED,
        budget=post.budget,
        rate_low=low,
        rate_high=high,
        duration=post.duration,
        weekly_load=post.load,
        level=post.level,
        questions=post.questions,
    )
    story.jobs[post.key] = _publish(story, post.client, terms, is_approved=True)


def _publish(story: Story, company: Company, terms: JobTerms, *, is_approved: bool) -> Job:
    by = story.actor(company.login)
    party = story.parties[company.login.email]
    job = start_draft(client_id=party.pk, terms=terms, by=by, at=story.at)
    job = publish_job(job_id=job.pk, by=by, at=story.at)
    if job.status == Job.Status.IN_REVIEW and is_approved:
        job = approve_job(job_id=job.pk, by=story.actor(MODERATOR), at=story.at)
    return job


def _bid(  # noqa: PLR0917  (read as a sentence)
    story: Story, post: Post, freelancer: Freelancer, amount: int, letter: str, *answers: str, **more: Any
) -> Proposal:
    proposal = submit_proposal(
        job_id=story.jobs[post.key].pk,
        amount=amount,
        duration="",
        letter=letter,
        answers=answers,
        language=freelancer.language,
        **more,
        by=story.actor(freelancer.login),
        at=story.at,
    )
    run_all(at=story.at)
    return proposal


def _hire(story: Story, post: Post, proposal: Proposal, title: str, *milestones: MilestoneTerms) -> Contract:
    freelancer = next(each for each in FREELANCERS if story.parties[each.login.email].pk == proposal.party_id)
    offer = _offer(story, post, proposal, title, *milestones)
    story.wait(hours=20)
    offer.refresh_from_db()
    contract = accept_offer(
        offer_id=offer.pk, seen_version=offer.version, by=story.actor(freelancer.login), at=story.at
    )
    run_all(at=story.at)
    return contract


def _offer(story: Story, post: Post, proposal: Proposal, title: str, *milestones: MilestoneTerms) -> Offer:
    by = story.actor(post.client.login)
    view_proposal(proposal_id=proposal.pk, by=by, at=story.at)
    offer = write_offer(
        proposal_id=proposal.pk,
        title=title,
        deliverables=post.description,
        starts_on=None,
        ends_on=None,
        milestones=milestones,
        language=post.language,
        by=by,
        at=story.at,
    )
    offer = send_offer(
        offer_id=offer.pk,
        method_id=story.cards[post.client.login.email].pk,
        seen_version=offer.version,
        by=by,
        at=story.at,
    )
    _pay(story, "contracts.offer", offer.pk)
    return offer


def _pay(story: Story, purpose: str, reference: int) -> None:
    charge = Charge.objects.filter(purpose=purpose, reference=reference).latest("pk")
    run_charge(charge_id=charge.pk, at=story.at)
    run_all(at=story.at)


TEST_PLAN = """Ten passengers, one quay, two phones.

Each books a crossing for two with a bicycle on the live site, then on the prototype. We film hands, never faces.
What we count: steps taken back, fields filled in twice, minutes until the ticket.
"""

# The ferry contract: one milestone paid out, one waiting for its review, one to fund


def _ferry_bids(story: Story) -> None:
    works = PortfolioItem.objects.filter(profile__party=story.parties[BOB.login.email]).order_by("position")[:2]
    plan = store_file(
        upload=ContentFile(TEST_PLAN.encode(), name="test-on-the-quay.txt"),
        kind=PROPOSAL_FILES,
        by=story.actor(BOB.login),
        at=story.at,
    )
    _bid(
        story,
        CHECKOUT,
        BOB,
        420_000,
        "I have rebuilt two booking flows for ferries. I would start on the quay: ten passengers, their own phones, the live "
        "site. The passenger step is usually two questions too long, and we will see which two.",
        "At the gate, twenty minutes before departure, with a phone on a stand and a free coffee.",
        milestones=(
            MilestoneTerms("Research and audit", 140_000),
            MilestoneTerms("Booking flow prototype", 140_000),
            MilestoneTerms("Final screens and handover", 140_000),
        ),
        highlights=[Highlight("portfolio", work.pk) for work in works],
        file_ids=[plan.pk],
    )
    _bid(
        story,
        CHECKOUT,
        INES,
        390_000,
        "Je connais bien les parcours de réservation dans les transports. Je vous propose de tester les écrans actuels avec "
        "des passagers avant de dessiner quoi que ce soit.",
        "Deux demi-journées à Brest, avec un prototype sur téléphone.",
    )
    sam = _bid(
        story,
        CHECKOUT,
        SAM,
        250_000,
        "I can rebuild these pages quickly and well. I have not run tests with passengers yet, and would like to learn it.",
        "I would ask your staff to help me find passengers.",
    )
    by = story.actor(FERRIES.login)
    view_proposal(proposal_id=sam.pk, by=by, at=story.at)
    decline_proposal(proposal_id=sam.pk, reason="skills", by=by, at=story.at)


def _ferry_hires(story: Story) -> None:
    proposal = Proposal.objects.get(job=story.jobs[CHECKOUT.key], party=story.parties[BOB.login.email])
    shortlist_proposal(proposal_id=proposal.pk, by=story.actor(FERRIES.login), at=story.at)
    contract = _hire(
        story,
        CHECKOUT,
        proposal,
        "Checkout redesign",
        MilestoneTerms("Research and audit", 140_000, "What happens today, with figures and films from the quay."),
        MilestoneTerms("Booking flow prototype", 140_000, "Search, fares, passengers and payment, tested twice."),
        MilestoneTerms("Final screens and handover", 140_000, "All states, and a short component guide."),
    )
    _write(story, contract, FERRIES.login, "Welcome aboard. The harbour office expects you on Thursday at nine.")
    _write(story, contract, BOB.login, "Thank you. I will bring two phones and a camera; I only film hands.")


def _ferry_team(story: Story) -> None:
    """Three colleagues come: one who hires up to 2,000.00 a contract, one who pays, one who reads along."""
    alice, party = story.actor(FERRIES.login), story.parties[FERRIES.login.email]
    for login, role in ((HIRING_MANAGER, "hiring_manager"), (CLIENT_FINANCE, "finance"), (CLIENT_MEMBER, "member")):
        user = _person(story, login, language="fr" if role == "finance" else "en", country="FR")
        sign_up_to_join(user=user, by=Actor.system(), at=story.at)
        asked = invite_member(party_id=party.pk, email=login.email, role=role, language="en", by=alice, at=story.at)
        joined = accept_invitation(token=link_token(asked.seal), by=story.actor(login), at=story.at)
        if role == "hiring_manager":
            set_approval_limit(membership_id=joined.pk, amount=200_000, by=alice, at=story.at)
    reader = story.users[CLIENT_MEMBER.email].pk
    add_contract_reader(contract_id=_contract(story, CHECKOUT).pk, user_id=reader, by=alice, at=story.at)


def _ferry_invites(story: Story) -> None:
    party_id = story.parties[FERRIES.login.email].pk
    by = story.actor(FERRIES.login)
    invite_member(
        party_id=party_id, email="louise@brise-ferries.example", role="admin", language="fr", by=by, at=story.at
    )


def _ferry_submits(story: Story) -> None:
    milestone = _milestones(story, CHECKOUT).filter(status=Milestone.Status.FUNDED).order_by("position")[0]
    notes = {
        1: "The audit is attached in the room: what people do, where they stop, and what it costs you.",
        2: "Prototype v3 covers search, fares, passengers and payment, on phone and desktop. Both test rounds are summed up.",
    }
    submit_milestone(
        milestone_id=milestone.pk,
        note=notes[milestone.position],
        file_ids=(),
        seen_version=milestone.version,
        by=story.actor(BOB.login),
        at=story.at,
    )
    run_all(at=story.at)


def _ferry_approves(story: Story) -> None:
    milestone = _milestones(story, CHECKOUT).get(position=1)
    approve_milestone(
        milestone_id=milestone.pk, seen_version=milestone.version, by=story.actor(FERRIES.login), at=story.at
    )
    run_all(at=story.at)


def _ferry_withdraws(story: Story) -> None:
    party = story.parties[BOB.login.email]
    request_withdrawal(
        party_id=party.pk,
        method_id=party.payout_methods.get().pk,
        amount=min(90_000, purse(party.pk).withdrawable),
        by=story.actor(BOB.login),
        at=story.at,
    )
    run_all(at=story.at)


def _ferry_funds(story: Story) -> None:
    milestone = _milestones(story, CHECKOUT).get(position=2)
    fund_milestone(
        milestone_id=milestone.pk,
        method_id=story.cards[FERRIES.login.email].pk,
        seen_version=milestone.version,
        by=story.actor(FERRIES.login),
        at=story.at,
    )
    _pay(story, "contracts.milestone", milestone.pk)
    contract = _contract(story, CHECKOUT)
    _write(story, contract, BOB.login, "I moved the fare comparison above the calendar, as the passengers asked.")


# The library contract: done and ended


def _library_hires(story: Story) -> None:
    proposal = _bid(
        story,
        LIBRARY,
        INES,
        90_000,
        "Une page d’accueil de médiathèque doit répondre en cinq secondes : ouvert ou fermé, trouver un livre, quoi de neuf. "
        "Je vous propose deux ateliers courts avec vos bibliothécaires.",
    )
    _hire(story, LIBRARY, proposal, "Page d’accueil de la médiathèque", MilestoneTerms("Maquettes et guide", 90_000))


def _library_ends(story: Story) -> None:
    milestone = _milestones(story, LIBRARY).get(position=1)
    submit_milestone(
        milestone_id=milestone.pk,
        note="Maquettes téléphone et ordinateur, et le guide d’une page.",
        file_ids=(),
        seen_version=milestone.version,
        by=story.actor(INES.login),
        at=story.at,
    )
    story.wait(hours=10)
    milestone.refresh_from_db()
    by = story.actor(TOWN.login)
    approve_milestone(milestone_id=milestone.pk, seen_version=milestone.version, by=by, at=story.at)
    end_contract(
        contract_id=milestone.contract_id, reason=Contract.EndReason.DONE, note="", decisions={}, by=by, at=story.at
    )
    run_all(at=story.at)


# The meter contract: submitted, asked back, nobody answered, before a mediator


def _meters_hires(story: Story) -> None:
    proposal = _bid(
        story,
        METERS,
        MATEO,
        180_000,
        "Imports that say what is wrong line by line are what I like to build. First the checks, then the page, then the speed.",
    )
    _hire(
        story,
        METERS,
        proposal,
        "Meter readings import",
        MilestoneTerms("Checks and import", 120_000),
        MilestoneTerms("Member page", 60_000),
    )


def _meters_submits(story: Story) -> None:
    milestone = _milestones(story, METERS).get(position=1)
    submit_milestone(
        milestone_id=milestone.pk,
        note="The import runs on your staging site with last year's files. Two of them are refused, with the reasons.",
        file_ids=(),
        seen_version=milestone.version,
        by=story.actor(MATEO.login),
        at=story.at,
    )
    run_all(at=story.at)


def _meters_asks_back(story: Story) -> None:
    milestone = _milestones(story, METERS).get(position=1)
    ask_milestone_back(
        milestone_id=milestone.pk,
        amount=milestone.amount,
        note="Half of our files are refused. We cannot use this, and would like the money back.",
        seen_version=milestone.version,
        by=story.actor(ENERGY.login),
        at=story.at,
    )
    run_all(at=story.at)


# What is under way today


def _labels_bid(story: Story) -> None:
    _bid(
        story,
        LABELS,
        LEILA,
        72_000,
        "Six pommes, six caractères : je dessinerais chaque variété comme un portrait. Première planche sous une semaine.",
    )


def _labels_offer(story: Story) -> None:
    proposal = Proposal.objects.get(job=story.jobs[LABELS.key], party=story.parties[LEILA.login.email])
    _offer(
        story,
        LABELS,
        proposal,
        "Six étiquettes de jus",
        MilestoneTerms("Deux pistes", 24_000),
        MilestoneTerms("Six étiquettes prêtes à imprimer", 48_000),
    )


def _open_bids(story: Story) -> None:
    _bid(
        story,
        AUDIT,
        JONAS,
        7_200,
        "I audit library catalogues with NVDA, VoiceOver and two readers who use them every day. You would get fixes, not only "
        "a list.",
    )
    _bid(
        story,
        AUDIT,
        INES,
        5_800,
        "Je peux mener l’audit RGAA et travailler les corrections avec votre développeuse, gabarit par gabarit.",
    )
    _bid(
        story,
        KIOSK,
        SAM,
        3_800,
        "Pages that survive a lost connection are my favourite kind. I would begin with the ticket page and a service worker.",
        "A timetable for a bus company in Kumasi: it works in the tunnel.",
    )


def _invites(story: Story) -> None:
    invite_to_job(
        job_id=story.jobs[KIOSK.key].pk,
        party_id=story.parties[BOB.login.email].pk,
        note="You rebuilt our checkout: would you look at the kiosks as well?",
        by=story.actor(FERRIES.login),
        at=story.at,
    )
    profile = Profile.objects.get(party=story.parties[JONAS.login.email])
    note = "Tests with people who use a screen reader every day."
    save_talent(profile_id=profile.pk, note=note, by=story.actor(FERRIES.login), at=story.at)
    bob = story.actor(BOB.login)
    save_search(subject="jobs", name="Figma", query="skills=figma", alert="daily", by=bob, at=story.at)


def _interviews(story: Story) -> None:
    """Let one client and one freelancer agree on a time, and two others still look for one."""
    noon = story.at.replace(hour=11, minute=0, second=0, microsecond=0)
    talked = _talk(story, AUDIT, JONAS, "Which of our templates would you start with, and how long does one take?")
    agreed = propose_interview(
        conversation_id=talked.pk,
        terms=InterviewTerms(
            starts=[noon + timedelta(days=3), noon + timedelta(days=4)],
            minutes=45,
            way="link",
            link="https://meet.example/catalogue-audit",
            note="I share the catalogue, you show what you would look at first.",
        ),
        by=story.actor(TOWN.login),
        at=story.at,
    )
    accept_interview(
        interview_id=agreed.pk,
        slot_id=agreed.slots.order_by("starts_at")[0].pk,
        seen_version=agreed.version,
        by=story.actor(JONAS.login),
        at=story.at,
    )
    asked = _talk(story, KIOSK, SAM, "Could you show us how the timetable behaves when the connection drops?")
    propose_interview(
        conversation_id=asked.pk,
        terms=InterviewTerms(
            starts=[noon + timedelta(days=days, hours=hours) for days, hours in ((3, 2), (4, 3), (5, 2))], minutes=30
        ),
        by=story.actor(SAM.login),
        at=story.at,
    )
    run_all(at=story.at)


def _talk(story: Story, post: Post, freelancer: Freelancer, text: str) -> Conversation:
    party = story.parties[freelancer.login.email]
    job = story.jobs[post.key]
    proposal = Proposal.objects.get(job=job, party=party)
    by = story.actor(post.client.login)
    message_proposal(proposal_id=proposal.pk, text=text, token=uuid.uuid4().hex, by=by, at=story.at)
    conversation: Conversation = Conversation.objects.get(job=job, party=party)
    return conversation


def _waiting_reviews(story: Story) -> None:
    _freelancer(story, IN_REVIEW, is_approved=False)
    terms = JobTerms(
        title=POTTERY_TITLE,
        description=POTTERY_TEXT,
        language="fr",
        category_id=Category.objects.get(slug="marketing").pk,
        skill_ids=_skills(("Copywriting",)),
        budget=60_000,
        level="intermediate",
        duration="weeks",
    )
    _publish(story, WORKSHOP, terms, is_approved=False)


def _agency(story: Story) -> None:
    """Mateo opens an agency, Bob and Awa join it, she for all her proposals, and staff approve its profile."""
    party = open_agency(name=AGENCY_NAME, by=story.actor(MATEO.login), at=story.at)
    story.parties[AGENCY_NAME] = party
    by = _for_agency(story, MATEO)
    _join(story, BOB, by)
    _join(story, AWA, by, is_exclusive=True)
    profile = create_profile(party_id=party.pk, by=by, at=story.at)
    texts = ProfileTexts(
        title=AGENCY_TITLE,
        overview=AGENCY_OVERVIEW,
        category_id=Category.objects.get(slug="web-development").pk,
        skill_ids=_skills(("Django", "PostgreSQL", "Figma", "Usability testing")),
        hourly_rate=5_500,
    )
    save_profile(profile_id=profile.pk, texts=texts, by=by, at=story.at)
    work = PortfolioTexts(heading="Tide tables that load on the quay", text="Screens, code and a week of tests at sea.")
    add_item(profile_id=profile.pk, texts=work, by=by, at=story.at)
    profile = submit_profile(profile_id=profile.pk, by=by, at=story.at)
    profile.refresh_from_db()
    approve_profile(profile_id=profile.pk, seen_version=profile.version, by=story.actor(MODERATOR), at=story.at)
    for each in (MATEO, BOB):
        appear_for_agency(party_id=party.pk, by=_for_agency(story, each), at=story.at)
    run_all(at=story.at)


def _join(story: Story, freelancer: Freelancer, by: Actor, *, is_exclusive: bool = False) -> None:
    invitation = invite_member(
        party_id=story.parties[AGENCY_NAME].pk,
        email=freelancer.login.email,
        role=Membership.Role.NAMED_WORKER,
        is_exclusive=is_exclusive,
        language=freelancer.language,
        by=by,
        at=story.at,
    )
    accept_invitation(token=link_token(invitation.seal), by=story.actor(freelancer.login), at=story.at)


def _for_agency(story: Story, freelancer: Freelancer) -> Actor:
    return acting(story.users[freelancer.login.email], story.parties[AGENCY_NAME].pk).actor


def _agency_bids(story: Story) -> None:
    submit_proposal(
        job_id=story.jobs[KIOSK.key].pk,
        amount=5_900,
        duration="",
        letter=(
            "Mateo would do the work, and Bob would draw the two screens that passengers see first. We have built for the quay "
            "before: thick gloves, bright sun, no signal."
        ),
        answers=["The tide tables of our own site: they load once and then work without a connection."],
        language="en",
        worker_id=story.users[MATEO.login.email].pk,
        by=_for_agency(story, MATEO),
        at=story.at,
    )
    run_all(at=story.at)


def _report(story: Story) -> None:
    report_job(
        job_id=story.jobs[KIOSK.key].pk,
        reason=Report.Reason.OTHER,
        text="The post says remote, but the client wrote to a colleague that somebody must stand on the quay every day.",
        by=story.actor(INES.login),
        at=story.at,
    )
    run_all(at=story.at)


def _contract(story: Story, post: Post) -> Contract:
    contract: Contract = Contract.objects.get(job=story.jobs[post.key])
    return contract


def _milestones(story: Story, post: Post) -> QuerySet[Milestone]:
    return Milestone.objects.filter(contract__job=story.jobs[post.key])


def _write(story: Story, contract: Contract, login: Login, text: str) -> None:
    room = room_of(contract.scope)
    if room is None:
        raise RuntimeError("a contract has no room")
    story.wait(hours=1)
    post_message(room_id=room.pk, text=text, token=uuid.uuid4().hex, by=story.actor(login), at=story.at)


def _proofs(story: Story) -> None:
    """Bob is available now and has a checked certificate and a testimonial; those of Inès wait for staff."""
    by, marc = story.actor(BOB.login), story.actor(MODERATOR)
    profile_id = Profile.objects.get(party=story.parties[BOB.login.email]).pk
    confirm_available_now(profile_id=profile_id, by=by, at=story.at)
    checked = _certificate(story, BOB, "Certified usability professional", "Usability Guild")
    check_certification(
        certification_id=checked.pk, seen_version=checked.version, reason="The guild lists him.", by=marc, at=story.at
    )
    said = "Bob asked our drivers before he drew anything. The new booking page halved the calls to our desk."
    praised = _testimonial(story, BOB, "Hanne Voss", company="Voss Coaches", text=said)
    publish_testimonial(testimonial_id=praised.pk, reason="The company’s own address.", by=marc, at=story.at)
    _certificate(story, INES, "Certification Opquast", "Opquast")
    _testimonial(
        story,
        INES,
        "Paul Meyer",
        company="",
        text="Inès a repris notre site en trois semaines, et tout fonctionne depuis.",
    )


def _certificate(story: Story, freelancer: Freelancer, heading: str, issuer: str) -> Certification:
    login, by = freelancer.login, story.actor(freelancer.login)
    paper = Document(
        heading, author=issuer, language=freelancer.language, page_of=lambda page, pages: f"{page}/{pages}"
    )
    paper.heading(heading, is_large=True)
    paper.text(f"{login.first_name} {login.last_name}, {issuer}")
    proof = store_file(upload=ContentFile(paper.render(), name="certificate.pdf"), kind=CERTIFICATE, by=by, at=story.at)
    texts = CertificationTexts(
        heading=heading, organisation=issuer, issued_on=date(story.at.year - 1, 5, 1), proof_id=proof.pk
    )
    profile = Profile.objects.get(party=story.parties[login.email])
    item = add_item(profile_id=profile.pk, texts=texts, by=by, at=story.at)
    return Certification.objects.get(pk=item.pk)


def _testimonial(story: Story, freelancer: Freelancer, name: str, *, company: str, text: str) -> Testimonial:
    profile = Profile.objects.get(party=story.parties[freelancer.login.email])
    request = Request(
        name=name,
        company=company,
        project=freelancer.title,
        email=f"{name.split(maxsplit=1)[0].lower()}@client.example",
        language=freelancer.language,
    )
    asked = ask_for_testimonial(profile_id=profile.pk, request=request, by=story.actor(freelancer.login), at=story.at)
    words = Words(text=text, name=name, company=company, language=freelancer.language, has_agreed=True)
    return write_testimonial(token=answer_token(asked.pk), words=words, by=Actor.anonymous(), at=story.at)
