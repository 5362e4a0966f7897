"""The benchmark beside conformal libraries: its measures, and that all are given the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.conformal import OURS, _columns, _width_at, genre_rows
from benchmarks.conformal_rivals import (
    LEAST_IN_CATEGORY,
    N_BINS,
    Part,
    Told,
    _in_points,
    by_genre,
    by_prediction,
    distribution_of,
    library,
)
from benchmarks.material import Material

import trackoracle as to
from benchmarks import conformal
from trackoracle.catalogs.sample import generate_sample
from trackoracle.distributions import Distribution
from trackoracle.schema import Ragged

SUPPORT = np.arange(101.0)


def _part(n: int) -> Part:
    ones = np.ones(n)
    genres = Ragged(np.zeros(n, np.uint64), np.arange(n + 1))
    return Part(np.zeros((n, 1), np.float32), ones, ones, np.arange(n), ones > 2, genres)


def test_losses_of_a_known_distribution() -> None:
    # Every point is as likely as any other.
    even = Distribution(SUPPORT, np.tile(np.arange(1, 102) / 101, (2, 1)), np.array([True, True]))
    told = Told(np.array([5.0, 5.0]), np.array([95.0, 95.0]), np.full((2, 5), 50.0), even)
    found = _columns(np.array([50.0, 98.0]), told)
    assert found["coverage"].tolist() == [1, 0]
    assert found["width"].tolist() == [90, 90]
    assert found["winkler"] == pytest.approx([90, 90 + 20 * 3])
    assert found["mae"].tolist() == [0, 48]
    assert found["pinball"] == pytest.approx([0, 48 / 2])  # the levels' mean is a half
    assert found["log_loss"] == pytest.approx(np.log(101))
    assert found["brier"] == pytest.approx([(30 / 101) ** 2, (71 / 101) ** 2])
    # Half the mean distance of two draws less their mean distance to the target.
    apart = np.abs(SUPPORT[:, None] - SUPPORT).mean() / 2
    distance = [np.abs(SUPPORT - y).mean() for y in (50, 98)]
    assert found["crps"] == pytest.approx(np.array(distance) - apart)


def test_crepes_says_what_is_read_from_it() -> None:
    system = library("crepes").ConformalPredictiveSystem()
    random = np.random.default_rng(0)
    residual, spread, category = random.normal(0, 9, 300), np.full(300, 2.0), np.arange(300) % 2
    system.fit(residual, sigmas=spread, bins=category)
    centre, reach, asked = np.array([40.0, 60.0]), np.array([1.0, 3.0]), np.array([1, 0])
    told = distribution_of(system, centre, reach, asked, _part(2), SUPPORT)
    for point in (20, 45, 70):
        upper = system.predict_p(centre, point + 0.5, reach, asked, smoothing=False)
        assert told.cumulative[:, point] == pytest.approx(np.ravel(upper) - 0.5 / 151)
    assert (told.cumulative[:, -1] == 1).all()


def test_categories_hold_enough_tracks_and_keep_known_artists_apart() -> None:
    random = np.random.default_rng(0)
    centre, asked = random.random(3000), random.random(500)
    known, asked_known = np.arange(3000) < 1000, np.arange(500) % 2 == 0
    own, other = by_prediction(centre, asked, known, asked_known)
    assert np.unique(own, return_counts=True)[1].min() >= LEAST_IN_CATEGORY
    assert len(np.unique(own[known])) == 10
    assert len(np.unique(own[~known])) == N_BINS
    assert not np.isin(own[known], own[~known]).any()
    assert not np.isin(other[asked_known], other[~asked_known]).any()
    few = by_prediction(centre, asked, np.arange(3000) < 5, asked_known, n_bins=1)
    assert all(len(np.unique(of)) == 1 for of in few)


def test_rare_genres_are_one_category_and_always_there() -> None:
    def genres(codes: list[int]) -> Ragged:
        return Ragged(np.array(codes, np.uint64), np.arange(len(codes) + 1))

    n = LEAST_IN_CATEGORY
    own, other = by_genre(genres([7] * n + [3] * 2 * n + [5]), genres([3, 5, 9, 7]))
    assert np.unique(own, return_counts=True)[1].tolist() == [n + 1, 2 * n]
    assert other.tolist() == [1, 0, 0, 0]
    assert set(by_genre(genres([4] * n), genres([4]))[0]) == {0}


def test_intervals_are_brought_to_whole_points() -> None:
    low, high = _in_points(np.array([-4.0, 2.2, 7.3]), np.array([3.9, 2.8, 120.0]), SUPPORT)
    assert low.tolist() == [0, 3, 8]
    assert high.tolist() == [3, 3, 100]


def test_one_row_stands_for_a_recording() -> None:
    part = Part(
        *(np.arange(6.0)[:, None].astype(np.float32), np.arange(6.0), np.ones(6)),
        np.array([0, 0, 0, 1, 2, 2]),
        np.ones(6, bool),
        Ragged(np.arange(6).astype(np.uint64), np.arange(7)),
    )
    drawn = {tuple(part.one_each(seed).values) for seed in range(50)}
    assert {len(rows) for rows in drawn} == {3}
    assert len(drawn) == 6
    assert all(part.one_each(seed).genres.values[1] == 3 for seed in range(5))


def test_parts_are_joined_with_all_that_is_told_of_them() -> None:
    one, two = _part(2), _part(3)
    both = Part.joined([one, two])
    assert len(both.values) == len(both.genres) == 5
    assert both.genres.lengths.tolist() == [1] * 5
    masses = np.tile(np.arange(1, 102) / 101, (5, 1))
    whole = Told.of(Distribution(SUPPORT, masses**2, np.ones(5, bool)))
    parts = [
        Told.of(Distribution(SUPPORT, masses[rows] ** 2, np.ones(len(rows), bool)))
        for rows in (range(2), range(3))
    ]
    joined = Told.joined(parts)
    assert joined.distribution is not None
    assert (joined.distribution.cumulative == masses**2).all()
    assert (joined.quantiles == whole.quantiles).all()
    assert (joined.high == whole.high).all()
    bare = Told(whole.low, whole.high, whole.quantiles)
    assert Told.joined([bare, bare]).distribution is None


def test_genres_of_enough_tracks_and_width_at_a_coverage() -> None:
    genres = Ragged(np.repeat([1, 2], [250, 10]).astype(np.uint64), np.arange(261))
    assert [len(rows) for rows in genre_rows(genres).values()] == [250]
    even = Distribution(SUPPORT, np.tile(np.arange(1, 102) / 101, (101, 1)), np.ones(101, bool))
    part = Part(
        *(np.zeros((101, 1), np.float32), SUPPORT, np.ones(101), np.arange(101)),
        *(np.ones(101, bool), genres.take(np.arange(101))),
    )
    assert _width_at(Told.of(even), part, 0.8) == pytest.approx(80, abs=1)
    assert _width_at(Told.of(even), part, 0.1) is None


def test_it_runs_on_a_sample(tmp_path: Path) -> None:
    path = tmp_path / "sample.parquet"
    tracks = generate_sample(1500, seed=5)
    tracks.write_parquet(path)
    params = {"lightgbm_bins": {"n_trees": 4, "n_classes": 4}, "lightgbm": {"n_trees": 20}}
    config = to.TrainingConfig(params=params)
    material = Material(str(path), "sample", str(tmp_path))
    result = conformal.run(material, config, n_bootstrap=10, protocols=["catalog"])
    standings = {told["name"]: told for told in result.figures["standings"]}
    assert next(iter(standings)) == OURS
    assert len(standings) == 6
    for name, told in standings.items():
        assert 0.6 < told["scores"]["coverage"]["value"] < 1
        assert (name == OURS) == (not told["ahead"])
    constant = (tracks["popularity"] - tracks["popularity"].median()).abs().mean()
    assert all(told["scores"]["mae"]["value"] < constant for told in standings.values())
    assert len(result.claims) == len(conformal.LOSSES)
