"""The installed command: what it prints and writes equals what Python answers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from tests.interfaces.running import run, run_here

import trackoracle as to
from trackoracle.catalogs import loading
from trackoracle.catalogs.sample import generate_sample
from trackoracle.models import CANDIDATES


@pytest.fixture(scope="module")
def tracks_file(small_catalog: to.Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tracks") / "tracks.parquet"
    small_catalog.tracks.head(200).write_parquet(path)
    return path


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_predict_writes_what_python_answers(
    small_oracle: to.Oracle, small_bundle: Path, tracks_file: Path, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"answers.{ending}"
    done = run_here("predict", small_bundle, tracks_file, "-o", out)
    assert done.returncode == 0, done.stderr
    assert f"wrote 200 predictions to {out}" in done.stderr
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "jsonl": pl.read_ndjson}[ending]
    expected = small_oracle.predict(pl.read_parquet(tracks_file))
    answers = read(out).with_columns(pl.col("estimated", "warning").fill_null(""))
    assert answers.select(expected.columns).equals(expected)


def test_a_terminal_breaks_a_note_between_words_and_a_path_nowhere(
    small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks = tmp_path / "tracks.csv"
    tracks.write_text("genre,tempo\npop,120\n")
    out = tmp_path / f"{'long' * 15}.csv"
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "50")
    done = run_here("predict", small_bundle, tracks, "-o", out)
    assert done.returncode == 0, done.stderr
    lines = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr).splitlines()
    assert str(out) in lines
    missing = lines[: lines.index("wrote 1 predictions to")]
    assert missing[0].startswith("Not in the input")
    assert all(len(line) <= 50 and line.endswith((" ", ",", ".")) for line in missing[:-1])


def test_predict_from_standard_input(small_oracle: to.Oracle, small_bundle: Path) -> None:
    lines = '{"genre": "pop", "tempo": 120}\n\n{"energy": 0.9, "track_id": "mine"}\n'
    done = run("predict", small_bundle, "-", "--json", "-", stdin=lines)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    expected = small_oracle.predict(
        [{"genre": "pop", "tempo": 120, "track_id": None}, {"energy": 0.9, "track_id": "mine"}]
    )
    assert answers == expected.to_dicts()
    assert [answer["track_id"] for answer in answers] == ["1", "mine"]


def test_check_prints_a_table_and_writes_the_cleaned_catalog(tmp_path: Path) -> None:
    done = run("check", "sample", "-o", tmp_path / "clean.csv", "--json", tmp_path / "card.json")
    assert done.returncode == 0, done.stderr
    assert "Synthetic: no real tracks" in done.stdout
    assert "merged" in done.stdout
    card = json.loads((tmp_path / "card.json").read_text())
    clean = to.load_catalog(tmp_path / "clean.csv")
    assert len(clean) == card["n_tracks"]
    assert clean.card.n_recordings == card["n_recordings"]


def test_train_then_evaluate_info_and_report(small_catalog, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.parquet"
    small_catalog.tracks.write_parquet(catalog)
    oracle, report = tmp_path / "x.oracle", tmp_path / "report.html"
    quick = [
        *("--set", "candidates=tree", "--set", "n_bootstrap=20"),
        *("--set", "protocols=new_artist", "--folds", "2"),
    ]
    done = run("train", catalog, *quick, "-o", oracle, "--report", report, "--json", "-")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["chosen"] == "tree"
    assert set(facts) >= {"candidates", "baselines", "chosen", "protocols"}
    score = facts["candidates"][0]["scores"]["new_artist"]["r2"]
    assert set(score) == {"value", "low", "high"}
    page = report.read_text()
    assert "Audited for leaks: " in page
    assert "http" not in page.split("</style>")[1]

    info = run("info", oracle)
    assert info.returncode == 0
    assert "Oracle of popularity, tree" in info.stdout
    assert "danceability" in info.stdout
    shown = json.loads(run_here("info", oracle, "--json", "-").stdout)
    assert shown["report"]["candidates"][0]["scores"]["new_artist"]["r2"] == score
    assert shown["config"]["n_folds"] == 2

    others = tmp_path / "others.csv"
    generate_sample(300, seed=9).write_csv(others)
    other = run(
        "evaluate", oracle, others, "--on-invalid", "null", "--json", tmp_path / "scores.json"
    )
    assert other.returncode == 0, other.stderr
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["n_tracks"] == len(to.load_catalog(others, on_invalid="null"))
    assert scores["overall"]["r2"]["low"] <= scores["overall"]["r2"]["high"]


def test_enrich_adds_artist_popularity(small_catalog, tmp_path: Path) -> None:
    catalog, artists = tmp_path / "catalog.csv", tmp_path / "artists.csv"
    name = small_catalog.tracks["artists"][0][0]
    artists.write_text(f"artist_name,popularity\n{name.upper()},77\n")
    small_catalog.tracks.with_columns(pl.col("artists", "genres").list.join(";")).write_csv(catalog)
    done = run("enrich", catalog, "--artists", artists, "-o", tmp_path / "out.parquet")
    assert done.returncode == 0, done.stderr
    assert pl.read_parquet(tmp_path / "out.parquet")["artist_popularity"][0] == 77


FEW = {
    "forest": {"n_estimators": 4},
    "xgboost": {"n_trees": 10},
    "lightgbm": {"n_trees": 40},
    "lightgbm_bins": {"n_trees": 10, "n_classes": 6},
}
"""The demo's own settings take a core more than a minute; `make demo` shows what they give."""


