"""The off-platform guard: finds contact data and asks to talk or to pay elsewhere in what people write.

It reads text and nothing else: no rows, no settings. Which texts are refused is decided where they are written.
"""

from messaging.guard.detecting import find_contacts
from messaging.guard.explaining import explain, explain_masking
from messaging.guard.findings import Finding, Kind
from messaging.guard.refusing import LeadsAway, check_texts, guard_problems

__all__ = [
    "Finding",
    "Kind",
    "LeadsAway",
    "check_texts",
    "explain",
    "explain_masking",
    "find_contacts",
    "guard_problems",
]
