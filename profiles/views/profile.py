"""The pages of a profile: writing it, looking at it, submitting it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, limited
from core.product import rules
from profiles.actions import (
    change_profile_address,
    create_profile,
    save_profile,
    set_profile_photo,
    submit_profile,
)
from profiles.forms import ProfileForm, VacationForm, limits
from profiles.models import Profile
from profiles.papers import cv_pdf
from profiles.permissions import can_edit_profile, can_have_profile
from profiles.queries import (
    completeness,
    filled_sections,
    new_address,
    own_profile,
    own_testimonials,
    own_work,
    profile_for_public,
    public_sections,
    saved_among,
    shown_members,
    shown_testimonials,
    standing,
    work_history,
)
from profiles.tips import points_to_change, tips_of

SECTIONS = ("photo", "title", "overview", "category", "skills", "rate", "availability", "language")


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: Request) -> HttpResponse:
    """Write one's profile; the first save makes it. With `submit` what was written is sent to staff as well."""
    if not can_have_profile(request.actor):
        raise NotAllowed(
            _("Only freelancers and agencies have a profile. Switch to yours, or add one in the settings.")
        )
    profile = own_profile(request.actor.party_id) or _unsaved(request)
    is_post = request.method == "POST"
    form = ProfileForm(
        request.POST if is_post else None, request.FILES if is_post else None, profile=profile, by=request.actor
    )
    if not is_post:
        return _edit_page(request, profile, form)
    if not form.is_valid():
        return _edit_page(request, profile, form, status=422)
    try:
        saved = _save(request, profile, form)
    except DomainError as error:
        form.add_refusal(error)
        return _edit_page(request, own_profile(request.actor.party_id) or _unsaved(request), form, status=409)
    if "submit" not in request.POST:
        messages.success(request, _("Your profile is saved."))
        return redirect("profiles:edit")
    return _submit(request, saved, form)


@login_required
@require_http_methods(["POST"])
def submit(request: Request) -> HttpResponse:
    """Send the profile, as it is saved, to staff."""
    profile = own_profile(request.actor.party_id)
    if profile is None:
        raise NotFound(_("There is no such profile."))
    return _submit(request, profile, ProfileForm(profile=profile, by=request.actor))


@login_required
@require_http_methods(["GET"])
def preview(request: Request) -> HttpResponse:
    """Show one's profile as a visitor will see it."""
    profile = own_profile(request.actor.party_id)
    if profile is None:
        return redirect("profiles:edit")
    return _page(request, profile, is_preview=True)


@require_http_methods(["GET"])
def public(request: Request, slug: str) -> HttpResponse:
    """Show a profile to those it is visible to once it is approved, before that to its party and to moderators."""
    try:
        profile = profile_for_public(request.actor, slug)
    except NotFound:
        address = new_address(request.actor, slug)
        if address is None:
            raise
        return redirect("profiles:public", slug=address)
    return _page(request, profile, is_preview=profile.status != Profile.Status.APPROVED)


@require_safe
@limited("profile_cv", limit=60, seconds=HOUR, methods=("GET",))
def cv(request: Request, slug: str) -> HttpResponse:
    """Send a profile as a PDF to whoever may read it."""
    profile = profile_for_public(request.actor, slug)
    if profile.is_agency:
        raise NotFound(_("An agency has no CV: those of its people are on their own profiles."))
    address = request.build_absolute_uri(reverse("profiles:public", args=[profile.slug]))
    skills = [skill.name for skill in profile.skills.all()]
    answer = HttpResponse(
        cv_pdf(profile, public_sections(profile, now().date()), skills=skills, address=address),
        content_type="application/pdf",
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="cv-{profile.slug}.pdf"'
    return answer


def _save(request: Request, profile: Profile, form: ProfileForm) -> Profile:
    at = now()
    with transaction.atomic():
        if profile._state.adding:  # noqa: SLF001  (Django's own way to tell an unsaved row)
            profile = create_profile(party_id=request.actor.party_id or 0, by=request.actor, at=at)
        change_profile_address(profile_id=profile.pk, slug=form.cleaned_data["slug"], by=request.actor, at=at)
        set_profile_photo(profile_id=profile.pk, file_id=form.photo_id(), by=request.actor, at=at)
        return save_profile(profile_id=profile.pk, texts=form.texts(), by=request.actor, at=at)


def _submit(request: Request, profile: Profile, form: ProfileForm) -> HttpResponse:
    try:
        submit_profile(profile_id=profile.pk, by=request.actor, at=now())
    except DomainError as error:
        fresh = own_profile(profile.party_id) or profile
        return _edit_page(request, fresh, form, refusal=error.message, status=error.status_code)
    messages.success(request, _("Your profile is with staff. You get a mail when they have read it."))
    return redirect("profiles:edit")


def _unsaved(request: Request) -> Profile:
    party = request.party
    language = (get_language() or "en")[:2]
    return Profile(
        party=party, slug=party.slug if party else "", language=language, currency=rules().currency, created_at=now()
    )


def _edit_page(
    request: Request, profile: Profile, form: ProfileForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    form.show_needed()
    where = standing(profile)
    done = completeness(profile)
    context: dict[str, Any] = {
        "profile": profile,
        "form": form,
        "tips": {} if profile.is_agency else {section: tips_of(section) for section in SECTIONS},
        "limits": limits(),
        "standing": where,
        "points": points_to_change(where.points),
        "completeness": done,
        "sections": [(filled, tips_of(filled.section)) for filled in filled_sections(profile, now().date())]
        if profile.pk
        else [],
        "testimonials": own_testimonials(profile),
        "history": list(own_work(profile.party_id)) if profile.pk else [],
        "vacation_form": VacationForm(initial={"until": profile.vacation_until}),
        "is_available": is_available(profile),
        "can_submit": profile.status in {Profile.Status.DRAFT, Profile.Status.CHANGES_REQUESTED},
        "refusal": refusal,
        "has_errors": bool(refusal),
    }
    return render(request, "profiles/edit.html", context, status=status)


def is_available(profile: Profile) -> bool:
    """Test whether the freelancer says that they can begin at once."""
    return profile.available_until is not None and profile.available_until > now()


def _page(request: Request, profile: Profile, *, is_preview: bool) -> HttpResponse:
    can_edit = can_edit_profile(request.actor, profile)
    context = {
        "profile": profile,
        "sections": public_sections(profile, now().date()),
        "testimonials": shown_testimonials(profile),
        "history": work_history(profile, request.actor),
        "is_available": is_available(profile),
        "is_on_vacation": profile.vacation_until is not None and profile.vacation_until >= now().date(),
        "facts": getattr(profile.party, "facts", None),
        "members": shown_members(profile.party_id) if profile.is_agency else [],
        "skills": list(profile.skills.all()),
        "specialities": list(profile.specialities.all()),
        "is_preview": is_preview,
        "is_hidden": is_preview or profile.visibility != Profile.Visibility.PUBLIC,
        "can_edit": can_edit,
        "is_saved": profile.pk in saved_among(request.actor, [profile.pk]),
        "can_submit": is_preview
        and can_edit
        and profile.status in {Profile.Status.DRAFT, Profile.Status.CHANGES_REQUESTED}
        and completeness(profile).is_submittable,
        "standing": standing(profile) if can_edit else None,
    }
    return render(request, "profiles/public.html", context)
