"""The distribution that the facade hands out is the one that `predict` reads."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import polars as pl
import pytest

import trackoracle as to
from trackoracle.oracle import Oracle
from trackoracle.schema import Popularity

ESTIMATED = {"genre": "jazz", "energy": 0.5, "energy_low": 0.1, "energy_high": 0.9}


def check(oracle: to.Oracle, tracks: object, level: float = 0.9) -> None:
    """Hold a distribution against `predict`, to the last digit."""
    predicted, told = oracle.predict(tracks, level=level), oracle.distribution(tracks)
    target = oracle.target
    assert isinstance(target, Popularity)
    read = {
        "popularity": told.mean,
        "popularity_median": told.median,
        "popularity_low": told.interval(level)[0],
        "popularity_high": told.interval(level)[1],
        "p_hit": told.above(target.hit_above),
        **{f"p_tier_{i}": share for i, share in enumerate(told.tiers(target.tiers).T)},
    }
    assert {*read} == {c for c in predicted.columns if predicted[c].dtype == pl.Float64}
    for column, values in read.items():
        assert values.tolist() == predicted[column].to_list(), column


def test_it_is_what_predict_reads_on_the_sample(small_catalog: to.Catalog) -> None:
    check(to.load_oracle(), to.load_catalog("sample"))
    check(to.load_oracle(), small_catalog.tracks, level=0.5)


def test_with_estimates_and_with_nothing_known(small_oracle: to.Oracle) -> None:
    rows = [ESTIMATED, {"tempo": None}, {"tempo": 120.0}, {}]
    check(small_oracle, rows)
    told = small_oracle.distribution(rows)
    assert told.cumulative[1].tolist() == told.cumulative[3].tolist()
    assert told.cumulative[1].tolist() != told.cumulative[2].tolist()
    # What the model would say of nothing is not what is told.
    bare = Oracle(dataclasses.replace(small_oracle.bundle, prior=None))
    assert bare.distribution(rows).cumulative[1].tolist() != told.cumulative[1].tolist()


def test_a_threshold_moves_the_probability_down_to_nothing(small_oracle: to.Oracle) -> None:
    told = small_oracle.distribution({"genre": "pop"})
    above = [told.above(t)[0] for t in range(-1, 101)]
    assert above == sorted(above, reverse=True)
    assert (above[0], above[-1]) == (1.0, 0.0)
    assert told.mass.sum() == pytest.approx(1)
    assert (told.mass @ told.support)[0] == pytest.approx(told.mean[0])
    plain = json.loads(json.dumps(told.to_dict()))
    np.testing.assert_array_equal(plain["cumulative"], told.cumulative)


def test_other_targets_have_none(small_hit_oracle: to.Oracle, small_tier_oracle: to.Oracle) -> None:
    for oracle, name in ((small_hit_oracle, "hit"), (small_tier_oracle, "tier")):
        with pytest.raises(
            to.TrackOracleError,
            match=f"distribution: expected an oracle of popularity, got one of {name}",
        ):
            oracle.distribution({"genre": "pop"})


def test_no_tracks_have_no_distribution(small_oracle: to.Oracle) -> None:
    assert small_oracle.distribution(pl.DataFrame({"tempo": []})).cumulative.shape == (0, 101)
