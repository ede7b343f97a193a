"""The queue of what was reported, and the one screen on which a moderator decides; each decision is a product verb."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.actor import Actor
from core.admin import QueueFilter, ScreenAdmin, actor_of, first_error, found
from core.clock import now
from core.errors import DomainError
from core.templatetags.jalon import ago, clock
from events.queries import history_of
from jobs.models import Job
from jobs.queries import kept_risks
from profiles.models import Profile
from trust.actions import (
    clear_reported_page,
    dismiss_reports,
    remove_reported_job,
    send_back_reported_profile,
    uphold_reports,
)
from trust.forms import DecisionForm, SendBackForm
from trust.models import Report, ReportCase
from trust.permissions import can_decide_case, can_see_cases
from trust.queries import case_screen, queue, thing_name

#: What moderators may decide: the verb, and the words that say it was done.
DECISIONS = {
    "dismiss": (dismiss_reports, gettext_lazy("The reports are dismissed.")),
    "uphold": (uphold_reports, gettext_lazy("The reports are upheld, and nothing was changed.")),
    "remove": (remove_reported_job, gettext_lazy("The job is removed, and its client can read why.")),
    "send_back": (
        send_back_reported_profile,
        gettext_lazy("The profile went back to the freelancer with your points."),
    ),
    "clear": (clear_reported_page, gettext_lazy("The text is taken down, and the client can read why.")),
}


class OpenFilter(QueueFilter):
    """The queue of what nobody has decided."""

    states = ReportCase.Status
    waiting = (ReportCase.Status.OPEN,)
    words = gettext_lazy("Waiting for a decision")


@admin.register(ReportCase)
class ReportCaseAdmin(ScreenAdmin):
    """What was reported, one line for each thing, for moderators."""

    list_display = ("thing", "kind", "owner", "number", "why", "status", "age", "deadline")
    list_filter = (OpenFilter, "kind")
    search_fields = ("job__title", "party__name")
    list_per_page = 50
    ordering = ("due_at", "pk")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor is a moderator."""
        return can_see_cases(by)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReportCase]:
        """Return the cases with what the list shows of their reports."""
        return queue()

    @admin.display(description=gettext_lazy("reported"))
    def thing(self, case: ReportCase) -> str:
        """Return the name of the thing."""
        return thing_name(case)

    @admin.display(description=gettext_lazy("whose"), ordering="party__name")
    def owner(self, case: ReportCase) -> str:
        """Return the full name of the party whose thing it is."""
        return case.party.name

    @admin.display(description=gettext_lazy("reports"), ordering="reported")
    def number(self, case: Any) -> int:
        """Return how many people reported it."""
        return int(case.reported)

    @admin.display(description=gettext_lazy("reasons"))
    def why(self, case: Any) -> str:
        """Return the reasons that were given."""
        return ", ".join(str(Report.Reason(reason).label) for reason in case.reasons if reason)

    @admin.display(description=gettext_lazy("waiting since"), ordering="opened_at")
    def age(self, case: ReportCase) -> str:
        """Return how long ago it was first reported."""
        return ago(case.opened_at) if case.status == ReportCase.Status.OPEN else ""

    @admin.display(description=gettext_lazy("deadline"), ordering="due_at")
    def deadline(self, case: ReportCase) -> str:
        """Return until when it should be decided; late ones say so."""
        if case.status != ReportCase.Status.OPEN:
            return ""
        return format_html("<strong>{}</strong>", _("late")) if case.due_at <= now() else clock(case.due_at)

    def get_urls(self) -> list[URLPattern]:
        """Add the address that decisions are sent to."""
        decide = path(
            "<int:case_id>/<str:decision>/decide/",
            self.admin_site.admin_view(require_POST(self.decide)),
            name="trust_reportcase_decide",
        )
        return [decide, *super().get_urls()]

    def page(
        self,
        request: HttpRequest,
        pk: int,
        /,
        *,
        problem: str = "",
        decision: str = "",
        form: DecisionForm | None = None,
    ) -> HttpResponse:
        """Render the screen of a case, with a decision that was refused and what was typed for it."""
        case = self.need_row(request, pk)
        screen = case_screen(case)
        may_decide = can_decide_case(actor_of(request), case) and case.status == ReportCase.Status.OPEN
        job, profile = case.job, case.profile
        typed = form.data.get("reason", "") if form is not None else ""
        points = form if isinstance(form, SendBackForm) else SendBackForm()
        context = {
            **self.admin_site.each_context(request),
            "title": f"{capfirst(str(case.get_kind_display()))}: {thing_name(case)}",
            "opts": self.opts,
            "case": case,
            "screen": screen,
            "name": thing_name(case),
            "is_late": case.due_at <= now(),
            "earlier": [(each, thing_name(each)) for each in screen.earlier],
            "risks": kept_risks(job) if job else [],
            "may_decide": may_decide,
            "can_remove": may_decide and job is not None and job.status in {*Job.LIVE, Job.Status.IN_REVIEW},
            "can_send_back": may_decide and profile is not None and profile.status == Profile.Status.APPROVED,
            "can_clear": may_decide and case.kind == ReportCase.Kind.CLIENT and bool(case.party.about),
            "is_bound": actor_of(request).in_group("moderator") and not may_decide,
            "history": history_of(f"report_case:{case.pk}"),
            "decision": decision,
            "typed": typed,
            "points": points["points"],
            "problem": problem,
        }
        return TemplateResponse(request, "trust/admin/case.html", context, status=409 if problem else 200)

    def decide(self, request: HttpRequest, case_id: int, decision: str) -> HttpResponse:
        """Decide a case through the product's own verb."""
        case = found(self.get_queryset(request), str(case_id))
        if decision not in DECISIONS:
            raise Http404
        if not can_see_cases(actor_of(request)):
            raise PermissionDenied
        verb, words = DECISIONS[decision]
        form = (SendBackForm if decision == "send_back" else DecisionForm)(request.POST)
        if not form.is_valid():
            return self.page(request, case.pk, problem=first_error(form), decision=decision, form=form)
        try:
            verb(case_id=case.pk, **form.cleaned_data, by=actor_of(request), at=now())  # type: ignore[operator]
        except DomainError as error:
            return self.page(request, case.pk, problem=error.message, decision=decision, form=form)
        messages.success(request, str(words))
        return redirect("admin:trust_reportcase_changelist")
