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
from accounts.actions.erasure import AccountGone, AccountNotDeletable, AddressMistyped, erase_account, send_farewells
from accounts.actions.exports import (
    ExportTooSoon,
    build_export,
    build_exports,
    expire_export,
    expire_exports,
    request_export,
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
    "AccountGone",
    "AccountNotDeletable",
    "AddressMistyped",
    "AddressTaken",
    "AddressVerified",
    "AlreadyInGroup",
    "DetailsNotPossible",
    "ExportTooSoon",
    "HatAlreadyWorn",
    "LegalDetails",
    "Newcomer",
    "NoSuchDocument",
    "NotInGroup",
    "OwnAccount",
    "TextMissing",
    "UnknownTimeZone",
    "accept_mandate",
    "add_hat",
    "build_export",
    "build_exports",
    "correct_address",
    "deactivate_user",
    "erase_account",
    "expire_export",
    "expire_exports",
    "give_consent",
    "grant_staff_group",
    "publish_legal_document",
    "reactivate_user",
    "register_user",
    "request_export",
    "revoke_staff_group",
    "save_legal_profile",
    "save_party",
    "save_user",
    "send_farewells",
    "sign_out_device",
    "sign_out_other_devices",
    "sign_up",
    "vacate_address",
]
