"""What this house asks of allauth: mails in the reader's language, addresses that stay unique, where people land."""

from __future__ import annotations

import logging
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from smtplib import SMTPException
from typing import Any, TypeVar, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.email_verification import (
    get_address_for_user,
    handle_verification_email_rate_limit,
)
from allauth.account.models import EmailAddress
from allauth.account.utils import has_verified_email
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.product import rules

logger = logging.getLogger("jalon.accounts")
Answer = TypeVar("Answer")


class AccountAdapter(DefaultAccountAdapter):
    """Our answers to the questions that allauth asks."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("This account is closed."),
        "email_password_mismatch": gettext_lazy(
            "The address and the password do not match. Check both and try again. "
            "If your address is not verified yet, we have sent the link to it again."
        ),
        "duplicate_email": gettext_lazy("This is your address already."),
        "enter_current_password": gettext_lazy("This is not your current password."),
        "incorrect_code": gettext_lazy("This code is not right. Enter the newest one."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "too_many_login_attempts": gettext_lazy("Too many attempts. Wait a few minutes, then try again."),
        "rate_limited": gettext_lazy("Too many attempts. Wait a few minutes, then try again."),
        "unverified_primary_email": gettext_lazy("Verify your address first."),
    }

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return the person; nobody where the address is not verified, as for a wrong password, but with the link sent.

        Whoever signs up with an address and its password, and then logs in with both from elsewhere, would else learn
        from the answer whether another account had the address.
        """
        user = cast("User | None", super().authenticate(request, **credentials))
        email = credentials.get("email", "")
        if user is None or not user.is_active or has_verified_email(user, email):
            return user
        self.pre_authenticate(request, **credentials)  # counts as an attempt that failed, again as a wrong password
        address = EmailAddress.objects.filter(user=user, email__iexact=email).first() or get_address_for_user(user)
        if address is not None and handle_verification_email_rate_limit(request, address.email):
            address.send_confirmation(request)
        return None

    def is_safe_url(self, url: str | None) -> bool:
        """Test whether a page may lead there; what is no address at all may not, and is no reason to fall."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the start page in the person's language."""
        with translation.override(cast("User", request.user).language):
            return reverse("start")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Return the start page."""
        return self.get_login_redirect_url(request)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Return the landing page in the language of the page."""
        return reverse("home")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return the page about signing in and security."""
        return reverse("accounts:security")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Return the start page for a person who is signed in, the log-in page for others."""
        return (
            self.get_login_redirect_url(self.request)
            if self.request.user.is_authenticated
            else reverse("account_login")
        )

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Verify an address, unless another account has taken it since the mail was sent."""
        others = User.objects.filter(email__iexact=email_address.email).exclude(pk=email_address.user_id)
        if others.exists():
            self.add_message(
                request,
                messages.ERROR,
                "account/messages/email_confirmation_failed.txt",
                {"email": email_address.email},
            )
            return False
        return bool(super().confirm_email(request, email_address))

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """Send the link that verifies an address, to a page in the person's language."""
        user: User = emailconfirmation.email_address.user
        in_language_of(
            user, lambda: super(AccountAdapter, self).send_confirmation_mail(request, emailconfirmation, signup)
        )

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner of an address that somebody tried to sign up with it."""
        owner = User.objects.filter(email__iexact=email).first()
        in_language_of(owner, lambda: super(AccountAdapter, self).send_account_already_exists_mail(email))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail in the language of the account it is about; a mail server that is down is said, not hidden."""
        user = context.get("user")
        owner = user if isinstance(user, User) else User.objects.filter(email__iexact=email).first()
        extra = {"base_url": settings.BASE_URL, "brand": rules().brand_name}
        try:
            in_language_of(
                owner, lambda: super(AccountAdapter, self).send_mail(template_prefix, email, {**context, **extra})
            )
        except (OSError, SMTPException):
            logger.exception("mail %s could not be sent", template_prefix)
            messages.error(self.request, _("The mail could not be sent just now. Try again in a few minutes."))


def in_language_of(user: User | None, act: Callable[[], Answer]) -> Answer:
    """Return what `act` returns while the language of `user` is active; the page's own language for strangers."""
    if user is None:
        return act()
    with translation.override(user.language):
        return act()


class SecondFactorAdapter(DefaultMFAAdapter):
    """Our answers to the questions of allauth's second factor."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "unverified_email": gettext_lazy("Verify your address first, then turn on two-step log-in."),
        "add_email_blocked": gettext_lazy("Turn off two-step log-in before you add an address."),
        "cannot_delete_authenticator": gettext_lazy("Two-step log-in cannot be turned off."),
        "cannot_generate_recovery_codes": gettext_lazy("Turn on two-step log-in first, then make recovery codes."),
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002  (allauth's name)
        """Return a name for a passkey whose owner gave it none."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}

    def build_totp_svg(self, url: str) -> str:
        """Return the key as a picture on white that stands in the page itself: the policy allows no data addresses."""
        drawn: str = super().build_totp_svg(url)
        start, end = drawn.index("<svg"), drawn.index(">", drawn.index("<svg")) + 1
        return f'{drawn[start:end]}<rect width="100%" height="100%" fill="#fff"/>{drawn[end:]}'

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored: readable only with this installation's key."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    """Return the cipher of the key in force, which also reads what the former keys wrote."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet(
        [Fernet(urlsafe_b64encode(sha256(f"second-factor:{force_str(key)}".encode()).digest())) for key in keys]
    )
