"""Reads of profiles, of the facts about parties, and the search of talent."""

from profiles.queries.profiles import (
    OVERVIEW_LEAST,
    ClientBlock,
    Completeness,
    Standing,
    Step,
    can_read_photo,
    client_block,
    completeness,
    is_approved,
    own_profile,
    profile_for_public,
    profiles,
    review_deadline,
    standing,
)
from profiles.queries.talent import TalentFilters, TalentPage, TalentRow, search_talent, talent_without_each

__all__ = [
    "OVERVIEW_LEAST",
    "ClientBlock",
    "Completeness",
    "Standing",
    "Step",
    "TalentFilters",
    "TalentPage",
    "TalentRow",
    "can_read_photo",
    "client_block",
    "completeness",
    "is_approved",
    "own_profile",
    "profile_for_public",
    "profiles",
    "review_deadline",
    "search_talent",
    "standing",
    "talent_without_each",
]
