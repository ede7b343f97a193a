"""One screen for each contract, read-only: staff change a contract's money only by deciding a case."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy

from accounts.permissions import is_finance_staff, is_mediator, is_support
from contracts.models import Contract
from contracts.queries import figures_of, milestones_of, moves_of, payments_of
from core.actor import Actor
from core.admin import ReadOnlyAdmin, found
from events.queries import history


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    """Contracts for support, finance and mediators, to look at."""

    list_display = ("number", "title", "client", "freelancer", "status", "started_at")
    list_filter = ("status",)
    search_fields = ("title", "client__name", "freelancer__name")
    list_select_related = ("client", "freelancer")
    list_per_page = 50
    ordering = ("-started_at", "-pk")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor helps people, looks after the books or decides cases."""
        return is_support(by) or is_finance_staff(by) or is_mediator(by)

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, contract: Contract) -> str:
        """Return the number people quote."""
        return contract.number

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contract]:
        """Return every contract with its sides."""
        return super().get_queryset(request).select_related("client", "freelancer", "job")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show terms, milestones, money, moves and history on one screen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        contract = found(self.get_queryset(request), object_id)
        milestones = list(milestones_of(contract))
        money = payments_of(contract)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{contract.number} {contract.title}",
            "opts": self.opts,
            "contract": contract,
            "currency": contract.currency,
            "milestones": milestones,
            "figures": figures_of(milestones),
            "money": money,
            "moves": moves_of(money),
            "history": history(contract.scope, f"offer:{contract.offer_id}", limit=200),
        }
        return TemplateResponse(request, "contracts/admin/contract.html", context)
