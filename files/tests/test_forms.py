"""The upload field: nothing is lost when a form is shown again, and every refusal names its file."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.utils.datastructures import MultiValueDict

from core.actor import Actor
from core.product import rules
from files.actions import attach_files
from files.forms import FilesField, FilesForm, ImageField, token_of
from files.models import StoredFile
from files.queries import files_of
from files.tests import corpus
from files.tests.conftest import ALICE, AT, BOB, KIND, PUBLIC
from files.tests.corpus import upload

pytestmark = pytest.mark.django_db


class LetterForm(FilesForm):
    note = forms.CharField()
    enclosures = FilesField(kind=KIND, required=False, maximum=3)


class PortraitForm(FilesForm):
    photo = ImageField(kind=PUBLIC)


def letter(
    *uploads: Any, note: str = "hello", kept: tuple[str, ...] = (), removed: tuple[str, ...] = (), by: Actor = ALICE
) -> LetterForm:
    data = MultiValueDict({"note": [note], "enclosures_kept": list(kept), "enclosures_removed": list(removed)})
    return LetterForm(data, MultiValueDict({"enclosures": list(uploads)}), by=by)


def tokens_in(form: forms.Form, name: str = "enclosures") -> tuple[str, ...]:
    return tuple(re.findall(rf'name="{name}_kept" value="([^"]+)"', str(form[name])))


def names(form: forms.Form) -> list[str]:
    return [file.name for file in form.cleaned_data["enclosures"]]


def test_uploads_are_stored_and_cleaned_to_rows_in_their_order() -> None:
    form = letter(upload("b.txt", b"one"), upload("a.pdf", corpus.PDF))
    assert form.is_valid()
    assert names(form) == ["b.txt", "a.pdf"]
    assert set(StoredFile.objects.values_list("owner_kind", "uploaded_by_id")) == {(KIND, 1)}


def test_no_file_is_fine_where_none_is_needed_and_refused_where_one_is() -> None:
    assert letter().is_valid()
    form = PortraitForm(MultiValueDict(), MultiValueDict(), by=ALICE)
    assert form.errors == {"photo": ["Choose a file."]}


def test_what_was_uploaded_is_kept_when_another_field_is_wrong() -> None:
    wrong = letter(upload("a.txt", b"one"), note="")
    assert not wrong.is_valid()
    assert "a.txt" in str(wrong["enclosures"])
    again = letter(upload("b.txt", b"two"), kept=tokens_in(wrong))
    assert again.is_valid()
    assert names(again) == ["a.txt", "b.txt"]
    assert StoredFile.objects.count() == 2


def test_each_refused_file_is_named_and_the_good_ones_stay() -> None:
    form = letter(upload("a.exe", b"MZ"), upload("good.txt", b"text"), upload("b.png", corpus.PDF))
    assert form.errors["enclosures"] == [
        "“a.exe” is a program or a script. Send source code in a ZIP file.",
        "“b.png” is not what its name says: its content is PDF. Rename it or save it anew.",
    ]
    assert len(tokens_in(form)) == 1
    assert names_of(letter(kept=tokens_in(form))) == ["good.txt"]


def names_of(form: LetterForm) -> list[str]:
    assert form.is_valid(), form.errors
    return names(form)


def test_a_kept_file_can_be_taken_off_without_scripts() -> None:
    kept = tokens_in(letter(upload("a.txt", b"one"), upload("b.txt", b"two")))
    assert names_of(letter(kept=kept, removed=kept[:1])) == ["b.txt"]
    shown = str(letter(upload("c.txt", b"three"))["enclosures"])
    assert 'type="checkbox" name="enclosures_removed"' in shown
    assert 'Remove<span class="sr"> c.txt</span>' in shown


def test_one_file_too_many_is_refused_and_the_first_ones_stay() -> None:
    form = letter(*(upload(f"{number}.txt", b"text") for number in range(5)))
    assert form.errors["enclosures"] == ["Send 3 files at most."]
    assert StoredFile.objects.count() == 3
    assert len(tokens_in(form)) == 3
    assert letter(upload("4.txt", b"text"), kept=tokens_in(form)).errors["enclosures"] == ["Send 3 files at most."]


def test_the_same_token_twice_is_one_file() -> None:
    kept = tokens_in(letter(upload("a.txt", b"one")))
    assert names_of(letter(kept=kept * 3)) == ["a.txt"]


@pytest.mark.parametrize("token", ["nonsense", "", "a:b:c", "x" * 5000])
def test_a_token_nobody_gave_is_refused(token: str) -> None:
    assert letter(kept=(token,)).errors["enclosures"] == ["A file is no longer here. Upload it again."]


def test_the_token_of_another_person_is_refused() -> None:
    kept = tokens_in(letter(upload("a.txt", b"one")))
    assert letter(kept=kept, by=BOB).errors["enclosures"] == ["A file is no longer here. Upload it again."]


def test_a_file_that_was_swept_meanwhile_is_said_to_be_gone() -> None:
    kept = tokens_in(letter(upload("a.txt", b"one")))
    StoredFile.objects.all().delete()
    assert letter(kept=kept).errors["enclosures"] == ["A file is no longer here. Upload it again."]


def test_a_token_of_another_field_is_refused() -> None:
    form = PortraitForm(
        MultiValueDict(), MultiValueDict({"photo": [upload("me.png", corpus.picture(size=(99, 99)))]}), by=ALICE
    )
    assert form.is_valid()
    assert letter(kept=tokens_in(form, "photo")).errors["enclosures"] == ["A file is no longer here. Upload it again."]


def test_a_form_that_changes_a_thing_shows_its_files_and_keeps_them() -> None:
    made = letter(upload("a.txt", b"one"))
    assert made.is_valid()
    attach_files(file_ids=[file.pk for file in made.cleaned_data["enclosures"]], kind=KIND, ref=5, by=ALICE, at=AT)
    change = LetterForm(initial={"enclosures": files_of(KIND, 5)}, by=BOB)
    assert names_of(letter(kept=tokens_in(change), by=BOB)) == ["a.txt"]


def test_a_visitor_cannot_upload() -> None:
    assert letter(upload("a.txt", b"one"), by=Actor.anonymous()).errors["enclosures"] == ["Sign in to upload files."]


def test_two_forms_do_not_share_what_they_hold() -> None:
    first = letter(upload("a.txt", b"one"))
    assert first.is_valid()
    assert names_of(letter()) == []
    assert tokens_in(letter()) == ()


def test_a_name_is_escaped_where_it_is_shown() -> None:
    form = letter(upload("<img src=x>.txt", b"one"), note="")
    assert "<img" not in str(form["enclosures"])


def test_uploads_are_counted_and_the_next_one_is_refused_by_the_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files.forms.UPLOADS_AN_HOUR", 0)
    form = letter(upload("a.txt", b"text"))
    assert "You did this very often just now." in str(form.errors)
    assert not StoredFile.objects.exists()


def test_the_field_says_its_limits_and_takes_several_files() -> None:
    shown = str(letter()["enclosures"])
    assert 'type="file" name="enclosures" multiple' in shown
    assert "required" not in shown
    text = str(LetterForm(by=ALICE).fields["enclosures"].help_text)
    assert text == f"Up to {rules().files_per_form} files of 25\xa0MB each. Pack source code in a ZIP file."
    assert LetterForm(by=ALICE).is_multipart()


def test_a_photo_is_one_picture_and_a_new_one_takes_its_place() -> None:
    content = corpus.picture(size=(200, 100))
    first = PortraitForm(MultiValueDict(), MultiValueDict({"photo": [upload("me.png", content)]}), by=ALICE)
    assert first.is_valid()
    (file,) = first.cleaned_data["photo"]
    assert (file.width, file.height) == (512, 512)
    shown = str(first["photo"])
    assert "multiple" not in shown
    assert 'accept="image/jpeg,image/png,image/gif,image/webp"' in shown
    data = MultiValueDict({"photo_kept": [token_of(file, ALICE)]})
    kept = PortraitForm(data, MultiValueDict(), by=ALICE)
    assert kept.is_valid()
    assert kept.cleaned_data["photo"] == [file]
    second = PortraitForm(data, MultiValueDict({"photo": [upload("new.png", content)]}), by=ALICE)
    assert second.is_valid()
    assert [each.name for each in second.cleaned_data["photo"]] == ["new.jpg"]


def test_a_photo_that_is_no_picture_is_refused() -> None:
    form = PortraitForm(MultiValueDict(), MultiValueDict({"photo": [upload("me.svg", corpus.SVG)]}), by=ALICE)
    assert form.errors["photo"] == ["“me.svg” is not a picture. Choose a JPEG, PNG, GIF or WebP file."]


def test_a_plain_dictionary_is_read_as_well() -> None:
    form = LetterForm({"note": "hello"}, {"enclosures": upload("a.txt", b"one")}, by=ALICE)
    assert names_of(form) == ["a.txt"]
    assert form.has_changed()
    assert not LetterForm({"note": ""}, {}, by=ALICE).fields["enclosures"].has_changed([], None)
