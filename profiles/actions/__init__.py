"""Every write of profiles, their reviews and the facts about parties."""

from profiles.actions.documents import (
    refresh_document,
    refresh_document_of_party,
    renew_head,
    write_missing_documents,
)
from profiles.actions.facts import (
    count_contract_ended,
    count_hire,
    count_job_posted,
    count_release,
    set_payment_verified,
)
from profiles.actions.items import (
    EntryTexts,
    ItemNotPossible,
    PortfolioTexts,
    add_item,
    change_item,
    delete_item,
    move_item,
)
from profiles.actions.profiles import (
    AddressNotPossible,
    AddressTaken,
    AvailabilityNotPossible,
    ProfileNotSubmittable,
    ProfileTexts,
    RateNotPossible,
    TooManySkills,
    change_profile_address,
    create_profile,
    save_profile,
    set_profile_photo,
    submit_profile,
)
from profiles.actions.reviews import (
    PointsMissing,
    ProfileChanged,
    ProfileNotInReview,
    approve_profile,
    request_profile_changes,
)
from profiles.actions.rows import ProfileIncomplete

__all__ = [
    "AddressNotPossible",
    "AddressTaken",
    "AvailabilityNotPossible",
    "EntryTexts",
    "ItemNotPossible",
    "PointsMissing",
    "PortfolioTexts",
    "ProfileChanged",
    "ProfileIncomplete",
    "ProfileNotInReview",
    "ProfileNotSubmittable",
    "ProfileTexts",
    "RateNotPossible",
    "TooManySkills",
    "add_item",
    "approve_profile",
    "change_item",
    "change_profile_address",
    "count_contract_ended",
    "count_hire",
    "count_job_posted",
    "count_release",
    "create_profile",
    "delete_item",
    "move_item",
    "refresh_document",
    "refresh_document_of_party",
    "renew_head",
    "request_profile_changes",
    "save_profile",
    "set_payment_verified",
    "set_profile_photo",
    "submit_profile",
    "write_missing_documents",
]
