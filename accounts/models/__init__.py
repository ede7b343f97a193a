"""People, the parties they act for, and what both are before the law."""

from accounts.models.legal import Consent, LegalDocument, LegalProfile, MandateAcceptance
from accounts.models.people import Membership, Party, PartyQuerySet, SentMail, StaffGroup, User, UserManager
from accounts.models.privacy import DataExport, Farewell

__all__ = [
    "Consent",
    "DataExport",
    "Farewell",
    "LegalDocument",
    "LegalProfile",
    "MandateAcceptance",
    "Membership",
    "Party",
    "PartyQuerySet",
    "SentMail",
    "StaffGroup",
    "User",
    "UserManager",
]
