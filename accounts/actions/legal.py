"""What a party declares about itself before the law, and the mandate to invoice in its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django_countries import countries

from accounts.actions.consents import NoSuchDocument
from accounts.models import LegalDocument, LegalProfile, MandateAcceptance, Party
from accounts.permissions import WORKING_KINDS, can_edit_party
from accounts.queries import mandate_version
from core.actor import Actor
from core.errors import DomainError, NotAllowed
from core.product import rules
from core.registers import EU, compact_siret, compact_vat_number, is_french_pair, is_siret, is_vat_number_of
from events.actions import record


class DetailsNotPossible(DomainError):
    """Something declared is missing, or contradicts the rest; `field` says which of the details."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalDetails:
    """What a party declares; `charges_vat` is asked of those who earn, and nothing for a client."""

    status: str
    legal_name: str
    address: str
    country: str
    siret: str = ""
    vat_number: str = ""
    charges_vat: bool | None = None


@transaction.atomic
def save_legal_profile(*, party_id: int, details: LegalDetails, by: Actor, at: datetime) -> LegalProfile:
    """Declare what the party is before the law, or change it. What was charged before keeps its sums.

    From: nothing, unregistered, registered. To: unregistered, registered. Money: none.
    Event: accounts.legal_status_declared the first time, then accounts.legal_status_changed.

    Raises NotAllowed unless `by` is an owner or administrator, DetailsNotPossible for details that are missing,
    malformed or contradict each other.
    """
    party = Party.objects.locked(party_id)
    if not can_edit_party(by, party_id):
        raise NotAllowed(_("Only owners and administrators may change these settings."))
    details = _clean(details, is_earner=party.kind in WORKING_KINDS)
    profile = LegalProfile.objects.filter(party=party).first()
    before = _shown(profile) if profile else {}
    if profile is None:
        profile = LegalProfile(party=party, created_at=at)
    profile.status, profile.charges_vat = LegalProfile.Status(details.status), details.charges_vat
    profile.legal_name, profile.address, profile.country = details.legal_name, details.address, details.country
    profile.siret, profile.vat_number, profile.changed_at = details.siret, details.vat_number, at
    profile.save()
    record(
        kind="accounts.legal_status_changed" if before else "accounts.legal_status_declared",
        actor=by,
        subject=f"party:{party_id}",
        scope=f"party:{party_id}",
        at=at,
        before=before,
        after=_shown(profile),
    )
    return profile


@transaction.atomic
def accept_mandate(*, party_id: int, version: int, by: Actor, at: datetime) -> MandateAcceptance:
    """Let the operator write invoices in the party's name, as this version of the mandate says. Again changes nothing.

    Event: accounts.mandate_accepted, the first time.

    Raises NotAllowed unless `by` is an owner or administrator of a party that earns, NoSuchDocument for a version
    that is not in force.
    """
    party = Party.objects.locked(party_id)
    if by.user_id is None or party.kind not in WORKING_KINDS or not can_edit_party(by, party_id):
        raise NotAllowed(_("Only owners and administrators of a freelancer's account accept the billing mandate."))
    if version != mandate_version(at):
        raise NoSuchDocument(_("The billing mandate has a newer version. Read it, then accept it."))
    acceptance, is_new = MandateAcceptance.objects.get_or_create(
        party=party, version=version, defaults={"accepted_by_id": by.user_id, "accepted_at": at}
    )
    if is_new:
        record(
            kind="accounts.mandate_accepted",
            actor=by,
            subject=f"party:{party_id}",
            scope=f"party:{party_id}",
            at=at,
            document=str(LegalDocument.Kind.MANDATE),
            version=version,
        )
    return acceptance


def _clean(details: LegalDetails, *, is_earner: bool) -> LegalDetails:
    """Return the details in the form in which they are kept. Raises DetailsNotPossible."""
    if details.status not in LegalProfile.Status.values:
        raise DetailsNotPossible("status", _("Say whether this is a registered business."))
    if not details.legal_name.strip():
        raise DetailsNotPossible("legal_name", _("Enter the name as it stands on invoices."))
    if not details.address.strip():
        raise DetailsNotPossible("address", _("Enter the address as it stands on invoices."))
    if details.country not in dict(countries):
        raise DetailsNotPossible("country", _("Choose a country."))
    is_registered = details.status == LegalProfile.Status.REGISTERED
    siret, vat_number = compact_siret(details.siret), compact_vat_number(details.vat_number)
    _check_siret(siret, details.country, is_registered=is_registered)
    _check_vat_number(vat_number, siret, details.country, is_registered=is_registered)
    charges_vat = _charges_vat(details, vat_number, is_registered=is_registered) if is_earner else None
    return LegalDetails(
        status=details.status,
        legal_name=" ".join(details.legal_name.split()),
        address="\n".join(line.strip() for line in details.address.strip().splitlines() if line.strip()),
        country=details.country,
        siret=siret,
        vat_number=vat_number,
        charges_vat=charges_vat,
    )


def _check_siret(siret: str, country: str, *, is_registered: bool) -> None:
    if is_registered and country == "FR" and not siret:
        raise DetailsNotPossible("siret", _("Enter the SIRET, 14 digits: a French business has one."))
    if siret and not (is_registered and country == "FR"):
        raise DetailsNotPossible("siret", _("Only a registered business in France has a SIRET. Leave this empty."))
    if siret and not is_siret(siret):
        raise DetailsNotPossible("siret", _("This is not a SIRET: check its 14 digits."))


def _check_vat_number(vat_number: str, siret: str, country: str, *, is_registered: bool) -> None:
    if not vat_number:
        return
    if not is_registered or country not in EU:
        raise DetailsNotPossible(
            "vat_number", _("Only a registered business in the European Union has this number. Leave it empty.")
        )
    if not is_vat_number_of(country, vat_number):
        raise DetailsNotPossible(
            "vat_number", _("This is not a VAT number of that country: check it, with its two letters.")
        )
    if siret and not is_french_pair(siret, vat_number):
        raise DetailsNotPossible("vat_number", _("This VAT number and the SIRET are not of the same business."))


def _charges_vat(details: LegalDetails, vat_number: str, *, is_registered: bool) -> bool:
    if details.charges_vat is None and is_registered and details.country in dict(rules().vat_rates):
        raise DetailsNotPossible("charges_vat", _("Say whether you charge VAT."))
    if not details.charges_vat:
        return False
    if not is_registered:
        raise DetailsNotPossible("charges_vat", _("Only a registered business charges VAT."))
    if details.country not in dict(rules().vat_rates):
        raise DetailsNotPossible("charges_vat", _("VAT of this country cannot be charged here. Choose “no”."))
    if not vat_number:
        raise DetailsNotPossible("vat_number", _("Enter your VAT number: who charges VAT has one."))
    return True


def _shown(profile: LegalProfile) -> dict[str, object]:
    """Return what the record of changes keeps: no name and no address."""
    return {
        "status": str(profile.status),
        "country": str(profile.country),
        "vat_number": bool(profile.vat_number),
        "charges_vat": profile.charges_vat,
    }
