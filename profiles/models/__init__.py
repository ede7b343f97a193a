"""Profiles, what stands in their sections, their reviews, and the facts about parties."""

from profiles.models.certifications import Certification
from profiles.models.items import AGENCY_SECTIONS, Entry, PortfolioItem, Section
from profiles.models.lists import TalentEntry, TalentList
from profiles.models.profiles import Level, OldAddress, PartyFacts, Profile, ProfileDocument, ProfileReview
from profiles.models.testimonials import Testimonial
from profiles.models.work import WorkHistory

__all__ = [
    "AGENCY_SECTIONS",
    "Certification",
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
    "Testimonial",
    "WorkHistory",
]
