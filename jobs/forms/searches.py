"""What people fill in to keep a search."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from jobs.models import SavedSearch


class SavedSearchForm(forms.Form):
    """The name of a search, and how often one hears of what is new in it."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        error_messages={
            "required": _("Enter a name."),
            "max_length": _("Shorten the name to %(limit_value)d characters: it has %(show_value)d."),
        },
    )
    alert = forms.ChoiceField(
        label=_("Tell me of new ones"),
        choices=SavedSearch.Alert.choices,
        widget=forms.RadioSelect,
        initial=SavedSearch.Alert.DAILY,
        error_messages={"required": _("Choose how often.")},
    )
