"""The review queue of posts and the one-screen page on which staff decide; every action is a verb of the product."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.permissions import is_support
from core.actor import Actor
from core.admin import QueueFilter, ReadOnlyAdmin, actor_of, first_error, found
from core.clock import now
from core.errors import DomainError
from core.money import format_money
from core.product import rules
from core.templatetags.jalon import ago, clock
from events.queries import history
from files.queries import files_of
from jobs.actions import approve_job, remove_job, send_back_job
from jobs.forms import RefusalForm, VersionForm
from jobs.models import ATTACHMENT, Job
from jobs.permissions import can_review_job, can_review_jobs
from jobs.queries import job_skills, kept_risks, review_deadline
from profiles.queries import client_block

#: What the screen of a job shows with it.
SHOWN_WITH = ("client", "category", "speciality", "activity")
#: What staff may decide, and the words that say it was done.
DONE = {
    "approve": gettext_lazy("The job is open."),
    "send_back": gettext_lazy("The job went back to its client with your reasons."),
    "remove": gettext_lazy("The job is removed, and its client can read why."),
}


class WaitingFilter(QueueFilter):
    """The queue of jobs in review."""

    states = Job.Status
    waiting = (Job.Status.IN_REVIEW,)
    words = gettext_lazy("Waiting for review")


class RiskFilter(admin.SimpleListFilter):
    """Posts by what the risk rules weigh: an open one may have been changed into what would have been read before."""

    title = gettext_lazy("risk")
    parameter_name = "risk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices: any rule at all, and enough of them for a review."""
        return [("some", gettext_lazy("Some rule")), ("review", gettext_lazy("Enough for a review"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the posts of that weight."""
        least = {"some": 1, "review": rules().job_risk_weight}.get(self.value() or "")
        return queryset.filter(risk_weight__gte=least) if least else queryset


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Posts for moderators and, to look at, for support: nothing is edited here."""

    list_display = ("title", "client_name", "category", "price", "status", "risk_weight", "age", "deadline")
    list_filter = (WaitingFilter, RiskFilter, "kind", "language")
    search_fields = ("title", "client__name")
    list_select_related = ("client", "category")
    list_per_page = 50
    ordering = ("submitted_at", "pk")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor reviews jobs or helps people."""
        return can_review_jobs(by) or is_support(by)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """Return every job but the drafts that their clients deleted."""
        return Job.objects.kept()

    @admin.display(description=gettext_lazy("client"), ordering="client__name")
    def client_name(self, job: Job) -> str:
        """Return the client's full name."""
        return job.client.name

    @admin.display(description=gettext_lazy("price"))
    def price(self, job: Job) -> str:
        """Return the budget or the range of rates."""
        return price_text(job)

    @admin.display(description=gettext_lazy("waiting since"), ordering="submitted_at")
    def age(self, job: Job) -> str:
        """Return how long ago the job was sent to review."""
        return ago(job.submitted_at) if job.status == Job.Status.IN_REVIEW else ""

    @admin.display(description=gettext_lazy("deadline"), ordering="submitted_at")
    def deadline(self, job: Job) -> str:
        """Return when it must have been read; late ones say so."""
        due = review_deadline(job)
        if due is None:
            return ""
        return format_html("<strong>{}</strong>", _("late")) if due <= now() else clock(due)

    def get_urls(self) -> list[URLPattern]:
        """Add the address that decisions are sent to."""
        decide = path(
            "<int:job_id>/<str:decision>/decide/",
            self.admin_site.admin_view(require_POST(self.decide)),
            name="jobs_job_decide",
        )
        return [decide, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show everything about a job on one screen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        job = found(self.get_queryset(request).select_related(*SHOWN_WITH), object_id)
        return self.page(request, job)

    def page(
        self, request: HttpRequest, job: Job, *, decision: str = "", form: VersionForm | None = None, refusal: str = ""
    ) -> HttpResponse:
        """Render the screen of a job, with a decision that was refused and what was typed for it."""
        may_decide = can_review_job(actor_of(request), job)
        context = {
            **self.admin_site.each_context(request),
            "title": job.title,
            "opts": self.opts,
            "job": job,
            "price": price_text(job),
            "skills": job_skills(job, Actor.anonymous()),
            "files": files_of(ATTACHMENT, job.pk),
            "client": client_block(job.client),
            "party_jobs": Job.objects.kept().filter(client_id=job.client_id).exclude(pk=job.pk).count(),
            "history": history(f"job:{job.pk}"),
            "deadline": review_deadline(job),
            "risks": kept_risks(job),
            "can_approve": may_decide and job.status == Job.Status.IN_REVIEW,
            "can_remove": may_decide and job.status in {Job.Status.IN_REVIEW, *Job.LIVE},
            "decision": decision,
            "reason": form.data.get("reason", "") if form else "",
            "problem": refusal,
        }
        return TemplateResponse(request, "jobs/admin/job.html", context, status=409 if refusal else 200)

    def decide(self, request: HttpRequest, job_id: int, decision: str) -> HttpResponse:
        """Approve a job, send it back or remove it, through the product's own verb."""
        job = found(self.get_queryset(request).select_related(*SHOWN_WITH), str(job_id))
        if decision not in DONE:
            raise Http404
        if not can_review_job(actor_of(request), job):
            raise PermissionDenied
        form = VersionForm(request.POST) if decision == "approve" else RefusalForm(request.POST)
        if not form.is_valid():
            return self.page(request, job, decision=decision, form=form, refusal=first_error(form))
        try:
            self._decide(job, decision, form, actor_of(request))
        except DomainError as error:
            job.refresh_from_db()
            return self.page(request, job, decision=decision, form=form, refusal=error.message)
        messages.success(request, str(DONE[decision]))
        return redirect(
            reverse("admin:jobs_job_changelist")
            if decision != "remove"
            else reverse("admin:jobs_job_change", args=[job.pk])
        )

    @staticmethod
    def _decide(job: Job, decision: str, form: VersionForm, by: Actor) -> None:
        seen, at = form.cleaned_data["seen_version"], now()
        if decision == "approve":
            approve_job(job_id=job.pk, seen_version=seen, by=by, at=at)
        elif decision == "send_back":
            send_back_job(job_id=job.pk, reasons=form.cleaned_data["reason"], seen_version=seen, by=by, at=at)
        else:
            remove_job(job_id=job.pk, reason=form.cleaned_data["reason"], by=by, at=at)


def price_text(job: Job) -> str:
    """Return the budget or the range of rates in words."""
    if job.kind == Job.Kind.FIXED:
        return format_money(job.budget, job.currency) if job.budget is not None else "–"
    if job.rate_low is None or job.rate_high is None:
        return "–"
    low, high = format_money(job.rate_low, job.currency), format_money(job.rate_high, job.currency)
    return _("%(low)s to %(high)s an hour") % {"low": low, "high": high}
