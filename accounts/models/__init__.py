"""People, the parties they act for, and what both are before the law."""

from accounts.models.invitations import PartyInvitation, PartyInvitationQuerySet
from accounts.models.legal import Consent, LegalDocument, LegalProfile, MandateAcceptance
from accounts.models.people import (
    Membership,
    MembershipQuerySet,
    Party,
    PartyQuerySet,
    SentMail,
    StaffGroup,
    User,
    UserManager,
)
from accounts.models.privacy import DataExport, Farewell

__all__ = [
    "Consent",
    "DataExport",
    "Farewell",
    "LegalDocument",
    "LegalProfile",
    "MandateAcceptance",
    "Membership",
    "MembershipQuerySet",
    "Party",
    "PartyInvitation",
    "PartyInvitationQuerySet",
    "PartyQuerySet",
    "SentMail",
    "StaffGroup",
    "User",
    "UserManager",
]
