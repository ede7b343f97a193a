"""A mark of its own in every private field, then everything that each role can reach: no mark where it may not be."""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, models, transaction
from django.test import Client
from django.urls import resolve, reverse
from django.urls.exceptions import Resolver404

from accounts.actions import build_export, request_export
from accounts.privacy import Reader
from accounts.tests.cast import Person, sign_in
from accounts.tests.conftest import bare
from core.clock import now
from files.gateway import store
from messaging.models import MESSAGE_FILES, Message
from notifications.actions import compose
from notifications.models import Notice
from payments.tests.cards import prove_password
from proposals import privacy
from proposals.actions import archive_proposal, fill_scorecard, shortlist_proposal, write_note
from proposals.models import Proposal, ProposalDraft
from proposals.tests.cast import tell
from tests.access import Row
from tests.test_access_table import table
from tests.world import World, make_world

#: Whose eyes are tried. Alice is the client, Bob the freelancer, Chloé and Eve have nothing to do with them.
ROLES = ("anonymous", "freelancer", "other_freelancer", "client", "other_client", "support")

# What every field that holds text is: for everybody; for the two sides of a thing; for one person or party alone; for
# staff; or plain, which is a kind, a key or a number of ours and says nothing in anybody's words. What has choices is
# plain.

PUBLIC = """
taxonomy.Category: slug name_en name_fr icon
taxonomy.Speciality: slug name_en name_fr
taxonomy.Skill: slug name_en name_fr
taxonomy.Synonym: word
accounts.User: first_name
accounts.Party: public_name slug place about time_zone
accounts.LegalDocument: text
profiles.Profile: slug title overview video
profiles.OldAddress: slug
profiles.Entry: heading organisation text
profiles.PortfolioItem: heading text video
profiles.Certification: heading organisation
profiles.Testimonial: name company project text
profiles.WorkHistory: title
jobs.Job: title description place questions
"""
PARTY = """
files.StoredFile: name
accounts.User: last_name
accounts.Party: name
messaging.Room: title
messaging.Message: text masked_text
messaging.AuthorName: name
payments.Release: title
payments.Invoice: number seller buyer title
payments.GiveBack: reason
jobs.Invitation: note decline_note
proposals.Proposal: letter answers decline_message
proposals.Interview: link note cancel_note
contracts.WorkerChange: reason
contracts.Offer: title deliverables decline_note
contracts.OfferMilestone: title description
contracts.OfferVersion: title deliverables milestones note answer
contracts.Contract: title deliverables end_note
contracts.Milestone: title description change_note asked_back_note
contracts.Submission: note
disputes.Case: claim reasons
proposals.ProposalMilestone: title
proposals.ProposalRevision: before
"""
PRIVATE = """
accounts.User: password email time_zone
accounts.SentMail: sender recipients subject text html
accounts.LegalProfile: legal_name address siret vat_number
accounts.DataExport: path
accounts.Farewell: email
accounts.PartyInvitation: email
payments.PaymentMethod: fingerprint mandate brand last4
payments.PayoutMethod: label
payments.Charge: title next_url
payments.Refund: title
payments.CreditPayment: title
payments.Credit: title
profiles.ProfileReview: note
profiles.Certification: reason
profiles.Testimonial: email reason
profiles.TalentList: name
profiles.TalentEntry: note
jobs.SavedSearch: name query
proposals.ProposalNote: text
trust.Report: text
jobs.Job: review_note removal_reason import_key
notifications.Notice: data
messaging.Masking: appeal reason
account.EmailAddress: email
account.EmailConfirmation: key
mfa.Authenticator: data
usersessions.UserSession: session_key user_agent data
proposals.Proposal: withdraw_note
proposals.ProposalDraft: content
"""
STAFF = """
events.Event: reason data
events.Delivery: error
payments.MoneyCase: title close_reason
payments.OperatorCash: reason
payments.Difference: explanation ours theirs
payments.Chargeback: evidence reason
payments.WebhookEvent: body error
jobs.Job: risks
trust.ReportCase: note
messaging.GuardCase: reason
"""
PLAIN = """
accounts.PartyInvitation: seal token_digest
profiles.WorkHistory: language currency
profiles.Testimonial: address_key text_language
core.SentForm: token content
ledger.AccountKind: name
ledger.Account: owner currency
ledger.Transfer: key kind currency
events.Event: kind subject scope request_id
events.Delivery: handler
files.StoredFile: owner_kind owner_ref media_type sha256 path
messaging.Room: owner
messaging.Message: token
messaging.Masking: kinds
payments.MoneyCase: subject scope currency
payments.PaymentCustomer: gateway provider_id
payments.PaymentMethod: gateway provider_id
payments.MethodSetup: gateway provider_id code
payments.GatewayAccount: gateway provider_id missing
payments.PayoutMethod: gateway provider_id
payments.Charge: purpose scope currency failure_code provider_id
payments.Refund: source scope currency failure_code provider_id
payments.ProviderTransfer: currency failure_code provider_id
payments.MoneyMove: source gateway currency key body request_hash provider_id code
payments.CreditPayment: purpose scope currency gateway
payments.Credit: source scope gateway currency
payments.OperatorCash: gateway currency failure_code provider_id
payments.Holding: holder scope currency
payments.Release: source scope currency
payments.FrozenPart: case source taken_from scope currency
payments.Chargeback: gateway provider_id currency
payments.FrozenRelease: case currency
payments.Repayment: currency
payments.Reconciliation: gateway
payments.Difference: gateway verb subject provider_id currency
payments.InvoiceSeries: issuer
payments.Invoice: issuer source scope currency vat_reason
payments.WebhookEvent: gateway event_id kind verb account object_id
payments.InboxCursor: gateway
payments.TransferReversal: currency failure_code provider_id
payments.SandboxObject: id kind move data
payments.SandboxRequest: key request_hash answer
payments.SandboxEvent: id kind body becomes code
payments.Withdrawal: currency failure_code provider_id
profiles.Profile: currency
profiles.ProfileReview: points
profiles.ProfileDocument: visibility level language country kind availability
jobs.Job: currency
jobs.JobDocument: kind level duration language visibility
proposals.Proposal: before_offer currency
proposals.ConnectLot: key month
proposals.ConnectPurchase: currency token
contracts.Offer: currency payment_failure end_requested_as
contracts.Contract: currency
contracts.Milestone: before payment_failure
disputes.Case: currency
notifications.Notice: kind path
"""
#: Fields that get no mark, and why: the crawl could not find it, or the product could not work with it.
UNMARKED = {
    "accounts.User.password": "a hash; nothing prints it",
    "accounts.User.time_zone": "the name of a zone that exists",
    "accounts.SentMail": "only where no mail server is: its page is for whoever runs that machine",
    "payments.PaymentMethod.last4": "four digits",
    "payments.Charge.next_url": "an address that is led to",
    "jobs.Job.import_key": "unique for each client",
    "jobs.Job.risks": "read as a table of rules; see test_risk_rules",
    "account.EmailConfirmation": "a link of a mail",
    "mfa.Authenticator": "encrypted",
    "usersessions.UserSession": "of the visitors themselves, who are signed in by it",
    "events.Event.data": "read by handlers",
    "payments.Chargeback.evidence": "what the provider takes, by name",
    "payments.Invoice.number": "what invoices are found by",
    "accounts.DataExport": "the page names no path",
    "accounts.Farewell": "nobody is told of it",
    "jobs.SavedSearch.query": "read as filters",
}
MARK = re.compile(r"zq\d{5}x")
#: Pages that one visitor opens at most; far above what there is.
MOST_PAGES = 400
LEAVES = {"account_logout", "language", "theme", "accounts:export_download"}
#: Pages behind a link of a mail: they show whoever holds it what the mail says.
LINKED = {"accounts:join", "jobs:search_stop", "notifications:stop", "profiles:testimonial_write"}
Roles = frozenset[str]


