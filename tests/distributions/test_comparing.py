"""Which of two does better, by their tables and by draws from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackoracle.distributions import Distribution, p_better

MASS = st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda mass: sum(mass) > 0.1)


def distribution(*masses: list[float]) -> Distribution:
    table = np.cumsum(np.array(masses) / np.sum(masses, axis=1, keepdims=True), axis=1)
    return Distribution(np.array([0.0, 1.0, 5.0, 9.0]), table, np.ones(len(masses), bool))


@given(MASS, MASS)
def test_one_or_the_other_or_half_each(one: list[float], other: list[float]) -> None:
    first, second = distribution(one), distribution(other)
    forward, backward = p_better(first, second)[0], p_better(second, first)[0]
    assert forward + backward == pytest.approx(1)
    assert p_better(first, first)[0] == pytest.approx(0.5)
    expected = sum(
        p * q * (1 if i > j else 0.5 if i == j else 0)
        for i, p in enumerate(np.array(one) / sum(one))
        for j, q in enumerate(np.array(other) / sum(other))
    )
    assert forward == pytest.approx(expected)


def test_draws_agree() -> None:
    random = np.random.default_rng(0)
    first, second = distribution([1, 2, 3, 4]), distribution([4, 1, 1, 2])
    drawn = [
        random.choice(4, 200_000, p=np.diff(d.cumulative[0], prepend=0)) for d in (first, second)
    ]
    better = (drawn[0] > drawn[1]).mean() + (drawn[0] == drawn[1]).mean() / 2
    assert p_better(first, second)[0] == pytest.approx(better, abs=0.005)


def test_rows_are_taken_in_order() -> None:
    both = distribution([1, 0, 0, 0], [0, 0, 0, 1])
    assert both.take(np.array([1, 0])).mean.tolist() == [9.0, 0.0]
