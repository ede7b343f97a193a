"""The form field for uploads: several at once, kept when the form is shown again, removable without scripts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.clock import now
from core.errors import DomainError
from core.limits import HOUR, allow_user, too_often
from core.product import rules
from core.text import file_size
from files.actions import store_file, store_image
from files.models import StoredFile
from files.pictures import MIDDLE, Crop

_SALT = "files.kept"
#: Seconds for which a form that is shown again still knows its uploads; the sweep spares them as long.
KEPT_FOR = 24 * 3600
#: Uploads of one person: each is decoded, counted and scanned.
UPLOADS_AN_HOUR = 300


@dataclass(frozen=True, slots=True)
class Sent:
    """What a browser sent for one field: new uploads, tokens of kept files, tokens of those to take off."""

    uploads: list[UploadedFile[bytes]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    crop: Crop = MIDDLE


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that the form holds already, and the token by which it comes back."""

    file: StoredFile
    token: str


class FilesInput(forms.Widget):
    """A file input for several files, and a line with a box "Remove" for each file that is kept already."""

    template_name = "files/_upload.html"
    needs_multipart_form = True
    accept = ""
    is_multiple = True
    by: Actor = Actor.anonymous()
    #: The most files, where the field says another number than the product's.
    maximum: int | None = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Sent:
        """Return what came for this field."""
        return Sent(
            uploads=_all_of(files, name),
            kept=_all_of(data, f"{name}_kept"),
            removed=_all_of(data, f"{name}_removed"),
        )

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Test whether the form was sent without this field."""
        return name not in files and f"{name}_kept" not in data

    def use_required_attribute(self, initial: Any) -> bool:
        """Let the server say what is missing: the browser does not count files that are kept already."""
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Show the kept files above the input."""
        context = super().get_context(name, None, attrs)
        files: Iterable[StoredFile] = value if isinstance(value, list) else []
        context["widget"] |= {
            "kept": [Kept(file, token_of(file, self.by)) for file in files],
            "accept": self.accept,
            "is_multiple": self.is_multiple,
            "most": rules().file_bytes_maximum,
            "most_files": self.maximum or rules().files_per_form,
        }
        return context


class FileInput(FilesInput):
    """A file input for one file."""

    is_multiple = False


class ProofInput(FileInput):
    """A file input for one PDF or picture."""

    accept = "application/pdf,image/jpeg,image/png,image/gif,image/webp"


class ImageInput(FileInput):
    """A file input for one picture, of which the browser lets a square be chosen."""

    template_name = "files/_photo.html"
    accept = "image/jpeg,image/png,image/gif,image/webp"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Sent:
        """Return what came for this field, with the square that was chosen, if any."""
        sent = super().value_from_datadict(data, files, name)
        typed = [str(data.get(f"{name}_{part}", "")) for part in ("zoom", "across", "down")]
        if not all(text.isascii() and text.isdecimal() and len(text) < 4 for text in typed):
            return sent
        zoom, across, down = map(int, typed)
        return replace(sent, crop=Crop(zoom / 100, across, down))


def _limits_text() -> str:
    maximum = rules().files_per_form
    text = ngettext("%(count)s file of %(size)s at most.", "Up to %(count)s files of %(size)s each.", maximum)
    limits = text % {"count": maximum, "size": file_size(rules().file_bytes_maximum)}
    return gettext("%(limits)s Pack source code in a ZIP file.") % {"limits": limits}


def _image_text() -> str:
    return gettext("JPEG, PNG, GIF or WebP, up to %(size)s. A square of it is shown.") % {
        "size": file_size(rules().file_bytes_maximum)
    }


def _proof_text() -> str:
    return gettext("A PDF or a picture, up to %(size)s.") % {"size": file_size(rules().file_bytes_maximum)}


limits_text = lazy(_limits_text, str)
image_text = lazy(_image_text, str)
proof_text = lazy(_proof_text, str)


