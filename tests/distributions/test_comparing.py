"""Which of two does better, by their tables and by draws from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from trackoracle.distributions import Distribution, Joint, p_better

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


def test_what_is_shared_makes_an_order_surer_and_draws_agree() -> None:
    random = np.random.default_rng(1)
    mass = np.exp(-((np.arange(101)[None] - np.array([[45.0], [52.0]])) ** 2) / 200)
    table = np.cumsum(mass / mass.sum(axis=1, keepdims=True), axis=1)
    each = Distribution(np.arange(101.0), table, np.ones(2, bool))
    zero, one = np.array([0]), np.array([1])
    by = np.full(2, 0.5)
    codes = np.zeros(2, np.int64)
    joint = Joint(each, codes, codes, by, np.full(2, 0.7))
    apart = Joint(each, np.arange(2), codes, by, np.full(2, 0.7))
    alone, shared = apart.p_better(one, zero)[0], joint.p_better(one, zero)[0]
    assert alone == pytest.approx(p_better(each.take(one), each.take(zero))[0])
    assert shared > alone + 0.05 > 0.7
    factor, own = random.normal(size=(200_000, 1)), random.normal(size=(200_000, 2))
    level = ndtr(np.sqrt(0.7) * factor + np.sqrt(0.3) * own)
    places = np.stack([np.searchsorted(table[i], level[:, i]) for i in range(2)])
    drawn = (places[1] > places[0]).mean() + (places[1] == places[0]).mean() / 2
    assert shared == pytest.approx(drawn, abs=0.005)
    best = joint.p_best(20_000, seed=0)
    assert best == pytest.approx([1 - drawn, drawn], abs=0.02)
    assert best.sum() == pytest.approx(1)


@given(MASS, MASS, st.floats(0, 0.9))
def test_shared_or_not_two_orders_are_one(one, other, shared: float) -> None:
    both = distribution(one, other, one)
    joint = Joint(
        both, np.zeros(3, int), np.zeros(3, int), np.full(3, shared / 2), np.full(3, shared)
    )
    first, second = np.array([0, 1, 0]), np.array([1, 0, 2])
    forward, backward, equal = joint.p_better(first, second)
    assert forward + backward == pytest.approx(1, abs=1e-9)
    assert equal == pytest.approx(0.5, abs=1e-9)


def test_only_tracks_of_one_artist_share() -> None:
    each = distribution(*[[1, 1, 1, 1]] * 4)
    artist, album = np.array([0, 0, 0, 1]), np.array([5, 5, 6, 5])
    joint = Joint(each, artist, album, np.full(4, 0.3), np.full(4, 0.5))
    first, second = np.array([0, 0, 0]), np.array([1, 2, 3])
    assert joint.correlation(first, second).tolist() == pytest.approx([0.5, 0.3, 0.0])
