"""Which of two does better, by their tables and by draws from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from trackoracle.distributions import Distribution, Joint, p_better
from trackoracle.distributions.comparing import worth
from trackoracle.schema import NOTHING, NOTHING_SHARED, PairCurve, Shared, SharedBy, Sharing

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


def joint(each: Distribution, artist: list[int], album: list[int], *shared: Shared) -> Joint:
    """Join tracks of known artists that share `shared` by artist and by album."""
    return Joint(each, np.array(artist), np.array(album), Sharing(SharedBy(*shared), NOTHING))


def test_what_is_shared_makes_an_order_surer_and_draws_agree() -> None:
    random = np.random.default_rng(1)
    mass = np.exp(-((np.arange(101)[None] - np.array([[45.0], [52.0]])) ** 2) / 200)
    table = np.cumsum(mass / mass.sum(axis=1, keepdims=True), axis=1)
    each = Distribution(np.arange(101.0), table, np.ones(2, bool))
    zero, one = np.array([0]), np.array([1])
    same, by = [0, 0], (Shared(0.5), Shared(0.7))
    alone = joint(each, [0, 1], same, *by).p_better(one, zero)[0]
    by_artist = joint(each, same, [0, 1], *by).p_better(one, zero)[0]
    shared = joint(each, same, same, *by).p_better(one, zero)[0]
    assert alone == pytest.approx(p_better(each.take(one), each.take(zero))[0])
    assert shared > by_artist + 0.02 > alone + 0.05 > 0.7
    factor, own = random.normal(size=(200_000, 1)), random.normal(size=(200_000, 2))
    level = ndtr(np.sqrt(0.7) * factor + np.sqrt(0.3) * own)
    places = np.stack([np.searchsorted(table[i], level[:, i]) for i in range(2)])
    drawn = (places[1] > places[0]).mean() + (places[1] == places[0]).mean() / 2
    assert shared == pytest.approx(drawn, abs=0.005)
    # New artists' tracks are joined by what new ones share: here nothing.
    new = Distribution(each.support, table, np.zeros(2, bool))
    assert joint(new, same, same, *by).p_better(one, zero)[0] == pytest.approx(alone)


CURVE = PairCurve((0.5, 0.6, 0.7, 1.0), (0.5, 0.52, 0.8, 0.95))


@given(MASS, MASS, st.floats(0, 0.9), st.sampled_from((None, CURVE)))
@settings(max_examples=30)
def test_two_orders_are_one_whatever_is_shared(one, other, shared: float, curve) -> None:
    both = distribution(one, other, one)
    joined = joint(both, [0] * 3, [0] * 3, NOTHING_SHARED, Shared(shared, curve))
    forward, backward, equal = joined.p_better(np.array([0, 1, 0]), np.array([1, 0, 2]))
    assert forward + backward == pytest.approx(1, abs=1e-9)
    assert equal == pytest.approx(0.5, abs=1e-9)


def test_orders_are_told_as_they_proved_right() -> None:
    stated = np.array([0.5, 0.55, 0.7, 0.3, 1.0])
    assert worth(stated, CURVE).tolist() == pytest.approx([0.5, 0.51, 0.8, 0.2, 0.95])
    assert worth(stated, None) is stated


def test_relations() -> None:
    each = distribution(*[[1, 1, 1, 1]] * 4)
    joined = joint(each, [0, 0, 0, 1], [5, 5, 6, 5], NOTHING_SHARED, NOTHING_SHARED)
    told = joined.relation(np.array([0, 0, 0]), np.array([1, 2, 3]))
    assert told.tolist() == ["album", "artist", "strangers"]
