"""Users who log in, parties who sign and own money, the memberships that join them, and the mails they were sent."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries.fields import CountryField

from core.clock import now
from core.models import LockedQuerySet

#: The domain of addresses that cannot exist (RFC 2606): an account needs one, and this one reaches nobody.
NOWHERE = "vacated.invalid"


class StaffGroup(models.TextChoices):
    """The groups of staff; what each may do is decided by predicates."""

    SUPPORT = "support", pgettext_lazy("staff group", "support")
    MODERATOR = "moderator", pgettext_lazy("staff group", "moderator")
    MEDIATOR = "mediator", pgettext_lazy("staff group", "mediator")
    FINANCE = "finance", pgettext_lazy("staff group", "finance")
    ADMINISTRATOR = "administrator", pgettext_lazy("staff group", "administrator")


class UserManager(BaseUserManager["User"]):
    """Makes users known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user, now unless `created_at` says otherwise; the address is kept as allauth compares it."""
        user = self.model(email=self.normalize_email(email).lower(), **{"created_at": now(), **fields})
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user with every right in the admin."""
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in. One address belongs to one user, whatever its case."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        FRENCH = "fr", "Français"

    email = models.EmailField(_("e-mail address"), max_length=254)
    first_name = models.CharField(_("first name"), max_length=60)
    last_name = models.CharField(_("last name"), max_length=60)
    country = CountryField(_("country"))
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=Language.choices,
        default=Language.ENGLISH,
        help_text="Of mails and notices.",
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris", help_text="IANA name.")
    is_active = models.BooleanField(_("active"), default=True, help_text="A user who is not active cannot log in.")
    is_staff = models.BooleanField(_("staff"), default=False, help_text="May open the admin.")
    created_at = models.DateTimeField(_("created"))
    erased_at = models.DateTimeField(
        _("deleted"), null=True, blank=True, help_text="Since when nothing of the person is left but a made-up name."
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name", "country"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_unique"),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(is_active=False), name="accounts_user_erased_cannot_log_in"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        """Return first and last name: what the other side of a contract sees."""
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        """Return the first name."""
        return self.first_name

    @property
    def public_name(self) -> str:
        """Return first name and initial: what strangers see."""
        initial = self.last_name.strip()[:1].upper()
        return f"{self.first_name} {initial}." if initial else self.first_name


class PartyQuerySet(LockedQuerySet["Party"]):
    """Named selections of parties."""

    def open(self) -> PartyQuerySet:
        """Return the parties that have not been closed."""
        return self.filter(closed_at=None)


class Party(models.Model):
    """Who signs contracts and owns money. Every job, proposal, contract and balance belongs to one."""

    class Kind(models.TextChoices):
        CLIENT = "client", _("client")
        FREELANCER = "freelancer", _("freelancer")
        AGENCY = "agency", _("agency")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=121, help_text="Company name, or the person's full name.")
    is_company = models.BooleanField(_("company"), default=False, help_text="Companies are public by their name.")
    public_name = models.CharField(
        _("public name"),
        max_length=121,
        help_text="What strangers see: the company, or first name and initial.",
    )
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    country = CountryField(_("country"))
    place = models.CharField(_("place"), max_length=80, blank=True)
    about = models.TextField(_("about"), max_length=2000, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris", help_text="IANA name.")
    created_at = models.DateTimeField(_("created"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    workers_see_sums = models.BooleanField(
        _("named workers see sums"), default=False, help_text="Of the contracts they work on; of agencies alone."
    )

    objects: ClassVar = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(LockedQuerySet["Membership"]):
    """Named selections of memberships."""

    def live(self) -> MembershipQuerySet:
        """Return the memberships that have not ended."""
        return self.filter(ended_at=None)


class Membership(models.Model):
    """A user's right to act for a party; at most one live one for each pair."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        ADMIN = "admin", _("administrator")
        HIRING_MANAGER = "hiring_manager", _("hiring manager")
        FINANCE = "finance", _("finance")
        MEMBER = "member", _("member")
        NAMED_WORKER = "named_worker", _("named worker")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    approval_limit = models.BigIntegerField(
        _("limit per contract"),
        default=0,
        help_text="What a hiring manager may fund and approve in one contract, in minor units.",
    )
    is_exclusive = models.BooleanField(
        _("exclusive"), default=False, help_text="Proposes only through this party; of agencies alone."
    )
    created_at = models.DateTimeField(_("created"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    shown_at = models.DateTimeField(
        _("shown since"), null=True, blank=True, help_text="When the person agreed to stand on the agency's page."
    )

    objects: ClassVar = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "party"],
                condition=Q(ended_at=None),
                name="accounts_membership_one_live",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ended_at=None, is_exclusive=True),
                name="accounts_membership_one_exclusive",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("created_at")),
                name="accounts_membership_ends_after_start",
            ),
            models.CheckConstraint(condition=Q(approval_limit__gte=0), name="accounts_membership_limit_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.party} · {self.role}"


class SentMail(models.Model):
    """A mail as it was sent, kept where no mail server is: its links are followed from the mailbox page."""

    sent_at = models.DateTimeField(_("sent"))
    sender = models.CharField(_("from"), max_length=254)
    recipients = models.JSONField(_("to"), default=list, help_text="Addresses.")
    subject = models.CharField(_("subject"), max_length=998)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)

    class Meta:
        verbose_name = _("sent mail")
        verbose_name_plural = _("sent mails")
        ordering: ClassVar = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return self.subject