def listed(text: str) -> Iterator[str]:
    for line in text.strip().splitlines():
        model, _colon, names = line.partition(":")
        yield from (f"{model}.{name}" for name in names.split())


def texts_of(model: type[models.Model]) -> Iterator[models.Field[Any, Any]]:
    """Yield the fields of a model that hold words, and have no list of what they may say."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices:
            yield field


def ours() -> Iterator[type[models.Model]]:
    """Yield the models of the product, and those of libraries that hold something about people."""
    libraries = {"auth", "contenttypes", "sessions", "admin", "django_celery_beat"}
    yield from (model for model in apps.get_models() if model._meta.app_label not in libraries)


def test_every_field_with_words_has_its_class() -> None:
    fields = {f"{model._meta.label}.{field.name}" for model in ours() for field in texts_of(model)}
    classes = [name for text in (PUBLIC, PARTY, PRIVATE, STAFF, PLAIN) for name in listed(text)]
    kinds_of_country = {name for name in fields if name.endswith((".country", ".wanted_country"))}

    assert fields - set(classes) - kinds_of_country == set(), "say above for whom these are"
    assert set(classes) - fields == set(), "these are no fields with words"
    assert len(classes) == len(set(classes))


class Marks:
    """The marks of a world: where each stands, and who may see it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fields: dict[str, str] = {}
        self.allowed: dict[str, Roles] = {}
        people = {role: world.people[role] for role in ROLES if role != "anonymous"}
        self.parties: dict[int | None, str] = {each.party.pk: role for role, each in people.items() if each.party}
        self.users = {each.user.pk: role for role, each in people.items()}

    def new(self, field: str, allowed: Roles) -> str:
        """Return a new mark."""
        mark = f"zq{len(self.fields):05d}x"
        self.fields[mark] = field
        self.allowed[mark] = allowed | {"support"} if field in SUPPORT_TOO else allowed
        return mark

    def of(self, *party_ids: int | None) -> Roles:
        """Return the roles that act for these parties."""
        return frozenset(self.parties[pk] for pk in party_ids if pk in self.parties)

    def person(self, user_id: int | None) -> Roles:
        """Return the role of a person."""
        return frozenset({self.users[user_id]}) if user_id in self.users else frozenset()


