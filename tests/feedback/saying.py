"""Feedback as somebody gives it, and a process of its own that gives much of it."""

from __future__ import annotations

import sys
from typing import Any

from trackoracle.feedback import FeedbackStore
from trackoracle.schema import Feedback

SESSION = "0123456789abcdef"


def said(**changes: Any) -> Feedback:
    facts: dict[str, Any] = {
        "oracle": "starter",
        "oracle_hash": "ab" * 32,
        "asked": {"tempo": 120.0, "genres": ["pop"], "explicit": None},
        "answered": {"popularity": 41.5, "p_hit": 0.25},
        "verdict": "too low",
        "interface": "app",
        "session": SESSION,
    }
    return Feedback(**(facts | changes))


def main() -> None:
    place, n = sys.argv[1], int(sys.argv[2])
    with FeedbackStore.open(place) as store:
        for i in range(n):
            store.add(said(actual=float(i)))


if __name__ == "__main__":
    main()
