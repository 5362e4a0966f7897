"""Cells stand on the same tracks, learn from training rows only, and are told in both views."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn import metrics
from tests.experiments.conftest import HIT, NEW_ARTIST, QUICK

import trackoracle as to
from trackoracle.errors import ConfigError, MissingColumnError, NotEnoughDataError
from trackoracle.experiments import OUTLIERS, RESAMPLING, TRANSFORMS
from trackoracle.experiments.arms import Answers, answer, inner_fold, prepare_arm
from trackoracle.experiments.scoring import score_cell
from trackoracle.experiments.settings import Cell
from trackoracle.splits import PROTOCOLS, Fold, make_folds
from trackoracle.training import Material

ARMS = [
    *((r, "none", "none") for r in RESAMPLING),
    *(("none", o, "none") for o in OUTLIERS[1:]),
    *(("none", "none", t) for t in TRANSFORMS[1:]),
    ("smote", "iqr_capping", "yeo_johnson"),
    ("smote_tomek", "z_removal", "box_cox"),
]


def _timeless(experiment: to.Experiment) -> list[object]:
    return [replace(result, seconds=0.0) for result in experiment.cells]


def _changed(material: Material, rows: np.ndarray) -> Material:
    """Change everything about some rows but who made them."""
    matrix, values = material.prepared.matrix.copy(), material.values.copy()
    matrix[rows] = np.random.default_rng(0).normal(500, 300, matrix[rows].shape)
    matrix[rows[::3]] = np.nan
    values[rows] = 1 - values[rows]
    prepared = replace(material.prepared, matrix=matrix)
    return replace(material, prepared=prepared, values=values)


@pytest.mark.parametrize("arm", ARMS, ids="/".join)
def test_changing_test_rows_changes_nothing_fitted(
    material: Material, fold: Fold, arm: tuple[str, str, str]
) -> None:
    fitted = []
    candidate = "forest" if arm[0] == "balanced_forest" else "tree"
    cell = Cell(candidate, *arm)
    for each in (material, _changed(material, fold.test)):
        ready = prepare_arm(each, fold, arm, QUICK, NEW_ARTIST)
        same_test = replace(ready, test=ready.calibration.matrix)
        answers = answer(cell, same_test, fold, QUICK)
        fitted.append(
            (
                ready.train.matrix.tobytes(),
                ready.train.target.tobytes(),
                ready.train.weight.tobytes(),
                ready.calibration.matrix.tobytes(),
                answers.raw.tobytes(),
                answers.probability.tobytes(),
                answers.threshold,
            )
        )
    assert fitted[0] == fitted[1]


@pytest.mark.parametrize("arm", ARMS, ids="/".join)
def test_every_arm_answers_the_same_test_rows(
    material: Material, fold: Fold, arm: tuple[str, str, str]
) -> None:
    ready = prepare_arm(material, fold, arm, QUICK, NEW_ARTIST)
    assert len(ready.test) == len(fold.test)
    inner = inner_fold(material, fold, NEW_ARTIST, QUICK.seed)
    np.testing.assert_array_equal(ready.calibration.target, material.values[inner.test])
    cell = Cell("forest" if arm[0] == "balanced_forest" else "tree", *arm)
    np.testing.assert_array_equal(answer(cell, ready, fold, QUICK).rows, fold.test)


@pytest.mark.parametrize("name", ["catalog", "known_artist", "new_artist", "random"])
def test_the_calibration_part_is_held_out_as_a_test_part_is(material: Material, name: str) -> None:
    protocol = PROTOCOLS[name]
    fold = make_folds(material.keys, protocol, 2, seed=0)[0]
    inner = inner_fold(material, fold, protocol, seed=0)
    assert not set(inner.train) & set(inner.test)
    assert set(inner.train) | set(inner.test) <= set(fold.train)
    assert 0.1 < len(inner.test) / len(fold.train) < 0.3
    codes = {
        "recording": material.keys.recording,
        "album": material.keys.album,
        "artist": material.keys.first_artist,
    }
    for key in protocol.held_out:
        assert not set(codes[key][inner.train]) & set(codes[key][inner.test])


def test_same_seed_same_results_whatever_the_workers(small_catalog: to.Catalog) -> None:
    settings = replace(QUICK, resampling=("none", "smote", "adasyn", "balanced_forest"))
    one, two = (to.run_experiments(small_catalog, settings, target=HIT, n_jobs=n) for n in (1, 3))
    assert _timeless(one) == _timeless(two)
    other = to.run_experiments(small_catalog, replace(settings, seed=1), target=HIT)
    assert _timeless(other) != _timeless(one)


def test_views_are_what_scikit_learn_says(small_catalog: to.Catalog, material: Material) -> None:
    random = np.random.default_rng(0)
    rows = np.arange(len(material.values))
    target, weight = material.values, material.keys.weight
    probability = np.clip(0.3 * target + random.random(len(target)), 0, 1)
    called = probability >= 0.7
    answers = Answers(rows, probability**2, probability, called, 0.49, 10, 2, 1, 0.5)
    done = score_cell(material, [answers], NEW_ARTIST, QUICK)
    even = weight * np.where(
        target == 1, 0.5 / weight[target == 1].sum(), 0.5 / weight[target == 0].sum()
    )
    for view, w in (("true_rate", weight), ("balanced", even)):
        scores = getattr(done, view)
        for name, score in (
            ("precision", metrics.precision_score),
            ("recall", metrics.recall_score),
            ("f1", metrics.f1_score),
            ("accuracy", metrics.accuracy_score),
        ):
            assert scores[name].value == pytest.approx(score(target, called, sample_weight=w))
        average = metrics.average_precision_score(target, probability, sample_weight=w)
        assert scores["pr_auc"].value == pytest.approx(average)
    brier = np.average((probability - target) ** 2, weights=weight)
    raw_brier = np.average((probability**2 - target) ** 2, weights=weight)
    assert done.true_rate["brier"].value == pytest.approx(brier)
    assert done.true_rate["brier_raw"].value == pytest.approx(raw_brier)
    assert done.true_rate["called_share"].value == pytest.approx(np.average(called, weights=weight))
    assert len(done.draws) == QUICK.n_bootstrap


def test_the_balanced_view_flatters(small_catalog: to.Catalog) -> None:
    experiment = to.run_experiments(small_catalog, QUICK, target=HIT)
    assert experiment.hit_rate < 0.4
    for result in experiment.cells:
        assert result.balanced["precision"].value > result.true_rate["precision"].value
        assert result.balanced["recall"].value == pytest.approx(result.true_rate["recall"].value)


def test_gain_is_paired_with_the_plain_cell(small_catalog: to.Catalog) -> None:
    experiment = to.run_experiments(small_catalog, QUICK, target=HIT)
    plain, under = experiment.cells
    assert plain.gain is None
    assert under.gain is not None
    difference = under.true_rate["pr_auc"].value - plain.true_rate["pr_auc"].value
    assert under.gain.value == pytest.approx(difference)
    assert under.gain.low <= under.gain.high
    alone = to.run_experiments(small_catalog, replace(QUICK, resampling=("smote",)), target=HIT)
    assert alone.cells[0].gain is None


def test_the_best_cell_has_the_highest_pr_auc(small_catalog: to.Catalog) -> None:
    experiment = to.run_experiments(small_catalog, QUICK, target=HIT)
    reached = {r.cell.key: r.true_rate["pr_auc"].value for r in experiment.cells}
    assert reached[experiment.best] == max(reached.values())
    assert experiment.of(experiment.best).cell.key == experiment.best


def test_every_arm_together_and_as_a_table(small_catalog: to.Catalog) -> None:
    settings = replace(
        QUICK,
        candidates=("artist_mean", "tree"),
        resampling=RESAMPLING,
        outliers=("none", "iqr_capping"),
        protocol="catalog",
    )
    experiment = to.run_experiments(small_catalog, settings, target=HIT)
    keys = [result.cell.key for result in experiment.cells]
    assert len(keys) == len(set(keys)) == 2 * (2 * (len(RESAMPLING) - 1) + 1)
    assert [k for k in keys if "balanced_forest" in k] == [
        "forest/balanced_forest/none/none",
        "forest/balanced_forest/iqr_capping/none",
    ]
    frame = experiment.to_frame()
    assert frame.height == len(keys)
    assert frame["true_rate_pr_auc"].is_between(0, 1).all()
    assert {"balanced_precision", "gain_pr_auc_low", "threshold", "n_made"} <= set(frame.columns)
    made = frame.filter(pl.col("resampling") == "smote")["n_made"]
    assert (made > 0).all()
    facts = experiment.to_dict()
    assert facts["cells"][0]["cell"]["candidate"] == "artist_mean"


def test_missing_inputs_and_one_genre_are_no_trouble(small_catalog: to.Catalog) -> None:
    tracks = small_catalog.tracks.with_columns(
        pl.Series("genres", [["pop"]] * len(small_catalog)),
        pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.col("tempo")).alias("tempo"),
        pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.col("key")).alias("key"),
    )
    catalog = to.load_catalog(tracks, on_invalid="null")
    settings = replace(QUICK, resampling=("smote", "adasyn", "smote_tomek", "balanced_forest"))
    experiment = to.run_experiments(catalog, settings, target=HIT)
    assert len(experiment.cells) == 4
    assert not experiment.notes


def test_an_arm_that_the_tracks_do_not_allow_is_left_out() -> None:
    # Hits are far from misses in every input: ADASYN finds no hit that is hard to tell.
    random = np.random.default_rng(0)
    is_hit = np.arange(300) % 4 == 0
    rows = pl.DataFrame(
        {
            "track_id": [f"t{i}" for i in range(300)],
            "artists": [f"artist {i}" for i in range(300)],
            "popularity": np.where(is_hit, 80, 20),
            **{
                name: np.where(is_hit, 0.9, 0.1) + random.uniform(-0.02, 0.02, 300)
                for name in ("energy", "valence", "danceability")
            },
        }
    )
    settings = replace(QUICK, resampling=("none", "adasyn", "smote")).with_overrides(
        {"recipe.masked_share": 0, "recipe.dropped_share": 0}
    )
    experiment = to.run_experiments(rows, settings, target=HIT)
    assert [result.cell.resampling for result in experiment.cells] == ["none", "smote"]
    assert len(experiment.notes) == 1
    assert experiment.notes[0].startswith("Left out: adasyn: expected training rows of the smaller")
    with pytest.raises(NotEnoughDataError, match=r"^adasyn: expected training rows"):
        to.run_experiments(rows, replace(settings, resampling=("adasyn",)), target=HIT)


def test_too_few_hits_for_a_calibration_part(small_catalog: to.Catalog) -> None:
    points = np.sort(small_catalog.tracks["popularity"].to_numpy())
    rare = to.Hit(above=float(points[-2]) - 0.5)
    with pytest.raises(NotEnoughDataError, match=r"^new_artist: expected hits and misses in the"):
        to.run_experiments(small_catalog, QUICK, target=rare)


def test_without_artists_new_artist_says_so(small_catalog: to.Catalog) -> None:
    catalog = to.load_catalog(small_catalog.tracks.drop("artists"), on_invalid="null")
    with pytest.raises(NotEnoughDataError) as caught:
        to.run_experiments(catalog, QUICK, target=HIT)
    assert str(caught.value) == (
        "new_artist: not shown, the catalog names no artists. Choose another with --protocol."
    )
    settings = replace(QUICK, candidates=("artist_mean",), protocol="random")
    with pytest.raises(MissingColumnError, match="artist_mean: left out"):
        to.run_experiments(catalog, settings, target=HIT)


def test_a_target_of_points_is_refused(small_catalog: to.Catalog) -> None:
    with pytest.raises(ConfigError, match="target: expected a hit, got popularity"):
        to.run_experiments(small_catalog, QUICK, target=to.Popularity())  # type: ignore[arg-type]


_WITHOUT = """
import sys
sys.modules["imblearn"] = None
import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
rows = generate_sample(300, seed=3).to_dicts()
catalog = to.load_catalog(rows, on_invalid="null")
few = dict(candidates=("tree",), n_folds=2, n_bootstrap=20)
others = to.ExperimentSettings(resampling=("none", "class_weights"), **few)
print(len(to.run_experiments(catalog, others, target=to.Hit(above=40)).cells))
try:
    to.run_experiments(catalog, to.ExperimentSettings(**few), target=to.Hit(above=40))
