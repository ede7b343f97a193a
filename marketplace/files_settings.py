"""What must be true of the settings of the file store and of its scanner before anything starts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

LOCAL = frozenset({"localhost", "127.0.0.1", "minio"})
LINKS = frozenset({"redirect", "stream"})


def store_problems(
    *, bucket: str, endpoint: str, region: str, access_key: str, secret_key: str, links: str
) -> list[str]:
    """Return what is missing or contradicts itself, each with what to do; keys are never repeated."""
    found = []
    others = endpoint or region or access_key or secret_key
    if others and not bucket:
        found.append("FILES_STORE_* are set without FILES_STORE_BUCKET: name the bucket, or unset them all.")
    if bool(access_key) != bool(secret_key):
        found.append(
            "Set both FILES_STORE_ACCESS_KEY and FILES_STORE_SECRET_KEY, or neither where the machine has a role."
        )
    if bucket and not region and not endpoint:
        found.append("Set FILES_STORE_REGION, such as eu-west-3, or FILES_STORE_ENDPOINT of another server.")
    parts = urlsplit(endpoint)
    if endpoint and parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in LOCAL):
        found.append("FILES_STORE_ENDPOINT must begin with https://: people's files travel there.")
    if links not in LINKS:
        found.append(f"FILES_STORE_LINKS={links!r} is not known: write `redirect` or `stream`.")
    return found


def store_of(
    *, bucket: str, endpoint: str, region: str, access_key: str, secret_key: str, prefix: str
) -> dict[str, Any]:
    """Return the entry of Django's STORAGES for a bucket."""
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": region or None,
        "access_key": access_key or None,
        "secret_key": secret_key or None,
        "location": prefix,
    }
    return {"BACKEND": "files.buckets.BucketStore", "OPTIONS": options}


def clamd_problems(url: str) -> list[str]:
    """Return what is wrong with the address of the daemon, with what to write."""
    parts = urlsplit(url)
    if (
        not url
        or (parts.scheme == "tcp" and parts.hostname)
        or (parts.scheme == "unix" and parts.path and not parts.netloc)
    ):
        return []
    return [f"CLAMD_URL={url!r} is no address of clamd: write tcp://host:3310 or unix:///run/clamav/clamd.ctl."]
