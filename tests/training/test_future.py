"""The protocol `future`: nothing later is learned from, and the leaderboard says what it is."""

from __future__ import annotations

import dataclasses
import io
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from tests.conftest import QUICK, real_file

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.evaluation import Judged
from trackoracle.features import SNAPSHOT_INPUTS, prepare
from trackoracle.models import CANDIDATES
from trackoracle.rendering import leaderboard_table, training_report, verdict
from trackoracle.schema import check_tracks, fit_contract, report_from_dict
from trackoracle.splits import PROTOCOLS, make_folds
from trackoracle.training.calibrated import judged_answers
from trackoracle.training.fitting import fit_candidate
from trackoracle.training.folds import begin_judgement, judge, workers
from trackoracle.training.material import Material, fit_rows

FUTURE = PROTOCOLS["future"]


def dated_rows() -> pl.DataFrame:
    """The sample, with a day of release in ten years and a trend that follows it."""
    rows = generate_sample(600, seed=3).unique("track_id", keep="first", maintain_order=True)
    day = np.random.default_rng(0).integers(0, 3650, len(rows))
    return rows.with_columns(
        pl.Series("release_date", np.datetime64("2010-01-01") + day),
        pl.Series("artist_popularity", np.clip(day / 40, 0, 100)),
    )


@pytest.fixture(scope="module")
def catalog() -> to.Catalog:
    return to.load_catalog(dated_rows(), on_invalid="null")


def material(catalog: to.Catalog) -> Material:
    contract = fit_contract(catalog.tracks)
    prepared = prepare(check_tracks(catalog.tracks, contract).tracks, contract)
    target = to.Popularity()
    values = target.values(catalog.tracks)
    return Material(prepared, catalog.keys, contract, target, values, values)


def changed(catalog: to.Catalog, rows: np.ndarray) -> to.Catalog:
    """Change all that could be learned from some rows: target, inputs, names, recordings."""
    mark = np.zeros(len(catalog), bool)
    mark[rows] = True
    where = pl.lit(pl.Series(mark))
    other = {
        "popularity": 100 - pl.col("popularity"),
        "energy": 1 - pl.col("energy"),
        "tempo": pl.lit(250.0),
        "artists": pl.lit(["Somebody Else"]),
        "genres": pl.lit(["other-genre"]),
        "track_name": pl.lit("Another Title"),
    }
    tracks = catalog.tracks.with_columns(
        pl.when(where).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in other.items()
    )
    # As if each were a re-release of the first row, which is an early one.
    recording = np.where(mark, catalog.keys.recording[np.argmin(catalog.keys.released)], -1)
    recording = np.where(mark, recording, catalog.keys.recording)
    keys = dataclasses.replace(catalog.keys, recording=recording)
    return dataclasses.replace(catalog, tracks=tracks, keys=keys)


@pytest.mark.parametrize("name", [n for n, c in CANDIDATES.items() if not c.is_baseline])
def test_changing_later_rows_changes_nothing_fitted(catalog: to.Catalog, name: str) -> None:
    fold = make_folds(catalog.keys, FUTURE, 3, seed=0)[0]
    later = np.flatnonzero(catalog.keys.released > catalog.keys.released[fold.test].max())
    assert len(later) > 100
    fitted = []
    for one in (catalog, changed(catalog, later)):
        own = make_folds(one.keys, FUTURE, 3, seed=0)[0]
        assert np.array_equal(own.train, fold.train)
        inputs = material(one)
        recipe, matrix = fit_rows(inputs, own.train, QUICK, uses_history=False)
        model = fit_candidate(name, inputs, own.train, recipe, matrix, QUICK)
        facts, arrays = recipe.state()
        fitted.append((facts, {k: a.tobytes() for k, a in arrays.items()}, model.members()))
    assert fitted[0] == fitted[1]


def judged(inputs: Material) -> tuple[Judged, np.ndarray]:
    judgement = begin_judgement(inputs, FUTURE, ("median", "tree"), QUICK)
    with workers(1) as pool:
        judge(inputs, [judgement], QUICK, pool, lambda *_: None)
    return judged_answers(inputs, judgement, "tree"), judgement.scored


