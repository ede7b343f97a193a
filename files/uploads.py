"""Receiving a request body: bytes beyond the limits are counted and dropped while they arrive, not kept."""

from __future__ import annotations

import io
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from core.product import rules

#: Bytes of a form of parts that a visitor may send.
VISITORS_MOST = 64 * 1024


class LimitedUploadHandler(FileUploadHandler):
    """Stands before Django's own handlers and passes on at most the largest file and a form's worth of bytes.

    A file that is too large still arrives at the form, without content but with its true size, so that the form
    can refuse it by name and keep everything else.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.received = 0
        self.room = rules().file_bytes_maximum * rules().files_per_form

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any, **more: Any) -> None:  # noqa: N803
        """Refuse a large form of somebody who is not signed in, before it is read: visitors upload nothing.

        Raises RequestDataTooBig, which Django answers with 400.
        """
        actor = getattr(self.request, "actor", None)
        if actor is not None and actor.user_id is None and content_length > VISITORS_MOST:
            raise RequestDataTooBig("a visitor's form has more than text")
        super().handle_raw_input(input_data, META, content_length, *rest, **more)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count a file."""
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Pass a piece on while there is room; None drops it for the handlers behind."""
        self.received += len(raw_data)
        self.room -= len(raw_data)
        return None if self._is_over() else raw_data

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        """Stand in for a file that was dropped; leave the others to the handlers behind."""
        if not self._is_over():
            return None
        for handler in self.request.upload_handlers if self.request else ():
            if handler is not self and hasattr(handler, "file"):
                handler.file.close()  # what they kept before it was too much
        size = max(self.received, rules().file_bytes_maximum + 1)
        return UploadedFile(file=io.BytesIO(), name=self.file_name, content_type=self.content_type, size=size)

    def _is_over(self) -> bool:
        return self.received > rules().file_bytes_maximum or self.room < 0
