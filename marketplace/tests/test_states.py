"""Every state of every machine has a word, an icon and a tone."""

from __future__ import annotations

import pytest
from django.conf import settings

from contracts.models import Contract, Milestone, Offer, OfferVersion
from disputes.models import Case
from jobs.models import Invitation, Job
from marketplace.templatetags.states import LOOKS, LOOKS_TO, state_badge
from payments.models import Charge, Chargeback, MoneyMove, ProviderTransfer, Refund, Withdrawal
from profiles.models import Certification, Profile
from profiles.models import Testimonial as Words  # a name that is no test's
from proposals.models import Interview, Proposal
from trust.models import ReportCase

MACHINES = {
    "job": Job.Status,
    "profile": Profile.Status,
    "certification": Certification.Status,
    "testimonial": Words.Status,
    "invitation": Invitation.Status,
    "proposal": Proposal.Status,
    "offer": Offer.Status,
    "version": OfferVersion.State,
    "contract": Contract.Status,
    "milestone": Milestone.Status,
    "charge": Charge.Status,
    "chargeback": Chargeback.Status,
    "refund": Refund.Status,
    "transfer": ProviderTransfer.Status,
    "move": MoneyMove.Status,
    "withdrawal": Withdrawal.Status,
    "case": Case.Status,
    "report": ReportCase.Status,
    "interview": Interview.Status,
}


def test_the_table_has_exactly_the_states_of_the_machines() -> None:
    assert set(LOOKS) == {(kind, value) for kind, states in MACHINES.items() for value in states.values}


def test_a_client_sent_the_offer_that_a_freelancer_received() -> None:
    assert "Offer sent" in state_badge("proposal", "offered", "client")
    assert "Offer received" in state_badge("proposal", "offered")
    assert state_badge("proposal", "hired", "client") == state_badge("proposal", "hired")
    assert {(kind, value) for kind, value, _reader in LOOKS_TO} <= set(LOOKS)


def test_each_icon_exists() -> None:
    sprite = (settings.BASE_DIR / "static/img/icons.svg").read_text()
    assert [look.icon for look in [*LOOKS.values(), *LOOKS_TO.values()] if f'id="i-{look.icon}"' not in sprite] == []


@pytest.mark.parametrize("tone", {look.tone for look in LOOKS.values() if look.tone})
def test_each_tone_has_its_class(tone: str) -> None:
    assert f".badge--{tone} " in (settings.BASE_DIR / "static/css/app.css").read_text()


def test_a_state_is_a_word_and_never_colour_alone() -> None:
    assert state_badge("milestone", "released") == (
        '<span class="badge badge--ok"><svg class="icon" aria-hidden="true">'
        '<use href="/static/img/icons.svg#i-check"></use></svg>Released</span>'
    )


def test_an_unknown_state_shows_as_it_is_stored() -> None:
    assert state_badge("job", "<odd>") == '<span class="badge">&lt;odd&gt;</span>'
