"""Every write of people, parties and consents."""

from accounts.actions.addresses import (
    AddressTaken,
    AddressVerified,
    Newcomer,
    correct_address,
    register_user,
    vacate_address,
)
from accounts.actions.consents import (
    NoSuchDocument,
    TextMissing,
    give_consent,
    publish_legal_document,
)
from accounts.actions.legal import DetailsNotPossible, LegalDetails, accept_mandate, save_legal_profile
from accounts.actions.people import (
    HatAlreadyWorn,
    UnknownTimeZone,
    add_hat,
    save_party,
    save_user,
    sign_up,
)
from accounts.actions.staff import OwnAccount, deactivate_user, reactivate_user

__all__ = [
    "AddressTaken",
    "AddressVerified",
    "DetailsNotPossible",
    "HatAlreadyWorn",
    "LegalDetails",
    "Newcomer",
    "NoSuchDocument",
    "OwnAccount",
    "TextMissing",
    "UnknownTimeZone",
    "accept_mandate",
    "add_hat",
    "correct_address",
    "deactivate_user",
    "give_consent",
    "publish_legal_document",
    "reactivate_user",
    "register_user",
    "save_legal_profile",
    "save_party",
    "save_user",
    "sign_up",
    "vacate_address",
]
