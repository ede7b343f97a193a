"""Who may read the books: finance staff."""

from __future__ import annotations

from ledger.models import Account, Entry, Transfer
from tests.access import admin_pages

ACCESS = {
    **admin_pages("ledger_account", "finance_staff", lambda _world: Account.objects.earliest("pk").pk),
    **admin_pages("ledger_transfer", "finance_staff", lambda _world: Transfer.objects.latest("pk").pk),
    **admin_pages("ledger_entry", "finance_staff", lambda _world: Entry.objects.latest("pk").pk),
}
