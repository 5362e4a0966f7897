"""An oracle of a network: trained by torch, then predicting, explaining and read without it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.console import Console
from tests.conftest import QUICK

import trackoracle as to
from trackoracle.errors import ConfigError, MissingExtraError
from trackoracle.rendering import leaderboard_table, training_report
from trackoracle.schema import report_from_dict
from trackoracle.training import TrainingConfig

ASKED = replace(
    QUICK, candidates=("network_bins",), protocols=("catalog",), n_folds=2,
    params={"network_bins": {"n_epochs": 4, "layers": "32", "n_classes": 6, "learning_rate": 0.01}},
)  # fmt: skip


@pytest.fixture(scope="module")
def oracle(small_catalog: to.Catalog) -> to.Oracle:
    return to.train(small_catalog, config=ASKED, n_jobs=2)


@pytest.fixture(scope="module")
def tracks(small_catalog: to.Catalog) -> pl.DataFrame:
    return small_catalog.tracks.head(12).drop("popularity")


def test_it_is_chosen_where_it_is_the_only_one(oracle: to.Oracle) -> None:
    assert oracle.bundle.candidate == "network_bins"
    assert oracle.report.of("network_bins").scores["catalog"]["r2"].value > 0


def test_profiles_need_no_torch() -> None:
    for profile in ("fast", "full"):
        assert not any("network" in name for name in TrainingConfig(profile=profile).names)


def test_the_file_answers_without_torch(
    oracle: to.Oracle, tracks: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "network.oracle"
    oracle.save(path)
    for module in ("torch", "safetensors"):
        monkeypatch.setitem(sys.modules, module, None)
    loaded = to.load_oracle(path)
    assert loaded.predict(tracks).equals(oracle.predict(tracks))
    loaded.save(tmp_path / "again.oracle")
    assert (tmp_path / "again.oracle").read_bytes() == path.read_bytes()


def test_a_genre_never_seen_is_warned_of_and_answered(
    oracle: to.Oracle, tracks: pl.DataFrame
) -> None:
    unknown = tracks.with_columns(genres=pl.lit(["sea shanty"], pl.List(pl.String)))
    told = oracle.predict(unknown)
    assert told["warning"].str.contains("genres").all()
    assert told["popularity"].is_between(0, 100).all()


def test_it_is_explained_by_permutations(oracle: to.Oracle, tracks: pl.DataFrame) -> None:
    for explanation in oracle.explain_each(tracks.head(2), n_pairs=4):
        told = explanation.to_dict()
        total = told["baseline"] + sum(row["contribution"] for row in told["attributions"])
        assert abs(total - told["prediction"]) < 1e-6
        assert any(row["contribution"] for row in told["attributions"])


def test_the_report_tells_how_the_loss_fell(oracle: to.Oracle) -> None:
    curve = oracle.report.fitting
    assert (curve.loss, len(curve.learned)) == ("log loss", len(curve.held))
    assert curve.learned[-1] < curve.learned[0]
    assert report_from_dict(oracle.report.to_dict()).fitting == curve
    console = Console(width=200)
    with console.capture() as capture:
        console.print(leaderboard_table(oracle.report))
    assert "How network_bins learned from all tracks: 4 passes over" in capture.get()
    page = training_report(oracle.report, oracle.bundle.catalog)
    assert "How network_bins learned" in page
    assert "rows held back" in page
    untold = replace(oracle.report, fitting=None)
    assert "rows held back" not in training_report(untold, oracle.bundle.catalog)


def test_what_cannot_be_fitted_is_refused_before_any_work(
    small_catalog: to.Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    settings = {**ASKED.params["network_bins"], "layers": "many"}
    with pytest.raises(ConfigError, match="as 128-64, got 'many'"):
        to.train(small_catalog, config=replace(ASKED, params={"network_bins": settings}),
                 progress=lambda *done: told.append(done[-1]))  # fmt: skip
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match="neural"):
        to.train(small_catalog, config=ASKED, progress=lambda *done: told.append(done[-1]))
    assert not told


def test_an_interrupted_training_goes_on(
    small_catalog: to.Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = small_catalog.take(np.arange(200))
    asked = replace(ASKED, params={"network_bins": {"n_epochs": 1, "layers": "8", "n_classes": 4}})
    whole, other = tmp_path / "whole.oracle", tmp_path / "other.oracle"
    to.train(few, config=asked, n_jobs=1).save(whole)
    monkeypatch.setenv("TRACKORACLE_CHECKPOINTS", str(tmp_path))

    def stop(n_done: int, n_all: int, last: str) -> None:
        if "network" in last:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        to.train(few, config=asked, n_jobs=1, progress=stop)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.checkpoint")}
    assert kept
    to.train(few, config=asked, n_jobs=1).save(other)
    assert other.read_bytes() == whole.read_bytes()
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())
    assert len(list(tmp_path.glob("*.checkpoint"))) == 3
