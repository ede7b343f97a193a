"""What a client's people fill in about their lists of freelancers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from profiles.models import TalentList

#: The choice of a list that is made by choosing it.
NEW = "new"


class SaveTalentForm(forms.Form):
    """On which list somebody is put, and the client's own note about them."""

    chosen = forms.ChoiceField(label=_("List"), required=False)
    new_name = forms.CharField(
        label=_("Name of the new list"),
        max_length=60,
        required=False,
        help_text=_("Only where you chose a new list."),
        error_messages={"max_length": _("Shorten the name to %(limit_value)d characters: it has %(show_value)d.")},
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only your team reads it."),
        error_messages={"max_length": _("Shorten the note to %(limit_value)d characters: it has %(show_value)d.")},
    )

    def __init__(self, *args: Any, lists: Iterable[TalentList], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(each.pk), each.title) for each in lists if each.name]
        field = self.fields["chosen"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (narrows the type)
        field.choices = [("", pgettext_lazy("talent list", "Saved")), *named, (NEW, _("A new list"))]

    def clean(self) -> dict[str, Any]:
        """Ask for the name of a new list."""
        cleaned = super().clean() or {}
        if cleaned.get("chosen") == NEW and not cleaned.get("new_name", "").strip():
            self.add_error("new_name", _("Enter a name."))
        return cleaned


class TalentListForm(forms.Form):
    """The name of a list."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        error_messages={
            "required": _("Enter a name."),
            "max_length": _("Shorten the name to %(limit_value)d characters: it has %(show_value)d."),
        },
    )
