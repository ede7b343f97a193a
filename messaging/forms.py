"""The form that writes in a room."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import new_token
from messaging.models import LONGEST


class MessageForm(forms.Form):
    """One message: its text, and the token of the form it was typed in."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Write something before you send it."),
            "max_length": _("Shorten your message to %(limit_value)d characters: it has %(show_value)d."),
        },
    )
    token = forms.CharField(max_length=40, widget=forms.HiddenInput, initial=new_token)
