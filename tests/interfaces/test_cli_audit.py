"""`trackoracle audit` as people and scripts run it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.interfaces.running import run, run_here

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audit") / "<i>tracks.csv"
    rows = generate_sample(500, seed=4)
    rows.with_columns(pl.col("popularity").alias("again")).write_csv(path)
    return path


def test_table_json_and_page_tell_the_same(catalog: Path, tmp_path: Path) -> None:
    page, facts = tmp_path / "audit.html", tmp_path / "audit.json"
    done = run("audit", catalog, "--html", page, "--json", facts)
    assert done.returncode == 0, done.stderr
    report = json.loads(facts.read_text())
    assert {f["code"] for f in report["findings"]} >= {"repeated_ids", "target_copy"}
    for finding in report["findings"]:
        assert set(finding) == {"code", "severity", "what", "evidence", "n", "examples", "fix"}
        assert finding["code"] in done.stdout
        assert finding["code"] in page.read_text()
    shown = {p["protocol"] for p in report["gap"]["protocols"]}
    assert shown >= {"random", "catalog", "known_artist", "new_artist", "shuffled"}
    assert "new_artist" in done.stdout
    assert "<i>tracks" not in page.read_text()
    assert report == json.loads(json.dumps(report))


def test_python_and_the_command_line_agree(catalog: Path) -> None:
    done = run_here("audit", catalog, "--no-protocols", "--json", "-", "-q")
    assert done.returncode == 0
    assert done.stderr == ""
    told = json.loads(done.stdout)
    own = to.audit_catalog(catalog, protocols=False).to_dict()
    assert told["findings"] == json.loads(json.dumps(own["findings"]))


def test_a_split_by_file_and_by_column(catalog: Path, tmp_path: Path) -> None:
    rows = pl.read_csv(catalog).with_row_index("part")
    rows = rows.with_columns(pl.when(pl.col("part") % 4 == 0).then(1).otherwise(0).alias("part"))
    both, train, test = (tmp_path / f"{name}.csv" for name in ("both", "train", "test"))
    rows.write_csv(both)
    rows.filter(pl.col("part") == 0).drop("part").write_csv(train)
    rows.filter(pl.col("part") == 1).drop("part").write_csv(test)
    by_column = run_here("audit", both, "--split-column", "part", "--json", "-")
    by_file = run_here("audit", train, "--test", test, "--json", "-")
    codes = [
        {(f["code"], f["n"]) for f in json.loads(done.stdout)["findings"]}
        for done in (by_column, by_file)
    ]
    assert codes[0] == codes[1]
    assert {code for code, _ in codes[0]} >= {"shared_ids", "shared_artists", "stands_for"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--split-column", "energie"], "--split-column energie: expected a column"),
        (["--split-column", "energy"], "expected training rows and rows named one of"),
        (["--test", "nowhere.csv"], "nowhere.csv: expected a file"),
        (["--test", "x.csv", "--split-column", "part"], "expected --test or --split-column"),
        (["--base-rate", "3"], "base_rate: expected above 0 and below 1, got 3"),
        (["--hit-above", "70"], "--hit-above: expected beside --target hit"),
        (["--target", "hit"], "hit: expected a column of 0 and 1"),
    ],
)
def test_bad_use_is_one_sentence(catalog: Path, options: list[str], sentence: str) -> None:
    done = run_here("audit", catalog, "--no-protocols", *options)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_fails_a_build_when_asked(catalog: Path, tmp_path: Path) -> None:
    assert run("audit", catalog, "--no-protocols", "--fail-on", "error").returncode == 1
    clean = tmp_path / "clean.parquet"
    loaded = to.load_catalog(catalog)
    first = np.unique(loaded.keys.recording, return_index=True)[1]
    loaded.take(np.sort(first)).tracks.write_parquet(clean)
    done = run_here("audit", clean, "--no-protocols", "--fail-on", "error")
    assert done.returncode == 0, done.stdout
