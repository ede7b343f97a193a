"""How a figure is printed: `figure <name> <value> <goal> <ok|short>` on standard output, progress on standard error."""

from __future__ import annotations

import operator
import sys

_RULES = {">=": operator.ge, "<=": operator.le}


def report(name: str, value: float, goal: str) -> bool:
    """Print one figure, unrounded compared with its goal (such as ">=0.5"), and return whether it meets it."""
    is_met: bool = _RULES[goal[:2]](value, float(goal[2:]))
    print(f"figure {name} {value:.4g} {goal} {'ok' if is_met else 'short'}", flush=True)
    return is_met


def tell(text: str) -> None:
    """Say how far a benchmark is."""
    print(text, file=sys.stderr, flush=True)
