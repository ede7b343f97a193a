"""Profiles, what stands in their sections, their reviews, and the facts about parties."""

from profiles.models.items import AGENCY_SECTIONS, Entry, PortfolioItem, Section
from profiles.models.lists import TalentEntry, TalentList
from profiles.models.profiles import Level, OldAddress, PartyFacts, Profile, ProfileDocument, ProfileReview

__all__ = [
    "AGENCY_SECTIONS",
    "Entry",
    "Level",
    "OldAddress",
    "PartyFacts",
    "PortfolioItem",
    "Profile",
    "ProfileDocument",
    "ProfileReview",
    "Section",
    "TalentEntry",
    "TalentList",
]
