"""Who may open the pages of people and parties. Signing up and in are for visitors: others are led on."""

from __future__ import annotations

from typing import Any

from accounts.actions import link_token
from accounts.models import LegalDocument, LegalProfile, MandateAcceptance, Membership
from accounts.tests.conftest import SIGN_UP
from tests.access import Row, admin_pages, cells, staff_cells

EVERYBODY = cells(ok="anonymous *")
SIGNED_IN = cells(ok="*")
LED_ON = cells(redirect="*")
VISITORS = cells(ok="anonymous", redirect="*")
#: Nobody here has a sign-up whose address is still to be verified.
NOTHING_PENDING = cells(login="anonymous *")
#: Who is asked for the password once more.
ASKED_AGAIN = cells(redirect="*")
STAFF = "support moderator mediator finance_staff administrator"
CHOOSING = "client client_admin"
TEAM = f"{CHOOSING} hiring_manager finance member"
OWNERS = "client client_admin other_client freelancer other_freelancer wrong_hat"


def _key(_world: Any) -> dict[str, Any]:
    return {"key": "no-such-key"}


def _reset(_world: Any) -> dict[str, Any]:
    return {"uidb36": "1", "key": "no-such-key"}


def _person(_world: Any) -> dict[str, Any]:
    return {"first_name": "Ana", "last_name": "Roy", "language": "en", "time_zone": "UTC", "country": "FR"}


def _colleague(world: Any) -> dict[str, Any]:
    return {"membership_id": Membership.objects.live().get(user=world.finance.user).pk}


def _invitation(world: Any) -> dict[str, Any]:
    return {"invitation_id": world.invitation.pk}


def _link(world: Any) -> dict[str, Any]:
    return {"token": link_token(world.invitation.seal)}


