"""The off-platform guard: finds contact data and asks to talk or to pay elsewhere in what people write.

It reads text and nothing else: no rows, no settings. Who refuses, warns or masks is the caller's business.
"""

from messaging.guard.detecting import find_contacts
from messaging.guard.explaining import explain
from messaging.guard.findings import Finding, Kind

__all__ = ["Finding", "Kind", "explain", "find_contacts"]
