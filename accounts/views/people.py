"""The people of a party: who they are, whom one invites, and who goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions import (
    change_role,
    invite_member,
    leave_party,
    remove_member,
    resend_invitation,
    set_approval_limit,
    withdraw_invitation,
)
from accounts.forms import ROLE_TEXTS, InviteForm, LimitForm, RoleForm, SuccessorForm
from accounts.middleware import PARTY, Request
from accounts.models import Membership, Party
from accounts.permissions import ROLES_OF, can_give_role, can_manage_people
from accounts.queries import invitation_for, invitations_for, membership_for, memberships_for
from accounts.registry import assignments
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, limited


@login_required
@require_http_methods(["GET", "POST"])
@limited("invite", limit=60, seconds=HOUR)
def people(request: Request) -> HttpResponse:
    """Show the people of the party and its open invitations; invite somebody."""
    party = _party(request)
    may_manage = can_manage_people(request.actor, party.pk)
    if request.method == "POST" and not may_manage:
        raise NotAllowed(_("Only owners and administrators choose the people of an account."))
    form = InviteForm(request.POST if request.method == "POST" else None, kind=party.kind, by=request.actor)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                invitation = invite_member(
                    party_id=party.pk,
                    **form.cleaned_data,
                    by=request.actor,
                    at=now(),
                )
            except DomainError as error:
                form.add_error(None, error.message)
                status = error.status_code
            else:
                messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email})
                return redirect("accounts:people")
    members = list(memberships_for(request.actor))
    context = {
        "party": party,
        "form": form,
        "members": [{"membership": each, "text": ROLE_TEXTS[each.role]} for each in members],
        "may_manage": may_manage,
        "editable": {each.pk for each in members if _may_edit(request, each)},
        "invitations": list(invitations_for(request.actor)),
        "moment": now(),
    }
    return render(request, "accounts/people.html", context, status=status)


@login_required
@require_http_methods(["POST"])
def invitation_resend(request: Request, invitation_id: int) -> HttpResponse:
    """Send an invitation again."""
    invitation = invitation_for(request.actor, invitation_id)
    return _done(
        request,
        lambda: resend_invitation(invitation_id=invitation.pk, by=request.actor, at=now()),
        _("The invitation is on its way again. The link in the former mail no longer works."),
    )


@login_required
@require_http_methods(["POST"])
def invitation_withdraw(request: Request, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = invitation_for(request.actor, invitation_id)
    return _done(
        request,
        lambda: withdraw_invitation(invitation_id=invitation.pk, by=request.actor, at=now()),
        _("The invitation is withdrawn. Its link no longer works."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def member(request: Request, membership_id: int) -> HttpResponse:
    """Put a colleague into another role, or change the limit of a hiring manager."""
    party = _party(request)
    membership = _editable(request, membership_id)
    role_form = RoleForm(_sent(request, "role"), initial={"role": membership.role}, kind=party.kind, by=request.actor)
    limit_form = LimitForm(_sent(request, "limit"), initial={"amount": membership.approval_limit})
    if request.method == "POST":
        is_limit = request.POST.get("what") == "limit"
        form: forms.Form = limit_form if is_limit else role_form
        if form.is_valid():
            try:
                if is_limit:
                    amount = form.cleaned_data["amount"]
                    set_approval_limit(membership_id=membership.pk, amount=amount, by=request.actor, at=now())
                else:
                    role = form.cleaned_data["role"]
                    change_role(membership_id=membership.pk, role=role, by=request.actor, at=now())
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, _("Saved. It counts from now on."))
                return redirect("accounts:people")
    context = {"party": party, "membership": membership, "role_form": role_form, "limit_form": limit_form}
    has_errors = bool(role_form.errors or limit_form.errors)
    return render(request, "accounts/member.html", context, status=422 if has_errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def member_remove(request: Request, membership_id: int) -> HttpResponse:
    """Remove a colleague, and hand over what they were added to."""
    membership = _editable(request, membership_id)
    return _going(
        request,
        membership,
        lambda successor_id: remove_member(
            membership_id=membership.pk, successor_id=successor_id, by=request.actor, at=now()
        ),
        onward="accounts:people",
        said=_("%(name)s no longer belongs to this account.") % {"name": membership.user.get_full_name()},
    )


@login_required
@require_http_methods(["GET", "POST"])
def party_leave(request: Request) -> HttpResponse:
    """Leave the party, and hand over what one was added to."""
    party = _party(request)
    membership = memberships_for(request.actor).filter(user_id=request.actor.person_id).first()
    if membership is None:
        raise NotFound("")
    answer = _going(
        request,
        membership,
        lambda successor_id: leave_party(party_id=party.pk, successor_id=successor_id, by=request.actor, at=now()),
        onward="start",
        said=_("You left %(party)s.") % {"party": party.name},
    )
    if answer.status_code == 302:
        request.session.pop(PARTY, None)
    return answer


def _going(
    request: Request, membership: Membership, act: Callable[[int | None], Any], *, onward: str, said: str
) -> HttpResponse:
    """Show what somebody was added to and ask who follows; then do it."""
    colleagues = memberships_for(request.actor).exclude(pk=membership.pk)
    form = SuccessorForm(request.POST if request.method == "POST" else None, colleagues=colleagues)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act(form.successor_id())
            except DomainError as error:
                form.add_error(None, error.message)
                status = error.status_code
            else:
                messages.success(request, said)
                return redirect(onward)
    assigned = [(each.words, each.of(membership.party_id, membership.user_id)) for each in assignments()]
    context = {
        "party": membership.party,
        "membership": membership,
        "is_me": membership.user_id == request.actor.user_id,
        "form": form,
        "assigned": [(words, things) for words, things in assigned if things],
    }
    return render(request, "accounts/member_remove.html", context, status=status)


def _done(request: Request, act: Callable[[], Any], said: str) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect("accounts:people")


def _party(request: Request) -> Party:
    """Return the party the reader acts for, if it is one of several people."""
    if request.party is None or request.party.kind not in ROLES_OF:
        raise NotFound("")
    return request.party


def _may_edit(request: Request, membership: Membership) -> bool:
    return membership.user_id != request.actor.user_id and can_give_role(
        request.actor, membership.party_id, membership.role
    )


def _editable(request: Request, membership_id: int) -> Membership:
    membership = membership_for(request.actor, membership_id)
    if not _may_edit(request, membership):
        raise NotAllowed(_("Only owners choose owners, and only owners and administrators other people."))
    return membership


def _sent(request: Request, what: str) -> Any:
    return request.POST if request.method == "POST" and request.POST.get("what", "role") == what else None
