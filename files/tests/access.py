"""Who may open a file that was sent with work: the two sides, and the mediator of a contract in dispute."""

from __future__ import annotations

from typing import Any

from files.links import sign
from tests.access import Row, admin_pages, cells

SIDES = "client client_admin hiring_manager finance freelancer named_worker"


def _file(w: Any) -> dict[str, Any]:
    return {"file_id": w.file.pk}


def _link(w: Any) -> dict[str, Any]:
    return _file(w) | {"token": sign(w.file, w.people["freelancer"].actor)}


ACCESS = {
    "files:open": Row(kwargs=_file, get=cells(redirect=f"{SIDES} mediator administrator", missing="*")),
    "files:content": Row(
        kwargs=_link, get=cells(ok="freelancer", missing="anonymous *"), note="a link of the freelancer's, tried by all"
    ),
    "files:image": Row(
        kwargs=lambda w: _file(w) | {"size": "small"},
        get=cells(missing="anonymous *"),
        note="the file is no picture; approved photos are tried with the public profile",
    ),
    **admin_pages("files_storedfile", "support moderator mediator", lambda w: w.file.pk),
}
