"""The correlation that made pairs is found again, and orders are counted as they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from trackoracle.distributions import fit_correlation, fit_curve_of_pairs
from trackoracle.distributions.comparing import worth

Levels = tuple[np.ndarray, np.ndarray]


def pairs(correlation: float, n: int, atom: float) -> list[Levels]:
    """Draw pairs of levels; those below the atom are only known to be below it."""
    random = np.random.default_rng(0)
    factor, own = random.normal(size=n), random.normal(size=(2, n))
    levels = []
    for level in ndtr(np.sqrt(correlation) * factor + np.sqrt(1 - correlation) * own):
        low, high = np.floor(level * 100) / 100, np.floor(level * 100 + 1) / 100
        low[level < atom], high[level < atom] = 0, atom
        levels.append((low, high))
    return levels


@pytest.mark.parametrize("correlation", [0.0, 0.2, 0.5, 0.8])
@pytest.mark.parametrize("atom", [0.0, 0.4])
def test_it_is_found_again(correlation: float, atom: float) -> None:
    found = fit_correlation(*pairs(correlation, 4000, atom))
    assert found == pytest.approx(correlation, abs=0.05)


def test_few_pairs_tell_nothing_and_opposites_share_nothing() -> None:
    assert fit_correlation(*pairs(0.5, 199, 0)) is None
    first, (low, high) = pairs(0.8, 1000, 0)
    assert fit_correlation(first, (1 - high, 1 - low)) == 0


def test_orders_are_counted() -> None:
    """What is stated as .5 to .7 is a coin, what is stated higher is right nine times of ten."""
    random = np.random.default_rng(0)
    stated = random.uniform(0, 1, 20_000)
    sure = np.abs(stated - 0.5) > 0.2
    chance = np.where(sure, np.where(stated > 0.5, 0.9, 0.1), 0.5)
    right = (random.random(20_000) < chance).astype(float)
    curve = fit_curve_of_pairs(stated, right)
    told = worth(np.array([0.55, 0.45, 0.95, 0.05, 0.5]), curve)
    assert told == pytest.approx([0.5, 0.5, 0.9, 0.1, 0.5], abs=0.03)
    assert (np.diff(worth(np.linspace(0, 1, 101), curve)) >= 0).all()


def test_few_or_even_pairs_are_not_counted() -> None:
    assert fit_curve_of_pairs(np.full(499, 0.7), np.ones(499)) is None
    assert fit_curve_of_pairs(np.full(600, 0.5), np.ones(600)) is None
    # Orders that are wrong more often than not are worth nothing, not less.
    assert worth(np.array([0.7]), fit_curve_of_pairs(np.full(600, 0.7), np.zeros(600))) == [0.5]
