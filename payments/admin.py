"""The money rows for finance staff, to read; the provider can be asked again, with a reason."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.actor import Actor
from core.admin import ExactSearchAdmin, QueueFilter, ScreenAdmin, actor_of, first_error, found, is_key
from core.clock import now
from core.errors import DomainError
from core.forms import ReasonForm, new_token
from core.money import format_money
from core.product import rules
from core.templatetags.jalon import ago, when
from payments.actions import (
    ask_again,
    ask_credit_back,
    cash_out,
    close_money_case,
    decide_sandbox_dispute,
    download_evidence,
    explain_difference,
    give_back_release,
    pay_credit_out,
    process_again,
    send_evidence,
    take_difference_to_case,
    take_money_case,
    top_up,
)
from payments.forms import CashForm, EvidenceForm, PayBackForm, StaffGiveBackForm
from payments.gateway import GatewayUnreachable
from payments.models import (
    Charge,
    Chargeback,
    Credit,
    Difference,
    Invoice,
    MoneyCase,
    MoneyMove,
    OperatorCash,
    PaymentMethod,
    Reconciliation,
    Refund,
    Release,
    TransferReversal,
    WebhookEvent,
    Withdrawal,
)
from payments.permissions import (
    can_explain_difference,
    can_give_release_back,
    can_handle_chargeback,
    can_handle_money_case,
    can_move_operator_cash,
    can_pay_credit_out,
    can_repeat_move,
    can_see_chargebacks,
    can_see_moves,
)
from payments.queries import (
    chargeback_file,
    cover,
    credit_queue,
    difference_page,
    explain,
    give_back_ends_at,
    latest_cash,
    money_case_page,
    most_to_give_back,
    move_file,
    sources_of,
)


class MoneyAdmin(ExactSearchAdmin):
    """A list and a page of money rows."""

    list_per_page = 50
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor looks after the books."""
        return can_see_moves(by)

    def search_condition(self, typed: str) -> Q:
        """Return which rows are meant by what was typed."""
        return Q(pk=int(typed)) if is_key(typed) else Q(pk=None)

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def sum_text(self, row: Any) -> str:
        """Return the amount as the reader writes money."""
        return format_money(row.amount, row.currency)


@admin.register(MoneyMove)
class MoneyMoveAdmin(ScreenAdmin, MoneyAdmin):
    """Calls to the provider: each on one screen with its row, its entries and what the provider said."""

    list_display = ("key", "status", "sum_text", "code", "tries", "created_at", "settled_at")
    list_filter = ("status", "verb", "gateway")
    search_help_text = gettext_lazy("A whole key, source (charge-118), provider id, or party (party:12).")

    def search_condition(self, typed: str) -> Q:
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
        self.need_row(request, move_id)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.page(request, move_id, problem=first_error(form))
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


class OpenCases(QueueFilter):
    """The queue of money cases that nobody has closed."""

    states = MoneyCase.Status
    waiting = (MoneyCase.Status.OPEN,)
    words = gettext_lazy("Open")


