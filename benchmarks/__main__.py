"""`make bench` prints the light figures, `make bench-all` all of them."""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.figures import tell


def alone(name: str) -> int:
    """Run a module of its own in a process of its own and return its exit status."""
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode


def pages() -> int:
    """Measure what needs a marketplace with ten thousand jobs, which is made once."""
    from benchmarks import first_view
    from benchmarks.pages import main as measure_pages

    first_view.main(measure_pages())
    return 0


def main() -> int:
    """Run every benchmark; the exit status is 1 if one could not measure, not if a figure falls short."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure and print the figures.")
    parser.add_argument("--all", action="store_true", help="the heavy ones too")
    parser.add_argument("only", nargs="?", choices=("pages",), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only == "pages":
        return pages()
    ran = {
        "pages": subprocess.run([sys.executable, "-m", "benchmarks", "pages"], check=False).returncode,
        "ledger": alone("ledger"),
        "start": alone("start"),
        "guard": alone("guard"),
        "relevance": alone("relevance"),
        "inbox": alone("inbox"),
    }
    if asked.all:
        ran["payouts"] = alone("payouts")
        ran["search"] = alone("search")
        ran["sockets"] = alone("sockets")
    for name, status in ran.items():
        if status:
            tell(f"benchmarks: {name} could not be measured")
    return 1 if any(ran.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
