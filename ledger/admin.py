"""The books for finance staff: accounts, transfers and entries, found by key or owner, to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.admin import ExactSearchAdmin, ReadOnlyInline
from core.money import format_money
from ledger.models import CONNECT, Account, AccountKind, Entry, Transfer
from ledger.permissions import can_read_books


def amount_text(amount: int, currency: str) -> str:
    """Return an amount as the reader writes money, or the number of connects."""
    return str(amount) if currency == CONNECT else format_money(amount, currency)


class BooksAdmin(ExactSearchAdmin):
    """A page of the books."""

    list_per_page = 50

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor may look into the books."""
        return can_read_books(by)


class OwnKindFilter(admin.SimpleListFilter):
    """Which line of the chart of accounts."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the chart."""
        return [(name, name) for name in AccountKind.objects.order_by("name").values_list("name", flat=True)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        """Return the accounts of the kind."""
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(kind=value) if (value, value) in self.lookup_choices else queryset.none()


@admin.register(Account)
class AccountAdmin(BooksAdmin):
    """Accounts with what they hold now."""

    list_display = ("name", "currency", "held", "opened_at")
    list_filter = (OwnKindFilter, "currency")
    ordering = ("-pk",)
    fields = ("name", "currency", "held", "sign", "opened_at", "its_entries")
    readonly_fields = ("held", "its_entries")
    search_help_text = _("A whole name such as held:milestone:7, or an owner such as party:12.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """Return the accounts with their balances, those of hot ones rolled up."""
        return Account.objects.with_current()

    def search_condition(self, typed: str) -> Q:
        """Return the account of this name, or all of this owner."""
        return Q(name=typed) | Q(owner=typed)

    @admin.display(description=_("balance"))
    def held(self, account: Account) -> str:
        """Return what the account holds."""
        return amount_text(account.current, account.currency)

    @admin.display(description=_("entries"))
    def its_entries(self, account: Account) -> str:
        """Return a link to the entries of the account, newest first."""
        address = f"{reverse('admin:ledger_entry_changelist')}?account={account.pk}"
        return format_html('<a href="{}">{}</a>', address, gettext("Entries, newest first"))


class EntryInline(ReadOnlyInline):
    """The legs of a transfer."""

    model = Entry
    fields = ("account", "credit_or_debit")
    readonly_fields = ("credit_or_debit",)

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor may look into the books."""
        return can_read_books(by)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        """Return the legs in the order they were written, with their accounts."""
        return Entry.objects.select_related("account").order_by("pk")

    @admin.display(description=_("amount"))
    def credit_or_debit(self, entry: Entry) -> str:
        """Return the amount: above zero credit, below zero debit."""
        return amount_text(entry.amount, entry.account.currency)


@admin.register(Transfer)
class TransferAdmin(BooksAdmin):
    """Transfers, each with its legs and what it reverses."""

    list_display = ("key", "kind", "currency", "at")
    list_filter = ("currency",)
    ordering = ("-pk",)
    fields = ("key", "kind", "currency", "at", "created_at", "reverses", "undone_by")
    readonly_fields = ("undone_by",)
    inlines = (EntryInline,)
    search_help_text = _("A whole key such as release:12, or an owner such as party:12.")

    def search_condition(self, typed: str) -> Q:
        """Return the transfer with this key, or all that moved an account of this owner."""
        return Q(key=typed) | Q(pk__in=Entry.objects.filter(account__owner=typed).values("transfer"))

    @admin.display(description=_("reversed by"))
    def undone_by(self, transfer: Transfer) -> str:
        """Return the transfer that undid this one, if any."""
        reversal = transfer.reversals.first()
        if reversal is None:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("admin:ledger_transfer_change", args=[reversal.pk]), reversal)


@admin.register(Entry)
class EntryAdmin(BooksAdmin):
    """Entries, newest first."""

    list_display = ("transfer", "account", "credit_or_debit", "happened")
    list_select_related = ("transfer", "account")
    ordering = ("-pk",)
    fields = ("transfer", "account", "credit_or_debit", "happened")
    readonly_fields = ("credit_or_debit", "happened")
    search_help_text = _("A key such as release:12, an account such as held:milestone:7, or an owner such as party:12.")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let an account's page ask for its entries."""
        return lookup == "account" or super().lookup_allowed(lookup, value, request)

    def search_condition(self, typed: str) -> Q:
        """Return the entries of this transfer, this account, or this owner."""
        accounts = Account.objects.filter(Q(name=typed) | Q(owner=typed))
        transfers = Transfer.objects.filter(key=typed)
        return Q(account__in=accounts.values("pk")) | Q(transfer__in=transfers.values("pk"))

    @admin.display(description=_("amount"))
    def credit_or_debit(self, entry: Entry) -> str:
        """Return the amount: above zero credit, below zero debit."""
        return amount_text(entry.amount, entry.account.currency)

    @admin.display(description=_("happened"))
    def happened(self, entry: Entry) -> str:
        """Return when the transfer happened."""
        return formats.date_format(entry.transfer.at, "DATETIME_FORMAT")
