"""What makes an oracle fit to ship: nothing in it tells of single tracks, artists or albums."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.conftest import QUICK
from tools.build_starter import CONFIG, LEAST, build, traces

import trackoracle as to
from trackoracle.artifact import save_bundle
from trackoracle.catalogs.sample import generate_sample
from trackoracle.oracle import SEEN_UNKNOWN

ARTISTS = "least_artists"
STARTING = dataclasses.replace(
    CONFIG,
    n_folds=2,
    n_bootstrap=QUICK.n_bootstrap,
    protocols=("new_artist",),
    params={"lightgbm_bins": {**CONFIG.params["lightgbm_bins"], "n_trees": 5}},
)


def _with(recipe: dict[str, int], params: dict[str, float]) -> to.TrainingConfig:
    """Change some settings of the recipe and of the candidate."""
    settings = {**STARTING.params["lightgbm_bins"], **params}
    return dataclasses.replace(
        STARTING,
        recipe=dataclasses.replace(STARTING.recipe, **recipe),
        params={"lightgbm_bins": settings},
    )


@pytest.fixture(scope="module")
def sample() -> to.Catalog:
    return to.load_catalog(generate_sample(2500, seed=4), on_invalid="null")


@pytest.fixture(scope="module")
def built(sample: to.Catalog) -> to.Oracle:
    other = to.load_catalog(generate_sample(400, seed=9), on_invalid="null")
    return to.oracle.Oracle(build(sample, STARTING, [other]))


def test_what_is_built_tells_of_no_track(built: to.Oracle, tmp_path: Path) -> None:
    built.save(tmp_path / "x.oracle")
    assert traces(tmp_path / "x.oracle") == []


def test_an_ordinary_oracle_is_refused(small_bundle: Path) -> None:
    said = "; ".join(traces(small_bundle))
    for what in (
        "marks of tracks",
        "inputs of artist and release: artists, album_name",
        "history of artists over fewer than 20",
        "worth of title_words in fewer than 20 tracks",
        "names of fewer than 20 artists",
        "a model of which this check knows nothing: ",
        "nearly as many values as recordings: seen.npy",
        "nearly as many values as recordings: recipe/",
    ):
        assert what in said
    assert "id: " not in said


def test_ids_and_small_leaves_are_found(built: to.Oracle, tmp_path: Path, sample) -> None:
    report = dataclasses.replace(built.report, notes=("see 0aA1bB2cC3dD4eE5fF6gG7",))
    save_bundle(tmp_path / "x.oracle", dataclasses.replace(built.bundle, report=report))
    found = traces(tmp_path / "x.oracle")
    assert found == [f"what looks like an id: {name}" for name in ("card.md", "scores.json")]
    few = _with({}, {"min_sum_hessian_in_leaf": 1e-3, "min_data_in_leaf": 5})
    save_bundle(tmp_path / "x.oracle", build(sample, few))
    assert traces(tmp_path / "x.oracle") == ["leaves of fewer than 20 tracks: model/lightgbm.txt"]


def test_names_of_few_tracks_or_artists_are_found(tmp_path: Path, sample) -> None:
    numbered = pl.concat_str(pl.lit("Song "), pl.int_range(pl.len()) // (LEAST // 2))
    catalog = dataclasses.replace(sample, tracks=sample.tracks.with_columns(track_name=numbered))
    for setting, said in {
        "least_named": "history of title over fewer than 20 recordings",
        "least_phrase": "worth of title_words in fewer than 20 tracks",
        ARTISTS: "names of fewer than 20 artists",
    }.items():
        # What many artists have has many tracks, unless that is not asked for.
        save_bundle(tmp_path / "x.oracle", build(catalog, _with({setting: 2, ARTISTS: 2}, {})))
        found = traces(tmp_path / "x.oracle")
        assert said in found
        assert len(found) == (1 if setting == ARTISTS else 2)


def test_a_calibration_with_a_knot_a_track_is_found(built: to.Oracle, tmp_path: Path) -> None:
    prior = built.bundle.prior
    curve = dataclasses.replace(
        prior.known, knots=np.arange(200.0), table=np.tile(prior.known.table[:1], (200, 1))
    )
    traced = dataclasses.replace(built.bundle, prior=dataclasses.replace(prior, known=curve))
    save_bundle(tmp_path / "x.oracle", traced)
    assert traces(tmp_path / "x.oracle") == [
        f"more values than the target or genres have: prior/known_{name}.npy"
        for name in sorted(curve.arrays())
    ]


def test_it_says_what_it_does_not_know(built: to.Oracle, small_oracle: to.Oracle, sample) -> None:
    said = " ".join(built.bundle.limits)
    assert "Nothing is known of artist and release, whatever the input says." in said
    assert "that fewer than 20 artists use are not known." in said
    assert "that fewer than" not in small_oracle.card
    assert "Which tracks were seen is not kept" in built.card
    assert "Nothing is known of" not in small_oracle.card
    assert "Seen tracks are kept as hashes" in small_oracle.card
    assert built.report.notes[-1].startswith("Elsewhere: ")
    assert "; without their genres R2 " in built.card
    assert "| new_artist | audio | " in built.card
    assert "learned from this very file" in built.evaluate(sample, n_bootstrap=20).caveat
    others = to.load_catalog(generate_sample(200, seed=5).to_dicts(), on_invalid="null")
    assert built.evaluate(others, n_bootstrap=20).caveat == SEEN_UNKNOWN
    assert small_oracle.evaluate(others, n_bootstrap=20).caveat == ""
