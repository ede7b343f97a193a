"""The money rows for finance staff, to read; the provider can be asked again, with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.actor import Actor
from core.admin import ReadOnlyAdmin, actor_of, is_key
from core.clock import now
from core.errors import DomainError
from core.forms import ReasonForm
from core.money import format_money
from payments.actions import ask_again, process_again
from payments.gateway import GatewayUnreachable
from payments.models import Charge, Invoice, MoneyMove, PaymentMethod, Refund, Release, WebhookEvent, Withdrawal
from payments.permissions import can_repeat_move, can_see_moves
from payments.queries import move_file, sources_of


class MoneyAdmin(ReadOnlyAdmin):
    """A list and a page of money rows; the search takes what is typed as it stands."""

    list_per_page = 50
    ordering = ("-pk",)
    search_fields = ("pk",)  # shows the field; `found` does the work

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor looks after the books."""
        return can_see_moves(by)

    def found(self, typed: str) -> Q:
        """Return which rows are meant by what was typed."""
        return Q(pk=int(typed)) if is_key(typed) else Q(pk=None)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows that are meant, each once."""
        typed = search_term.strip()
        return (queryset.filter(self.found(typed)) if typed else queryset), False

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def sum_text(self, row: Any) -> str:
        """Return the amount as the reader writes money."""
        return format_money(row.amount, row.currency)


@admin.register(MoneyMove)
class MoneyMoveAdmin(MoneyAdmin):
    """Calls to the provider: each on one screen with its row, its entries and what the provider said."""

    list_display = ("key", "status", "sum_text", "code", "tries", "created_at", "settled_at")
    list_filter = ("status", "verb", "gateway")
    search_help_text = gettext_lazy("A whole key, source (charge-118), provider id, or party (party:12).")

    def found(self, typed: str) -> Q:
        """Return the moves of this key, source or object, or all of a party."""
        party = typed.removeprefix("party:")
        if party != typed and is_key(party):
            return Q(*(Q(source__in=sources) for sources in sources_of(int(party))), _connector=Q.OR)
        return Q(key=typed) | Q(source=typed) | Q(provider_id=typed)

    def get_urls(self) -> list[URLPattern]:
        """Add the address that asks the provider again."""
        ask = path(
            "<int:move_id>/ask/", self.admin_site.admin_view(require_POST(self.ask)), name="payments_moneymove_ask"
        )
        return [ask, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a move, its row, its entries, what was announced and what happened on one screen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page(request, int(object_id) if is_key(object_id) else 0)

    def page(self, request: HttpRequest, move_id: int, *, problem: str = "", reason: str = "") -> HttpResponse:
        """Render the screen of a move, with a question that was refused and the reason typed for it."""
        file = move_file(move_id)
        if file is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": file.move.key,
            "opts": self.opts,
            "file": file,
            "move": file.move,
            "can_ask": can_repeat_move(actor_of(request)) and not file.move.is_final,
            "problem": problem,
            "reason": reason,
        }
        return TemplateResponse(request, "payments/admin/move.html", context, status=409 if problem else 200)

    def ask(self, request: HttpRequest, move_id: int) -> HttpResponse:
        """Ask the provider about a move now, through the product's own verb."""
        if not can_repeat_move(actor_of(request)):
            raise PermissionDenied
        if not MoneyMove.objects.filter(pk=move_id).exists():
            raise Http404
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.page(request, move_id, problem=str(next(iter(form.errors.values()))[0]))
        reason = form.cleaned_data["reason"]
        try:
            move = ask_again(move_id=move_id, reason=reason, by=actor_of(request), at=now())
        except GatewayUnreachable:
            return self.page(
                request, move_id, problem=_("The provider does not answer. Try again later."), reason=reason
            )
        except DomainError as error:
            return self.page(request, move_id, problem=error.message, reason=reason)
        said = _("The provider was asked. The move is now: %(state)s.") % {"state": move.get_status_display()}
        messages.success(request, said)
        return redirect("admin:payments_moneymove_change", move.pk)


