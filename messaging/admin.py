"""The queues of moderators about the guard: appeals against masks, and people who try again and again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.actor import Actor
from core.admin import QueueFilter, ScreenAdmin, actor_of, first_error
from core.clock import now
from core.errors import DomainError
from core.forms import ReasonForm
from core.templatetags.jalon import ago, clock
from events.queries import history_of
from messaging.actions import close_guard_case, keep_mask, lift_mask
from messaging.models import GuardCase, Masking
from messaging.permissions import can_decide_mask, can_see_guard_cases
from messaging.queries import kinds_found

#: What moderators answer to an appeal: the verb, and the words that say it was done.
ANSWERS = {
    "lift": (lift_mask, gettext_lazy("The other side reads the message as it was written.")),
    "keep": (keep_mask, gettext_lazy("The place stays hidden, and the writer can read why.")),
}


class AppealedFilter(QueueFilter):
    """The queue of appeals without an answer."""

    states = Masking.Status
    waiting = (Masking.Status.APPEALED,)
    words = gettext_lazy("Waiting for an answer")


class OpenCaseFilter(QueueFilter):
    """The queue of people nobody has looked at."""

    states = GuardCase.Status
    waiting = (GuardCase.Status.OPEN,)
    words = gettext_lazy("Waiting for a look")


@admin.register(Masking)
class MaskingAdmin(ScreenAdmin):
    """Messages of which a part is masked. What was written is read only on appeal, and only that message."""

    list_display = ("writer", "what", "status", "age", "deadline")
    list_filter = (AppealedFilter,)
    list_per_page = 50
    ordering = ("due_at", "pk")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor is a moderator."""
        return can_see_guard_cases(by)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Masking]:
        """Return the masks with who wrote what they are about."""
        return Masking.objects.select_related("author", "message__room", "decided_by")

    @admin.display(description=gettext_lazy("Writer"), ordering="author")
    def writer(self, masking: Masking) -> str:
        """Return the address of who wrote the message."""
        return masking.author.email

    @admin.display(description=gettext_lazy("found"))
    def what(self, masking: Masking) -> str:
        """Return what the guard found."""
        return kinds_found(masking.kinds)

    @admin.display(description=gettext_lazy("waiting since"), ordering="appealed_at")
    def age(self, masking: Masking) -> str:
        """Return how long ago its writer appealed."""
        return ago(masking.appealed_at) if masking.status == Masking.Status.APPEALED else ""

    @admin.display(description=gettext_lazy("deadline"), ordering="due_at")
    def deadline(self, masking: Masking) -> str:
        """Return until when it should be answered; late ones say so."""
        if masking.status != Masking.Status.APPEALED or masking.due_at is None:
            return ""
        return format_html("<strong>{}</strong>", _("late")) if masking.due_at <= now() else clock(masking.due_at)

    def get_urls(self) -> list[URLPattern]:
        """Add the address that answers are sent to."""
        answer = path(
            "<int:masking_id>/<str:answer>/answer/",
            self.admin_site.admin_view(require_POST(self.answer)),
            name="messaging_masking_answer",
        )
        return [answer, *super().get_urls()]

    def page(self, request: HttpRequest, pk: int, /, *, problem: str = "", typed: str = "") -> HttpResponse:
        """Render the screen of a mask, with an answer that was refused."""
        masking = self.need_row(request, pk)
        is_appealed = masking.status == Masking.Status.APPEALED
        context = {
            **self.admin_site.each_context(request),
            "title": _("Masked message %(number)s") % {"number": masking.message_id},
            "opts": self.opts,
            "masking": masking,
            "kinds": kinds_found(masking.kinds),
            "shows_text": is_appealed and can_decide_mask(actor_of(request), masking.message),
            "is_appealed": is_appealed,
            "history": history_of(f"masking:{masking.pk}"),
            "problem": problem,
            "typed": typed,
        }
        return TemplateResponse(request, "messaging/admin/masking.html", context, status=409 if problem else 200)

    def answer(self, request: HttpRequest, masking_id: int, answer: str) -> HttpResponse:
        """Answer an appeal through the product's own verb."""
        masking = self.need_row(request, masking_id)
        if answer not in ANSWERS:
            raise Http404
        if not can_see_guard_cases(actor_of(request)):
            raise PermissionDenied
        verb, words = ANSWERS[answer]
        form = ReasonForm(request.POST)
        typed = request.POST.get("reason", "")
        if not form.is_valid():
            return self.page(request, masking.pk, problem=first_error(form), typed=typed)
        try:
            verb(masking_id=masking.pk, reason=form.cleaned_data["reason"], by=actor_of(request), at=now())
        except DomainError as error:
            return self.page(request, masking.pk, problem=error.message, typed=typed)
        messages.success(request, str(words))
        return redirect("admin:messaging_masking_changelist")


