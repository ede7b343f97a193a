"""What happened, and what could not be told, for staff; a failed delivery can be tried again."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.actor import Actor
from core.admin import ExactSearchAdmin, ReadOnlyAdmin, ReadOnlyInline, actor_of
from core.clock import now
from core.errors import DomainError
from core.forms import ReasonForm
from events.actions import retry_delivery
from events.models import Delivery, Event
from events.permissions import can_read_events, can_retry_deliveries


class DeliveryInline(ReadOnlyInline):
    """Who was told of an event."""

    model = Delivery
    fields = ("handler", "state", "attempts", "next_at", "done_at", "error")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor may read events."""
        return can_read_events(by)


@admin.register(Event)
class EventAdmin(ExactSearchAdmin):
    """The log of everything, newest first; found by a whole kind, thing, scope or request."""

    list_display = ("at", "kind", "subject", "scope", "actor_user_id", "is_system")
    list_display_links = ("kind",)
    list_filter = ("is_system",)
    list_per_page = 50
    ordering = ("-pk",)
    search_help_text = _("A whole kind, thing (milestone:7), scope (contract:3) or request id.")
    inlines = (DeliveryInline,)

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor may read events."""
        return can_read_events(by)

    def search_condition(self, typed: str) -> Q:
        """Return which events are meant."""
        return Q(kind=typed) | Q(subject=typed) | Q(scope=typed) | Q(request_id=typed)


class ReasonedActionForm(ActionForm):
    """What to do with the chosen rows, and why."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, required=False)  # demanded by the action, in words


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Deliveries; those that failed wait here for an administrator."""

    list_display = ("handler", "event", "state", "attempts", "next_at", "error")
    list_filter = ("state",)
    list_select_related = ("event",)
    list_per_page = 50
    ordering = ("-pk",)
    actions = ("try_again",)
    action_form = ReasonedActionForm

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor may read events."""
        return can_read_events(by)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Test whether the actor is offered the action below."""
        return can_retry_deliveries(actor_of(request))

    @admin.action(description=_("Try again"), permissions=["retry"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        """Try the chosen deliveries again for the reason given, and say which could not be."""
        form = ReasonForm(request.POST)
        if not form.is_valid():
            self.message_user(request, str(form.errors["reason"][0]), messages.ERROR)
            return
        reason, tried = form.cleaned_data["reason"], 0
        for delivery in chosen.order_by("pk"):
            try:
                retry_delivery(delivery_id=delivery.pk, reason=reason, by=actor_of(request), at=now())
            except DomainError as refusal:
                self.message_user(request, f"{delivery}: {refusal.message}", messages.WARNING)
            else:
                tried += 1
        said = ngettext("%(count)d delivery will be tried again.", "%(count)d deliveries will be tried again.", tried)
        self.message_user(request, said % {"count": tried}, messages.SUCCESS if tried else messages.WARNING)
