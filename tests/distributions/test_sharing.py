"""The correlation that made pairs is found again, whatever their distributions are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from trackoracle.distributions import fit_correlation


def pairs(correlation: float, n: int, atom: float) -> tuple[np.ndarray, ...]:
    """Draw pairs of levels; those below the atom are only known to be below it."""
    random = np.random.default_rng(0)
    factor, own = random.normal(size=n), random.normal(size=(2, n))
    level = ndtr(np.sqrt(correlation) * factor + np.sqrt(1 - correlation) * own).ravel()
    low, high = np.floor(level * 100) / 100, np.floor(level * 100 + 1) / 100
    low[level < atom], high[level < atom] = 0, atom
    return low, high, np.arange(n), np.arange(n, 2 * n)


@pytest.mark.parametrize("correlation", [0.0, 0.2, 0.5, 0.8])
@pytest.mark.parametrize("atom", [0.0, 0.4])
def test_it_is_found_again(correlation: float, atom: float) -> None:
    found = fit_correlation(*pairs(correlation, 4000, atom))
    assert found == pytest.approx(correlation, abs=0.05)


def test_few_pairs_tell_nothing_and_opposites_share_nothing() -> None:
    assert fit_correlation(*pairs(0.5, 199, 0)) is None
    low, high, first, second = pairs(0.8, 1000, 0)
    low[second], high[second] = 1 - high[second], 1 - low[second]
    assert fit_correlation(low, high, first, second) == 0