@admin.register(MoneyCase)
class MoneyCaseAdmin(ScreenAdmin, MoneyAdmin):
    """The queue of what cannot settle by itself: the case due first comes first."""

    list_display = ("number", "kind", "title", "party", "case_sum", "age", "deadline", "owner_name", "status")
    list_filter = (OpenCases, "kind")
    list_select_related = ("party", "owner")
    ordering = ("due_at",)
    search_help_text = gettext_lazy("The number of a case, or what it is about (credit:7, move:12, withdrawal:3).")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor looks after cases."""
        return can_handle_money_case(by)

    def search_condition(self, typed: str) -> Q:
        """Return the cases of this number or subject."""
        return super().search_condition(typed) | Q(subject=typed)

    @admin.display(description=gettext_lazy("case"), ordering="pk")
    def number(self, case: MoneyCase) -> int:
        """Return the number of the case."""
        return case.pk

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def case_sum(self, case: MoneyCase) -> str:
        """Return the amount as the reader writes money; nothing where there is no one sum."""
        return format_money(case.amount, case.currency) if case.amount is not None else ""

    @admin.display(description=gettext_lazy("open since"), ordering="opened_at")
    def age(self, case: MoneyCase) -> str:
        """Return how long it has waited."""
        return ago(case.opened_at) if case.is_open else ""

    @admin.display(description=gettext_lazy("deadline"), ordering="due_at")
    def deadline(self, case: MoneyCase) -> str:
        """Return until when it should be settled, and whether that is over."""
        if not case.is_open:
            return ""
        return (
            format_html("<strong>{}</strong> {}", _("overdue"), when(case.due_at))
            if is_late(case)
            else when(case.due_at)
        )

    @admin.display(description=gettext_lazy("owner"), ordering="owner")
    def owner_name(self, case: MoneyCase) -> str:
        """Return who has taken it."""
        return case.owner.get_full_name() if case.owner else ""

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses that take and close a case."""
        view = self.admin_site.admin_view
        take = path("<int:case_id>/take/", view(require_POST(self.take)), name="payments_moneycase_take")
        close = path("<int:case_id>/close/", view(require_POST(self.close)), name="payments_moneycase_close")
        return [take, close, *super().get_urls()]

    def page(self, request: HttpRequest, case_id: int, *, problem: str = "") -> HttpResponse:
        """Render the screen of a case, with what was refused and what was typed."""
        screen = money_case_page(case_id)
        if screen is None:
            raise Http404
        case = screen.case
        context = {
            **self.admin_site.each_context(request),
            "title": _("Money case %(number)s") % {"number": case.pk},
            "opts": self.opts,
            "case": case,
            "screen": screen,
            "is_mine": case.owner_id == actor_of(request).user_id,
            "is_late": is_late(case),
            "typed": request.POST,
            "problem": problem,
        }
        return TemplateResponse(request, "payments/admin/money_case.html", context, status=409 if problem else 200)

    def take(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Make a case one's own, through the product's own verb."""
        self._check(request, case_id)
        seen = request.POST.get("seen_owner", "")
        try:
            take_money_case(
                case_id=case_id,
                seen_owner_id=int(seen) if is_key(seen) else None,
                by=actor_of(request),
                at=now(),
            )
        except DomainError as error:
            return self.page(request, case_id, problem=error.message)
        messages.success(request, _("The case is yours."))
        return redirect("admin:payments_moneycase_change", case_id)

    def close(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Close a case with the way it ended, through the product's own verb."""
        self._check(request, case_id)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.page(request, case_id, problem=first_error(form))
        try:
            close_money_case(case_id=case_id, reason=form.cleaned_data["reason"], by=actor_of(request), at=now())
        except DomainError as error:
            return self.page(request, case_id, problem=error.message)
        messages.success(request, _("The case is closed."))
        return redirect("admin:payments_moneycase_changelist")

    def _check(self, request: HttpRequest, case_id: int) -> None:
        if not can_handle_money_case(actor_of(request)):
            raise PermissionDenied
        self.need_row(request, case_id)


class UnexplainedDifferences(QueueFilter):
    """The differences that somebody has to look into."""

    states = Difference.Status
    waiting = tuple(Difference.UNEXPLAINED)
    words = gettext_lazy("Not explained")


@admin.register(Difference)
class DifferenceAdmin(ScreenAdmin, MoneyAdmin):
    """Where our books and the provider differ, each in words; the oldest comes first."""

    list_display = ("number", "kind", "meaning", "our_sum", "their_sum", "status", "first_seen_at", "last_seen_at")
    list_filter = (UnexplainedDifferences, "kind", "gateway")
    ordering = ("first_seen_at",)
    search_help_text = gettext_lazy("The number of a difference, a provider id, or what it is about (move:12).")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor explains differences."""
        return can_explain_difference(by)

    def search_condition(self, typed: str) -> Q:
        """Return the differences of this number, subject or provider id."""
        return super().search_condition(typed) | Q(subject=typed) | Q(provider_id=typed)

    @admin.display(description=gettext_lazy("difference"), ordering="pk")
    def number(self, row: Difference) -> int:
        """Return its number."""
        return row.pk

    @admin.display(description=gettext_lazy("what it means"))
    def meaning(self, row: Difference) -> str:
        """Return it in words."""
        return explain(row).meaning

    @admin.display(description=gettext_lazy("our amount"), ordering="our_amount")
    def our_sum(self, row: Difference) -> str:
        """Return our amount as the reader writes money."""
        return format_money(row.our_amount, row.currency) if row.our_amount is not None else ""

    @admin.display(description=gettext_lazy("provider's amount"), ordering="their_amount")
    def their_sum(self, row: Difference) -> str:
        """Return the provider's amount as the reader writes money."""
        return format_money(row.their_amount, row.currency) if row.their_amount is not None else ""

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses that explain a difference and take it to a case."""
        view = self.admin_site.admin_view
        say = path("<int:difference_id>/explain/", view(require_POST(self.say)), name="payments_difference_explain")
        case = path("<int:difference_id>/case/", view(require_POST(self.open_case)), name="payments_difference_case")
        return [say, case, *super().get_urls()]

    def page(self, request: HttpRequest, difference_id: int, *, problem: str = "") -> HttpResponse:
        """Render the screen of a difference, with what was refused and what was typed."""
        screen = difference_page(difference_id)
        if screen is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": _("Difference %(number)s") % {"number": screen.row.pk},
            "opts": self.opts,
            "row": screen.row,
            "screen": screen,
            "typed": request.POST,
            "problem": problem,
        }
        return TemplateResponse(request, "payments/admin/difference.html", context, status=409 if problem else 200)

    def say(self, request: HttpRequest, difference_id: int) -> HttpResponse:
        """Explain a difference, through the product's own verb."""
        form = self._form(request, difference_id)
        if not form.is_valid():
            return self.page(request, difference_id, problem=first_error(form))
        reason = form.cleaned_data["reason"]
        try:
            explain_difference(difference_id=difference_id, reason=reason, by=actor_of(request), at=now())
        except DomainError as error:
            return self.page(request, difference_id, problem=error.message)
        messages.success(request, _("The difference is explained."))
        return redirect("admin:payments_difference_changelist")

    def open_case(self, request: HttpRequest, difference_id: int) -> HttpResponse:
        """Take a difference to a money case, through the product's own verb."""
        form = self._form(request, difference_id)
        if not form.is_valid():
            return self.page(request, difference_id, problem=first_error(form))
        reason = form.cleaned_data["reason"]
        try:
            case = take_difference_to_case(difference_id=difference_id, reason=reason, by=actor_of(request), at=now())
        except DomainError as error:
            return self.page(request, difference_id, problem=error.message)
        messages.success(request, _("The case is open. Take it, or leave it to a colleague."))
        return redirect("admin:payments_moneycase_change", case.pk)

    def _form(self, request: HttpRequest, difference_id: int) -> ReasonForm:
        if not can_explain_difference(actor_of(request)):
            raise PermissionDenied
        self.need_row(request, difference_id)
        return ReasonForm(request.POST)


@admin.register(Reconciliation)
class ReconciliationAdmin(MoneyAdmin):
    """When our books were compared with the provider's records, and how many differences were left."""

    list_display = ("began_at", "gateway", "since", "records", "found", "has_balances")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor explains differences."""
        return can_explain_difference(by)


def is_late(case: MoneyCase) -> bool:
    """Test whether an open case is past its deadline."""
    return case.is_open and case.due_at <= now()


@admin.register(Charge)
class ChargeAdmin(MoneyAdmin):
    """What clients were charged."""

    list_display = ("pk", "title", "party", "sum_text", "status", "failure_code", "created_at")
    list_filter = ("status", "purpose")
    list_select_related = ("party",)

    def search_condition(self, typed: str) -> Q:
        """Return the charges of this number or provider id."""
        return super().search_condition(typed) | Q(provider_id=typed)


@admin.register(Refund)
class RefundAdmin(MoneyAdmin):
    """What went back to cards."""

    list_display = ("pk", "title", "source", "sum_text", "status", "failure_code", "created_at")
    list_filter = ("status",)
    raw_id_fields = ("charge",)

    def search_condition(self, typed: str) -> Q:
        """Return the refunds of this number, source or provider id."""
        return super().search_condition(typed) | Q(source=typed) | Q(provider_id=typed)


@admin.register(Release)
class ReleaseAdmin(MoneyAdmin):
    """What was paid over to freelancers; staff can give some of it back."""

    list_display = ("pk", "title", "source", "payee", "net_text", "matures_at", "matured_at")
    change_form_template = "payments/admin/release.html"
    list_select_related = ("payee",)

    def search_condition(self, typed: str) -> Q:
        """Return the releases of this number or source."""
        return super().search_condition(typed) | Q(source=typed)

    @admin.display(description=gettext_lazy("net"), ordering="net")
    def net_text(self, release: Release) -> str:
        """Return the net as the reader writes money."""
        return format_money(release.net, release.currency)

    def get_urls(self) -> list[URLPattern]:
        """Add the address that gives money of a release back."""
        give = path(
            "<int:release_id>/give-back/",
            self.admin_site.admin_view(require_POST(self.give_back)),
            name="payments_release_give_back",
        )
        return [give, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a release, with how much of it can still go back."""
        release = self.get_object(request, object_id)
        more = {
            "most_back": most_to_give_back(release) if release and give_back_ends_at(release) > now() else 0,
            "can_give_back": release is not None and can_give_release_back(actor_of(request), release),
            "token": new_token(),
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    def give_back(self, request: HttpRequest, release_id: int) -> HttpResponse:
        """Give money of a release back for its payee, through the product's own verb."""
        if not can_see_moves(actor_of(request)):
            raise PermissionDenied
        release = found(Release.objects.all(), str(release_id))
        if not can_give_release_back(actor_of(request), release):
            raise PermissionDenied
        form = StaffGiveBackForm(request.POST)
        if not form.is_valid():
            messages.error(request, first_error(form))
            return redirect("admin:payments_release_change", release_id)
        try:
            given = give_back_release(
                release_id=release_id,
                gross=form.cleaned_data["amount"],
                reason=form.cleaned_data["reason"],
                seen_remaining=form.cleaned_data["seen_remaining"],
                token=form.cleaned_data["token"],
                by=actor_of(request),
                at=now(),
            )
        except DomainError as error:
            messages.error(request, error.message)
        else:
            amount = format_money(given.amount, given.release.currency)
            messages.success(request, _("%(amount)s goes back to the client.") % {"amount": amount})
        return redirect("admin:payments_release_change", release_id)


@admin.register(TransferReversal)
class TransferReversalAdmin(MoneyAdmin):
    """Transfers that are taken back from payees' own accounts."""

    list_display = ("pk", "party", "sum_text", "status", "failure_code", "retry_at", "created_at", "settled_at")
    list_filter = ("status",)
    list_select_related = ("party",)
    raw_id_fields = ("transfer", "refund")


@admin.register(Credit)
class CreditAdmin(MoneyAdmin):
    """The queue of clients whose credit is to be paid back."""

    list_display = ("pk", "party", "title", "sum_text", "created_at")

    def get_urls(self) -> list[URLPattern]:
        """Add the address that pays a client's credit back."""
        pay = path(
            "<int:party_id>/pay-back/",
            self.admin_site.admin_view(require_POST(self.pay_back)),
            name="payments_credit_pay_back",
        )
        return [pay, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List the clients with credit, those who asked for it back first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page(request)

    def page(self, request: HttpRequest, *, problem: str = "") -> HttpResponse:
        """Render the queue, with what was refused."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Credit of clients"),
            "opts": self.opts,
            "owners": [
                (owner, new_token() if can_pay_credit_out(actor_of(request), owner.party.pk) else "")
                for owner in credit_queue()
            ],
            "currency": rules().currency,
            "problem": problem,
        }
        return TemplateResponse(request, "payments/admin/credits.html", context, status=409 if problem else 200)

    def pay_back(self, request: HttpRequest, party_id: int) -> HttpResponse:
        """Pay a client's credit back, to other cards or out to the operator's bank, through the product's own verbs."""
        by = actor_of(request)
        if not can_pay_credit_out(by, party_id):
            raise PermissionDenied
        form = PayBackForm(request.POST)
        if not form.is_valid():
            return self.page(request, problem=first_error(form))
        reason = form.cleaned_data["reason"]
        try:
            if request.POST.get("way") == "cards":
                refunds = ask_credit_back(party_id=party_id, reason=reason, by=by, at=now())
                amount = sum(refund.credit for refund in refunds)
            else:
                token = form.cleaned_data["token"]
                amount = pay_credit_out(party_id=party_id, reason=reason, token=token, by=by, at=now()).amount
        except DomainError as error:
            return self.page(request, problem=error.message)
        if amount:
            messages.success(
                request, _("%(amount)s is on its way.") % {"amount": format_money(amount, rules().currency)}
            )
        else:
            messages.warning(request, _("No other card of this client has room: pay it out."))
        return redirect("admin:payments_credit_changelist")


@admin.register(OperatorCash)
class OperatorCashAdmin(MoneyAdmin):
    """The operator's own cash: what the balance has to cover, what is spare, and the two ways to move it."""

    list_display = ("pk", "kind", "sum_text", "status", "created_at")

    def get_urls(self) -> list[URLPattern]:
        """Add the address that moves cash."""
        move = path("move/", self.admin_site.admin_view(require_POST(self.move)), name="payments_operatorcash_move")
        return [move, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the figures, the form and what was moved lately."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page(request)

    def page(self, request: HttpRequest, *, problem: str = "") -> HttpResponse:
        """Render the screen of cash, with what was refused and what was typed."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Operator's cash"),
            "opts": self.opts,
            "cover": cover(),
            "latest": latest_cash()[:50],
            "token": new_token(),
            "can_move": can_move_operator_cash(actor_of(request)),
            "currency": rules().currency,
            "typed": request.POST,
            "problem": problem,
        }
        return TemplateResponse(request, "payments/admin/cash.html", context, status=409 if problem else 200)

    def move(self, request: HttpRequest) -> HttpResponse:
        """Put cash in or take it out, through the product's own verbs."""
        by = actor_of(request)
        if not can_move_operator_cash(by):
            raise PermissionDenied
        form = CashForm(request.POST)
        if not form.is_valid():
            return self.page(request, problem=first_error(form))
        act = top_up if request.POST.get("way") == "in" else cash_out
        try:
            cash = act(
                amount=form.cleaned_data["amount"],
                reason=form.cleaned_data["reason"],
                token=form.cleaned_data["token"],
                by=by,
                at=now(),
            )
        except DomainError as error:
            return self.page(request, problem=error.message)
        messages.success(request, _("%(amount)s is on its way.") % {"amount": format_money(cash.amount, cash.currency)})
        return redirect("admin:payments_operatorcash_changelist")


@admin.register(Withdrawal)
class WithdrawalAdmin(MoneyAdmin):
    """What freelancers withdrew."""

    list_display = ("pk", "party", "method", "sum_text", "status", "failure_code", "created_at", "paid_at")
    list_filter = ("status",)
    list_select_related = ("party", "method")

    def search_condition(self, typed: str) -> Q:
        """Return the withdrawals of this number or provider id."""
        return super().search_condition(typed) | Q(provider_id=typed)


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

    def search_condition(self, typed: str) -> Q:
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
        found(self.get_queryset(request), str(event_id))
        form = ReasonForm(request.POST)
        if form.is_valid():
            process_again(event_id=event_id, reason=form.cleaned_data["reason"], by=actor_of(request), at=now())
            messages.success(request, _("The event is worked through again within seconds."))
        else:
            messages.error(request, first_error(form))
        return redirect("admin:payments_webhookevent_change", event_id)


@admin.register(Invoice)
class InvoiceAdmin(MoneyAdmin):
    """Documents, found by their number or a party's."""

    list_display = ("number", "kind", "title", "total_text", "issued_at")
    list_filter = ("kind", "year")
    ordering = ("-issued_at",)

    def search_condition(self, typed: str) -> Q:
        """Find by number, or all of a party as in party:7."""
        owner = typed.removeprefix("party:")
        if owner != typed and owner.isdecimal() and len(owner) < 19:
            return Q(buyer_party_id=int(owner)) | Q(seller_party_id=int(owner))
        return Q(number=typed)

    @admin.display(description=gettext_lazy("total"), ordering="total")
    def total_text(self, row: Invoice) -> str:
        """Return the total as the reader writes money."""
        return format_money(row.total, row.currency)


class RunningChargebacks(QueueFilter):
    """The queue of payments that a bank still looks at."""

    states = Chargeback.Status
    waiting = (Chargeback.Status.OPEN, Chargeback.Status.ANSWERED)
    words = gettext_lazy("Running")


@admin.register(Chargeback)
class ChargebackAdmin(ScreenAdmin, MoneyAdmin):
    """Payments that are contested at the bank: what is frozen where, what speaks for each, and sending it."""

    list_display = ("pk", "title", "payer", "sum_text", "status", "evidence_due_at", "created_at", "settled_at")
    list_filter = (RunningChargebacks,)
    list_select_related = ("charge__party",)
    ordering = ("settled_at", "evidence_due_at")
    search_help_text = gettext_lazy("The number of a chargeback, or the provider's id.")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor looks after chargebacks."""
        return can_see_chargebacks(by)

    def search_condition(self, typed: str) -> Q:
        """Return the chargebacks of this number or provider id."""
        return super().search_condition(typed) | Q(provider_id=typed)

    @admin.display(description=gettext_lazy("what for"))
    def title(self, chargeback: Chargeback) -> str:
        """Return what was paid for."""
        return chargeback.charge.title

    @admin.display(description=gettext_lazy("payer"))
    def payer(self, chargeback: Chargeback) -> str:
        """Return who paid and contests it."""
        return chargeback.charge.party.name

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses that fetch the evidence, send it, and play the sandbox's bank."""
        view = self.admin_site.admin_view
        return [
            path(
                "<int:chargeback_id>/evidence/",
                view(require_POST(self.download)),
                name="payments_chargeback_evidence",
            ),
            path("<int:chargeback_id>/send/", view(require_POST(self.send)), name="payments_chargeback_send"),
            path("<int:chargeback_id>/decide/", view(require_POST(self.decide)), name="payments_chargeback_decide"),
            *super().get_urls(),
        ]

    def page(self, request: HttpRequest, chargeback_id: int, *, problem: str = "") -> HttpResponse:
        """Render the screen of a chargeback, with what was refused and what was typed."""
        file = chargeback_file(chargeback_id)
        if file is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": _("Chargeback %(number)s") % {"number": chargeback_id},
            "opts": self.opts,
            "file": file,
            "chargeback": file.chargeback,
            "is_open": file.chargeback.status == Chargeback.Status.OPEN,
            "can_handle": can_handle_chargeback(actor_of(request), file.chargeback),
            "is_play": file.chargeback.gateway == "sandbox" and file.chargeback.is_running,
            "typed": request.POST,
            "problem": problem,
        }
        return TemplateResponse(request, "payments/admin/chargeback.html", context, status=409 if problem else 200)

    def download(self, request: HttpRequest, chargeback_id: int) -> HttpResponse:
        """Hand out what speaks for the payment as a zip; that it was read is kept with its reason."""
        self._check_handler(request, chargeback_id)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.page(request, chargeback_id, problem=first_error(form))
        reason = form.cleaned_data["reason"]
        bundle = download_evidence(chargeback_id=chargeback_id, reason=reason, by=actor_of(request), at=now())
        name = f"chargeback-{chargeback_id}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(bundle, content_type="application/zip", headers=headers)

    def send(self, request: HttpRequest, chargeback_id: int) -> HttpResponse:
        """Send what speaks for the payment to the bank, through the product's own verb."""
        self._check_handler(request, chargeback_id)
        form = EvidenceForm(request.POST)
        if not form.is_valid():
            return self.page(request, chargeback_id, problem=first_error(form))
        try:
            send_evidence(chargeback_id=chargeback_id, by=actor_of(request), at=now(), **form.cleaned_data)
        except GatewayUnreachable:
            return self.page(request, chargeback_id, problem=_("The provider does not answer. Try again later."))
        except DomainError as error:
            return self.page(request, chargeback_id, problem=error.message)
        messages.success(request, _("The bank has the evidence."))
        return redirect("admin:payments_chargeback_change", chargeback_id)

    def decide(self, request: HttpRequest, chargeback_id: int) -> HttpResponse:
        """Play the sandbox's bank."""
        chargeback = self._seen(request, chargeback_id)
        if chargeback.gateway != "sandbox":
            raise Http404
        is_won = request.POST.get("decision") == "won"
        decide_sandbox_dispute(provider_id=chargeback.provider_id, is_won=is_won, by=actor_of(request), at=now())
        messages.success(request, _("The sandbox's bank has decided. It announces that within seconds."))
        return redirect("admin:payments_chargeback_change", chargeback_id)

    def _seen(self, request: HttpRequest, chargeback_id: int) -> Chargeback:
        """Return a chargeback for somebody who may read it. Raises PermissionDenied, Http404."""
        if not can_see_chargebacks(actor_of(request)):
            raise PermissionDenied
        chargeback: Chargeback = self.need_row(request, chargeback_id)
        return chargeback

    def _check_handler(self, request: HttpRequest, chargeback_id: int) -> None:
        if not can_handle_chargeback(actor_of(request), self._seen(request, chargeback_id)):
            raise PermissionDenied
