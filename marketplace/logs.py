"""What each line of the log carries."""

from __future__ import annotations

import logging

from core.request import current_request_id


class RequestIdFilter(logging.Filter):
    """Adds the id of the request or task at work to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with its request id."""
        record.request_id = current_request_id() or "-"
        return True