def test_demo_does_the_main_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "generate_sample", lambda: generate_sample(1500))
    for name, settings in FEW.items():
        for setting, value in settings.items():
            monkeypatch.setitem(CANDIDATES[name].params["fast"], setting, value)
    done = run_here("demo", "--to", tmp_path)
    assert done.returncode == 0, done.stderr
    steps = ("1/6  check", "2/6  audit", "3/6  train", "4/6  predict", "5/6  explain", "6/6  save")
    for step in steps:
        assert step in done.stdout
    for told in ("new_artist", "lightgbm_bins"):
        assert told in done.stdout
    assert len(to.load_oracle(tmp_path / "demo.oracle").predict({"tempo": 120})) == 1
    assert "The catalog is synthetic" in (tmp_path / "report.html").read_text()
    assert "The catalog is synthetic" in (tmp_path / "audit.html").read_text()


def test_version_and_help_of_every_command() -> None:
    assert run("--version").stdout.strip() == f"trackoracle {to.__version__}"
    commands = (
        "demo",
        "check",
        "enrich",
        "audit",
        "train",
        "evaluate",
        "predict",
        "explain",
        "info",
    )
    for command in (*commands, "experiment", "serve"):
        done = run_here(command, "--help")
        assert done.returncode == 0
        assert f"trackoracle {command} " in done.stdout, f"{command}: --help shows no example"


def test_quiet_says_nothing_but_the_answer(small_bundle: Path) -> None:
    done = run("predict", small_bundle, "sample", "-q", "--json", "-")
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(json.loads(done.stdout)) > 5000


def test_quiet_shows_no_warnings_below_the_table_but_writes_them(small_bundle: Path) -> None:
    odd = '{"genre": "no such genre", "energy": 0.5}'
    told, quiet, rows = (
        run_here("predict", small_bundle, "-", *options, stdin=odd).stdout
        for options in ((), ("-q",), ("-q", "--json", "-"))
    )
    assert "was not seen in training" in told
    assert "Predictions" in quiet
    assert "was not seen in training" not in quiet
    assert "was not seen in training" in rows


def test_options_go_before_a_configuration_file(tmp_path: Path) -> None:
    from trackoracle.interfaces.cli.oracle_commands import _config

    path = tmp_path / "own.toml"
    path.write_text('profile = "full"\nn_folds = 4\nseed = 7\n')
    told = _config(path, None, [], None, None)
    assert (told.profile, told.n_folds, told.seed) == ("full", 4, 7)
    told = _config(path, "fast", ["seed=9"], 8, 3)
    assert (told.profile, told.n_folds, told.seed) == ("fast", 3, 9)
    assert _config(None, None, [], None, None).profile == "fast"