@admin.register(GuardCase)
class GuardCaseAdmin(ScreenAdmin):
    """People whose messages were masked again and again: how often and what, never the words."""

    list_display = ("user", "party", "number", "status", "age")
    list_filter = (OpenCaseFilter,)
    list_per_page = 50
    ordering = ("opened_at", "pk")

    def may_read(self, by: Actor) -> bool:
        """Test whether the actor is a moderator."""
        return can_see_guard_cases(by)

    def get_queryset(self, request: HttpRequest) -> QuerySet[GuardCase]:
        """Return the cases with how many messages of the person were masked in all."""
        masked = Masking.objects.filter(author=OuterRef("user")).order_by().values("author")
        number = Subquery(masked.annotate(number=Count("message", distinct=True)).values("number"))
        return GuardCase.objects.select_related("user", "party", "closed_by").annotate(masked=Coalesce(number, 0))

    @admin.display(description=gettext_lazy("masked messages"), ordering="masked")
    def number(self, case: Any) -> int:
        """Return how many messages of the person were masked."""
        return int(case.masked)

    @admin.display(description=gettext_lazy("waiting since"), ordering="opened_at")
    def age(self, case: GuardCase) -> str:
        """Return how long ago it became a case."""
        return ago(case.opened_at) if case.status == GuardCase.Status.OPEN else ""

    def get_urls(self) -> list[URLPattern]:
        """Add the address that closes a case."""
        close = path(
            "<int:case_id>/close/",
            self.admin_site.admin_view(require_POST(self.close)),
            name="messaging_guardcase_close",
        )
        return [close, *super().get_urls()]

    def page(self, request: HttpRequest, pk: int, /, *, problem: str = "", typed: str = "") -> HttpResponse:
        """Render the screen of a person, with what was refused."""
        case = self.need_row(request, pk)
        masked = Masking.objects.filter(author=case.user).select_related("message__room").order_by("-pk")[:50]
        context = {
            **self.admin_site.each_context(request),
            "title": case.user.get_full_name(),
            "opts": self.opts,
            "case": case,
            "masked": [(each, kinds_found(each.kinds)) for each in masked],
            "history": history_of(f"guard_case:{case.pk}"),
            "problem": problem,
            "typed": typed,
        }
        return TemplateResponse(request, "messaging/admin/guard_case.html", context, status=409 if problem else 200)

    def close(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Close a case through the product's own verb."""
        case = self.need_row(request, case_id)
        if not can_see_guard_cases(actor_of(request)):
            raise PermissionDenied
        form = ReasonForm(request.POST)
        typed = request.POST.get("reason", "")
        if not form.is_valid():
            return self.page(request, case.pk, problem=first_error(form), typed=typed)
        try:
            close_guard_case(case_id=case.pk, reason=form.cleaned_data["reason"], by=actor_of(request), at=now())
        except DomainError as error:
            return self.page(request, case.pk, problem=error.message, typed=typed)
        messages.success(request, _("Noted. Counting begins anew."))
        return redirect("admin:messaging_guardcase_changelist")
