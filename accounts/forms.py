"""The forms of signing up and in, of consent, and of the settings."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, ClassVar, cast
from zoneinfo import available_timezones

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxLengthValidator
from django.forms.utils import flatatt
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.actions import AddressTaken, LegalDetails, Newcomer, register_user
from accounts.models import LegalDocument, LegalProfile, Membership, Party, PartyInvitation, StaffGroup, User
from accounts.permissions import ROLES_OF, can_give_role
from accounts.queries import current_versions, first_time_zone, open_invitation
from core.actor import Actor
from core.clock import now
from core.forms import ExplainedChoiceField, MoneyField, ReasonForm
from core.text import one_line

PASSWORD_LENGTH = 256
#: The session's key of a sign-up whose address was taken: it can still be corrected to one that is free.
PENDING = "pending_sign_up"
#: The session's key of the invitation whose link a visitor followed last.
INVITED = "invitation_id"


def _agreement() -> SafeString:
    return format_html(
        gettext(
            'I agree to the <a href="{terms}" target="_blank">terms of use</a> and have read the '
            '<a href="{privacy}" target="_blank">privacy notice</a>.'
        ),
        terms=reverse("accounts:terms"),
        privacy=reverse("accounts:privacy"),
    )


agreement = lazy(_agreement, SafeString)


def reachable(email: str) -> str:
    """Return an address with its domain as mail servers know it (IDNA). Raises ValidationError if there is no such."""
    name, _at, domain = email.rpartition("@")
    try:
        return f"{name}@{domain.encode('idna').decode('ascii')}".lower()
    except UnicodeError as error:
        raise forms.ValidationError(gettext("Mail cannot reach this address. Check what follows the @.")) from error


class CountryChoices:
    """Every country by its name in the reader's language, an empty choice first."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield codes and names."""
        yield "", gettext("Choose a country")
        yield from ((code, name) for code, name in countries)


@cache
def _zones() -> tuple[str, ...]:
    regions = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return ("UTC", *sorted(name for name in available_timezones() if name.split("/")[0] in regions and "/" in name))


class ZoneChoices:
    """The time zones of places, by their IANA names."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield names."""
        yield from ((name, name.replace("_", " ")) for name in _zones())


class LongSelect(forms.Select):
    """A select of hundreds of choices, written in one go: Django's own renders a template for each."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the element."""
        chosen = "" if value is None else str(value)
        shown = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((code, mark_safe(" selected") if str(code) == chosen else "", label) for code, label in self.choices),
        )
        return format_html("<select{}>{}</select>", flatatt(shown), options)


def country_field() -> forms.ChoiceField:
    """Return a choice of one country."""
    return forms.ChoiceField(
        label=_("Country"),
        choices=CountryChoices,
        widget=LongSelect(attrs={"autocomplete": "country"}),
        error_messages={"required": _("Choose a country.")},
    )


def zone_field() -> forms.ChoiceField:
    """Return a choice of one time zone."""
    return forms.ChoiceField(
        label=_("Time zone"),
        choices=ZoneChoices,
        help_text=_("Deadlines are shown in this zone. They are kept in UTC."),
    )


def first_name_field() -> forms.CharField:
    """Return the field of a first name."""
    return forms.CharField(
        label=_("First name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Enter your first name.")},
    )


def last_name_field() -> forms.CharField:
    """Return the field of a last name."""
    return forms.CharField(
        label=_("Last name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Enter your last name.")},
    )


def _name(typed: str) -> str:
    """Return a name as it is shown. Raises ValidationError for one that shows nothing of a name."""
    name = one_line(typed)
    if typed and not any(sign.isalnum() for sign in name):
        raise forms.ValidationError(_("Enter a name with letters or digits."))
    return name


