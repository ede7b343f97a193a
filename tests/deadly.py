"""The site as `make run` serves it, but for one thing: its process kills itself where the environment says.

Run by uvicorn for one test: `DEADLY_DATABASE`, `DEADLY_POINT`, `DEADLY_COMMIT` and `DEADLY_FAULT` describe its end. The
fault is one of a provider that lives in this process; which provider it is, the settings say, as anywhere.
"""

from __future__ import annotations

import os

from django.db import connection

from marketplace.asgi import application
from tests.worker import Job, lay_trap

__all__ = ["application"]

connection.settings_dict["NAME"] = os.environ["DEADLY_DATABASE"]
fault = os.environ["DEADLY_FAULT"]
lay_trap(
    Job(
        clocks=(),
        at="",
        faults=[("charge", fault)] if fault else (),
        point=os.environ["DEADLY_POINT"],
        is_before_commit=bool(os.environ["DEADLY_COMMIT"]),
    )
)
