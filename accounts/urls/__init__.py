"""Addresses of settings, consent, legal texts and the mailbox; `entrance` has those of signing up and in."""

from __future__ import annotations

from django.urls import path

from accounts.views import agency, devices, entrance, joining, legal, legal_status, mailbox, people, privacy, settings

app_name = "accounts"

urlpatterns = [
    path("accounts/confirm-email/resend/", entrance.verification_resend, name="verification_resend"),
    path("accounts/confirm-email/correct/", entrance.verification_correct, name="verification_correct"),
    path("consent/", entrance.consent, name="consent"),
    path("terms/", legal.terms, name="terms"),
    path("privacy/", legal.privacy, name="privacy"),
    path("billing-mandate/", legal.mandate, name="mandate"),
    path("settings/", settings.settings, name="settings"),
    path("settings/party/", settings.party, name="party"),
    path("settings/legal-status/", legal_status.legal_status, name="legal_status"),
    path("settings/security/", settings.security, name="security"),
    path("settings/devices/", devices.devices, name="devices"),
    path("settings/devices/<int:device_id>/sign-out/", devices.device_sign_out, name="device_sign_out"),
    path("settings/devices/sign-out-others/", devices.devices_sign_out, name="devices_sign_out"),
    path("settings/add/<str:hat>/", settings.hat_add, name="hat_add"),
    path("settings/data/", privacy.data, name="data"),
    path("settings/data/export/", privacy.export_request, name="export_request"),
    path("settings/data/export/<int:export_id>/<str:token>/", privacy.export_download, name="export_download"),
    path("settings/data/delete/", privacy.erase, name="erase"),
    path("switch/", settings.party_switch, name="party_switch"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<int:mail_id>/", mailbox.mail, name="mail"),
    path("settings/agency/", agency.agency, name="agency"),
    path("settings/agency/name/", agency.agency_appear, name="agency_appear"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/leave/", people.party_leave, name="party_leave"),
    path("settings/people/<int:membership_id>/", people.member, name="member"),
    path("settings/people/<int:membership_id>/remove/", people.member_remove, name="member_remove"),
    path("settings/people/invitations/<int:invitation_id>/resend/", people.invitation_resend, name="invitation_resend"),
    path(
        "settings/people/invitations/<int:invitation_id>/withdraw/",
        people.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("join/<slug:token>/", joining.join, name="join"),
    path("join/<slug:token>/accept/", joining.join_accept, name="join_accept"),
    path("join/<slug:token>/decline/", joining.join_decline, name="join_decline"),
]
