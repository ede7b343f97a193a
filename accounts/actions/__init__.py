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
from accounts.actions.devices import sign_out_device, sign_out_other_devices
from accounts.actions.legal import DetailsNotPossible, LegalDetails, accept_mandate, save_legal_profile
from accounts.actions.people import (
    HatAlreadyWorn,
    NothingWritten,
    TextNotPublic,
    UnknownTimeZone,
    add_hat,
    clear_about,
    save_party,
    save_user,
    sign_up,
)
from accounts.actions.staff import (
    AccountClosed,
    AlreadyInGroup,
    NotInGroup,
    OwnAccount,
    deactivate_user,
    grant_staff_group,
    reactivate_user,
    revoke_staff_group,
)

__all__ = [
    "AccountClosed",
    "AddressTaken",
    "AddressVerified",
    "AlreadyInGroup",
    "DetailsNotPossible",
    "HatAlreadyWorn",
    "LegalDetails",
    "Newcomer",
    "NoSuchDocument",
    "NotInGroup",
    "NothingWritten",
    "OwnAccount",
    "TextMissing",
    "TextNotPublic",
    "UnknownTimeZone",
    "accept_mandate",
    "add_hat",
    "clear_about",
    "correct_address",
    "deactivate_user",
    "give_consent",
    "grant_staff_group",
    "publish_legal_document",
    "reactivate_user",
    "register_user",
    "revoke_staff_group",
    "save_legal_profile",
    "save_party",
    "save_user",
    "sign_out_device",
    "sign_out_other_devices",
    "sign_up",
    "vacate_address",
]