class Reworded:
    """A form of allauth's in this house's words: labels and hints of its own, no placeholder in place of a label."""

    words: ClassVar[dict[str, dict[str, Any]]] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""
            for key, value in self.words.get(name, {}).items():
                setattr(field, key, value)
            if isinstance(field.widget, forms.PasswordInput):
                field.widget.attrs["maxlength"] = PASSWORD_LENGTH
                field.validators = [*field.validators, MaxLengthValidator(PASSWORD_LENGTH)]
        self.reword()

    def reword(self) -> None:
        """Change what a table of words cannot say."""


EMAIL = {"label": _("E-mail address")}
NEW_PASSWORD = {
    "label": _("New password"),
    "help_text": _("10 characters or more. A sentence is good, a birthday is not."),
}
AGAIN = {"label": _("New password, again")}
CODE = {"label": _("Code"), "help_text": _("Six digits from your app, or one of your recovery codes.")}


def _as_code(field: forms.Field) -> None:
    field.widget.attrs |= {
        "class": "input--code",
        "autocomplete": "one-time-code",
        "maxlength": 32,
        "spellcheck": "false",
    }


class SignUpForm(Reworded, account_forms.SignupForm):
    """Everything that makes an account. A taken address changes nothing of what the visitor sees."""

    field_order: ClassVar = [
        "hat",
        "first_name",
        "last_name",
        "company_name",
        "email",
        "password1",
        "country",
        "agree",
    ]
    words: ClassVar = {
        "email": {"label": _("E-mail address"), "help_text": _("We send a link to it to make sure that it is yours.")},
        "password1": {"label": _("Password"), "help_text": NEW_PASSWORD["help_text"]},
        "company_name": {"help_text": _("If you hire for a company, it is shown by its name.")},
    }

    hat = forms.ChoiceField(
        label=_("What brings you here?"),
        choices=[("client", _("I want to hire")), ("freelancer", _("I want to work"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether you want to hire or to work. You can add the other later.")},
    )
    first_name = first_name_field()
    last_name = last_name_field()
    company_name = forms.CharField(
        label=_("Company name"),
        max_length=121,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    country = country_field()
    agree = forms.BooleanField(
        label=agreement(), error_messages={"required": _("Agree to the terms of use to create an account.")}
    )

    def reword(self) -> None:
        """Explain both hats, take the one that a link chose, and say what to enter where something is missing."""
        self.fields["email"].error_messages["required"] = gettext("Enter your e-mail address.")
        self.fields["password1"].error_messages["required"] = gettext("Choose a password.")
        hat = self.fields["hat"]
        hat.descriptions = {  # type: ignore[attr-defined]
            "client": gettext("Post jobs, choose a freelancer, pay when the work is right."),
            "freelancer": gettext("Find jobs, send proposals, get paid for each milestone."),
        }
        self.texts = " ".join(f"{kind}:{version}" for kind, version in sorted(current_versions(now()).items()))
        self.fields["agree"].widget.attrs["value"] = self.texts
        chosen = context.request.GET.get("hat", "") if context.request else ""
        hat.initial = chosen if chosen in {"client", "freelancer"} else None
        session = context.request.session if context.request else {}
        self.invitation = open_invitation(session.get(INVITED), now()) if INVITED in session else None
        if self.invitation is not None:
            self._welcome(self.invitation)

    def _welcome(self, invitation: PartyInvitation) -> None:
        """Offer to come for the invitation alone: that needs no account of one's own to hire or to work with."""
        hat = cast("ExplainedChoiceField", self.fields["hat"])
        hat.choices = [
            ("join", gettext("I want to join %(party)s") % {"party": invitation.party.name}),
            *cast("list[tuple[str, str]]", hat.choices),
        ]
        hat.descriptions = {
            "join": gettext("You act for it, and need no account of your own. You can add one later."),
            **hat.descriptions,
        }
        hat.initial = "join"
        self.fields["email"].initial = invitation.email

    def clean_agree(self) -> bool:
        """Take agreement to the texts that the page named: the box carries their versions."""
        if self.data.get(self.add_prefix("agree")) != self.texts:
            raise forms.ValidationError(
                gettext("A newer version was published meanwhile. Please read it first."), code="outdated"
            )
        return True

    def clean_email(self) -> str:
        """Return the address as mail servers know it; allauth then looks whether it has an account."""
        self.cleaned_data["email"] = reachable(self.cleaned_data["email"])
        return str(super().clean_email())

    def clean(self) -> dict[str, Any]:
        """Check that who comes for an invitation uses the address it was sent to."""
        data = dict(super().clean() or {})
        invitation = self.invitation
        if invitation is not None and data.get("hat") == "join" and data.get("email") not in {None, invitation.email}:
            self.add_error("email", gettext("The invitation was sent to another address. Sign up with that one."))
        return data

    def clean_first_name(self) -> str:
        """Return the first name on one line."""
        return _name(self.cleaned_data["first_name"])

    def clean_last_name(self) -> str:
        """Return the last name on one line."""
        return _name(self.cleaned_data["last_name"])

    def clean_company_name(self) -> str:
        """Return the company name on one line."""
        return _name(self.cleaned_data["company_name"])

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponseBase | None]:
        """Make the account; for an address that has one, do as if: its owner gets a mail, the visitor the same page."""
        data = self.cleaned_data
        newcomer = Newcomer(
            email=data["email"],
            password=make_password(data["password1"]),
            first_name=data["first_name"],
            last_name=data["last_name"],
            country=data["country"],
            language=get_language() or "en",
            time_zone=first_time_zone(data["country"]),
            hat=data["hat"],
            company_name=data["company_name"],
            invitation_id=self.invitation.pk if self.invitation else None,
        )
        if not self.account_already_exists:
            try:
                return register_user(newcomer=newcomer, at=now()), None
            except AddressTaken:  # by somebody who was faster by a moment
                pass
        request.session[PENDING] = newcomer.packed()
        return None, prevent_enumeration(request, email=newcomer.email)


class LogInForm(Reworded, account_forms.LoginForm):
    """Address and password."""

    words: ClassVar = {"login": EMAIL, "password": {"label": _("Password")}}

    def clean_login(self) -> str:
        """Return the address as it was stored; one that mail cannot reach is nobody's."""
        login = str(super().clean_login())
        try:
            return reachable(login)
        except forms.ValidationError:
            return login


class ResetPasswordForm(Reworded, account_forms.ResetPasswordForm):
    """Where to send the link that sets a new password."""

    words: ClassVar = {"email": EMAIL}

    def clean_email(self) -> str:
        """Return the address as it was stored."""
        self.cleaned_data["email"] = reachable(self.cleaned_data["email"])
        return str(super().clean_email())


class NewPasswordForm(Reworded, account_forms.ResetPasswordKeyForm):
    """A new password, after following the link."""

    words: ClassVar = {"password1": NEW_PASSWORD, "password2": AGAIN}


class ChangePasswordForm(Reworded, account_forms.ChangePasswordForm):
    """A new password, knowing the old one."""

    words: ClassVar = {"oldpassword": {"label": _("Current password")}, "password1": NEW_PASSWORD, "password2": AGAIN}


class ReauthenticateForm(Reworded, account_forms.ReauthenticateForm):
    """The password once more."""

    words: ClassVar = {"password": {"label": _("Password")}}


class ChangeEmailForm(Reworded, account_forms.AddEmailForm):
    """Another address; the old one stays until the new one is verified."""

    words: ClassVar = {"email": {"label": _("New e-mail address")}}

    def clean_email(self) -> str:
        """Return the address as mail servers know it."""
        self.cleaned_data["email"] = reachable(self.cleaned_data["email"])
        return str(super().clean_email())

    def save(self, request: HttpRequest) -> EmailAddress:
        """Send the link to the new address, and word of it to the one in force, whoever has the new one."""
        address: EmailAddress = super().save(request)
        get_adapter().send_notification_mail(
            "account/email/email_change_requested",
            self.user,
            context={"to_email": self.cleaned_data["email"]},
            email=self.user.email,
        )
        return address


class CodeForm(Reworded, mfa_forms.AuthenticateForm):
    """The second factor, when signing in."""

    words: ClassVar = {"code": CODE}

    def reword(self) -> None:
        """Show the code as one."""
        _as_code(self.fields["code"])


class CodeAgainForm(Reworded, mfa_forms.ReauthenticateForm):
    """The second factor, before a change that matters."""

    words: ClassVar = {"code": CODE}

    def reword(self) -> None:
        """Show the code as one."""
        _as_code(self.fields["code"])


class ActivateTotpForm(Reworded, totp_forms.ActivateTOTPForm):
    """The first code of a new app."""

    words: ClassVar = {"code": {"label": _("Code"), "help_text": _("The six digits that the app shows now.")}}

    def reword(self) -> None:
        """Show the code as one."""
        _as_code(self.fields["code"])


#: What reading an answer that no browser wrote falls over, deep in the library.
UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, IndexError, struct.error)
#: The longest answer of a browser that is read.
CREDENTIAL_LENGTH = 20_000


def _wrong_passkey() -> forms.ValidationError:
    return forms.ValidationError(gettext("This passkey could not be used. Try again, or log in another way."))


class CredentialField(forms.JSONField):
    """What a browser says of a passkey; anything else that was sent is refused before it is looked at."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """Return the answer; None where there is none."""
        if isinstance(value, str) and len(value) > CREDENTIAL_LENGTH:
            raise _wrong_passkey()
        try:
            answer = super().to_python(value)
        except (RecursionError, forms.ValidationError) as error:
            raise _wrong_passkey() from error
        if not isinstance(answer, dict | None):
            raise _wrong_passkey()
        return answer


class AddPasskeyForm(passkey_forms.AddWebAuthnForm):
    """A new passkey: it is kept on the device, and the device asks who its owner is each time."""

    passwordless = None
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("So that you know it again, such as “My phone”."),
    )
    credential = CredentialField()

    def clean_name(self) -> str:
        """Return the name on one line."""
        return one_line(str(super().clean_name()))

    def clean_credential(self) -> dict[str, Any]:
        """Return only what is read later: what else a browser sends is not kept."""
        sent = self.cleaned_data["credential"]
        try:
            answer, said = sent["response"], sent.get("clientExtensionResults") or {}
            return {
                **{key: str(sent[key])[:CREDENTIAL_LENGTH] for key in ("id", "rawId", "type")},
                "response": {
                    key: str(answer[key])[:CREDENTIAL_LENGTH] for key in ("clientDataJSON", "attestationObject")
                },
                "clientExtensionResults": {"credProps": {"rk": bool((said.get("credProps") or {}).get("rk"))}},
            }
        except UNREADABLE as error:
            raise _wrong_passkey() from error

    def clean(self) -> dict[str, Any]:
        """Check that this browser was asked for it a moment ago, and that the device knows its owner."""
        self.cleaned_data["passwordless"] = True
        try:
            return dict(super().clean())
        except UNREADABLE as error:
            raise _wrong_passkey() from error


class RenamePasskeyForm(passkey_forms.EditWebAuthnForm):
    """What its owner calls a passkey."""

    name = forms.CharField(label=_("Name"), max_length=60)

    def clean_name(self) -> str:
        """Return the name on one line."""
        return one_line(self.cleaned_data["name"])


class Checked(forms.Form):
    """An answer of a passkey, which may be anything at all."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        """Return the passkey that answered."""
        try:
            return super().clean_credential()  # type: ignore[misc]  # of allauth's forms
        except (*UNREADABLE, forms.ValidationError) as error:
            raise _wrong_passkey() from error


class PasskeyForm(Checked, passkey_forms.AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class LogInPasskeyForm(Checked, passkey_forms.LoginWebAuthnForm):
    """A passkey in place of address, password and code."""


class PasskeyAgainForm(Checked, passkey_forms.ReauthenticateWebAuthnForm):
    """A passkey before a change that matters."""


class CorrectAddressForm(forms.Form):
    """The address that was meant."""

    email = forms.EmailField(
        label=_("Correct address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        """Return the address as it is stored: in lower case, and as mail servers know it."""
        return reachable(self.cleaned_data["email"])


class ConsentForm(forms.Form):
    """That the person agrees to the versions that the page shows."""

    agree = forms.BooleanField(
        label=_("I agree to the texts named above."), error_messages={"required": _("Tick the box to go on.")}
    )


class UserForm(forms.Form):
    """A person's own settings."""

    first_name = first_name_field()
    last_name = last_name_field()
    language = forms.ChoiceField(
        label=_("Language"),
        choices=User.Language.choices,
        help_text=_("Of mails and notices, and of the page after you log in."),
    )
    time_zone = zone_field()
    country = country_field()

    def clean_first_name(self) -> str:
        """Return the first name on one line."""
        return _name(self.cleaned_data["first_name"])

    def clean_last_name(self) -> str:
        """Return the last name on one line."""
        return _name(self.cleaned_data["last_name"])


def name_agency(field: forms.Field) -> None:
    """Make a company's name the name of an agency, which has to have one."""
    field.label, field.required = _("Agency name"), True
    field.help_text = _("Everybody sees it: on proposals, contracts and invoices.")
    field.error_messages["required"] = _("Enter the name of the agency.")


class PartyForm(forms.Form):
    """What a party says about itself."""

    company_name = forms.CharField(
        label=_("Company name"),
        max_length=121,
        required=False,
        help_text=_(
            "Visitors see it in place of your first name and initial. Leave it empty to hire under your own name."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    about = forms.CharField(
        label=_("About"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What you do, for those who read your posts. 2,000 characters at most."),
    )
    place = forms.CharField(label=_("Town"), max_length=80, required=False)
    country = country_field()
    time_zone = zone_field()

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        """Take the kind of the party: only a client has a company name to give."""
        super().__init__(*args, **kwargs)
        if kind == Party.Kind.AGENCY:
            name_agency(self.fields["company_name"])
        elif kind != Party.Kind.CLIENT:
            del self.fields["company_name"]
            self.fields["about"].help_text = _(
                "Your profile says what you offer; this is about you. 2,000 characters at most."
            )

    def clean_company_name(self) -> str:
        """Return the company name on one line."""
        return _name(self.cleaned_data["company_name"])

    def clean_place(self) -> str:
        """Return the place on one line."""
        return one_line(self.cleaned_data["place"])


class LegalForm(forms.Form):
    """What a party is before the law; whether the details fit together is the verb's to say."""

    status = ExplainedChoiceField(
        label=_("Legal status"),
        choices=LegalProfile.Status.choices,
        error_messages={"required": _("Say whether this is a registered business.")},
    )
    legal_name = forms.CharField(
        label=_("Legal name"),
        max_length=160,
        help_text=_("As it stands on invoices: your own name, or that of the business."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("Enter the name as it stands on invoices.")},
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=400,
        help_text=_("Street, postal code and town. It is printed on invoices and shown nowhere else."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        error_messages={"required": _("Enter the address as it stands on invoices.")},
    )
    country = country_field()
    siret = forms.CharField(
        label=_("SIRET"),
        max_length=20,
        required=False,
        help_text=_("14 digits. For businesses registered in France."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    vat_number = forms.CharField(
        label=_("VAT number"),
        max_length=24,
        required=False,
        help_text=_("With its two letters, such as FR40303265045. For businesses registered in the European Union."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    charges_vat = ExplainedChoiceField(
        label=_("Do you charge VAT on your work?"),
        required=False,
        choices=[("no", _("no")), ("yes", _("yes"))],
        descriptions={
            "no": _("Your work carries no VAT. In France: article 293 B of the tax code, and your invoices say so."),
            "yes": _("It is added to your price, held with it and released to you whole. You pay it to the state."),
        },
    )

    def __init__(self, *args: Any, kind: str, mandate: int, **kwargs: Any) -> None:
        """Take the kind of the party, and the version of the mandate that it has still to accept (0 for none)."""
        super().__init__(*args, **kwargs)
        status = cast("ExplainedChoiceField", self.fields["status"])
        if kind == Party.Kind.CLIENT:
            del self.fields["charges_vat"]
            status.choices = [
                (LegalProfile.Status.UNREGISTERED, _("private person")),
                (LegalProfile.Status.REGISTERED, _("registered business")),
            ]
        else:
            status.descriptions = {
                LegalProfile.Status.UNREGISTERED: _("You may complete your profile and send proposals."),
                LegalProfile.Status.REGISTERED: _("With a number in your country's register."),
            }
        if mandate:
            self.fields["mandate"] = forms.BooleanField(
                label=lazy(_mandate_words, SafeString)(),
                error_messages={"required": _("Accept the billing mandate: without it no invoice can be written.")},
                widget=forms.CheckboxInput(attrs={"value": str(mandate)}),
            )

    @classmethod
    def initial_of(cls, profile: LegalProfile) -> dict[str, Any]:
        """Return what a declared profile fills in."""
        answers = {True: "yes", False: "no", None: ""}
        return {
            "status": profile.status,
            "legal_name": profile.legal_name,
            "address": profile.address,
            "country": str(profile.country),
            "siret": profile.siret,
            "vat_number": profile.vat_number,
            "charges_vat": answers[profile.charges_vat],
        }

    def details(self) -> LegalDetails:
        """Return what was declared."""
        clean = self.cleaned_data
        return LegalDetails(
            status=clean["status"],
            legal_name=clean["legal_name"],
            address=clean["address"],
            country=clean["country"],
            siret=clean["siret"],
            vat_number=clean["vat_number"],
            charges_vat={"yes": True, "no": False}.get(clean.get("charges_vat", "")),
        )


def _mandate_words() -> SafeString:
    return format_html(
        gettext(
            'I let the operator of this site write my invoices in my name, as the <a href="{url}" '
            'target="_blank">billing mandate</a> says.'
        ),
        url=reverse("accounts:mandate"),
    )


class HatForm(forms.Form):
    """What is asked when somebody adds the other hat."""

    company_name = forms.CharField(
        label=_("Company name"),
        max_length=121,
        required=False,
        help_text=_("If you hire for a company, it is shown by its name."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        """Take the kind of the new party: only a client has a company name to give."""
        super().__init__(*args, **kwargs)
        if kind == Party.Kind.AGENCY:
            name_agency(self.fields["company_name"])
        elif kind != Party.Kind.CLIENT:
            del self.fields["company_name"]

    def clean_company_name(self) -> str:
        """Return the company name on one line."""
        return _name(self.cleaned_data["company_name"])


class StaffGroupForm(ReasonForm):
    """Which staff group a person is put into or taken out of, and why."""

    group = forms.ChoiceField(label=_("Staff group"), choices=StaffGroup.choices)
    field_order = ("group", "reason")


class PublishForm(forms.Form):
    """The next version of a legal text, in every language."""

    kind = forms.ChoiceField(label=_("Text"), choices=LegalDocument.Kind.choices)
    en = forms.CharField(label="English", max_length=100_000, widget=forms.Textarea(attrs={"rows": 16}))
    fr = forms.CharField(label="Français", max_length=100_000, widget=forms.Textarea(attrs={"rows": 16}))


class AgencyForm(forms.Form):
    """What an agency decides about its people."""

    workers_see_sums = forms.BooleanField(
        label=_("Named workers see the sums of the contracts they work on"),
        required=False,
        help_text=_(
            "Otherwise their pages show a dash in place of each sum of a contract. "
            "Owners, administrators and finance see all of them."
        ),
    )


#: What each role may do, in one line.
ROLE_TEXTS: Mapping[str, Any] = {
    Membership.Role.OWNER: _("May do everything."),
    Membership.Role.ADMIN: _("May do everything but choose owners and close the account."),
    Membership.Role.HIRING_MANAGER: _(
        "Posts jobs, chooses people, agrees terms and writes messages; pays and approves up to a limit per contract."
    ),
    Membership.Role.FINANCE: _(
        "Pays, approves, releases and refunds; cards, bank accounts, withdrawals, connects and invoices. Hires nobody."
    ),
    Membership.Role.MEMBER: _("Reads the jobs and contracts that others add them to."),
    Membership.Role.NAMED_WORKER: _("Delivers work, and writes in the rooms of contracts that name them."),
}


def role_field(kind: str, by: Actor) -> ExplainedChoiceField:
    """Return a choice among the roles of a kind of party that the actor may give."""
    offered = [role for role in ROLES_OF.get(kind, ()) if can_give_role(by, by.party_id, role)]
    return ExplainedChoiceField(
        label=_("Role"),
        choices=[(role.value, role.label) for role in offered],
        descriptions=ROLE_TEXTS,
        error_messages={"required": _("Choose a role.")},
    )


class InviteForm(forms.Form):
    """Whom to invite, and in which role."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, error_messages={"required": _("Enter an e-mail address.")}
    )

    def __init__(self, *args: Any, kind: str, by: Actor, **kwargs: Any) -> None:
        """Take the kind of the party and who invites: both decide which roles there are."""
        super().__init__(*args, **kwargs)
        self.fields["role"] = role_field(kind, by)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of the mail"),
            choices=User.Language.choices,
            required=False,
            initial=get_language(),
            help_text=_("Who has an account already gets it in the language of that account."),
        )
        if kind == Party.Kind.AGENCY:
            self.fields["is_exclusive"] = forms.BooleanField(
                label=_("Exclusive member"),
                required=False,
                help_text=_("Sends proposals only through the agency. Contracts of their own that run go on."),
            )

    def clean_email(self) -> str:
        """Return the address as it is stored: in lower case, and as mail servers know it."""
        return reachable(self.cleaned_data["email"])

    def clean_language(self) -> str:
        """Return the language of the mail: that of the page where none was chosen."""
        return self.cleaned_data["language"] or get_language() or User.Language.ENGLISH.value


class RoleForm(forms.Form):
    """Another role for somebody."""

    def __init__(self, *args: Any, kind: str, by: Actor, **kwargs: Any) -> None:
        """Take the kind of the party and who changes the role."""
        super().__init__(*args, **kwargs)
        self.fields["role"] = role_field(kind, by)


class LimitForm(forms.Form):
    """What a hiring manager may pay in one contract."""

    amount = MoneyField(
        minimum=0,
        label=_("Limit per contract"),
        help_text=_("What this person may fund and approve in one contract, without fees and VAT. 0: nothing."),
    )


class SuccessorForm(forms.Form):
    """Who follows somebody who goes."""

    successor = forms.ChoiceField(label=_("Hand over to"), required=False)

    def __init__(self, *args: Any, colleagues: Iterable[Membership], **kwargs: Any) -> None:
        """Take the people who stay."""
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["successor"]).choices = [
            ("", _("Nobody")),
            *((str(each.user_id), each.user.get_full_name()) for each in colleagues),
        ]

    def successor_id(self) -> int | None:
        """Return the person chosen, if any."""
        return int(self.cleaned_data["successor"]) if self.cleaned_data["successor"] else None


class ReaderForm(forms.Form):
    """Which member is added to a job or a contract."""

    user = forms.ChoiceField(label=_("Member"), error_messages={"required": _("Choose a member.")})

    def __init__(self, *args: Any, members: Iterable[Membership], **kwargs: Any) -> None:
        """Take the members who can be added."""
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["user"]).choices = [
            ("", _("Choose")),
            *((str(each.user_id), each.user.get_full_name()) for each in members),
        ]


class EraseForm(forms.Form):
    """The address of the account, typed by whoever deletes it."""

    email = forms.CharField(
        label=_("Type the e-mail address of your account"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type the address, so that nothing is deleted by a slip.")},
    )