def _sides(marks: Marks, contract: Any) -> Roles:
    return marks.of(contract.client_id, contract.freelancer_id)


def _file(marks: Marks, file: Any) -> Roles:
    everybody = frozenset(ROLES)
    if file.owner_kind == "proposals.proposal":
        draft, _dash, number = file.owner_ref.rpartition("-")
        if draft:
            return marks.of(ProposalDraft.objects.get(pk=number).party_id)
        return _proposal(marks, Proposal.objects.get(pk=number))
    if file.owner_kind == MESSAGE_FILES:
        return _room(marks, Message.objects.get(pk=file.owner_ref).room)
    return everybody if file.owner_kind != "contracts.submission" else _sides(marks, marks.world.contract)


def _person(marks: Marks, user: Any) -> Roles:
    """Return who reads a full name: the person, those they have a contract or a room with, and staff."""
    known = marks.users.get(user.pk, "")
    pair = frozenset({"client", "freelancer"})
    members = user.memberships.filter(party__in=[marks.world.client.party, marks.world.freelancer.party]).exists()
    hired = user.memberships.filter(party=marks.world.agency_contract.freelancer).exists()
    hirer = frozenset({"client"}) if hired else frozenset()
    return (pair if known in pair or members or user.is_staff else frozenset({known})) | hirer | {"support"}


def _address(marks: Marks, user: Any) -> Roles:
    """Return who reads an address: the person, those who invited them to their team, and support."""
    is_colleague = user.memberships.filter(party=marks.world.client.party).exists()
    return marks.person(user.pk) | (frozenset({"client"}) if is_colleague else frozenset()) | {"support"}


def _party(marks: Marks, party: Any) -> Roles:
    pair = marks.of(marks.world.client.party.pk, marks.world.freelancer.party.pk)
    mine = marks.of(party.pk)
    of_client = {marks.world.wrong_hat.party.pk, marks.world.agency_contract.freelancer_id}
    hats = frozenset({"client"}) if party.pk in of_client else frozenset()
    return (pair if mine & pair else mine) | hats | {"support"}


def _proposal(marks: Marks, proposal: Any) -> Roles:
    return marks.of(proposal.party_id, proposal.job.client_id)