ACCESS = {
    "account_signup": Row(get=VISITORS, post=VISITORS, data=lambda _world: {**SIGN_UP, "agree": ""}),
    "account_login": Row(
        get=VISITORS, post=VISITORS, data=lambda _world: {"login": "nobody@example.com", "password": "wrong"}
    ),
    "account_logout": Row(
        get=cells(redirect="anonymous", ok="*"), note="the POST ends the session; it is tested with logging in"
    ),
    "account_inactive": Row(get=EVERYBODY),
    "account_reauthenticate": Row(get=SIGNED_IN, post=SIGNED_IN, data=lambda _world: {"password": ""}),
    "account_email": Row(get=SIGNED_IN, post=SIGNED_IN, data=lambda _world: {"email": "", "action_add": "1"}),
    "account_email_verification_sent": Row(get=EVERYBODY),
    "account_confirm_email": Row(kwargs=_key, get=EVERYBODY, post=cells(missing="anonymous *")),
    "account_change_password": Row(get=SIGNED_IN, post=SIGNED_IN),
    "account_reset_password": Row(get=EVERYBODY, post=EVERYBODY, data=lambda _world: {"email": "none"}),
    "account_reset_password_done": Row(get=EVERYBODY),
    "account_reset_password_from_key": Row(kwargs=_reset, get=EVERYBODY, post=EVERYBODY),
    "account_reset_password_from_key_done": Row(get=EVERYBODY),
    "mfa_index": Row(get=SIGNED_IN),
    "mfa_authenticate": Row(
        get=LED_ON,
        post=LED_ON,
        data=lambda _world: {"code": "000000"},
        note="only between the password and the second step",
    ),
    "mfa_reauthenticate": Row(
        get=ASKED_AGAIN, post=ASKED_AGAIN, note="nobody here has a second step: the password is asked"
    ),
    "mfa_activate_totp": Row(get=ASKED_AGAIN, post=ASKED_AGAIN),
    "mfa_deactivate_totp": Row(get=cells(missing="*"), post=cells(missing="*"), note="nobody here has one"),
    "mfa_list_webauthn": Row(get=SIGNED_IN),
    "mfa_add_webauthn": Row(get=ASKED_AGAIN, post=ASKED_AGAIN),
    "mfa_login_webauthn": Row(
        get=cells(redirect="*"),
        post=cells(redirect="*"),
        note="without a passkey at hand it leads back to the log-in",
    ),
    "mfa_reauthenticate_webauthn": Row(
        get=ASKED_AGAIN, post=ASKED_AGAIN, note="nobody here has a passkey: the password is asked"
    ),
    "mfa_edit_webauthn": Row(kwargs=lambda _world: {"pk": 1}, get=ASKED_AGAIN, post=ASKED_AGAIN),
    "mfa_remove_webauthn": Row(kwargs=lambda _world: {"pk": 1}, get=ASKED_AGAIN, post=ASKED_AGAIN),
    "mfa_view_recovery_codes": Row(get=cells(missing="*"), note="nobody here has any"),
    "mfa_generate_recovery_codes": Row(get=ASKED_AGAIN, post=ASKED_AGAIN),
    "mfa_download_recovery_codes": Row(get=cells(missing="*"), note="nobody here has any"),
    "accounts:verification_resend": Row(post=NOTHING_PENDING),
    "accounts:verification_correct": Row(
        post=cells(redirect="anonymous *"), data=lambda _world: {"email": "new@example.com"}
    ),
    "accounts:consent": Row(get=LED_ON, post=LED_ON, note="everybody here has agreed to the texts in force"),
    "accounts:terms": Row(get=EVERYBODY),
    "accounts:privacy": Row(get=EVERYBODY),
    "accounts:mandate": Row(get=EVERYBODY),
    "accounts:legal_status": Row(
        get=cells(ok=f"{OWNERS} hiring_manager finance member named_worker", redirect=STAFF),
        post=cells(redirect=f"{OWNERS} {STAFF}", deny="hiring_manager finance member named_worker"),
        data=lambda _world: {
            "status": "unregistered",
            "legal_name": "Ana Roy",
            "address": "1 rue du Port",
            "country": "FR",
            "charges_vat": "no",
            "mandate": "1",
        },
    ),
    "accounts:settings": Row(get=SIGNED_IN, post=LED_ON, data=_person),
    "accounts:party": Row(
        get=cells(ok=f"{OWNERS} hiring_manager finance member named_worker", redirect=STAFF),
        post=cells(redirect=f"{OWNERS} {STAFF}", deny="hiring_manager finance member named_worker"),
        data=lambda _world: {"country": "FR", "time_zone": "UTC"},
    ),
    "accounts:security": Row(get=SIGNED_IN),
    "accounts:devices": Row(get=SIGNED_IN),
    "accounts:device_sign_out": Row(
        kwargs=lambda _world: {"device_id": 1}, post=cells(missing="*"), note="nobody here has another device"
    ),
    "accounts:devices_sign_out": Row(post=LED_ON),
    "accounts:hat_add": Row(
        kwargs=lambda _world: {"hat": "agency"},
        get=SIGNED_IN,
        post=LED_ON,
        data=lambda _world: {"company_name": "Atelier"},
        note="whoever is signed in opens an agency; the other hats are tested with the settings",
    ),
    "accounts:party_switch": Row(
        post=cells(redirect="other_client", missing="*"), data=lambda w: {"party": w.other_client.party.pk}
    ),
    "accounts:mailbox": Row(get=EVERYBODY),
    "accounts:mail": Row(kwargs=lambda _world: {"mail_id": 1}, get=cells(missing="anonymous *"), note="nothing sent"),
    # The people of a party
    "accounts:people": Row(
        get=cells(ok=f"{TEAM} other_client", missing="*"),
        post=cells(redirect=f"{CHOOSING} other_client", deny="hiring_manager finance member", missing="*"),
        data=lambda _world: {"email": "new@example.com", "role": "member"},
    ),
    "accounts:member": Row(
        kwargs=_colleague,
        get=cells(ok=CHOOSING, deny="hiring_manager finance member", missing="*"),
        post=cells(redirect=CHOOSING, deny="hiring_manager finance member", missing="*"),
        data=lambda _world: {"what": "role", "role": "member"},
    ),
    "accounts:member_remove": Row(
        kwargs=_colleague,
        get=cells(ok=CHOOSING, deny="hiring_manager finance member", missing="*"),
        post=cells(redirect=CHOOSING, deny="hiring_manager finance member", missing="*"),
    ),
    "accounts:party_leave": Row(
        get=cells(ok=f"{TEAM} other_client", missing="*"),
        post=cells(redirect="client_admin hiring_manager finance member", conflict="client other_client", missing="*"),
        note="the only owner of a party cannot leave it",
    ),
    "accounts:invitation_resend": Row(kwargs=_invitation, post=cells(redirect=CHOOSING, missing="*")),
    "accounts:invitation_withdraw": Row(kwargs=_invitation, post=cells(redirect=CHOOSING, missing="*")),
    "accounts:join": Row(kwargs=_link, get=cells(ok="anonymous other_client", deny="*"), note="sent to other_client"),
    "accounts:join_accept": Row(kwargs=_link, post=cells(redirect="anonymous other_client", deny="*")),
    "accounts:join_decline": Row(kwargs=_link, post=cells(redirect="anonymous other_client", deny="*")),
    # The staff's site and its pages of people
    "admin:index": Row(get=staff_cells(ok="*")),
    "admin:app_list": Row(kwargs=lambda _world: {"app_label": "accounts"}, get=staff_cells(ok="*")),
    "admin:login": Row(
        get={**staff_cells(redirect="*"), "client": "deny", "freelancer": "deny"},
        note="visitors go on to where everybody signs in",
    ),
    "admin:logout": Row(note="a POST ends the session"),
    "admin:password_change": Row(get=staff_cells(redirect="*"), note="leads to where everybody changes theirs"),
    "admin:password_change_done": Row(get=staff_cells(ok="*")),
    "admin:autocomplete": Row(get=staff_cells(deny="*"), note="no page here completes anything"),
    "admin:jsi18n": Row(get=staff_cells(ok="*")),
    "admin:view_on_site": Row(
        kwargs=lambda _world: {"content_type_id": "0", "object_id": "0"}, get=staff_cells(missing="*")
    ),
    **admin_pages("accounts_user", "*", lambda w: w.client.user.pk),
    **admin_pages("accounts_legalprofile", "finance_staff", lambda _world: LegalProfile.objects.latest("pk").pk),
    **admin_pages(
        "accounts_mandateacceptance", "finance_staff", lambda _world: MandateAcceptance.objects.latest("pk").pk
    ),
    **admin_pages("accounts_party", "*", lambda w: w.client.party.pk),
    **admin_pages("accounts_legaldocument", "*", lambda _world: LegalDocument.objects.latest("pk").pk),
    "admin:accounts_legaldocument_add": Row(
        get=staff_cells(ok="administrator"),
        post=staff_cells(redirect="administrator"),
        data=lambda _world: {"kind": "terms", "en": "New terms.", "fr": "Nouvelles conditions."},
    ),
    "admin:accounts_user_decide": Row(
        kwargs=lambda w: {"user_id": w.client.user.pk, "decision": "deactivate"},
        post=staff_cells(redirect="support"),
        data=lambda _world: {"reason": "Asked by phone."},
    ),
    "admin:accounts_user_appoint": Row(
        kwargs=lambda w: {"user_id": w.client.user.pk, "decision": "grant"},
        post=staff_cells(redirect="administrator"),
        data=lambda _world: {"group": "support", "reason": "New colleague."},
    ),
    "accounts:agency": Row(
        get=cells(missing="*"), post=cells(missing="*"), note="of agencies; test_agencies says who of one may what"
    ),
    "accounts:agency_appear": Row(post=cells(missing="*"), note="as above"),
}

ACCESS |= {
    "accounts:data": Row(get=SIGNED_IN),
    "accounts:export_request": Row(post=ASKED_AGAIN),
    "accounts:export_download": Row(
        kwargs=lambda _world: {"export_id": 1, "token": "no-such-token"},
        get=cells(missing="*"),
        note="nobody here has asked for one",
    ),
    "accounts:erase": Row(get=ASKED_AGAIN, post=ASKED_AGAIN, data=lambda _world: {"email": ""}),
}
