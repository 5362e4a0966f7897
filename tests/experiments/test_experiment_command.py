"""The installed command: tables, files, errors, and going on after Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import polars as pl
import pytest
from tests.experiments.conftest import HIT
from tests.interfaces.running import SCRIPT, run, run_here

import trackoracle as to

QUICK = ("--candidates", "tree", "--folds", "2", "--set", "n_bootstrap=20", "--hit-above", "50")


def _words(text: str) -> str:
    """Undo what the width of the screen does."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def catalog(small_catalog: to.Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tracks") / "tracks.parquet"
    small_catalog.tracks.write_parquet(path)
    return path


def test_the_command_answers_what_python_answers(catalog: Path, tmp_path: Path) -> None:
    out, facts = tmp_path / "grid.csv", tmp_path / "grid.json"
    arms = ("--resampling", "none,smote", "--outliers", "none,iqr_capping", "--threshold", "cost")
    done = run("experiment", catalog, *QUICK, *arms, "--json", facts, "-o", out)
    assert done.returncode == 0, done.stderr
    settings = to.ExperimentSettings(
        candidates=("tree",),
        resampling=("none", "smote"),
        outliers=("none", "iqr_capping"),
        threshold="cost",
        n_folds=2,
        n_bootstrap=20,
    )
    expected = to.run_experiments(catalog, settings, target=HIT)
    told = json.loads(facts.read_text())
    assert told["best"] == expected.best
    frame = pl.read_csv(out).drop("seconds")
    assert frame["true_rate_pr_auc"].to_list() == expected.to_frame()["true_rate_pr_auc"].to_list()
    assert frame.columns == expected.to_frame().drop("seconds").columns
    assert max(map(len, done.stdout.splitlines())) <= 120
    shown = _words(done.stdout)
    assert "smote, iqr_capping" in shown
    assert "At 50/50: as if hits were half of the tracks" in shown
    assert "least cost, a miss 5 : a false alarm 1" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--resampling", "smoteenn"), "Did you mean 'smote'?"),
        (("--set", "cost=3"), "setting: expected a known name, got 'cost'. Did you mean "),
        (("-o", "grid.xlsx"), "grid.xlsx: expected one of .csv"),
        (("--study", "no/such/folder.study"), "expected an existing folder"),
        (("--hit-above", "100"), "expected a threshold from 0 to below 100"),
    ],
)
def test_bad_use_is_one_sentence(catalog: Path, arguments: tuple[str, ...], message: str) -> None:
    done = run_here("experiment", catalog, *QUICK, *arguments)
    assert done.returncode == 2
    assert message in _words(done.stderr)
    assert "Traceback" not in done.stderr


def test_without_a_label_the_way_out_is_said(catalog: Path) -> None:
    done = run_here("experiment", catalog, "--candidates", "tree")
    assert done.returncode == 2
    assert "--hit-above 70" in _words(done.stderr)


def test_after_ctrl_c_the_same_command_goes_on(catalog: Path, tmp_path: Path) -> None:
    study = tmp_path / "grid.study"
    arms = ("--resampling", "none,class_weights,undersample",
            "--transforms", "none,log,sqrt,box_cox,yeo_johnson", "--study", study)  # fmt: skip
    command = [str(part) for part in (SCRIPT, "experiment", catalog, *QUICK, *arms)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not study.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "keeps the finished cells; the same command goes on" in _words(errors)
    n_kept = len(json.loads(study.read_text())["cells"])
    assert 0 < n_kept < 15
    done = run_here("experiment", catalog, *QUICK, *arms, "--json", "-")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["cells"]) == 15


def test_help_shows_examples() -> None:
    done = run_here("experiment", "--help")
    assert done.returncode == 0
    assert "trackoracle experiment dataset.csv --hit-above 50" in done.stdout
