"""The review queue of profiles and the one-screen page on which moderators decide; each action is a product verb."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.permissions import is_moderator, is_support
from core.actor import Actor
from core.admin import QueueFilter, ReadOnlyAdmin, actor_of, first_error, found
from core.clock import now
from core.errors import DomainError
from core.templatetags.jalon import ago, clock
from events.queries import history_of
from profiles.actions import approve_profile, request_profile_changes
from profiles.forms import ApproveForm, RequestChangesForm
from profiles.models import Profile, ProfileReview
from profiles.permissions import can_review_profile
from profiles.queries import completeness, filled_sections, review_deadline

#: Profiles with what their screen shows of other tables.
SHOWN = Profile.objects.select_related("party", "photo", "category")
#: What moderators may decide, and the words that say it was done.
DONE = {
    "approve": gettext_lazy("The profile is public."),
    "request_changes": gettext_lazy("The profile went back to the freelancer with your points."),
}


class WaitingFilter(QueueFilter):
    """The queue of submitted profiles."""

    states = Profile.Status
    waiting = (Profile.Status.SUBMITTED,)
    words = gettext_lazy("Waiting for review")


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    """Profiles for moderators and, to look at, for support: nothing is edited here."""

    list_display = ("name", "title", "category", "status", "age", "deadline")
    list_filter = (WaitingFilter, "language")
    search_fields = ("title", "slug", "party__name")
    list_select_related = ("party", "category")
    list_per_page = 50
    ordering = ("submitted_at", "pk")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor reviews profiles or helps people."""
        return is_moderator(by) or is_support(by)

    @admin.display(description=gettext_lazy("freelancer"), ordering="party__name")
    def name(self, profile: Profile) -> str:
        """Return the freelancer's full name."""
        return profile.party.name

    @admin.display(description=gettext_lazy("waiting since"), ordering="submitted_at")
    def age(self, profile: Profile) -> str:
        """Return how long ago the profile was submitted."""
        return ago(profile.submitted_at) if profile.status == Profile.Status.SUBMITTED else ""

    @admin.display(description=gettext_lazy("deadline"), ordering="submitted_at")
    def deadline(self, profile: Profile) -> str:
        """Return when it must have been read; late ones say so."""
        due = review_deadline(profile)
        if due is None:
            return ""
        return format_html("<strong>{}</strong>", _("late")) if due <= now() else clock(due)

    def get_urls(self) -> list[URLPattern]:
        """Add the address that decisions are sent to."""
        decide = path(
            "<int:profile_id>/<str:decision>/decide/",
            self.admin_site.admin_view(require_POST(self.decide)),
            name="profiles_profile_decide",
        )
        return [decide, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show everything about a profile on one screen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page(request, found(SHOWN, object_id))

    def page(
        self, request: HttpRequest, profile: Profile, *, form: RequestChangesForm | None = None, problem: str = ""
    ) -> HttpResponse:
        """Render the screen of a profile, with a decision that was refused and what was typed for it."""
        may_decide = can_review_profile(actor_of(request), profile)
        states = {Profile.Status.SUBMITTED, Profile.Status.APPROVED}
        context = {
            **self.admin_site.each_context(request),
            "title": profile.party.name,
            "opts": self.opts,
            "profile": profile,
            "skills": profile.skills.all(),
            "specialities": profile.specialities.all(),
            "deadline": review_deadline(profile),
            "left": completeness(profile).left,
            "sections": [filled for filled in filled_sections(profile, now().date()) if filled.count],
            "reviews": ProfileReview.objects.filter(profile=profile).select_related("reviewer").order_by("-created_at"),
            "history": history_of(f"profile:{profile.pk}"),
            "can_approve": may_decide and profile.status == Profile.Status.SUBMITTED,
            "can_send_back": may_decide and profile.status in states,
            "form": form or RequestChangesForm(initial={"seen_version": profile.version}),
            "problem": problem,
        }
        return TemplateResponse(request, "profiles/admin/profile.html", context, status=409 if problem else 200)

    def decide(self, request: HttpRequest, profile_id: int, decision: str) -> HttpResponse:
        """Approve a profile or send it back, through the product's own verb."""
        profile = found(SHOWN, str(profile_id))
        if decision not in DONE:
            raise Http404
        if not can_review_profile(actor_of(request), profile):
            raise PermissionDenied
        form = ApproveForm(request.POST) if decision == "approve" else RequestChangesForm(request.POST)
        typed = form if isinstance(form, RequestChangesForm) else None
        if not form.is_valid():
            return self.page(request, profile, form=typed, problem=first_error(form))
        try:
            self._decide(profile, form, actor_of(request))
        except DomainError as error:
            return self.page(request, found(SHOWN, str(profile_id)), form=typed, problem=error.message)
        messages.success(request, str(DONE[decision]))
        return redirect("admin:profiles_profile_changelist")

    @staticmethod
    def _decide(profile: Profile, form: ApproveForm, by: Actor) -> None:
        seen, at = form.cleaned_data["seen_version"], now()
        if isinstance(form, RequestChangesForm):
            data = form.cleaned_data
            request_profile_changes(
                profile_id=profile.pk, seen_version=seen, points=data["points"], note=data["note"], by=by, at=at
            )
        else:
            approve_profile(profile_id=profile.pk, seen_version=seen, by=by, at=at)
