"""The private store in a bucket of S3 or of a server that speaks like it; imported only where one is set up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from files.gateway import store_away

logger = logging.getLogger(__name__)
#: Seconds for which a link to the bucket itself works: long enough to begin a download, which then runs on.
LINK_LIFE = 60
#: Bytes of an object that are read into memory; the rest goes to the temporary folder.
IN_MEMORY = 1024 * 1024


class BucketStore(S3Storage):
    """A private bucket. Whatever goes wrong between here and there is told as StoreAway, and nothing is assumed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            default_acl=None,  # as the bucket says: private
            file_overwrite=False,
            querystring_auth=True,
            querystring_expire=LINK_LIFE,
            max_memory_size=IN_MEMORY,
            client_config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path" if options.get("endpoint_url") else "auto"},
                connect_timeout=5,
                read_timeout=30,
                retries={"total_max_attempts": 3, "mode": "standard"},
            ),
            object_parameters={"CacheControl": "private, no-store"},
            **options,
        )

    def link(self, path: str, *, media_type: str, disposition: str) -> str:
        """Return a signed link of a minute to one object, which the bucket sends under this type and name."""
        parameters = {"ResponseContentType": media_type, "ResponseContentDisposition": disposition}
        url: str = self.url(path, parameters=parameters, expire=LINK_LIFE)
        return url

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _asking():
            opened = super()._open(name, mode)
            opened.file  # noqa: B018  (fetches it now, while what fails can still be told)
            return opened

    def _save(self, name: str, content: Any) -> str:
        with _asking():
            saved: str = super()._save(name, content)
            return saved

    def delete(self, name: str) -> None:
        """Delete an object; one that is not there is no error."""
        with _asking():
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Test whether there is such an object."""
        with _asking():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        """Return the length of an object. Raises FileNotFoundError where there is none."""
        with _asking():
            return int(super().size(name))


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        logger.exception("the bucket does not answer")
        raise store_away() from error
