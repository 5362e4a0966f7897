"""A sample whose share of hits is artificial, and a world whose share is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from tests.interfaces.running import run_here

import trackoracle as to
from trackoracle.distributions import at_base_rate
from trackoracle.errors import BundleError, ConfigError

WORLD_RATE = 0.03
CONFIG = to.TrainingConfig(candidates=("linear",), protocols=("catalog",), n_bootstrap=20)


def _world(n_tracks: int, seed: int) -> pl.DataFrame:
    """Draw tracks of which 3 % are hits, more of them loud and danceable."""
    random = np.random.default_rng(seed)
    energy, danceability, loudness = random.random((3, n_tracks))
    logit = -6.72 + 3 * danceability + 4 * loudness * energy
    hit = random.random(n_tracks) < 1 / (1 + np.exp(-logit))
    return pl.DataFrame(
        {
            "track_id": [f"{seed}-{i}" for i in range(n_tracks)],
            "energy": energy,
            "danceability": danceability,
            "loudness": 60 * loudness - 60,
            "hit": hit.astype(int),
        }
    )


def _thinned(world: pl.DataFrame) -> pl.DataFrame:
    """Keep all hits and as many misses, as published samples do."""
    hits = world.filter(pl.col("hit") == 1)
    misses = world.filter(pl.col("hit") == 0).sample(len(hits), seed=0)
    return pl.concat([hits, misses])


def _expected_calibration_error(hit: NDArray[np.int64], probability: NDArray[np.float64]) -> float:
    parts = np.array_split(np.argsort(probability, kind="stable"), 15)
    gaps = [abs(hit[p].mean() - probability[p].mean()) * len(p) for p in parts]
    return float(sum(gaps) / len(hit))


@pytest.fixture(scope="module")
def thinned_oracle() -> to.Oracle:
    sample = _thinned(_world(120_000, seed=1))
    target = to.Hit(base_rate=WORLD_RATE)
    return to.train(to.load_catalog(sample), target=target, config=CONFIG)


@pytest.fixture(scope="module")
def world() -> pl.DataFrame:
    return _world(60_000, seed=2)


def test_thinned_sample_is_calibrated_in_the_world(thinned_oracle, world) -> None:
    hit = world["hit"].to_numpy()
    assert abs(hit.mean() - WORLD_RATE) < 0.002
    told = thinned_oracle.predict(world.drop("hit"))
    p_hit = told["p_hit"].to_numpy()
    assert _expected_calibration_error(hit, p_hit) <= 0.01
    top = p_hit >= np.quantile(p_hit, 0.98)
    assert abs(p_hit[top].mean() - hit[top].mean()) < 0.02 < p_hit[top].mean() - WORLD_RATE
    assert told["is_hit"].equals(told["p_hit"] >= 0.5)
    as_sampled = thinned_oracle.predict(world.drop("hit"), base_rate=0.5)
    assert _expected_calibration_error(hit, as_sampled["p_hit"].to_numpy()) > 0.3
    assert as_sampled["is_hit"].mean() > 5 * told["is_hit"].mean()


def test_the_rate_is_kept_and_can_be_replaced(thinned_oracle, world, tmp_path) -> None:
    thinned_oracle.save(tmp_path / "x.oracle")
    loaded = to.load_oracle(tmp_path / "x.oracle")
    tracks = world.drop("hit").head(50)
    assert loaded.target == to.Hit(base_rate=WORLD_RATE)
    assert loaded.bundle.sample_rate == pytest.approx(0.5)
    assert loaded.predict(tracks).equals(thinned_oracle.predict(tracks))
    other = loaded.predict(tracks, base_rate=0.2)["p_hit"].to_numpy()
    expected = at_base_rate(
        loaded.predict(tracks)["p_hit"].to_numpy(), sample_rate=WORLD_RATE, base_rate=0.2
    )
    np.testing.assert_allclose(other, expected, atol=1e-12)


def test_scores_say_at_which_rate_they_hold(thinned_oracle) -> None:
    assert thinned_oracle.report.notes[-1] == (
        "Scores are at the sample's share of hits, 50 %; predictions tell p_hit at the stated one, "
        "3 %."
    )
    assert thinned_oracle.report.notes[-1] in thinned_oracle.card


def test_evaluation_judges_what_is_predicted(thinned_oracle, world) -> None:
    found = thinned_oracle.evaluate(to.load_catalog(world.head(20_000)), n_bootstrap=0)
    assert abs(found.mean_predicted - found.mean_true) < 0.005
    assert found.overall["brier"].value < found.baseline["brier"].value


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, float("nan")])
def test_impossible_rates(thinned_oracle, rate: float) -> None:
    sentence = "base_rate: expected above 0 and below 1, got .*. Try 0.03 for 3 %."
    with pytest.raises(ConfigError, match=sentence):
        to.Hit(base_rate=rate)
    with pytest.raises(ConfigError, match=sentence):
        thinned_oracle.predict({"energy": 0.5}, base_rate=rate)


def test_a_popularity_has_no_base_rate(small_oracle, small_bundle, tmp_path) -> None:
    with pytest.raises(ConfigError) as caught:
        small_oracle.predict({"energy": 0.5}, base_rate=0.03)
    assert str(caught.value) == (
        "base_rate: expected an oracle of hits, got one of popularity, whose probabilities are "
        "those of its catalog. Leave it out."
    )
    assert small_oracle.bundle.sample_rate is None
    for command in (
        ["train", "sample", "--base-rate", "0.03"],
        ["predict", str(small_bundle), "sample", "--base-rate", "0.03"],
    ):
        done = run_here(*command)
        assert done.returncode == 2, done.stderr
        assert "base" in done.stderr


def test_rates_that_a_file_may_tell(thinned_oracle, tmp_path) -> None:
    def saved(**facts: object) -> to.Oracle:
        to.Oracle(replace(thinned_oracle.bundle, **facts)).save(tmp_path / "x.oracle")
        return to.load_oracle(tmp_path / "x.oracle")

    untold = saved(target=to.Hit(), sample_rate=None)
    assert untold.predict({"energy": 0.5})["p_hit"].item() > 0.1
    with pytest.raises(ConfigError, match="tells the share of hits in training"):
        untold.predict({"energy": 0.5}, base_rate=0.03)
    for rate in (0.0, 1.0, -1.0, 2.0):
        with pytest.raises(BundleError, match="sample_rate: expected above 0 and below 1"):
            saved(sample_rate=rate)
    with pytest.raises(BundleError, match="sample_rate: expected that of a stated base rate"):
        saved(sample_rate=None)