@admin.register(Charge)
class ChargeAdmin(MoneyAdmin):
    """What clients were charged."""

    list_display = ("pk", "title", "party", "sum_text", "status", "failure_code", "created_at")
    list_filter = ("status", "purpose")
    list_select_related = ("party",)

    def found(self, typed: str) -> Q:
        """Return the charges of this number or provider id."""
        return super().found(typed) | Q(provider_id=typed)


@admin.register(Refund)
class RefundAdmin(MoneyAdmin):
    """What went back to cards."""

    list_display = ("pk", "title", "source", "sum_text", "status", "failure_code", "created_at")
    list_filter = ("status",)
    raw_id_fields = ("charge",)

    def found(self, typed: str) -> Q:
        """Return the refunds of this number, source or provider id."""
        return super().found(typed) | Q(source=typed) | Q(provider_id=typed)


@admin.register(Release)
class ReleaseAdmin(MoneyAdmin):
    """What was paid over to freelancers."""

    list_display = ("pk", "title", "source", "payee", "net_text", "matures_at", "matured_at")
    list_select_related = ("payee",)

    def found(self, typed: str) -> Q:
        """Return the releases of this number or source."""
        return super().found(typed) | Q(source=typed)

    @admin.display(description=gettext_lazy("net"), ordering="net")
    def net_text(self, release: Release) -> str:
        """Return the net as the reader writes money."""
        return format_money(release.net, release.currency)


@admin.register(Withdrawal)
class WithdrawalAdmin(MoneyAdmin):
    """What freelancers withdrew."""

    list_display = ("pk", "party", "method", "sum_text", "status", "failure_code", "created_at", "paid_at")
    list_filter = ("status",)
    list_select_related = ("party", "method")

    def found(self, typed: str) -> Q:
        """Return the withdrawals of this number or provider id."""
        return super().found(typed) | Q(provider_id=typed)


@admin.register(PaymentMethod)
class PaymentMethodAdmin(MoneyAdmin):
    """Cards, by brand and last digits."""

    list_display = ("pk", "party", "brand", "last4", "is_default", "status", "created_at")
    list_filter = ("status",)
    list_select_related = ("party",)


@admin.register(WebhookEvent)
class WebhookEventAdmin(MoneyAdmin):
    """What the provider announced; one can be worked through again."""

    list_display = ("event_id", "kind", "received_at", "processed_at", "attempts", "error")
    list_filter = ("gateway", ("processed_at", admin.EmptyFieldListFilter))
    change_form_template = "payments/admin/webhook.html"

    def found(self, typed: str) -> Q:
        """Return the events of this id, type or object."""
        return Q(event_id=typed) | Q(kind=typed) | Q(object_id=typed)

    def get_urls(self) -> list[URLPattern]:
        """Add the address that lets an event be worked through again."""
        again = path(
            "<int:event_id>/again/",
            self.admin_site.admin_view(require_POST(self.again)),
            name="payments_webhookevent_again",
        )
        return [again, *super().get_urls()]

    def again(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Let an event be worked through again, through the product's own verb."""
        if not can_repeat_move(actor_of(request)):
            raise PermissionDenied
        if not WebhookEvent.objects.filter(pk=event_id).exists():
            raise Http404
        form = ReasonForm(request.POST)
        if form.is_valid():
            process_again(event_id=event_id, reason=form.cleaned_data["reason"], by=actor_of(request), at=now())
            messages.success(request, _("The event is worked through again within seconds."))
        else:
            messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("admin:payments_webhookevent_change", event_id)


@admin.register(Invoice)
class InvoiceAdmin(MoneyAdmin):
    """Documents, found by their number or a party's."""

    list_display = ("number", "kind", "title", "total_text", "issued_at")
    list_filter = ("kind", "year")
    ordering = ("-issued_at",)

    def found(self, typed: str) -> Q:
        """Find by number, or all of a party as in party:7."""
        owner = typed.removeprefix("party:")
        if owner != typed and owner.isdecimal() and len(owner) < 19:
            return Q(buyer_party_id=int(owner)) | Q(seller_party_id=int(owner))
        return Q(number=typed)

    @admin.display(description=gettext_lazy("total"), ordering="total")
    def total_text(self, row: Invoice) -> str:
        """Return the total as the reader writes money."""
        return format_money(row.total, row.currency)