def _offer(marks: Marks, offer: Any) -> Roles:
    return marks.of(offer.client_id, offer.freelancer_id if offer.sent_at else None)


def _version(marks: Marks, version: Any) -> Roles:
    """Return who reads a version: both sides, but what a client has not sent is the client's own."""
    is_unsent = version.state in {"draft", "raising"} and version.party_id == version.offer.client_id
    return marks.of(version.offer.client_id, None if is_unsent else version.offer.freelancer_id)


def _invoice(marks: Marks, invoice: Any) -> Roles:
    return marks.of(invoice.buyer_party_id, invoice.seller_party_id)


def _room(marks: Marks, room: Any) -> Roles:
    """Return who reads a room: its sides."""
    return marks.of(*room.parties.values_list("pk", flat=True))


def _message(marks: Marks, message: Any) -> Roles:
    """Return who reads what was typed: both sides, or the writer's alone where a part is masked for the other."""
    return marks.of(message.party_id) if message.masked_text else _room(marks, message.room)


#: Who may read the words of a row, by model; "support" besides where the page of staff on people shows it.
READERS: dict[str, Callable[[Marks, Any], Roles]] = {
    "files.StoredFile": _file,
    "accounts.User.last_name": _person,
    "accounts.User.email": _address,
    "account.EmailAddress": lambda marks, address: marks.person(address.user_id) | {"support"},
    "accounts.Party": _party,
    "accounts.LegalProfile": lambda marks, profile: marks.of(profile.party_id),
    "messaging.Room": _room,
    "messaging.Message": lambda marks, message: _room(marks, message.room),
    "messaging.Message.text": _message,
    "messaging.Masking": lambda marks, masking: marks.person(masking.author_id),
    "messaging.GuardCase": lambda _marks, _case: frozenset(),
    "messaging.AuthorName": lambda marks, name: _room(marks, name.room),
    "payments.Release": lambda marks, release: marks.of(release.payer_id, release.payee_id),
    "payments.Invoice": _invoice,
    "payments.GiveBack": lambda marks, back: marks.of(back.release.payer_id, back.release.payee_id),
    "payments.PaymentMethod": lambda marks, method: marks.of(method.party_id),
    "payments.PayoutMethod": lambda marks, method: marks.of(method.party_id),
    "payments.Charge": lambda marks, charge: marks.of(charge.party_id),
    "payments.Refund": lambda marks, refund: marks.of(refund.charge.party_id),
    "payments.CreditPayment": lambda marks, payment: marks.of(payment.party_id),
    "payments.Credit": lambda marks, credit: marks.of(credit.party_id),
    "proposals.Proposal": _proposal,
    "proposals.ProposalNote": lambda marks, note: marks.of(note.proposal.job.client_id),
    "proposals.Interview": lambda marks, meeting: marks.of(
        meeting.conversation.party_id, meeting.conversation.job.client_id
    ),
    "contracts.Offer": _offer,
    "contracts.OfferVersion": _version,
    "contracts.OfferMilestone": lambda marks, part: _offer(marks, part.offer),
    "contracts.Contract": _sides,
    "contracts.Milestone": lambda marks, milestone: _sides(marks, milestone.contract),
    "contracts.Submission": lambda marks, work: _sides(marks, work.milestone.contract),
    "disputes.Case": lambda marks, case: _sides(marks, case.milestone.contract),
    "profiles.ProfileReview": lambda marks, review: marks.of(review.profile.party_id),
    "profiles.Certification": lambda marks, claim: marks.of(claim.profile.party_id),
    "profiles.Testimonial": lambda _marks, _asked: frozenset(),
    "profiles.Testimonial.reason": lambda marks, asked: marks.of(asked.profile.party_id),
    "profiles.TalentList": lambda marks, kept: marks.of(kept.party_id),
    "profiles.TalentEntry": lambda marks, entry: marks.of(entry.talent_list.party_id),
    "jobs.SavedSearch": lambda marks, search: marks.person(search.user_id),
    "jobs.Invitation": lambda marks, asked: marks.of(asked.job.client_id, asked.party_id),
    "contracts.WorkerChange": lambda marks, change: _sides(marks, change.contract),
    "accounts.PartyInvitation": lambda marks, asked: marks.of(asked.party_id),
    "trust.Report": lambda marks, report: marks.person(report.reporter_id),
    "trust.ReportCase": lambda _marks, _case: frozenset(),
    "jobs.Job": lambda marks, job: marks.of(job.client_id),
    "notifications.Notice": lambda marks, notice: marks.person(notice.user_id),
    "events.Event": lambda _marks, _event: frozenset({"support"}),
    "events.Delivery": lambda _marks, _delivery: frozenset(),
    "payments.MoneyCase": lambda _marks, _case: frozenset(),
    "payments.OperatorCash": lambda _marks, _cash: frozenset(),
    "payments.Difference": lambda _marks, _difference: frozenset(),
    "payments.Chargeback": lambda _marks, _chargeback: frozenset(),
    "payments.WebhookEvent": lambda _marks, _event: frozenset(),
    "proposals.Proposal.withdraw_note": lambda marks, proposal: marks.of(proposal.party_id),
    "proposals.ProposalDraft": lambda marks, draft: marks.of(draft.party_id),
    "proposals.ProposalMilestone": lambda marks, part: _proposal(marks, part.proposal),
    "proposals.ProposalRevision": lambda marks, revision: _proposal(marks, revision.proposal),
}
#: What support reads besides, on the pages of the administration that help people: contracts, names of files, posts
#: and profiles that are not public yet; never messages, proposals, offers, money or what was declared.
SUPPORT_TOO = {
    *("contracts.Contract.title", "contracts.Contract.deliverables", "contracts.Milestone.title"),
    *("payments.Charge.title", "payments.Release.title", "files.StoredFile.name"),
    *("jobs.Job.title", "jobs.Job.description", "profiles.Profile.title", "profiles.Profile.overview"),
}
#: Words of a notice that are taken from things of others.
NOTICE_WORDS = {"job", "offer", "contract", "milestone", "title", "client", "freelancer", "author", "bank"}


