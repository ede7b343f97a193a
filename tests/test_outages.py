"""Payouts by real workers while Valkey, PostgreSQL and the workers themselves fall over: each is paid once."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from conftest import ROOT, Size


@pytest.mark.full
def test_payouts_survive_the_fall_of_everything_around_them(size: Size) -> None:
    ours = {"JALON_KEY_PREFIX", "DEMO_CLOCK", "BASE_URL", "DATABASE_POOL_SIZE", "PGOPTIONS", "PRIVATE_FILES_ROOT"}
    environ = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        [sys.executable, "-m", "tests.outages", str(size.outages)],
        cwd=ROOT,
        env={**environ, "JALON_STACK": f"outage{os.getpid()}"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=900,
    )
    said = json.loads(done.stdout)
    assert said == {
        "is_over": True,
        "slow": [],
        "given_up": [],
        "requested": size.outages,
        "states": {"paid": size.outages},
        "paid_by_provider": size.outages,
        "paid_twice": [],
        "books": [],
    }
