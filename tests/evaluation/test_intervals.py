"""Intervals against known truths: the test of groups, and the constant width."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import norm

from trackoracle.evaluation import (
    Judged,
    constant_width,
    coverage_by_group,
    interval_quality,
)

N_GROUPS, N_ARTISTS, SIZE = 30, 60, 600


def _artists(random: np.random.Generator) -> np.ndarray:
    """Give each group artists of its own, a few of them with much of its tracks."""
    share = random.pareto(1.5, N_ARTISTS) + 0.1
    return np.concatenate(
        [
            group * N_ARTISTS + random.choice(N_ARTISTS, SIZE, p=share / share.sum())
            for group in range(N_GROUPS)
        ]
    )


def _held(random: np.random.Generator, artist: np.ndarray) -> np.ndarray:
    """Hold 90 %, in which the tracks of an artist resemble one another."""
    own = random.beta(9 / 2, 1 / 2, artist.max() + 1)
    return (random.random(len(artist)) < own[artist]).astype(float)


GROUPS = {str(g): np.arange(g * SIZE, (g + 1) * SIZE) for g in range(N_GROUPS)}


def test_exact_intervals_are_seldom_called_off() -> None:
    n_off = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        artist = _artists(random)
        weight = random.choice([0.5, 1.0], len(artist))
        tested = coverage_by_group(_held(random, artist), weight, artist, GROUPS, 0.9)
        n_off += any(group.is_off for group in tested)
    # Holm promises at most 3 of 60; 9 would come by chance once in 500.
    assert n_off <= 8


def test_tracks_of_an_artist_are_not_counted_as_independent() -> None:
    n_off = {True: 0, False: 0}
    for seed in range(30):
        random = np.random.default_rng(seed)
        artist = _artists(random)
        held, ones = _held(random, artist), np.ones(len(artist))
        for clustered in n_off:
            of = artist if clustered else np.arange(len(artist))
            tested = coverage_by_group(held, ones, of, GROUPS, 0.9)
            n_off[clustered] += any(group.is_off for group in tested)
    assert n_off[False] >= 20
    assert n_off[True] <= 5


@pytest.mark.parametrize(("planted", "found"), [(0.78, "3"), (0.99, "3")])
def test_a_group_with_planted_coverage_is_found(planted: float, found: str) -> None:
    random = np.random.default_rng(1)
    artist = random.integers(0, 300, N_GROUPS * SIZE)
    held = (random.random(len(artist)) < 0.9).astype(float)
    held[GROUPS["3"]] = random.random(SIZE) < planted
    tested = coverage_by_group(held, np.ones(len(artist)), artist, GROUPS, 0.9)
    assert [group.group for group in tested if group.is_off] == [found]


def test_where_all_is_held_artists_count_as_one_track_each() -> None:
    held, ones, rows = np.ones(200), np.ones(200), {"all": np.arange(200)}
    p = [
        coverage_by_group(held, ones, np.arange(200) % n, rows, 0.9)[0].p for n in (1, 10, 50, 200)
    ]
    assert p[0] > p[1] > p[2] > p[3]
    assert p[1] > 0.2
    assert p[3] < 1e-5


def test_p_values_are_those_of_holm() -> None:
    held = np.repeat([1.0, 0.0], [180, 20])
    rows = {"a": np.arange(200), "b": np.arange(400), "c": np.arange(200, 400), "few": np.arange(9)}
    held = np.concatenate([held, np.repeat([1.0, 0.0], [165, 35])])
    artist, ones = np.arange(400), np.ones(400)
    together = {g.group: g.p for g in coverage_by_group(held, ones, artist, rows, 0.9)}
    alone = {
        name: coverage_by_group(held, ones, artist, {name: rows[name]}, 0.9)[0].p for name in "abc"
    }
    assert "few" not in together
    ordered = sorted(alone, key=alone.__getitem__)
    assert ordered == ["c", "b", "a"]
    assert together["c"] == pytest.approx(3 * alone["c"])
    assert together["b"] == pytest.approx(max(2 * alone["b"], together["c"]))
    assert together["a"] == pytest.approx(1)
    z = 15 / np.sqrt(200 * 0.09)
    assert alone["c"] == pytest.approx(2 * norm.sf(z), rel=0.3)


def test_an_adjusted_p_value_is_never_below_one_of_a_smaller() -> None:
    held, rows = np.repeat([1.0, 0.0], [165, 35]), np.arange(200)
    both = coverage_by_group(held, np.ones(200), rows, {"one": rows, "same": rows}, 0.9)
    alone = coverage_by_group(held, np.ones(200), rows, {"one": rows}, 0.9)
    assert [group.p for group in both] == pytest.approx([2 * alone[0].p] * 2)


def test_the_constant_width_holds_just_as_much() -> None:
    random = np.random.default_rng(0)
    target, weight = random.normal(0, 2, 5000), random.random(5000)
    width = constant_width(target, np.zeros(5000), weight, 0.9)
    assert np.average(np.abs(target) <= width / 2, weights=weight) == pytest.approx(0.9, abs=1e-3)
    assert width == pytest.approx(2 * 2 * norm.ppf(0.95), rel=0.03)
    points = np.round(target)
    widths = [constant_width(points, np.zeros(5000), weight, c) for c in (0.7, 0.75, 0.8, 1.0)]
    assert all(a < b for a, b in pairwise(widths))
    assert widths[-1] == pytest.approx(2 * np.abs(points).max())


def test_what_fits_the_difficulty_saves_width_and_a_constant_saves_none() -> None:
    random = np.random.default_rng(2)
    spread = random.choice([1.0, 5.0], 20_000)
    target, zeros = random.normal(0, spread), np.zeros(20_000)
    weight, artist = np.ones(20_000), np.arange(20_000)
    reach = norm.ppf(0.95) * spread
    groups = {"easy": np.flatnonzero(spread == 1), "hard": np.flatnonzero(spread == 5)}

    def quality(reach: np.ndarray):
        judged = Judged(target, zeros, zeros, weight, artist, {90: (-reach, reach)})
        return interval_quality(judged, 90, groups, artist, n_bootstrap=20)

    fitting = quality(reach)
    assert fitting.coverage.value == pytest.approx(0.9, abs=0.01)
    assert fitting.saved > 0.15
    assert not fitting.off
    same = quality(np.full(20_000, fitting.constant_width / 2))
    assert same.coverage.value == pytest.approx(fitting.coverage.value, abs=1e-3)
    assert same.saved == pytest.approx(0, abs=1e-3)
    assert {group.group for group in same.off} == {"easy", "hard"}


def test_what_is_nearly_sure_is_held_more_often_and_says_so() -> None:
    """A group that is 0 with probability .97 is off the level, and true to what it says."""
    random = np.random.default_rng(3)
    rows = np.arange(3000)
    held, stated = (random.random(3000) < 0.97).astype(float), np.full(3000, 0.97)
    told = coverage_by_group(held, np.ones(3000), rows, {"sure": rows}, 0.9, stated)[0]
    assert (told.is_off, told.is_false, told.stated) == (True, False, pytest.approx(0.97))
    boast = coverage_by_group(held, np.ones(3000), rows, {"sure": rows}, 0.9, stated + 0.02)[0]
    assert boast.is_false
    untold = coverage_by_group(held, np.ones(3000), rows, {"sure": rows}, 0.9)[0]
    assert (untold.is_false, untold.stated, untold.p) == (False, None, told.p)
