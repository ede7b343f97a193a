"""What clients fill in when they invite somebody, and freelancers when they decline."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jobs.models import Invitation, Job


class GuardedNote(forms.Form):
    """A form whose note the off-platform guard reads."""

    def add_problems(self, problems: dict[str, list[str]]) -> None:
        """Show beside the note what leads away in it."""
        for name, messages in problems.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)


class InviteForm(GuardedNote):
    """To which of one's open jobs somebody is invited, with what words."""

    job = forms.TypedChoiceField(
        label=_("Job"),
        coerce=int,
        error_messages={"required": _("Choose a job."), "invalid_choice": _("Choose one of your open jobs.")},
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Say why you thought of them. Leave it empty if the job says it all."),
        error_messages={"max_length": _("Shorten the note to %(limit_value)d characters: it has %(show_value)d.")},
    )

    def __init__(self, *args: Any, jobs: list[Job], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(job.pk), job.title) for job in jobs]
        field = self.fields["job"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  (narrows the type)
        field.choices = choices if len(choices) == 1 else [("", _("Choose a job")), *choices]


class DeclineInvitationForm(GuardedNote):
    """Why an invitation is declined; the client reads both."""

    reason = forms.ChoiceField(
        label=_("Why?"),
        choices=Invitation.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why you decline.")},
    )
    note = forms.CharField(
        label=_("Note to the client"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Such as when you would have time."),
        error_messages={"max_length": _("Shorten the note to %(limit_value)d characters: it has %(show_value)d.")},
    )
