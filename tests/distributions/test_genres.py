"""Genres of which a model is too sure, or not sure enough, are calibrated apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from trackoracle.distributions import calibration_from_arrays, fit_calibration
from trackoracle.schema import Ragged

POINTS = np.arange(101.0)
EDGES = np.arange(0.0, 100.0, 5.0)
CALM, WILD, PLAIN = np.uint64(5), np.uint64(9), np.uint64(7)


def _bins(middle: np.ndarray, spread: float) -> np.ndarray:
    """Probabilities of bins (n, 21) about a middle."""
    edges = np.concatenate([[-np.inf], EDGES, [np.inf]])
    return np.diff(ndtr((edges - middle[:, None]) / spread), axis=1)


def _world(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, Ragged]:
    """A model that always takes the spread for 10, where one genre has 5 and another 18."""
    random = np.random.default_rng(seed)
    middle, genre = random.uniform(20, 80, n), random.integers(0, 3, n)
    spread = np.array([5.0, 18.0, 10.0])[genre]
    target = np.clip(np.round(random.normal(middle, spread)), 0, 100)
    names = Ragged(np.array([CALM, WILD, PLAIN])[genre], np.arange(n + 1))
    return _bins(middle, 10.0), target, names


RAW, TARGET, GENRES = _world(9_000, seed=0)
KNOWN = np.arange(9_000) % 2 == 0
FITTED = fit_calibration(RAW, TARGET, np.ones(9_000), KNOWN, POINTS, EDGES, GENRES)


def _held(calibration, genres: Ragged | None) -> list[float]:
    raw, target, own = _world(9_000, seed=1)
    low, high = calibration.distribution(raw, KNOWN, own if genres is None else genres).interval(
        0.9
    )
    held = (target >= low) & (target <= high)
    return [float(held[own.values == genre].mean()) for genre in (CALM, WILD, PLAIN)]


def test_each_genre_is_held_as_often_as_it_should_be() -> None:
    calm, wild, _ = _held(replace(FITTED, genres=None), None)
    assert calm > 0.97
    assert wild < 0.8
    assert _held(FITTED, None) == pytest.approx([0.9, 0.9, 0.9], abs=0.025)


def test_without_a_known_genre_nothing_moves() -> None:
    plain = replace(FITTED, genres=None).distribution(RAW, KNOWN)
    none = Ragged(np.zeros(0, np.uint64), np.zeros(9_001, np.int64))
    stranger = Ragged(np.full(9_000, 3, np.uint64), np.arange(9_001))
    for genres in (None, none, stranger):
        told = FITTED.distribution(RAW, KNOWN, genres)
        np.testing.assert_array_equal(told.cumulative, plain.cumulative)
    some = Ragged(np.array([CALM]), np.array([0, *np.ones(9_000, np.int64)]))
    told = FITTED.distribution(RAW, KNOWN, some)
    np.testing.assert_array_equal(told.cumulative[1:], plain.cumulative[1:])
    assert np.abs(told.cumulative[0] - plain.cumulative[0]).max() > 0.05


def test_a_track_of_two_genres_is_between_them() -> None:
    one = RAW[:1], KNOWN[:1]
    widths = [
        np.ptp(
            [ends[0] for ends in FITTED.distribution(*one, Ragged(names, offsets)).interval(0.9)]
        )
        for names, offsets in (
            (np.array([CALM]), np.array([0, 1])),
            (np.array([CALM, WILD]), np.array([0, 2])),
            (np.array([WILD]), np.array([0, 1])),
        )
    ]
    assert widths == sorted(widths)
    assert widths[0] < widths[1] < widths[2]


@given(st.lists(st.floats(0, 1), min_size=21, max_size=21).filter(lambda p: sum(p) > 0.1))
def test_it_stays_a_distribution(parts: list[float]) -> None:
    raw = np.array([parts]) / sum(parts)
    told = FITTED.distribution(raw, np.array([True]), Ragged(np.array([WILD]), np.array([0, 1])))
    assert (np.diff(told.cumulative, axis=1) >= -1e-12).all()
    assert told.cumulative[0, -1] == 1
    assert (told.cumulative >= 0).all()


def test_saved_arrays_answer_the_same() -> None:
    again = calibration_from_arrays(FITTED.arrays())
    told, expected = (c.distribution(RAW, KNOWN, GENRES).cumulative for c in (again, FITTED))
    np.testing.assert_array_equal(told, expected)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("hashes", lambda a: a[::-1]),
        ("hashes", lambda a: a.astype(np.float64)),
        ("shift", lambda a: a[1:]),
        ("shift", lambda a: a * np.nan),
        ("log_spread", lambda a: a * np.inf),
        ("log_spread", lambda a: a + 1e6),
    ],
)
def test_arrays_that_move_no_levels_are_refused(name: str, change) -> None:
    arrays = FITTED.arrays()
    with pytest.raises(ValueError, match="calibration: expected a shift and spread"):
        calibration_from_arrays({**arrays, f"genres_{name}": change(arrays[f"genres_{name}"])})
