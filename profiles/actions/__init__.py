"""Every write of profiles, their reviews and the facts about parties."""

from profiles.actions.documents import refresh_document, refresh_document_of_party, write_missing_documents
from profiles.actions.facts import (
    count_contract_ended,
    count_hire,
    count_job_posted,
    count_release,
    set_payment_verified,
)
from profiles.actions.profiles import (
    AddressNotPossible,
    AddressTaken,
    ProfileIncomplete,
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

__all__ = [
    "AddressNotPossible",
    "AddressTaken",
    "PointsMissing",
    "ProfileChanged",
    "ProfileIncomplete",
    "ProfileNotInReview",
    "ProfileNotSubmittable",
    "ProfileTexts",
    "RateNotPossible",
    "TooManySkills",
    "approve_profile",
    "change_profile_address",
    "count_contract_ended",
    "count_hire",
    "count_job_posted",
    "count_release",
    "create_profile",
    "refresh_document",
    "refresh_document_of_party",
    "request_profile_changes",
    "save_profile",
    "set_payment_verified",
    "set_profile_photo",
    "submit_profile",
    "write_missing_documents",
]