#: The value that carries a mark, of fields that the product reads in a shape of their own: the old value, the mark.
SHAPES: dict[str, Callable[[Any, str], Any]] = {
    "email": lambda _old, mark: f"{mark}@example.com",
    "link": lambda _old, mark: f"https://meet.example/{mark}",
    "answers": lambda old, mark: [mark for _answer in old],
    "milestones": lambda old, mark: [{**each, "title": mark, "description": mark} for each in old],
    "seller": lambda old, mark: {**old, "name": mark, "address": f"1 {mark}"},
    "buyer": lambda old, mark: {**old, "name": mark, "address": f"1 {mark}"},
    "data": lambda old, mark: {word: mark if word in NOTICE_WORDS else said for word, said in old.items()},
    "content": lambda old, mark: {**old, "letter": mark},
    "before": lambda old, mark: {**old, "milestones": [[mark, 500, None]]} if "milestones" in old else old,
    "body": lambda old, mark: {**old, "note": mark} if isinstance(old, dict) else old,
}


def mark_world(world: World) -> Marks:
    """Put a mark into every field that is not for everybody, in every row that has something there."""
    marks = Marks(world)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # invoices and events refuse to be changed
    names = [name for text in (PARTY, PRIVATE, STAFF) for name in listed(text)]
    for name in names:
        label, _dot, field = name.rpartition(".")
        if name in UNMARKED or label in UNMARKED:
            continue
        who = READERS.get(name) or READERS[label]
        model: Any = apps.get_model(label)
        for row in model.objects.order_by("pk"):
            old = getattr(row, field)
            if old in ("", None, [], {}):
                continue
            mark = marks.new(name, who(marks, row))
            model.objects.filter(pk=row.pk).update(**{field: SHAPES[field](old, mark) if field in SHAPES else mark})
    _mark_unpublished(marks)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")
    cache.clear()
    return marks


