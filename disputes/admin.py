"""The queue of cases and the one screen on which a mediator decides; the decision is a verb of the product."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.actor import Actor
from core.admin import QueueFilter, ReadOnlyAdmin, actor_of, is_key
from core.clock import now
from core.errors import DomainError, NotAllowed
from core.money import format_money
from core.templatetags.jalon import ago
from disputes.actions import decide_case, note_room_read
from disputes.forms import DecisionForm
from disputes.models import Case
from disputes.permissions import can_decide_case, can_see_case
from disputes.queries import case_page
from events.queries import history


class OpenFilter(QueueFilter):
    """The queue of cases that nobody has decided."""

    states = Case.Status
    waiting = (Case.Status.MEDIATION,)
    words = gettext_lazy("Waiting for a decision")


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    """Cases for mediators: nothing is edited here, a decision is made on the case's own screen."""

    list_display = ("number", "milestone", "client_name", "freelancer_name", "sum", "status", "age")
    list_filter = (OpenFilter,)
    list_select_related = ("milestone__contract__client", "milestone__contract__freelancer")
    list_per_page = 50
    ordering = ("opened_at", "pk")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor is a mediator."""
        return can_see_case(by)

    @admin.display(description=gettext_lazy("case"), ordering="pk")
    def number(self, case: Case) -> int:
        """Return the number of the case."""
        return case.pk

    @admin.display(description=gettext_lazy("client"))
    def client_name(self, case: Case) -> str:
        """Return who asked the money back."""
        return case.milestone.contract.client.name

    @admin.display(description=gettext_lazy("freelancer"))
    def freelancer_name(self, case: Case) -> str:
        """Return who submitted the work."""
        return case.milestone.contract.freelancer.name

    @admin.display(description=gettext_lazy("sum in question"), ordering="gross")
    def sum(self, case: Case) -> str:
        """Return the frozen sum without fees."""
        return format_money(case.gross, case.currency)

    @admin.display(description=gettext_lazy("open since"), ordering="opened_at")
    def age(self, case: Case) -> str:
        """Return how long it has waited."""
        return ago(case.opened_at) if case.status not in Case.FINAL else ""

    def get_urls(self) -> list[URLPattern]:
        """Add the address that decisions are sent to."""
        decide = path(
            "<int:case_id>/decide/",
            self.admin_site.admin_view(require_POST(self.decide)),
            name="disputes_case_decide",
        )
        return [decide, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show everything about a case on one screen."""
        if not can_see_case(actor_of(request)):
            raise PermissionDenied
        if "prefetch" in request.headers.get("Sec-Purpose", ""):  # nobody reads yet, and reading leaves a trace
            return HttpResponse(status=503)
        return self.page(request, int(object_id) if is_key(object_id) else 0)

    def page(
        self,
        request: HttpRequest,
        case_id: int,
        *,
        form: DecisionForm | None = None,
        problem: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """Render the screen of a case, with a decision that was refused and what was typed for it."""
        actor = actor_of(request)
        screen = case_page(case_id)
        if screen is None:
            raise Http404
        may_decide = can_decide_case(actor, screen.contract)
        if screen.shows_room and may_decide:
            note_room_read(case_id=case_id, by=actor, at=now())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Case %(number)s") % {"number": screen.case.pk},
            "opts": self.opts,
            "screen": screen,
            "case": screen.case,
            "contract": screen.contract,
            "currency": screen.case.currency,
            "history": history(screen.contract.scope),
            "may_decide": may_decide,
            "form": form or DecisionForm(case=screen.case, initial={"seen_version": screen.case.version}),
            "version": screen.case.version,
            "problem": problem,
        }
        return TemplateResponse(request, "disputes/admin/case.html", context, status=status)

    def decide(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Divide the sum through the product's own verb."""
        if not can_see_case(actor_of(request)):
            raise PermissionDenied
        case = Case.objects.filter(pk=case_id).first()
        if case is None:
            raise Http404
        form = DecisionForm(request.POST, case=case)
        if not form.is_valid():
            return self.page(request, case_id, form=form, status=422)
        try:
            decide_case(case_id=case_id, by=actor_of(request), at=now(), **form.cleaned_data)
        except NotAllowed:
            raise
        except DomainError as error:
            return self.page(request, case_id, form=form, problem=error.message, status=error.status_code)
        messages.success(request, _("The case is decided. Both sides were told."))
        return redirect(reverse("admin:disputes_case_change", args=[case_id]))
