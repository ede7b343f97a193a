"""People and parties for staff: to look at, to close and to open again with a reason; legal texts to publish."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.actions import (
    deactivate_user,
    grant_staff_group,
    publish_legal_document,
    reactivate_user,
    revoke_staff_group,
)
from accounts.forms import PublishForm, StaffGroupForm
from accounts.models import Consent, LegalDocument, LegalProfile, MandateAcceptance, Party, StaffGroup, User
from accounts.permissions import (
    can_appoint_staff,
    can_close_account,
    can_see_people,
    is_administrator,
    is_finance_staff,
)
from accounts.queries import staff_groups_of
from core.actor import Actor
from core.admin import ReadOnlyAdmin, actor_of, first_error, found
from core.clock import now
from core.errors import DomainError
from core.forms import ReasonForm
from events.queries import history, history_of

# Staff log in where everybody does, so that limits and the second step hold for the admin too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def _change_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Lead to the page on which everybody changes their password, limits and all."""
    return redirect("account_change_password")


admin.site.password_change = _change_password  # type: ignore[assignment,method-assign]

#: Where staff find what belongs to a party: the words, the list and its filter.
BELONGINGS = (
    (gettext_lazy("Jobs"), "admin:jobs_job_changelist", "client__id__exact={party}&state=any"),
    (gettext_lazy("Contracts as client"), "admin:contracts_contract_changelist", "client__id__exact={party}"),
    (gettext_lazy("Contracts as freelancer"), "admin:contracts_contract_changelist", "freelancer__id__exact={party}"),
    (gettext_lazy("Legal status"), "admin:accounts_legalprofile_changelist", "party__id__exact={party}"),
    (gettext_lazy("Accounts of the ledger"), "admin:ledger_account_changelist", "q=party:{party}"),
    (gettext_lazy("Money moves"), "admin:payments_moneymove_changelist", "q=party:{party}"),
)
#: What staff may do to an account, and the words that say it was done.
DONE = {
    "deactivate": gettext_lazy("The account is closed; its owner can no longer log in."),
    "reactivate": gettext_lazy("The account is open again."),
    "grant": gettext_lazy("The person is in the group from their next page on."),
    "revoke": gettext_lazy("The person is no longer in the group."),
}


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """People: nothing is edited, no password is shown, an account is closed and opened with a reason."""

    list_display = ("email", "full_name", "country", "language", "is_active", "is_staff", "created_at")
    list_filter = ("is_active", "is_staff", "language")
    search_fields = ("email", "first_name", "last_name")
    ordering = ("-created_at", "-pk")
    list_per_page = 50

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor may see people."""
        return can_see_people(by)

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        """Return first and last name."""
        return user.get_full_name()

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses that decisions on an account and on its staff groups are sent to."""
        decide = path(
            "<int:user_id>/<str:decision>/decide/",
            self.admin_site.admin_view(require_POST(self.decide)),
            name="accounts_user_decide",
        )
        appoint = path(
            "<int:user_id>/<str:decision>/appoint/",
            self.admin_site.admin_view(require_POST(self.appoint)),
            name="accounts_user_appoint",
        )
        return [decide, appoint, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show everything about a person on one screen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page(request, found(User.objects.all(), object_id))

    def page(
        self,
        request: HttpRequest,
        user: User,
        *,
        form: ReasonForm | None = None,
        groups_form: StaffGroupForm | None = None,
        problem: str = "",
    ) -> HttpResponse:
        """Render the screen of a person, with a decision that was refused and what was typed for it."""
        groups = staff_groups_of(user)
        context = {
            **self.admin_site.each_context(request),
            "title": user.get_full_name() or user.email,
            "opts": self.opts,
            "person": user,
            "memberships": user.memberships.select_related("party").order_by("created_at"),
            "addresses": EmailAddress.objects.filter(user=user).order_by("pk"),
            "has_totp": Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists(),
            "groups": [group.label for group in StaffGroup if group in groups],
            "consents": Consent.objects.filter(user=user).order_by("-given_at"),
            "history": history_of(f"user:{user.pk}"),
            "may_decide": can_close_account(actor_of(request), user),
            "decision": "deactivate" if user.is_active else "reactivate",
            "form": form or ReasonForm(),
            "may_appoint": can_appoint_staff(actor_of(request)) and user.pk != actor_of(request).user_id,
            "groups_form": groups_form or StaffGroupForm(auto_id="staff_%s"),
            "problem": problem,
        }
        return TemplateResponse(request, "accounts/admin/user.html", context, status=409 if problem else 200)

    def decide(self, request: HttpRequest, user_id: int, decision: str) -> HttpResponse:
        """Close an account or open it again, through the product's own verb."""
        user = found(User.objects.all(), str(user_id))
        if decision not in {"deactivate", "reactivate"}:
            raise Http404
        if not can_close_account(actor_of(request), user):
            raise PermissionDenied
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.page(request, user, form=form, problem=first_error(form))
        verb = deactivate_user if decision == "deactivate" else reactivate_user
        try:
            verb(user_id=user.pk, reason=form.cleaned_data["reason"], by=actor_of(request), at=now())
        except DomainError as error:
            return self.page(request, user, form=form, problem=error.message)
        messages.success(request, str(DONE[decision]))
        return redirect("admin:accounts_user_change", user.pk)

    def appoint(self, request: HttpRequest, user_id: int, decision: str) -> HttpResponse:
        """Put a person into a staff group or take them out of it, through the product's own verb."""
        user = found(User.objects.all(), str(user_id))
        if decision not in {"grant", "revoke"}:
            raise Http404
        if not can_appoint_staff(actor_of(request)):
            raise PermissionDenied
        form = StaffGroupForm(request.POST, auto_id="staff_%s")
        if not form.is_valid():
            return self.page(request, user, groups_form=form, problem=first_error(form))
        group, reason = StaffGroup(form.cleaned_data["group"]), form.cleaned_data["reason"]
        verb = grant_staff_group if decision == "grant" else revoke_staff_group
        try:
            verb(user_id=user.pk, group=group, reason=reason, by=actor_of(request), at=now())
        except DomainError as error:
            return self.page(request, user, groups_form=form, problem=error.message)
        messages.success(request, str(DONE[decision]))
        return redirect("admin:accounts_user_change", user.pk)


@admin.register(Party)
class PartyAdmin(ReadOnlyAdmin):
    """Parties: who belongs to one, what is known of it, and the way to what is its own."""

    list_display = ("name", "kind", "public_name", "country", "created_at", "closed_at")
    list_filter = ("kind", "is_company")
    search_fields = ("name", "slug", "memberships__user__email")
    ordering = ("-created_at", "-pk")
    list_per_page = 50

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor may see parties."""
        return can_see_people(by)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show everything about a party on one screen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        party = found(Party.objects.all(), object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": party.name,
            "opts": self.opts,
            "party": party,
            "memberships": party.memberships.select_related("user").order_by("created_at"),
            "belongings": list(_belongings(party.pk)),
            "history": history(f"party:{party.pk}"),
        }
        return TemplateResponse(request, "accounts/admin/party.html", context)


@admin.register(LegalProfile)
class LegalProfileAdmin(ReadOnlyAdmin):
    """What parties declared about themselves before the law, for those who look after invoices and VAT."""

    list_display = ("legal_name", "party", "status", "country", "siret", "vat_number", "charges_vat", "changed_at")
    list_filter = ("status", "charges_vat")
    search_fields = ("legal_name", "siret", "vat_number", "party__name")
    list_select_related = ("party",)
    ordering = ("-changed_at", "-pk")
    list_per_page = 50

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor may see legal statuses: finance staff."""
        return is_finance_staff(by)


@admin.register(MandateAcceptance)
class MandateAcceptanceAdmin(ReadOnlyAdmin):
    """Which party accepted which version of the billing mandate, and when."""

    list_display = ("party", "version", "accepted_by", "accepted_at")
    list_filter = ("version",)
    search_fields = ("party__name", "accepted_by__email")
    list_select_related = ("party", "accepted_by")
    ordering = ("-accepted_at", "-pk")
    list_per_page = 50

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor may see mandates: finance staff."""
        return is_finance_staff(by)


@admin.register(LegalDocument)
class LegalDocumentAdmin(ReadOnlyAdmin):
    """Terms, privacy notice and mandate: published versions stay as they are, a new one is asked of those it binds."""

    list_display = ("kind", "version", "language", "published_at")
    list_filter = ("kind", "language")
    ordering = ("kind", "-version", "language")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor may see legal texts here: they are public anyway."""
        return can_see_people(by)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let administrators publish."""
        return is_administrator(actor_of(request))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Publish the next version of a text, in every language at once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PublishForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                publish_legal_document(
                    kind=LegalDocument.Kind(data["kind"]),
                    texts={code: data[code] for code in User.Language.values},
                    by=actor_of(request),
                    at=now(),
                )
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, _("The new version is in force. Those it binds are asked to agree to it."))
                return redirect("admin:accounts_legaldocument_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Publish a new version"),
            "opts": self.opts,
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "accounts/admin/publish.html", context, status=status)


def _belongings(party_id: int) -> list[tuple[Any, str]]:
    """Return the words and addresses of what is a party's own, as far as its lists exist."""
    links = []
    for words, name, query in BELONGINGS:
        try:
            links.append((words, f"{reverse(name)}?{query.format(party=party_id)}"))
        except NoReverseMatch:
            continue
    return links