def _mark_unpublished(marks: Marks) -> None:
    """Mark what is for everybody once it is published, where it is not."""
    unpublished: tuple[tuple[str, str, dict[str, Any], Callable[[Any], int]], ...] = (
        ("jobs.Job", "title description", {"status__in": ["draft", "in_review"]}, lambda job: job.client_id),
        ("profiles.Profile", "title overview", {"status": "draft"}, lambda profile: profile.party_id),
        ("profiles.Testimonial", "text", {"status": "written"}, lambda asked: asked.profile.party_id),
    )
    for label, fields, condition, owner in unpublished:
        model: Any = apps.get_model(label)
        for row in model.objects.filter(**condition):
            hats = {marks.world.wrong_hat.party.pk: frozenset({"client"})}
            allowed = marks.of(owner(row)) | hats.get(owner(row), frozenset())
            for field in fields.split():
                mark = marks.new(f"{label}.{field}", allowed)
                model.objects.filter(pk=row.pk).update(**{field: mark})


class Crawler:
    """One visitor who opens all that they are allowed to, and follows every link."""

    def __init__(self, role: str, world: World) -> None:
        self.role, self.world = role, world
        self.browser = Client(raise_request_exception=False)
        if role != "anonymous":
            person: Person = world.people[role]
            person.user.refresh_from_db()
            sign_in(self.browser, person)
            prove_password(self.browser)
        self.texts: dict[str, str] = {}

    def crawl(self, rows: dict[str, Row]) -> None:
        """Open the pages of the table that the role may, one's home, and what they link to, each path once."""
        waiting = [reverse("home"), *(() if self.role == "anonymous" else (reverse("start"),))]
        for name, row in sorted(rows.items()):
            if row.get is not None and row.get.get(self.role) in {"ok", "redirect"} and name not in LEAVES:
                waiting.append(reverse(name, kwargs=row.kwargs(self.world)) + row.query)
        seen: set[str] = set()
        while waiting:
            url = waiting.pop(0)
            path = urlsplit(url).path
            if path in seen or not self.is_ours(path):
                continue
            seen.add(path)
            assert len(seen) < MOST_PAGES, "the crawl does not end"
            answer = self.browser.get(url)
            if answer.status_code in {301, 302, 303}:
                waiting.append(answer.headers["Location"])
            if answer.status_code >= 500:
                self.texts[url] = f"{answer.status_code}"
            if "pdf" in answer.headers.get("Content-Type", ""):
                continue
            raw = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            text = raw.decode("utf-8", "replace")
            self.texts[url] = text
            waiting += re.findall(r'href="(/(?!/|static/)[^"#]*)', text)

    def is_ours(self, path: str) -> bool:
        """Test whether a page is one of ours in English, and not one that ends the session."""
        try:
            match = resolve(path)
        except Resolver404:
            return False
        return (
            match.view_name not in LEAVES | LINKED and not path.startswith("/fr/") and match.view_name != "admin:logout"
        )


def mails_of(person: Person) -> Iterator[str]:
    """Yield the mails that tell a person of their notices."""
    for notice in Notice.objects.filter(user=person.user):
        mail = compose(notice, person.user)
        html = str(mail.alternatives[0][0])
        yield f"{mail.subject}\n{mail.body}\n{html}"


def archive_of(person: Person) -> str:
    """Return everything that stands in a person's archive."""
    at = now()
    export = request_export(user_id=person.user.pk, by=person.actor, at=at)
    assert build_export(export_id=export.pk, at=at) == 1
    export.refresh_from_db()
    with store().open(export.path) as opened:
        archive = zipfile.ZipFile(io.BytesIO(opened.read()))
    return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


@pytest.mark.django_db
def test_no_mark_is_seen_by_a_role_that_it_is_not_for(figure: Callable[[str], None]) -> None:
    world, rows = make_world(), table()
    marks = mark_world(world)
    seen: dict[str, set[str]] = defaultdict(set)
    wrong, read = [], 0
    for role in ROLES:
        crawler = Crawler(role, world)
        crawler.crawl(rows)
        texts = dict(crawler.texts)
        if role != "anonymous":
            person: Person = world.people[role]
            texts |= {f"mail {number}": text for number, text in enumerate(mails_of(person))}
            texts["archive"] = archive_of(person)
        read += len(texts)
        for where, text in texts.items():
            for mark in set(MARK.findall(text)):
                seen[marks.fields[mark]].add(role)
                if role not in marks.allowed[mark]:
                    wrong.append(f"{role} reads {marks.fields[mark]} on {where}")

    assert sorted(set(wrong)) == []
    figure(f"canaries: {len(marks.fields)} marks in {len(set(marks.fields.values()))} fields, {read} texts read")
    _marks_are_seen_by_those_they_are_for(seen)
    _a_label_of_the_client_changes_nothing(world)