def with_targets(inputs: Material, rows: np.ndarray) -> Material:
    values = inputs.values.copy()
    values[rows] = 100 - values[rows]
    return dataclasses.replace(inputs, values=values)


def test_calibration_looks_back_only(catalog: to.Catalog) -> None:
    inputs = material(catalog)
    first, second, last = make_folds(catalog.keys, FUTURE, 3, seed=0)
    plain, rows = judged(inputs)
    assert np.array_equal(rows, np.sort(np.concatenate([second.test, last.test])))
    assert not np.isnan(plain.mean).any()
    after, _ = judged(with_targets(inputs, last.test))
    assert np.array_equal(after.mean, plain.mean)
    assert np.array_equal(after.median, plain.median)
    assert not np.array_equal(after.target, plain.target)
    before, _ = judged(with_targets(inputs, first.test))
    assert not np.array_equal(before.mean, plain.mean)


def test_no_input_knows_the_snapshot(catalog: to.Catalog) -> None:
    inputs = material(catalog)
    rows = make_folds(catalog.keys, FUTURE, 3, seed=0)[0].train
    with_history, _ = fit_rows(inputs, rows, QUICK)
    without, _ = fit_rows(inputs, rows, QUICK, uses_history=False)
    gone = set(with_history.names) - set(without.names)
    histories = {n for n in with_history.names if "_history_" in n or n.endswith("_worth")}
    assert {name.split("_history_")[0] for name in histories} >= {"artist", "genre", "title_words"}
    assert gone == histories | ({*SNAPSHOT_INPUTS} & {*with_history.names})
    assert "artist_popularity" in gone
    assert not without.knows_artist(inputs.prepared).any()


@pytest.fixture(scope="module")
def partly_dated() -> to.Catalog:
    rows = dated_rows().with_columns(
        pl.when(pl.int_range(pl.len()) % 10 > 0).then(pl.col("release_date")).alias("release_date")
    )
    return to.load_catalog(rows, on_invalid="null")


@pytest.fixture(scope="module")
def oracle(partly_dated: to.Catalog) -> to.Oracle:
    return to.train(partly_dated, config=QUICK)


def test_leaderboard_shows_what_future_is(oracle: to.Oracle, partly_dated: to.Catalog) -> None:
    report = oracle.report
    names = [protocol.name for protocol in report.protocols]
    assert names == ["catalog", "known_artist", "new_artist", "future"]
    assert report.protocols[-1].held_out == "recording, every later release"
    assert "as of the snapshot" in report.protocols[-1].stands_for
    n_scored = report.protocols[-1].n_tracks
    n_undated = partly_dated.tracks["release_date"].null_count()
    n_dated = len(partly_dated) - n_undated
    assert n_undated > 50
    assert 0.45 * n_dated < n_scored < 0.55 * n_dated
    assert "future" not in report.rule
    assert {b.name for b in report.baselines if "future" in b.scores} == {"median"}
    note = next(note for note in report.notes if note.startswith("future"))
    assert note == (
        "future: popularity is as of the snapshot, later than the releases, so no history of it is "
        f"used, and genre_mean and artist_mean have no score. Scored on the {n_scored:,} latest "
        f"tracks; the {n_dated - n_scored:,} earliest are learned from or calibrate, "
        f"{n_undated:,} without a release date are left out."
    )


def test_what_has_no_score_is_shown_so(oracle: to.Oracle) -> None:
    from rich.console import Console

    console = Console(width=200, record=True, file=io.StringIO())
    console.print(leaderboard_table(oracle.report))
    row = next(line for line in console.export_text().splitlines() if "artist_mean" in line)
    assert row.split()[-2] == "-"
    page = training_report(oracle.report, oracle.bundle.catalog)
    rows = pairwise(page.splitlines())
    shown = [scores for name, scores in rows if name.startswith('<tr class="baseline">')]
    assert ["<td>-</td><td>-</td>" in scores for scores in shown[:3]] == [False, True, True]
    assert "| artist_mean | " in oracle.card
    assert next(s for s in oracle.card.splitlines() if s.startswith("| artist_mean")).endswith(
        "- |"
    )
    assert "future" in verdict(oracle.report)
    assert report_from_dict(oracle.report.to_dict()) == oracle.report


