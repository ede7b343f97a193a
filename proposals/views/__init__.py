"""Pages of proposals and connects."""

from proposals.views.boosts import places, proposal_boost
from proposals.views.client import inbox, proposal_decline, proposal_shortlist
from proposals.views.connects import connects, connects_buy
from proposals.views.freelancer import proposal_mine, proposal_new, proposal_withdraw, quote
from proposals.views.shared import proposal_detail

__all__ = [
    "connects",
    "connects_buy",
    "inbox",
    "places",
    "proposal_boost",
    "proposal_decline",
    "proposal_detail",
    "proposal_mine",
    "proposal_new",
    "proposal_shortlist",
    "proposal_withdraw",
    "quote",
]
