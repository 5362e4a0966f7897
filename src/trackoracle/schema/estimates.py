"""Measured values with their intervals, and differences of two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Estimate:
    """A measured value with its bootstrap interval."""

    value: float
    low: float
    high: float


def estimate_from_dict(facts: Mapping[str, Any]) -> Estimate:
    """Rebuild an estimate from its plain data; what is no number raises."""
    return Estimate(float(facts["value"]), float(facts["low"]), float(facts["high"]))


Scores = dict[str, Estimate]
"""Metric name to estimate."""


@dataclass(frozen=True)
class Difference:
    """How a candidate's main metric differs from the chosen one's under one protocol.

    Parameters
    ----------
    value, low, high
        Candidate less chosen, and the interval of the paired bootstrap: other tracks,
        the same fitted models.
    p
        Of the corrected resampled t-test over the folds: models fitted anew. None where
        the folds do not allow it.
    beyond_chance
        The interval leaves out 0, and p, where there is one, is below .05.
    """

    value: float
    low: float
    high: float
    p: float | None
    beyond_chance: bool
