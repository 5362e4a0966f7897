"""How findings are written down, and how severe they are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema import SEVERITIES, AuditFinding, Severity

MATERIAL_SHARE = 0.01
"""Share of rows from which a leak by duplicates is an error.

A share s of test rows answered from memory lifts R2 by s(1 - R2) and accuracy by
s(1 - accuracy): below one in a hundred that is less than the width of an interval
at 10,000 rows, above it a leaderboard can be reordered by it.
"""


@dataclass
class Notebook:
    """Findings and gaps in knowledge, as the checks write them down."""

    findings: list[AuditFinding] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)

    def add(
        self,
        code: str,
        severity: Severity,
        n: int,
        what: str,
        *,
        evidence: str,
        fix: str,
        examples: tuple[str, ...] = (),
    ) -> None:
        """Write a finding down when it concerns anything."""
        if n:
            said = (_shown(what), _shown(evidence), int(n), tuple(map(_shown, examples[:3])))
            self.findings.append(AuditFinding(code, severity, *said, _shown(fix)))

    def sorted(self) -> tuple[AuditFinding, ...]:
        """Return the findings, errors first."""
        return tuple(sorted(self.findings, key=lambda f: SEVERITIES.index(f.severity)))


def _shown(text: str) -> str:
    """Replace what a terminal would obey: names in a file may hold anything."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def by_share(n: int, n_all: int) -> Severity:
    """Return how severe a leak is that concerns n of n_all rows.

    Examples
    --------
    >>> by_share(5, 100), by_share(5, 10_000)
    ('error', 'warning')
    """
    return "error" if n_all and n / n_all >= MATERIAL_SHARE else "warning"


def row_numbers(rows: NDArray[np.int64] | pl.Series) -> tuple[str, ...]:
    """Name the first rows as people count them, from 1."""
    return tuple(f"row {i + 1}" for i in rows[:3])


def percent(n: float, n_all: float) -> str:
    """Write a share for people.

    Examples
    --------
    >>> percent(1, 3), percent(1, 3000)
    ('33.3 %', '0.033 %')
    """
    share = 100 * n / n_all if n_all else 0.0
    return f"{share:.1f} %" if share >= 0.1 or share == 0 else f"{share:.2g} %"
