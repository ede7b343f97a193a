"""The queues of certificates and testimonials, and the screen on which moderators decide about one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.permissions import is_moderator
from core.actor import Actor
from core.admin import QueueFilter, ScreenAdmin, actor_of, first_error
from core.clock import now
from core.errors import DomainError
from core.forms import ReasonForm
from core.machine import sources_of
from core.templatetags.jalon import ago
from events.queries import history_of
from files.queries import files_of
from profiles.actions import check_certification, publish_testimonial, refuse_certification, refuse_testimonial
from profiles.forms import CertificationDecisionForm
from profiles.models import Certification, Testimonial
from profiles.permissions import can_review_profile
from profiles.queries import CERTIFICATE


class ClaimedFilter(QueueFilter):
    """The queue of claimed certificates."""

    states = Certification.Status
    waiting = (Certification.Status.CLAIMED,)
    words = gettext_lazy("Waiting for a check")


class WrittenFilter(QueueFilter):
    """The queue of testimonials that clients have written."""

    states = Testimonial.Status
    waiting = (Testimonial.Status.WRITTEN,)
    words = gettext_lazy("Waiting for a check")


class DecisionAdmin(ScreenAdmin):
    """A queue of what freelancers show, and the screen of one row with its decisions."""

    list_per_page = 50
    list_select_related = ("profile__party",)
    #: Each decision: the verb's name in the machine, the verb, and what is said when it is done.
    decisions: Mapping[str, tuple[str, Callable[..., Any], Any]]
    decision_form: type[forms.Form]
    screen: str
    subject: str

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor decides about profiles."""
        return is_moderator(by)

    @admin.display(description=gettext_lazy("freelancer"), ordering="profile__party__name")
    def freelancer(self, row: Certification | Testimonial) -> str:
        """Return the freelancer's full name."""
        return row.profile.party.name

    def get_urls(self) -> list[URLPattern]:
        """Add the address that decisions are sent to."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_decide"
        view = self.admin_site.admin_view(require_POST(self.decide))
        return [path("<int:pk>/decide/", view, name=name), *super().get_urls()]

    def shown(self, row: Any) -> dict[str, Any]:
        """Return what the screen shows besides the row."""
        raise NotImplementedError

    def page(
        self, request: HttpRequest, pk: int, /, *, problem: str = "", form: forms.Form | None = None
    ) -> HttpResponse:
        """Render the screen of a row, with a decision that was refused and what was typed for it. Raises Http404."""
        row = self.need_row(request, pk)
        may_decide = can_review_profile(actor_of(request), row.profile)
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.opts,
            "item": row,
            "form": form or self.decision_form(),
            "problem": problem,
            "history": history_of(f"{self.subject}:{row.pk}"),
            "decide": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_decide", kwargs={"pk": row.pk}),
            **{
                f"can_{name}": may_decide and row.status in sources_of(row.TRANSITIONS, verb)
                for name, (verb, _function, _words) in self.decisions.items()
            },
            **self.shown(row),
        }
        return TemplateResponse(request, self.screen, context, status=409 if problem else 200)

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what was decided, through the product's own verb."""
        row = self.need_row(request, pk)
        if not can_review_profile(actor_of(request), row.profile):
            raise PermissionDenied
        if request.POST.get("decision") not in self.decisions:
            raise Http404
        _name, verb, words = self.decisions[request.POST["decision"]]
        form = self.decision_form(request.POST)
        if not form.is_valid():
            return self.page(request, pk, problem=first_error(form), form=form)
        try:
            verb(**{f"{self.subject}_id": row.pk}, **form.cleaned_data, by=actor_of(request), at=now())
        except DomainError as error:
            return self.page(request, pk, problem=error.message, form=form)
        messages.success(request, str(words))
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


@admin.register(Certification)
class CertificationAdmin(DecisionAdmin):
    """Certificates with their proofs."""

    list_display = ("heading", "organisation", "freelancer", "status", "age")
    list_filter = (ClaimedFilter,)
    search_fields = ("heading", "organisation", "profile__party__name")
    ordering = ("claimed_at", "pk")
    decisions = {
        "check": ("check_certification", check_certification, gettext_lazy("The certificate is checked.")),
        "refuse": (
            "refuse_certification",
            refuse_certification,
            gettext_lazy("The certificate is refused, and the freelancer can read why."),
        ),
    }
    decision_form = CertificationDecisionForm
    screen = "profiles/admin/certification.html"
    subject = "certification"

    @admin.display(description=gettext_lazy("waiting since"), ordering="claimed_at")
    def age(self, row: Certification) -> str:
        """Return how long it has waited."""
        return ago(row.claimed_at) if row.status == Certification.Status.CLAIMED else ""

    def shown(self, row: Certification) -> dict[str, Any]:
        """Return the proof, and whether the certificate has expired."""
        return {"proofs": files_of(CERTIFICATE, row.pk), "has_expired": row.has_expired(now().date())}


@admin.register(Testimonial)
class TestimonialAdmin(DecisionAdmin):
    """Words of clients from outside; of their address only the domain is shown, and only to those who decide."""

    list_display = ("name", "company", "project", "freelancer", "status", "age")
    list_filter = (WrittenFilter,)
    search_fields = ("name", "company", "project", "profile__party__name")
    ordering = ("written_at", "pk")
    decisions = {
        "publish": ("publish_testimonial", publish_testimonial, gettext_lazy("The testimonial is on the profile.")),
        "refuse": (
            "refuse_testimonial",
            refuse_testimonial,
            gettext_lazy("The testimonial is refused, and the freelancer can read why."),
        ),
    }
    decision_form = ReasonForm
    screen = "profiles/admin/testimonial.html"
    subject = "testimonial"

    @admin.display(description=gettext_lazy("waiting since"), ordering="written_at")
    def age(self, row: Testimonial) -> str:
        """Return how long it has waited."""
        return ago(row.written_at) if row.status == Testimonial.Status.WRITTEN else ""

    def shown(self, row: Testimonial) -> dict[str, Any]:
        """Return where the address belongs, which tells staff a company from a free mailbox."""
        return {"domain": row.email.rpartition("@")[2]}