except ImportError as error:
    print(error)
"""


def test_without_imbalanced_learn_the_other_arms_work() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [
        "2",
        "imblearn is not installed. Run: pip install 'trackoracle[study]'",
    ], done.stderr


@pytest.mark.real
def test_on_the_real_file_the_balanced_view_flatters(tracks_114k: Path) -> None:
    settings = replace(QUICK, resampling=("none", "undersample"), outliers=("none", "iqr_capping"))
    whole = to.load_catalog(tracks_114k)
    quarter = whole.take(np.flatnonzero(whole.keys.first_artist % 4 == 0))
    experiment = to.run_experiments(quarter, settings, target=HIT)
    assert 0.2 < experiment.hit_rate < 0.25
    for result in experiment.cells:
        assert result.true_rate["pr_auc"].low > 1.5 * experiment.hit_rate
        assert result.balanced["precision"].low > result.true_rate["precision"].high + 0.1


def test_cells_are_the_product_of_the_arms() -> None:
    settings = replace(QUICK, outliers=OUTLIERS, transforms=("none", "log"))
    wanted = {
        Cell("tree", r, o, t) for r, o, t in product(QUICK.resampling, OUTLIERS, ("none", "log"))
    }
    assert set(settings.cells) == wanted
    assert len(settings.cells) == len(wanted)
