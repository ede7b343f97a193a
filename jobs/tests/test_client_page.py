"""The page of a client: who sees it, what stands on it, and how its figures follow what happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import TextNotPublic, clear_about, save_party
from accounts.models import Party
from accounts.tests.cast import Person, make_freelancer, sign_in
from core.errors import NotAllowed
from events.actions import deliver_due
from jobs.actions import close_job, pause_job, resume_job
from jobs.models import Job
from jobs.tests.posts import draft_job, open_job, party_of
from profiles.models import PartyFacts
from tests.nothing import nothing_happens


def page(reader: Client, slug: str) -> str:
    answer = reader.get(reverse("jobs:client", args=[slug]))
    return " ".join(answer.content.decode().split()) if answer.status_code == 200 else str(answer.status_code)


def facts_of(person: Person, at: datetime) -> PartyFacts:
    deliver_due(at=at)
    return PartyFacts.objects.get(party=party_of(person))


def test_a_client_is_seen_by_those_who_may_see_what_it_published(
    alice: Person, bob: Person, marc: Person, client: Client, at: datetime
) -> None:
    slug = party_of(alice).slug
    draft_job(alice, at=at)
    hers, his = Client(), Client()
    sign_in(hers, alice)
    sign_in(his, bob)
    assert (page(client, slug), page(his, slug)) == ("404", "404"), "nothing was published"
    assert "Brise" in page(hers, slug)

    job = open_job(alice, moderator=marc, at=at, title="Six labels for apple juice")

    assert "Six labels for apple juice" in page(client, slug)
    Job.objects.filter(pk=job.pk).update(visibility=Job.Visibility.SIGNED_IN)
    assert page(client, slug) == "404"
    assert "Six labels for apple juice" in page(his, slug)
    close_job(job_id=job.pk, by=alice.actor, at=at)
    shown = page(his, slug)
    assert "Six labels for apple juice" not in shown
    assert "This client takes no proposals at the moment." in shown


def test_a_person_who_hires_is_shown_by_first_name_and_initial(
    chloe: Person, marc: Person, client: Client, at: datetime
) -> None:
    open_job(chloe, moderator=marc, at=at)
    party = party_of(chloe)
    shown = page(client, party.slug)
    assert party.public_name in shown
    assert chloe.user.last_name not in shown
    assert chloe.user.email not in shown


def test_freelancers_have_no_client_page(bob: Person, marc: Person, client: Client) -> None:
    sign_in(client, marc)
    assert page(client, party_of(bob).slug) == "404"


def test_open_and_ended_jobs_are_counted_as_they_come_and_go(alice: Person, marc: Person, at: datetime) -> None:
    first, second = (open_job(alice, moderator=marc, at=at, title=title) for title in ("One wharf", "Another wharf"))
    facts = facts_of(alice, at)
    assert (facts.jobs_posted, facts.jobs_open, facts.jobs_ended) == (2, 2, 0)
    pause_job(job_id=first.pk, by=alice.actor, at=at)
    assert facts_of(alice, at).jobs_open == 1
    resume_job(job_id=first.pk, by=alice.actor, at=at)
    close_job(job_id=second.pk, by=alice.actor, at=at)
    facts = facts_of(alice, at)
    assert (facts.jobs_open, facts.jobs_ended, facts.jobs_ended_hired) == (1, 1, 0)


def test_the_page_costs_few_statements(
    alice: Person, marc: Person, client: Client, at: datetime, django_assert_max_num_queries: object
) -> None:
    open_job(alice, moderator=marc, at=at)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        page(client, party_of(alice).slug)


def save_about(person: Person, about: str) -> Party:
    party = party_of(person)
    return save_party(
        party_id=party.pk,
        company_name="Brise",
        about=about,
        place="Brest",
        country="FR",
        time_zone="Europe/Paris",
        by=person.actor,
        at=datetime(2026, 11, 2, tzinfo=UTC) + timedelta(hours=1),
    )


def test_contact_data_is_refused_in_what_a_client_says_of_itself(alice: Person, client: Client) -> None:
    with nothing_happens(), pytest.raises(TextNotPublic) as caught:
        save_about(alice, "Write to me at alice.brise@gmail.com before you send a proposal.")
    assert list(caught.value.problems) == ["about"]
    sign_in(client, alice)
    data = {"company_name": "Brise", "about": "Call 06 12 34 56 78.", "place": "", "country": "FR",
            "time_zone": "Europe/Paris"}  # fmt: skip
    answer = client.post(reverse("accounts:party"), data)
    assert answer.status_code == 422
    assert "about" in answer.context["form"].errors
    assert "06 12 34 56 78" in answer.content.decode(), "what was typed is kept"


def test_moderators_take_a_text_down_and_nobody_else(alice: Person, bob: Person, marc: Person, at: datetime) -> None:
    save_about(alice, "We grow.")
    party_id = party_of(alice).pk
    for person in (alice, bob, make_freelancer("Eve")):
        with nothing_happens(), pytest.raises(NotAllowed):
            clear_about(party_id=party_id, reason="No.", by=person.actor, at=at)
    assert clear_about(party_id=party_id, reason="It is copied.", by=marc.actor, at=at).about == ""
