"""The budget helper: what similar jobs cost, drawn beside the price of a draft."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import NotAllowed
from core.product import rules
from jobs.models import Job
from jobs.permissions import can_post_job
from jobs.queries import Quartiles, price_quartiles
from taxonomy.queries import categories

#: The width of the drawing, of which the upper quartile takes three quarters.
WIDTH, HIGH_AT = 1000, 750


@dataclass(frozen=True, slots=True)
class PriceChart:
    """The quartiles as they are drawn: where the half in the middle begins, how wide it is, and where its middle is."""

    usual: Quartiles
    kind: str
    currency: str

    def _at(self, price: int) -> int:
        return price * HIGH_AT // self.usual.high

    @property
    def low_at(self) -> int:
        """Return where the lower quartile is."""
        return self._at(self.usual.low)

    @property
    def middle_at(self) -> int:
        """Return where the mark of the middle begins."""
        return min(self._at(self.usual.middle), WIDTH)

    @property
    def half_width(self) -> int:
        """Return how wide the half in the middle is; never so narrow that nobody sees it."""
        return max(HIGH_AT - self.low_at, 8)


def chart_for(client_id: int, category_id: int | None, kind: str) -> PriceChart | None:
    """Return the chart of what others pay for this kind of job; None where too few do. One query."""
    currency = rules().currency
    usual = price_quartiles(category_id=category_id, kind=kind, currency=currency, client_id=client_id, at=now())
    return PriceChart(usual, kind, currency) if usual else None


@login_required
@require_safe
def job_prices(request: Request) -> HttpResponse:
    """Return the chart of the category and way of paying that are chosen in the form of a draft, as a fragment."""
    client_id = request.actor.party_id
    if client_id is None or not can_post_job(request.actor, client_id):
        raise NotAllowed(_("Only clients post jobs. Switch to your client account, or ask its owner."))
    slug, kind = request.GET.get("category", ""), request.GET.get("kind", "")
    category_id = next((each.pk for each in categories() if each.slug == slug), None)
    chart = chart_for(client_id, category_id, kind if kind in Job.Kind.values else Job.Kind.FIXED)
    return render(request, "jobs/_prices.html", {"chart": chart})
