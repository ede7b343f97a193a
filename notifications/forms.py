"""What a person fills in about notices."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from notifications.models import Channel, Group

#: What each group holds, in a line.
HINTS: dict[Group, Any] = {
    Group.PROPOSALS: _("Proposals that come in, what becomes of yours, and your connects."),
    Group.INTERVIEWS: _("Times that are proposed, chosen or moved."),
    Group.MESSAGES: _("One mail for each room until you look, and none for what you read at once."),
    Group.OFFERS: _("Offers you get, and answers to yours."),
    Group.CONTRACTS: _("Milestones, the people who work, and what a mediator decides."),
    Group.MONEY: _("Payments, refunds, withdrawals and credit."),
    Group.JOBS: _("Your posts, and invitations to jobs."),
    Group.ALERTS: _("How often each search is looked at, you choose with the search."),
    Group.PROFILE: _("Its review, and what stands on it."),
    Group.ACCOUNT: _("The people of your accounts, and what became of your reports."),
    Group.STAFF: _("What waits for you in the administration."),
}


class ChannelsForm(forms.Form):
    """How a person hears of each group; a select for each that holds something for them."""

    def __init__(self, *args: Any, chosen: dict[Group, Channel], **kwargs: Any) -> None:
        """Make a field for each group of `chosen`, which says what holds now."""
        super().__init__(*args, **kwargs)
        ways = [(value, capfirst(label)) for value, label in Channel.choices]
        for group, channel in chosen.items():
            self.fields[group.value] = forms.ChoiceField(
                choices=ways, label=group.label, initial=channel, help_text=HINTS[group]
            )
