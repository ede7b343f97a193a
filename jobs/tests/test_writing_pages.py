"""Writing, previewing and publishing a post in the browser."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.tests.cast import Person, make_member, sign_in
from files.models import StoredFile
from files.queries import files_of
from jobs.actions import edit_draft, publish_job
from jobs.models import Job
from jobs.tests.posts import DESCRIPTION, complete_terms, draft_job, open_job, party_of, review_job
from tests.nothing import nothing_happens

COMPLETE: dict[str, Any] = {
    "title": "Redesign a checkout",
    "description": DESCRIPTION,
    "language": "en",
    "category": "product-design",
    "speciality": "ux-design",
    "skills": "Figma, ux",
    "level": "expert",
    "kind": "fixed",
    "budget": "1,200.50",
    "duration": "months",
    "visibility": "public",
    "hires_wanted": "1",
    "questions": "Why you?\r\n\r\nWhen could you start?",
}


def write(client: Client, alice: Person, **changes: Any) -> Any:
    sign_in(client, alice)
    return client.post("/jobs/new/", {**COMPLETE, **changes})


def test_a_saved_draft_holds_everything_that_was_typed(client: Client, alice: Person) -> None:
    response = write(client, alice, save="1", attachments=SimpleUploadedFile("brief.txt", b"Four lines."))
    job = Job.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/jobs/{job.pk}/edit/")
    assert (job.title, job.budget, job.level, job.status) == ("Redesign a checkout", 120_050, "expert", "draft")
    assert job.questions == ["Why you?", "When could you start?"]
    assert job.speciality is not None
    assert (job.category_id, job.speciality.slug) == (job.speciality.category_id, "ux-design")
    assert job.skills.count() == 2
    assert [file.name for file in files_of("jobs.attachment", job.pk)] == ["brief.txt"]
    page = client.get(f"/jobs/{job.pk}/edit/").content.decode()
    assert 'value="1200.50"' in page
    assert "brief.txt" in page


def test_another_job_in_a_form_that_was_sent_is_not_lost(client: Client, alice: Person) -> None:
    sign_in(client, alice)
    token = client.get("/jobs/new/").context["form_token"]
    write(client, alice, save="1", form_token=token)
    changed = write(client, alice, save="1", form_token=token, title="Something else")
    assert changed.status_code == 409
    assert "sent this form before" in changed.content.decode()
    assert 'value="Something else"' in changed.content.decode()
    write(client, alice, save="1", form_token=changed.context["form_token"], title="Something else")
    assert sorted(Job.objects.values_list("title", flat=True))[1] == "Something else"
    assert Job.objects.count() == 2


def test_a_second_click_makes_no_second_draft(client: Client, alice: Person) -> None:
    sign_in(client, alice)
    token = client.get("/jobs/new/").context["form_token"]
    first = write(client, alice, save="1", form_token=token)
    second = write(client, alice, save="1", form_token=token)
    assert Job.objects.count() == 1
    assert first["Location"] == second["Location"]
    write(client, alice, save="1", form_token=client.get("/jobs/new/").context["form_token"])
    assert Job.objects.count() == 2


def test_an_incomplete_draft_is_saved_and_told_what_is_missing_before_the_preview(
    client: Client, alice: Person
) -> None:
    response = write(client, alice, preview="1", description="Short.", skills="", budget="")
    job = Job.objects.get()
    assert response["Location"] == f"/jobs/{job.pk}/edit/?check=1"
    page = client.get(response["Location"]).content.decode()
    assert "<title>Error: " in page
    for words in ("there are 6 now.", "Enter 1 to 15 skills.", "Enter a budget."):
        assert page.count(words) == 2  # in the summary and beside the field
    assert f'name="seen_version" value="{job.version}"' in page


def test_wrong_input_keeps_what_was_typed_and_saves_nothing(client: Client, alice: Person) -> None:
    sign_in(client, alice)
    wrong = {
        **COMPLETE,
        "title": "x" * 121,
        "budget": "a lot",
        "skills": "Figma, juggling",
        "hires_wanted": "none",
        "questions": "?\n" * 9,
        "speciality": "ios-development",
        "kind": "fixed",
        "level": "wizard",
    }
    with nothing_happens():
        response = client.post("/jobs/new/", wrong)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'role="alert"' in page
    for words in (
        "Shorten the title to 120 characters: it has 121.",
        "“juggling” is not a known skill.",
        "Enter a whole number.",
        "Ask 8 questions at most: there are 9.",
        "This speciality belongs to another category.",
        'value="a lot"',
        DESCRIPTION[:40],
    ):
        assert words in page


def test_rates_the_wrong_way_round_are_refused_and_figures_of_the_other_kind_ignored(
    client: Client, alice: Person
) -> None:
    response = write(client, alice, kind="hourly", rate_low="50", rate_high="40", budget="nonsense")
    assert response.status_code == 422
    assert "Enter a rate that is not below the first one." in response.content.decode()
    write(client, alice, kind="hourly", rate_low="40", rate_high="50", budget="nonsense")
    job = Job.objects.get()
    assert (job.kind, job.budget, job.rate_low, job.rate_high) == ("hourly", None, 4_000, 5_000)


def test_null_characters_and_huge_texts_are_refused(client: Client, alice: Person) -> None:
    sign_in(client, alice)
    with nothing_happens():
        for changes in (
            {"title": "a\x00b"},
            {"description": "x" * 10_001},
            {"place": "x" * 81},
            {"hires_wanted": "9" * 30},
        ):
            assert client.post("/jobs/new/", {**COMPLETE, **changes}).status_code == 422, changes


def test_the_preview_is_what_others_see_with_the_price_in_connects(client: Client, alice: Person, at: datetime) -> None:
    job = draft_job(alice, at=at, budget=25_000)
    sign_in(client, alice)
    page = client.get(f"/jobs/{job.pk}/preview/").content.decode()
    assert job.description[:40] in page
    assert "<dt>A proposal will cost</dt><dd>3 connects</dd>" in page
    assert "we read it before others see it, within 24 hours." in page
    assert "Publish the job" in page


def test_publishing_sends_a_first_post_to_review_and_opens_the_next(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    sign_in(client, alice)
    first = draft_job(alice, at=at)
    response = client.post(f"/jobs/{first.pk}/publish/", {"seen_version": "1"})
    first.refresh_from_db()
    assert (response["Location"], first.status) == (f"/jobs/{first.pk}/", "in_review")
    open_job(alice, moderator=marc, at=at)
    second = draft_job(alice, at=at)
    client.post(f"/jobs/{second.pk}/publish/", {"seen_version": "1"})
    second.refresh_from_db()
    assert second.status == "open"


def test_a_preview_left_open_over_a_change_publishes_nothing(client: Client, alice: Person, at: datetime) -> None:
    job = draft_job(alice, at=at)
    sign_in(client, alice)
    edit_draft(job_id=job.pk, terms=complete_terms(title="Changed elsewhere"), by=alice.actor, at=at)
    with nothing_happens():
        response = client.post(f"/jobs/{job.pk}/publish/", {"seen_version": "1"})
        assert client.post(f"/jobs/{job.pk}/publish/", {"seen_version": "x"}).status_code == 409
    page = response.content.decode()
    assert response.status_code == 409
    assert "was changed after you opened the page" in page
    assert "Changed elsewhere" in page


def test_publishing_twice_opens_once(client: Client, alice: Person, at: datetime) -> None:
    job = draft_job(alice, at=at)
    sign_in(client, alice)
    client.post(f"/jobs/{job.pk}/publish/", {"seen_version": "1"})
    with nothing_happens():
        assert client.post(f"/jobs/{job.pk}/publish/", {"seen_version": "1"}).status_code == 409


def test_a_form_left_open_over_a_change_keeps_what_was_typed(client: Client, alice: Person, at: datetime) -> None:
    job = draft_job(alice, at=at)
    sign_in(client, alice)
    edit_draft(job_id=job.pk, terms=complete_terms(title="First tab"), by=alice.actor, at=at)
    with nothing_happens():
        response = client.post(f"/jobs/{job.pk}/edit/", {**COMPLETE, "title": "Second tab", "seen_version": "1"})
    page = response.content.decode()
    assert response.status_code == 409
    assert 'value="Second tab"' in page
    assert 'name="seen_version" value="2"' in page
    client.post(f"/jobs/{job.pk}/edit/", {**COMPLETE, "title": "Second tab", "seen_version": "2"})
    job.refresh_from_db()
    assert (job.title, job.version) == ("Second tab", 3)


def test_a_form_left_open_while_the_job_was_published_changes_nothing(
    client: Client, alice: Person, at: datetime
) -> None:
    job = draft_job(alice, at=at)
    sign_in(client, alice)
    publish_job(job_id=job.pk, by=alice.actor, at=at)
    with nothing_happens():
        response = client.post(f"/jobs/{job.pk}/edit/", {**COMPLETE, "seen_version": "1"})
    assert response.status_code == 409
    assert "Take it back first" in response.content.decode()


def test_the_words_of_an_open_job_change_and_its_money_does_not(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    job = open_job(alice, moderator=marc, at=at)
    sign_in(client, alice)
    page = client.get(f"/jobs/{job.pk}/edit/").content.decode()
    assert 'name="budget"' not in page
    response = client.post(
        f"/jobs/{job.pk}/edit/", {**COMPLETE, "title": "Clearer", "budget": "1", "seen_version": "1"}
    )
    job.refresh_from_db()
    assert (response["Location"], job.title, job.budget, job.status) == (f"/jobs/{job.pk}/", "Clearer", 420_000, "open")
    refused = client.post(f"/jobs/{job.pk}/edit/", {**COMPLETE, "description": "Short.", "seen_version": "2"})
    assert refused.status_code == 422
    assert "there are 6 now." in refused.content.decode()


def test_a_removed_attachment_is_taken_off(client: Client, alice: Person) -> None:
    write(client, alice, attachments=SimpleUploadedFile("brief.txt", b"Four lines."))
    job = Job.objects.get()
    client.post(f"/jobs/{job.pk}/edit/", {**COMPLETE, "seen_version": "1"})
    assert files_of("jobs.attachment", job.pk) == []
    assert StoredFile.objects.get().owner_ref == ""


def test_people_who_may_not_hire_are_told_so(client: Client, alice: Person, bob: Person, at: datetime) -> None:
    job = draft_job(alice, at=at)
    sign_in(client, make_member("Farid", party_of(alice), "finance", at=at))
    assert client.get("/jobs/new/").status_code == 403
    assert client.get(f"/jobs/{job.pk}/edit/").status_code == 403
    sign_in(client, bob)
    assert client.get("/jobs/new/").status_code == 403
    assert client.get(f"/jobs/{job.pk}/edit/").status_code == 404
    assert client.get("/jobs/mine/").status_code == 403


def test_my_jobs_lists_by_state_with_both_empty_states(
    client: Client, alice: Person, marc: Person, at: datetime
) -> None:
    sign_in(client, alice)
    assert "Post your first job" in client.get("/jobs/mine/").content.decode()
    draft_job(alice, at=at, title="A draft of mine")
    open_job(alice, moderator=marc, at=at, title="An open job of mine")
    page = client.get("/jobs/mine/").content.decode()
    assert "A draft of mine" in page
    assert "An open job of mine" in page
    assert "A draft of mine" not in client.get("/jobs/mine/?tab=open").content.decode()
    assert "No job in this state" in client.get("/jobs/mine/?tab=ended").content.decode()
    assert client.get("/jobs/mine/?tab=nonsense&page=999").status_code == 200


def test_each_decision_asks_first_and_acts_on_post(client: Client, alice: Person, marc: Person, at: datetime) -> None:
    sign_in(client, alice)
    job = open_job(alice, moderator=marc, at=at)
    steps = [("pause", "paused"), ("resume", "open"), ("close", "closed")]
    for name, state in steps:
        with nothing_happens():
            assert client.get(f"/jobs/{job.pk}/{name}/").status_code == 200
        assert client.post(f"/jobs/{job.pk}/{name}/")["Location"] == f"/jobs/{job.pk}/"
        job.refresh_from_db()
        assert job.status == state
    with nothing_happens():
        late = client.post(f"/jobs/{job.pk}/pause/")
    assert late.status_code == 409
    assert "closed now" in late.content.decode()
    draft = draft_job(alice, at=at)
    assert client.post(f"/jobs/{draft.pk}/delete/")["Location"] == "/jobs/mine/"
    assert client.get(f"/jobs/{draft.pk}/").status_code == 404


def test_a_job_is_taken_back_from_review(client: Client, alice: Person, at: datetime) -> None:
    sign_in(client, alice)
    job = review_job(alice, at=at)
    client.post(f"/jobs/{job.pk}/withdraw/")
    job.refresh_from_db()
    assert job.status == "draft"