def _marks_are_seen_by_those_they_are_for(seen: dict[str, set[str]]) -> None:
    both = {"client", "freelancer"}
    for field in (
        "messaging.Message.text",
        "contracts.Offer.title",
        "contracts.Submission.note",
        "disputes.Case.claim",
    ):
        assert seen[field] == both, field
    assert seen["proposals.Proposal.letter"] == both | {"other_freelancer"}  # who sent one, too
    for field in ("proposals.ProposalMilestone.title", "proposals.ProposalRevision.before"):
        assert seen[field] == both, field
    for field in ("proposals.ProposalDraft.content", "proposals.Proposal.withdraw_note"):
        assert seen[field] == {"other_freelancer"}, field
    for field in ("proposals.ProposalNote.text", "jobs.Job.review_note", "profiles.TalentEntry.note"):
        assert seen[field] <= {"client", "other_client"}, field
    assert seen["proposals.ProposalNote.text"] == {"client"}
    assert seen["messaging.Message.masked_text"] == {"client"}  # the writer reads what was typed
    for field in ("messaging.Room.title", "proposals.Interview.link", "proposals.Interview.note"):
        assert seen[field] == both, field
    assert seen["messaging.Masking.appeal"] == {"freelancer"}
    assert seen["accounts.LegalProfile.siret"] == {"freelancer", "other_freelancer"}
    assert seen["payments.PayoutMethod.label"] == {"freelancer"}
    assert seen["accounts.User.email"] == set(ROLES) - {"anonymous"}
    assert seen["payments.MoneyCase.title"] == seen["payments.WebhookEvent.body"] == set()


def _a_label_of_the_client_changes_nothing(world: World) -> None:
    """Demand that all a freelancer sees of a proposal is the same, sign by sign, whatever its client thinks of it."""
    bob, client, at = world.freelancer, world.client.actor, now()
    browser = Client()
    sign_in(browser, bob)
    proposal = Proposal.objects.get(pk=world.proposal.pk)
    pages = [
        reverse("proposals:detail", kwargs={"proposal_id": proposal.pk}),
        reverse("proposals:mine"),
        reverse("proposals:boost", kwargs={"proposal_id": proposal.pk}),
        reverse("notifications:list"),
    ]

    def shown() -> list[bytes]:
        return [bare(browser.get(page)) for page in pages]

    def archived() -> list[dict[str, object]]:
        reader = Reader(user_id=bob.user.pk, actors=(bob.actor,))
        return [dict(row) for sheet in privacy.export(reader) for row in sheet.rows]

    tell(at)
    before, kept, notices = shown(), archived(), Notice.objects.count()
    seen_by_client = proposal.shortlisted_at, proposal.archived_at
    with transaction.atomic():
        shortlist_proposal(proposal_id=proposal.pk, by=client, at=at)
        archive_proposal(proposal_id=proposal.pk, by=client, at=at)
        write_note(proposal_id=proposal.pk, text="Too dear.", by=client, at=at)
        fill_scorecard(proposal_id=proposal.pk, marks={"skills": 1, "price": 1}, by=client, at=at)
    tell(at)
    proposal.refresh_from_db()
    assert seen_by_client != (proposal.shortlisted_at, proposal.archived_at)
    assert shown() == before
    assert archived() == kept
    assert Notice.objects.count() == notices


def test_every_field_that_is_not_for_everybody_has_its_readers() -> None:
    for name in (name for text in (PARTY, PRIVATE, STAFF) for name in listed(text)):
        label = name.rpartition(".")[0]
        assert name in READERS or label in READERS or name in UNMARKED or label in UNMARKED, name
