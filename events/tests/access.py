"""Who may read what happened: finance staff; administrators try deliveries again."""

from __future__ import annotations

from events.models import Delivery, Event
from tests.access import admin_pages

ACCESS = {
    **admin_pages("events_event", "finance_staff", lambda _world: Event.objects.latest("pk").pk),
    **admin_pages("events_delivery", "finance_staff", lambda _world: Delivery.objects.latest("pk").pk),
}