def test_groups_count_the_rows_scored(oracle: to.Oracle) -> None:
    bands = {p: {g.group: g.n_tracks for g in own} for p, own in oracle.report.by_band.items()}
    assert sum(bands["future"].values()) == oracle.report.protocols[-1].n_tracks
    assert sum(bands["catalog"].values()) == oracle.report.protocols[0].n_tracks


def test_future_neither_chooses_nor_calibrates(oracle: to.Oracle, partly_dated: to.Catalog) -> None:
    config = dataclasses.replace(QUICK, protocols=("catalog", "known_artist", "new_artist"))
    without = to.train(partly_dated, config=config)
    assert without.report.chosen == oracle.report.chosen
    arrays = [one.bundle.calibration.arrays() for one in (oracle, without)]
    for name, array in arrays[0].items():
        assert np.array_equal(array, arrays[1][name])
    for one, other in zip(without.report.candidates, oracle.report.candidates, strict=True):
        assert all(other.scores[protocol] == scores for protocol, scores in one.scores.items())


def test_a_catalog_without_dates_says_so(small_oracle: to.Oracle) -> None:
    assert "future" not in {protocol.name for protocol in small_oracle.report.protocols}
    assert "future: not shown, the catalog gives no release dates." in small_oracle.report.notes


@pytest.mark.parametrize(
    ("target", "days", "reason"),
    [
        (
            to.Popularity(),
            ["2001", "2002"],
            "Not shown: future: expected at least 4 days of release, one for each fold and one to "
            "begin with, got 2. Lower --folds, or use a larger catalog.",
        ),
        (
            to.Hit(above=40),
            ["2001", "2002", "2003", "2004"],
            "Not shown: future: expected hits and misses among the training rows of each fold, got "
            "one class in fold 1. Lower --folds, or use more tracks.",
        ),
    ],
)
def test_too_little_for_windows_stops_no_training(
    target: to.Popularity | to.Hit, days: list[str], reason: str
) -> None:
    rows = generate_sample(300, seed=1).sort("popularity")
    place = np.arange(len(rows)) * len(days) // len(rows)
    rows = rows.with_columns(pl.Series("release_date", [days[i] for i in place]))
    config = dataclasses.replace(QUICK, candidates=("tree",), protocols=("catalog", "future"))
    report = to.train(to.load_catalog(rows, on_invalid="null"), target=target, config=config).report
    assert [protocol.name for protocol in report.protocols] == ["catalog"]
    assert reason in report.notes


def test_any_order_of_protocols(partly_dated: to.Catalog) -> None:
    config = dataclasses.replace(QUICK, candidates=("tree",), protocols=("future", "catalog"))
    oracle = to.train(partly_dated, config=config)
    assert [protocol.name for protocol in oracle.report.protocols] == ["future", "catalog"]
    assert {b.name for b in oracle.report.baselines} == {"median", "genre_mean", "artist_mean"}
    assert "artist_mean" in training_report(oracle.report, oracle.bundle.catalog)


@pytest.mark.long
@pytest.mark.real
def test_tidytuesday_end_to_end() -> None:
    """Learned from every second artist's tracks; that all protocols are asked is told above."""
    whole = to.load_catalog(real_file("tidytuesday/spotify_songs.csv"))
    half = whole.take(np.flatnonzero(whole.keys.first_artist % 2 == 0))
    asked = ("catalog", "new_artist", "future")
    config = to.TrainingConfig(candidates=("lightgbm",), protocols=asked, n_bootstrap=50, n_folds=2)
    report = to.train(half, config=config).report
    own = {protocol: scores["r2"] for protocol, scores in report.of("lightgbm").scores.items()}
    assert tuple(own) == asked
    assert own["future"].low > report.of("median").scores["future"]["r2"].high
    assert own["future"].high < own["new_artist"].low < own["catalog"].low
