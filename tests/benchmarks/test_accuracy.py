"""The plain LightGBM, who is ahead of it, and what each input group adds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from benchmarks.accuracy import (
    MARGINS,
    Contest,
    claims,
    stand,
    unseen_albums,
    with_known_artist,
)
from benchmarks.judging import Court
from benchmarks.material import Material

import trackoracle as to
from benchmarks import ablation, plain
from trackoracle.catalogs.sample import generate_sample
from trackoracle.evaluation import Judged, evaluate_predictions
from trackoracle.schema import Catalog
from trackoracle.splits import HONEST, Fold, make_folds, protocol_named

SMALL = to.TrainingConfig(
    candidates=("lightgbm_bins",),
    protocols=("catalog",),
    n_bootstrap=20,
    params={"lightgbm_bins": {"n_trees": 2, "n_classes": 3}},
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return to.load_catalog(generate_sample(700, seed=5), on_invalid="null")


@pytest.fixture(scope="module")
def rows(catalog: Catalog) -> plain.Rows:
    target = catalog.tracks["popularity"].to_numpy().astype(float)
    # A word that enough artists share to be an input.
    bands = pl.col("artists").list.eval("The " + pl.element())
    tracks = catalog.tracks.with_columns(bands)
    return plain.Rows(tracks, target, catalog.keys.weight, catalog.keys.recording)


def _history(names: list[object], target: list[float], recording: list[int]) -> np.ndarray:
    n = len(target)
    rows = plain.Rows(pl.DataFrame(), np.array(target), np.ones(n), np.array(recording))
    return plain.history(pl.Series(names), rows, np.arange(n - 1))


def test_a_history_leaves_the_recording_and_the_test_rows_out() -> None:
    found = _history(["a", "a", "a", "b", "a"], [10, 20, 60, 5, 99], [0, 0, 1, 2, 3])
    assert found[:, 1].tolist() == [1, 1, 2, 0, 3]
    assert found[[0, 1, 2, 4], 0].tolist() == [60, 60, 15, 30]
    assert np.isnan(found[3, 0])


def test_a_history_of_lists_takes_all_names_together() -> None:
    found = _history(
        [["a", "b"], ["a"], ["b"], None, ["b", "c"]], [0, 10, 20, 5, 99], [0, 1, 2, 3, 4]
    )
    assert found[:, 1].tolist() == [2, 1, 1, 0, 2]
    assert found[0, 0] == 15
    assert found[4, 0] == 10


@pytest.mark.parametrize("make", [plain.popularity_inputs, plain.hit_inputs])
def test_plain_inputs_learn_from_training_rows_only(
    make: object, catalog: Catalog, rows: plain.Rows
) -> None:
    assert callable(make)
    fold = make_folds(catalog.keys, protocol_named("new_artist"), 3, 0)[0]
    changed = rows.target.copy()
    changed[fold.test] = 100 - changed[fold.test]
    before = make(rows, fold.train, fold.test)
    after = make(replace(rows, target=changed), fold.train, fold.test)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.toarray(), other.toarray())


def test_the_plain_model_learns_words_and_artists(catalog: Catalog, rows: plain.Rows) -> None:
    fold = make_folds(catalog.keys, protocol_named("catalog"), 3, 0)[0]
    is_live = np.arange(len(rows.target)) % 3 == 0
    # Titles of one shape, each its own, so that nothing but the word tells them apart.
    titles = [f"song {i} ({'live' if live else 'take'})" for i, live in enumerate(is_live)]
    titled = rows.tracks.with_columns(track_name=pl.Series(titles))
    known = replace(rows, tracks=titled, target=is_live * 100.0)
    points = plain.answers(known, plain.popularity_inputs(known, fold.train, fold.test), fold.train)
    p_hit = plain.answers(
        known, plain.hit_inputs(known, fold.train, fold.test), fold.train, hits_above=50
    )
    np.testing.assert_allclose(points, known.target[fold.test], atol=5)
    np.testing.assert_allclose(p_hit, is_live[fold.test], atol=0.05)


def test_half_of_the_artist_histories_are_hidden(catalog: Catalog, rows: plain.Rows) -> None:
    fold = make_folds(catalog.keys, protocol_named("catalog"), 3, 0)[0]
    learned, judged = plain.popularity_inputs(rows, fold.train, fold.test)
    n_numbers = len(plain._numbers(rows.tracks)[0])
    count = n_numbers + 2 + 1  # after the genre's mean and count, and the artist's mean
    assert np.isnan(learned[:, [count]].toarray()).mean() == pytest.approx(0.5, abs=0.1)
    assert not np.isnan(judged[:, [count]].toarray()).any()


def test_what_was_judged_is_not_judged_again(catalog: Catalog, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        court = Court.of(catalog.take(np.arange(400)), to.Popularity(), tmp_path, pool)
        first = court.plain("catalog"), court.ours("lightgbm_bins", SMALL, "catalog")
    # The pool takes no more work.
    again = court.plain("catalog"), court.ours("lightgbm_bins", SMALL, "catalog")
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.mean, other.mean)
        np.testing.assert_array_equal(one.p_hit, other.p_hit)
    court.ours("lightgbm_bins", replace(SMALL, n_bootstrap=30, protocols=HONEST), "catalog")
    other = SMALL.with_overrides({"params.lightgbm_bins.n_trees": 1})
    for ask in (
        lambda: court.plain("known_artist"),
        lambda: court.plain("catalog", hits_above=50),
        lambda: court.ours("lightgbm_bins", replace(SMALL, without=("artist",)), "catalog"),
        lambda: court.ours("lightgbm_bins", other, "catalog"),
    ):
        with pytest.raises(RuntimeError, match="after shutdown"):
            ask()


def test_ours_is_judged_as_the_leaderboard_does(catalog: Catalog, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        court = Court.of(catalog, to.Popularity(), tmp_path, pool)
        judged = court.ours("lightgbm_bins", SMALL, "catalog")
    found = evaluate_predictions(judged, "regression", n_bootstrap=20)
    report = to.train(catalog, target=to.Popularity(), config=SMALL, n_jobs=1).report
    told = report.of("lightgbm_bins").scores["catalog"]
    for metric in ("r2", "mae", "width_90"):
        assert found[metric] == told[metric]


def test_the_ablation_trains_each_variant_on_its_inputs(tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv"
    generate_sample(400, seed=5).write_csv(path)
    result = ablation.run(Material(str(path), "sample", str(tmp_path)), tmp_path / "kept", SMALL)
    r2 = {name: found["catalog"]["r2"]["value"] for name, found in result.figures.items()}
    assert set(r2) == set(ablation.VARIANTS)
    # What adding up reaches before the last group is what leaving the last one out leaves.
    assert r2.pop("audio + genre + metadata + artist") == r2["all but release"]
    assert len(set(r2.values())) == len(r2)
    assert r2["audio"] < r2["all but audio"]
    assert r2["all but genre"] < r2["all"]


def test_album_names_and_artists_of_the_training_part() -> None:
    names = pl.Series(["Hits", "hits ", "Own", "Late", None, "Own"])
    folds = [
        Fold(np.array([0, 2, 3, 5]), np.array([1, 4]), 0),
        Fold(np.array([1, 3, 4]), np.array([0, 2, 5]), 0),
    ]
    assert unseen_albums(names, folds).tolist() == [2, 4, 5]
    artists = [["A"], ["B", "A"], ["C"], ["D"], ["E"], ["C"]]
    tracks = pl.DataFrame(
        {"artists": [";".join(a) for a in artists], "track_name": list("uvwxyz")}
    ).with_columns(popularity=pl.lit(5))
    keys = to.load_catalog(tracks).keys
    assert with_known_artist(keys, folds).tolist() == [0, 1]


def _contest(error: float, metrics: tuple[str, ...] = ("r2", "mae")) -> Contest:
    target = np.linspace(0, 100, 40)
    off = np.where(np.arange(40) % 2, 1.0, -1.0)
    ones, cluster = np.ones(40), np.arange(40)
    judged = {
        model: Judged(target, target + by * off, target + by * off, ones, cluster)
        for model, by in (("plain LightGBM", 6.0), ("TrackOracle, fast", error))
    }
    return Contest("catalog", judged, "regression", metrics)


@pytest.mark.parametrize(("error", "holds"), [(5.4, True), (5.6, False), (6.4, False)])
def test_ahead_is_better_whichever_way_the_metric_goes(error: float, holds: bool) -> None:
    standings = stand(_contest(error), n_bootstrap=20)
    plain_one, ours = standings
    assert not plain_one.ahead
    assert ours.ahead["mae"].value == pytest.approx(6 - error)
    assert (ours.ahead["r2"].value > 0) == (error < 6)
    told = {
        claim.what.split(":")[1].split(" ahead")[0].strip(): claim.holds
        for claim in claims(standings)
    }
    assert told["MAE"] == holds
    assert MARGINS["catalog", "mae"] == 0.5


def test_a_part_of_a_contest_is_scored_alone() -> None:
    part = _contest(3.0).among(np.arange(10), "few")
    standing = stand(part, n_bootstrap=20)[1]
    assert (standing.contest, standing.n_tracks) == ("few", 10)
    assert standing.scores["r2"].value < stand(_contest(3.0), n_bootstrap=20)[1].scores["r2"].value