class FilesField(forms.Field):
    """Reads uploads, stores each at once, and cleans to the list of StoredFile that the form now holds.

    Nothing is lost when another field is wrong: the form is shown again with what was stored. Each refused file has
    a message of its own. The verb behind the form attaches the files, by their ids. The form must be a FilesForm.
    """

    widget = FilesInput
    default_error_messages = {
        "required": _("Choose a file."),
        "gone": _("A file is no longer here. Upload it again."),
    }

    def __init__(self, *, kind: str, maximum: int | None = None, **kwargs: Any) -> None:
        """Take the kind of owner, as it is registered, and the most files; by default the product's own number."""
        self.kind, self.maximum = kind, maximum
        self.by = Actor.anonymous()
        self.held: list[StoredFile] = []
        kwargs.setdefault("label", _("Files"))
        kwargs.setdefault("help_text", limits_text())
        super().__init__(**kwargs)
        self.widget.maximum = maximum

    def __deepcopy__(self, memo: dict[int, Any]) -> FilesField:
        """Give each form a field that holds nothing yet."""
        copied: FilesField = super().__deepcopy__(memo)
        copied.held = []
        return copied

    def bind(self, by: Actor) -> None:
        """Say who fills the form."""
        self.by = by
        bound: FilesInput = self.widget  # type: ignore[assignment]  # an instance once the field is made
        bound.by = by

    def clean(self, value: Any) -> list[StoredFile]:
        """Store the new uploads and return every file of the form. Names each file that is refused."""
        sent = value if isinstance(value, Sent) else Sent()
        self.held, errors = self._kept(sent)
        maximum = self.maximum or rules().files_per_form
        for upload in sent.uploads:
            if len(self.held) >= maximum:
                errors.append(self._too_many(maximum))
                break
            try:
                if self.by.user_id and not allow_user(self.by.user_id, "uploads", limit=UPLOADS_AN_HOUR, seconds=HOUR):
                    raise too_often()
                self.held.append(self.keep(upload))
            except DomainError as error:
                errors.append(ValidationError(error.message, code="refused"))
        if errors:
            raise ValidationError(errors)
        if self.required and not self.held:
            raise ValidationError(self.error_messages["required"], code="required")
        return self.held

    def keep(self, upload: UploadedFile[bytes]) -> StoredFile:
        """Store one upload."""
        return store_file(upload=upload, kind=self.kind, by=self.by, at=now())

    def bound_data(self, data: Any, initial: Any) -> list[StoredFile]:
        """Show again what the form holds."""
        return self.held

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Test whether the form brings new files or drops old ones."""
        sent = data if isinstance(data, Sent) else Sent()
        return bool(sent.uploads or sent.removed or len(sent.kept) != len(initial or ()))

    def _kept(self, sent: Sent) -> tuple[list[StoredFile], list[ValidationError]]:
        ids = [_id_in(token, self.by) for token in dict.fromkeys(sent.kept) if token not in set(sent.removed)]
        rows = StoredFile.objects.filter(pk__in=[each for each in ids if each], owner_kind=self.kind).in_bulk()
        held = [rows[each] for each in ids if each in rows]
        lost = len(held) < len(ids)
        return held, [ValidationError(self.error_messages["gone"], code="gone")] if lost else []

    @staticmethod
    def _too_many(maximum: int) -> ValidationError:
        return ValidationError(
            ngettext("Send %(count)s file at most.", "Send %(count)s files at most.", maximum) % {"count": maximum},
            code="too_many",
        )


class FileField(FilesField):
    """Reads one upload and cleans to a list of at most one StoredFile; a new one takes the place of the kept one."""

    widget = FileInput

    def __init__(self, **kwargs: Any) -> None:
        """Take the kind of owner, as it is registered."""
        super().__init__(maximum=1, **kwargs)

    def clean(self, value: Any) -> list[StoredFile]:
        """Let a new file take the place of the kept one."""
        if isinstance(value, Sent) and value.uploads:
            value = replace(value, uploads=value.uploads[-1:], kept=[], removed=[])
        return super().clean(value)


class ProofField(FileField):
    """Reads one PDF or picture that bears something out."""

    widget = ProofInput

    def __init__(self, **kwargs: Any) -> None:
        """Take the kind of owner, as it is registered."""
        kwargs.setdefault("help_text", proof_text())
        super().__init__(**kwargs)


class ImageField(FileField):
    """Reads one picture and cleans to a list of at most one StoredFile, a square; a new one takes its place."""

    widget = ImageInput

    def __init__(self, **kwargs: Any) -> None:
        """Take the kind of owner, as it is registered."""
        kwargs.setdefault("label", _("Photo"))
        kwargs.setdefault("help_text", image_text())
        self.crop = MIDDLE
        super().__init__(**kwargs)

    def clean(self, value: Any) -> list[StoredFile]:
        """Note which square was chosen."""
        self.crop = value.crop if isinstance(value, Sent) else MIDDLE
        return super().clean(value)

    def keep(self, upload: UploadedFile[bytes]) -> StoredFile:
        """Store one picture as a square."""
        return store_image(upload=upload, kind=self.kind, by=self.by, at=now(), crop=self.crop)


class FilesForm(forms.Form):
    """A form with uploads: it knows who fills it."""

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        """Tell each file field who fills the form."""
        super().__init__(*args, **kwargs)
        self.by = by
        for each in self.fields.values():
            if isinstance(each, FilesField):
                each.bind(by)


def _all_of(data: Any, name: str) -> list[Any]:
    """Return every value under `name`, of a request's data or of a plain mapping."""
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    value = data.get(name, [])
    return list(value) if isinstance(value, list | tuple) else [value]


def token_of(file: StoredFile, by: Actor) -> str:
    """Return the token by which a form's page names a kept file; it is good for one person and one day."""
    return signing.dumps([file.pk.hex, by.user_id], salt=_SALT)


def _id_in(token: str, by: Actor) -> uuid.UUID | None:
    try:
        hexed, user_id = signing.loads(token, salt=_SALT, max_age=KEPT_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return uuid.UUID(hexed) if user_id == by.user_id else None
