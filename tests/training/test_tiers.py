"""A tier target goes the way of the others: folds, calibration, bundle, answers, report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.artifact.test_hostile_bundles import (
    in_array,
    in_json,
    members_of,
    put,
    with_fitting_hashes,
    write,
)
from tests.conftest import QUICK
from tests.interfaces.running import run_here

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.errors import BundleError, ConfigError
from trackoracle.rendering import training_report
from trackoracle.sealed import MANIFEST

EDGES = (20.0, 40.0, 60.0)
CONFIG = replace(QUICK, protocols=("catalog", "new_artist"))


@pytest.fixture(scope="module")
def tier_oracle(small_catalog: to.Catalog) -> to.Oracle:
    return to.train(small_catalog, target=to.Tier(EDGES), config=CONFIG, n_jobs=1)


@pytest.fixture(scope="module")
def tier_bundle(tier_oracle: to.Oracle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tier") / "tier.oracle"
    tier_oracle.save(path)
    return path


def test_answers_are_those_of_the_interface(tier_oracle, tier_bundle, small_catalog) -> None:
    tracks = small_catalog.tracks.drop("popularity").head(100)
    answer = tier_oracle.predict(tracks)
    assert list(answer.columns) == [
        "track_id", "tier", "p_tier_0", "p_tier_1", "p_tier_2", "p_tier_3",
        "known", "estimated", "warning",
    ]  # fmt: skip
    shares = answer.select("^p_tier_.*$").to_numpy()
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert answer["tier"].to_list() == shares.argmax(axis=1).tolist()
    loaded = to.load_oracle(tier_bundle)
    assert loaded.predict(tracks).equals(answer)
    assert loaded.predict(tracks[7:13]).equals(answer[7:13])
    assert loaded.target == to.Tier(EDGES)
    with pytest.raises(ConfigError, match="base_rate: expected an oracle of hits, got one of tier"):
        tier_oracle.predict(tracks, base_rate=0.5)


def test_nothing_known_is_answered_by_the_shares_of_the_tiers(tier_oracle, small_catalog) -> None:
    told = tier_oracle.predict({"tempo": None}).select("^p_tier_.*$").to_numpy()[0]
    tier = to.Tier(EDGES).values(small_catalog.tracks).astype(int)
    share = np.bincount(tier, small_catalog.keys.weight) / small_catalog.keys.weight.sum()
    np.testing.assert_allclose(told, share, atol=1e-9)


def test_leaderboard_beside_baselines_and_the_tiers_of_popularity(tier_oracle) -> None:
    report = tier_oracle.report
    assert report.metric == "rpss"
    assert [b.name for b in report.baselines] == [
        "median", "genre_mean", "artist_mean", "popularity_tiers",
    ]  # fmt: skip
    for result in (*report.candidates, *report.baselines):
        assert set(result.scores) == {"catalog", "new_artist"}
        assert {"rpss", "accuracy", "macro_f1", "balanced_accuracy", "log_loss", "rps"} == set(
            result.scores["catalog"]
        )
    naive, own = report.of("median").scores["catalog"], report.of(report.chosen).scores["catalog"]
    assert abs(naive["rpss"].value) < 0.02
    assert own["rpss"].low > naive["rpss"].high
    assert own["log_loss"].value < naive["log_loss"].value
    # Both learn from the same tracks in the same folds.
    assert (
        abs(own["rpss"].value - report.of("popularity_tiers").scores["catalog"]["rpss"].value) < 0.1
    )


def test_same_seed_gives_the_same_bytes(small_catalog, tier_bundle, tmp_path) -> None:
    to.train(small_catalog, target=to.Tier(EDGES), config=CONFIG, n_jobs=2).save(tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == tier_bundle.read_bytes()


def test_evaluation_on_other_tracks(tier_oracle) -> None:
    other = to.load_catalog(generate_sample(400, seed=9), on_invalid="null")
    found = tier_oracle.evaluate(other, n_bootstrap=20)
    assert found.overall["log_loss"].value < found.baseline["log_loss"].value
    assert found.baseline["rpss"].value == pytest.approx(0)


def test_page_leaves_out_what_tiers_do_not_have(tier_oracle, small_catalog) -> None:
    answers = tier_oracle.predict(small_catalog.tracks.head(3))
    page = training_report(tier_oracle.report, small_catalog.card, answers)
    assert "<h1>Tier of popularity on" in page
    assert "popularity_tiers" in page
    assert "predicted mean, tier" in page
    for absent in (
        "P(hit)",
        "mean, points",
        "MAE",
        "interval width",
        "called hit",
        "90 % interval",
    ):
        assert absent not in page


def test_tiers_that_no_fold_can_learn(small_catalog) -> None:
    with pytest.raises(to.errors.TargetError, match="tier: expected different values, got 0"):
        to.train(small_catalog, target=to.Tier((99.0,)), config=CONFIG)


def test_a_tier_that_some_folds_lack(small_catalog) -> None:
    points = small_catalog.tracks["popularity"].to_numpy().astype(float).copy()
    points[points > 75] = 75
    points[np.flatnonzero(points > 30)[:2]] = 100
    tracks = small_catalog.tracks.with_columns(pl.Series("popularity", points))
    oracle = to.train(
        replace(small_catalog, tracks=tracks),
        target=to.Tier((30.0, 75.0, 98.0)),
        config=replace(CONFIG, protocols=("catalog",)),
    )
    told = oracle.predict(tracks.head(50)).select("^p_tier_.*$").to_numpy()
    assert told.shape == (50, 4)
    assert (told[:, 2:] < 0.2).all()


def test_audit_looks_at_the_popularity_behind_the_tiers(small_catalog) -> None:
    asked, expected = (
        to.audit_catalog(small_catalog, target=target, protocols=False).to_dict() | {"seconds": 0}
        for target in (to.Tier(EDGES), to.Popularity())
    )
    assert asked == expected


def test_experiments_refuse_tiers(small_catalog) -> None:
    with pytest.raises(ConfigError, match="target: expected a hit, got tier"):
        to.run_experiments(small_catalog, target=to.Tier())


@pytest.mark.parametrize(
    "change", [lambda a: a[:-1], lambda a: a * np.nan, lambda a: np.stack([a, a])]
)
def test_calibrations_that_do_not_fit_are_refused(tier_bundle, tmp_path, change) -> None:
    members = members_of(tier_bundle)
    in_array("calibration/new_offset.npy", change)(members)
    path = write(tmp_path / "x.oracle", with_fitting_hashes(members))
    with pytest.raises(BundleError, match="calibration: expected a scaling of bins"):
        to.load_oracle(path)


def test_a_file_of_format_2_answers_the_same(tier_oracle, tier_bundle, small_catalog, tmp_path):
    """It told of a calibration the scalings only."""
    members = members_of(tier_bundle)
    for name in ("support", "known_bin_of", "known_shape", "new_bin_of", "new_shape"):
        del members[f"calibration/{name}.npy"]
    in_json(MANIFEST, put("format", 2))(members)
    older = to.load_oracle(write(tmp_path / "older.oracle", with_fitting_hashes(members)))
    tracks = small_catalog.tracks.head(50)
    assert older.predict(tracks).equals(tier_oracle.predict(tracks))
    in_json(MANIFEST, put("format", 1))(members)
    with pytest.raises(BundleError, match="format"):
        to.load_oracle(write(tmp_path / "oldest.oracle", with_fitting_hashes(members)))


def test_an_oracle_with_histories_of_format_2_answers_the_same(small_catalog, tmp_path) -> None:
    """They told no landmarks and one prior each: those of given hits are still so told."""
    given = small_catalog.tracks.with_columns(hit=pl.col("popularity") > 40)
    oracle = to.train(to.load_catalog(given), target=to.Hit(), config=CONFIG, n_jobs=1)
    oracle.save(tmp_path / "hits.oracle")
    members = members_of(tmp_path / "hits.oracle")
    facts = json.loads(members["recipe.json"])
    for i, fact in enumerate(facts):
        if fact["block"] == "HistoryBlock":
            assert fact.pop("landmarks") == []
            (fact["prior"],) = fact.pop("priors")
            in_array(f"recipe/{i}_sums.npy", lambda sums: sums[:, 0])(members)
    members["recipe.json"] = json.dumps(facts).encode()
    in_json(MANIFEST, put("format", 2))(members)
    older = to.load_oracle(write(tmp_path / "older.oracle", with_fitting_hashes(members)))
    tracks = small_catalog.tracks.head(50)
    assert older.predict(tracks).equals(oracle.predict(tracks))


def test_command_line(small_catalog, tmp_path) -> None:
    catalog, path = tmp_path / "catalog.parquet", tmp_path / "tier.oracle"
    small_catalog.tracks.write_parquet(catalog)
    done = run_here(
        "train", catalog, "--target", "tier", "--tiers", "25,50", "-o", path, "--json", "-",
        "--set", "candidates=tree", "--set", "protocols=catalog", "--folds", 2,
        "--set", "n_bootstrap=20", "--set", "params.lightgbm_bins.n_trees=10",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["target"] == {"name": "tier", "edges": [25.0, 50.0]}
    told = run_here("predict", path, "-", "--json", "-", stdin='{"genre": "pop", "tempo": 120}\n')
    assert told.returncode == 0, told.stderr
    row = json.loads(told.stdout)[0]
    assert row["tier"] in (0, 1, 2)
    assert sum(row[f"p_tier_{i}"] for i in range(3)) == pytest.approx(1)
    assert "P(tier)" in run_here("predict", path, catalog).stdout
    for wrong in (["--tiers", "50,25"], ["--hit-above", "70"], ["--base-rate", "0.02"]):
        refused = run_here("train", catalog, "--target", "tier", *wrong)
        assert refused.returncode == 2, wrong
