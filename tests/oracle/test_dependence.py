"""What predictions depend on: each figure again by asking the oracle itself."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.errors import (
    ConfigError,
    InvalidValuesError,
    NotEnoughDataError,
    SourceError,
    UnknownNameError,
)

CHEAP = {"n_folds": 2, "n_bootstrap": 20, "protocols": ("catalog",)}


@pytest.fixture(scope="module")
def oracle(small_catalog: to.Catalog) -> to.Oracle:
    config = to.TrainingConfig(
        candidates=("lightgbm_bins",),
        params={"lightgbm_bins": {"n_trees": 15, "n_classes": 6}},
        **CHEAP,
    )
    return to.train(small_catalog, config=config, n_jobs=1)


@pytest.fixture(scope="module")
def others() -> to.Catalog:
    return to.load_catalog(generate_sample(400, seed=11).to_dicts(), on_invalid="null")


@pytest.fixture(scope="module")
def track(others: to.Catalog) -> dict[str, object]:
    return others.tracks.drop("popularity").to_dicts()[5]


def test_a_track_along_a_column_is_predicted_anew(oracle: to.Oracle, track: dict) -> None:
    told = oracle.dependence(track, "energy", n_values=7)
    rows = oracle.predict([{**track, "energy": value} for value in told.values])
    np.testing.assert_allclose(told.prediction, rows["popularity"], rtol=0, atol=1e-9)
    assert told.low == tuple(rows["popularity_low"])
    assert told.high == tuple(rows["popularity_high"])
    assert told.at == track["energy"]
    seen = oracle.contract["energy"]
    assert (told.values[0], told.values[-1]) == (seen.seen_low, seen.seen_high)
    assert json.loads(json.dumps(told.to_dict()))["kind"] == "track"


def test_names_whole_numbers_and_given_values(oracle: to.Oracle, track: dict) -> None:
    assert oracle.dependence(track, "genres").values == oracle.contract["genres"].levels
    assert set(oracle.dependence(track, "key").values) <= set(range(-1, 12))
    told = oracle.dependence(track, "track_name", values=["A Name", None, "Other (Live)"])
    rows = oracle.predict([{**track, "track_name": name} for name in told.values])
    np.testing.assert_allclose(told.prediction, rows["popularity"], rtol=0, atol=1e-9)


def test_a_map_is_predicted_anew(oracle: to.Oracle, track: dict) -> None:
    told = oracle.dependence_map(track, ("energy", "loudness"), n_values=4)
    for i, energy in enumerate(told.values[0]):
        for j, loudness in enumerate(told.values[1]):
            row = oracle.predict({**track, "energy": energy, "loudness": loudness})
            assert told.prediction[i][j] == pytest.approx(row["popularity"][0], abs=1e-9)
    assert told.at == (track["energy"], track["loudness"])


def test_partial_dependence_is_a_mean(oracle: to.Oracle, others: to.Catalog) -> None:
    told = oracle.partial_dependence(others, "tempo", n_values=5, n_tracks=60)
    again = oracle.partial_dependence(others, "tempo", n_values=5, n_tracks=60)
    assert told == again
    assert told.n_tracks == 60
    assert len(told.each) == 50
    whole = oracle.partial_dependence(others, "tempo", values=[90.0, 150.0], n_tracks=10**6)
    for value, mean in zip(whole.values, whole.prediction, strict=True):
        rows = oracle.predict(others.tracks.with_columns(tempo=pl.lit(value)))
        weighted = np.average(rows["popularity"], weights=others.keys.weight)
        assert mean == pytest.approx(weighted, abs=1e-9)
    assert all(a <= m <= b for a, m, b in zip(told.low, told.prediction, told.high, strict=True))
    several = oracle.dependence_map(others, ("tempo", "energy"), n_values=3, n_tracks=20)
    assert (several.n_tracks, several.at) == (20, (None, None))


def test_local_effects_add_up_and_are_centred(oracle: to.Oracle, others: to.Catalog) -> None:
    told = oracle.accumulated_effects(others, "energy", n_bins=4, n_tracks=10**6)
    edges, given = np.array(told.values), others.tracks["energy"].to_numpy()
    place = np.clip(np.searchsorted(edges, given, side="left") - 1, 0, len(edges) - 2)
    moved = [
        oracle.predict(others.tracks.with_columns(pl.Series("energy", edges[place + side])))[
            "popularity"
        ].to_numpy()
        for side in (0, 1)
    ]
    weight = others.keys.weight
    for k in range(len(edges) - 1):
        own = place == k
        step = np.average((moved[1] - moved[0])[own], weights=weight[own])
        assert told.prediction[k + 1] - told.prediction[k] == pytest.approx(step, abs=1e-9)
    middles = (np.array(told.prediction)[1:] + np.array(told.prediction)[:-1]) / 2
    assert np.average(middles[place], weights=weight) == pytest.approx(0, abs=1e-9)


def test_importance_finds_what_was_learned(oracle: to.Oracle, others: to.Catalog) -> None:
    found = oracle.importance(others, n_tracks=150, n_permutations=2)
    assert found == oracle.importance(others, n_tracks=150, n_permutations=2)
    assert found.n_permuted == found.n_tracks == 150
    first = found.features[0]
    assert first.feature == "genres"
    assert first.permutation["mae"].low > 0
    assert first.permutation["r2"].low > 0
    assert sum(f.gain for f in found.features) == pytest.approx(1)
    assert sum(f.gain for f in found.groups) == pytest.approx(1)
    sizes = [f.attribution.value for f in found.features]
    assert sizes == sorted(sizes, reverse=True)
    for f in (*found.features, *found.groups):
        assert f.attribution.low <= f.attribution.value <= f.attribution.high
        assert (" x " in f.feature) <= (not f.permutation)
    rows = oracle.explain_all(others)
    drawn = oracle.importance(others.tracks.drop("popularity"), n_tracks=10**6)
    by_name = {f.feature: f for f in drawn.features}
    mean = np.average(rows["genres"].abs(), weights=others.keys.weight)
    assert by_name["genres"].attribution.value == pytest.approx(mean, abs=1e-9)


def test_permuting_loses_what_the_answers_say(oracle: to.Oracle, others: to.Catalog) -> None:
    found = oracle.importance(others, n_tracks=10**6, n_permutations=1, seed=4)
    by_name = {f.feature: f for f in found.features}
    order = np.random.default_rng(4).permutation(len(others.tracks))
    dealt = others.tracks.with_columns(others.tracks["genres"][order])
    truth, weight = others.tracks["popularity"].to_numpy(), others.keys.weight
    error = [
        np.average(
            np.abs(oracle.predict(t)["popularity_median"].to_numpy() - truth), weights=weight
        )
        for t in (others.tracks, dealt)
    ]
    lost = by_name["genres"].permutation["mae"].value
    assert lost == pytest.approx(error[1] - error[0], abs=1e-9)


def test_tracks_seen_or_without_a_target_are_not_permuted(
    oracle: to.Oracle, small_catalog: to.Catalog, others: to.Catalog
) -> None:
    seen = oracle.importance(small_catalog, n_tracks=50)
    assert "were not seen in training" in seen.notes[0]
    assert seen.n_permuted == 0
    assert not any(f.permutation for f in seen.features)
    blank = oracle.importance(others.tracks.drop("popularity"), n_tracks=50)
    assert blank.notes == ("Not permuted: these tracks do not tell their popularity.",)


@pytest.mark.parametrize("target", [to.Hit(above=50), to.Tier((25, 50))], ids=["hit", "tier"])
def test_other_targets(target: object, small_catalog: to.Catalog, others: to.Catalog) -> None:
    config = to.TrainingConfig(candidates=("linear",), **CHEAP)
    oracle = to.train(small_catalog, target=target, config=config, n_jobs=1)
    found = oracle.importance(others, n_tracks=120, n_permutations=1)
    assert set(found.features[0].permutation) == {"log_loss"}
    assert all(f.gain is None for f in found.features)
    told = oracle.partial_dependence(others, "energy", n_values=3, n_tracks=30)
    assert told.unit == ("probability" if isinstance(target, to.Hit) else "tier")
    assert oracle.dependence({"energy": 0.5}, "energy", n_values=3).low == ()
    weights = oracle.coefficients()
    sizes = [abs(c.per_deviation) for c in weights]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0
    assert {c.margin for c in weights} == ({0} if isinstance(target, to.Hit) else {0, 1, 2})


def test_bad_questions_are_refused(oracle: to.Oracle, others: to.Catalog, track: dict) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'energy'"):
        oracle.dependence(track, "enrgy")
    with pytest.raises(ConfigError, match="track_name: expected values to try"):
        oracle.dependence(track, "track_name")
    with pytest.raises(ConfigError, match="energy: expected values to try, got none"):
        oracle.dependence(track, "energy", values=[])
    with pytest.raises(InvalidValuesError, match="energy: expected 0 to 1"):
        oracle.dependence(track, "energy", values=[0.5, 7.0])
    with pytest.raises(ConfigError, match="n_values: expected at least 2"):
        oracle.dependence(track, "energy", n_values=1)
    with pytest.raises(ConfigError, match="dependence: expected one track, got 2"):
        oracle.dependence([track, track], "energy")
    with pytest.raises(ConfigError, match="expected two different ones"):
        oracle.dependence_map(track, ("energy", "energy"))
    with pytest.raises(ConfigError, match="genres: expected a column of numbers"):
        oracle.accumulated_effects(others, "genres")
    with pytest.raises(NotEnoughDataError, match="expected at least 20 tracks"):
        oracle.partial_dependence(others.tracks.head(5), "energy")
    same = others.tracks.with_columns(energy=pl.lit(0.5))
    with pytest.raises(NotEnoughDataError, match=r"expected different values, got 0\.5"):
        oracle.accumulated_effects(same, "energy")
    with pytest.raises(ConfigError, match="expected an oracle of a linear model"):
        oracle.coefficients()
    with pytest.raises(ConfigError, match="expected at least 1 permutation"):
        oracle.importance(others, n_permutations=0)
    with pytest.raises(SourceError, match="expected at least one row"):
        oracle.importance(others.tracks.head(0))
