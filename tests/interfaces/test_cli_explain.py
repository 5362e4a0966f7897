"""`trackoracle explain` as people and scripts run it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest
from tests.interfaces.running import run, run_here

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.interfaces import cli


@pytest.fixture(scope="module")
def tracks(small_catalog: to.Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explain") / "tracks.parquet"
    small_catalog.tracks.head(30).drop("popularity").write_parquet(path)
    return path


def test_table_json_and_page_tell_the_same(
    small_bundle: Path, tracks: Path, tmp_path: Path
) -> None:
    page, facts = tmp_path / "why.html", tmp_path / "why.json"
    track = pl.read_parquet(tracks)["track_id"][4]
    options = ("--track", track, "--html", page, "--json", facts, "--inputs", "--interactions")
    done = run("explain", small_bundle, tracks, *options)
    assert done.returncode == 0, done.stderr
    told = json.loads(facts.read_text())
    total = told["baseline"] + sum(a["contribution"] for a in told["attributions"])
    assert abs(total - told["prediction"]) < 1e-6
    assert told["track_id"] == track
    assert told["interactions"] is not None
    for text in (done.stdout, page.read_text()):
        assert f"{told['prediction']:.1f}" in text
        assert "starting point" in text
        assert "did not" not in text
    loaded = to.load_oracle(small_bundle)
    (own,) = loaded.explain_each(loaded.pick(to.load_tracks(tracks), track), interactions=True)
    assert json.loads(json.dumps(own.to_dict())) == told


def test_many_tracks_as_table_list_and_file(
    small_bundle: Path, tracks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, page = tmp_path / "why.parquet", tmp_path / "why.html"
    asked = ("explain", small_bundle, tracks, "--json", "-", "-o", output, "--html", page, "-q")
    done = run_here(*asked)
    assert done.returncode == 0, done.stderr
    listed, rows = json.loads(done.stdout), pl.read_parquet(output)
    assert len(listed) == len(rows) == 30
    assert "inputs" not in listed[0]
    for told, row in zip(listed, rows.to_dicts(), strict=True):
        assert abs(told["prediction"] - row["prediction"]) < 1e-9
        assert told["track_id"] == row["track_id"]
    assert page.read_text().count('<section class="fall"') == 20
    assert "10 more tracks" in page.read_text()
    assert cli._run(["explain", str(small_bundle), str(tracks)]) == 0
    shown = capsys.readouterr().out
    assert "and 10 more tracks" in shown
    assert "What weighs most" in shown


def test_the_starter_oracle_explains_json_lines() -> None:
    line = json.dumps({"genre": "pop", "tempo": 120, "energy": 0.8})
    done = run_here("explain", "-", "--json", "-", "-q", stdin=line)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["attributions"][0]["feature"] == "genres"


def test_narrow_terminals_show_no_less(small_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (46, 120):
        monkeypatch.setitem(os.environ, "COLUMNS", str(width))
        line = json.dumps({"energy": 0.8, "tempo": 120})
        done = run_here("explain", small_bundle, "-", "-q", stdin=line)
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert max(map(len, lines)) <= width
        assert any("prediction" in text for text in lines)
        assert any(mark in done.stdout for mark in "█▏▕")


def test_two_rows_of_one_id_are_both_explained(small_bundle: Path) -> None:
    lines = '{"id": "a", "tempo": 100}\n{"id": "b"}\n{"id": "a", "tempo": 180}'
    asked = ("explain", small_bundle, "-", "--track", "a", "--json", "-", "-q")
    done = run_here(*asked, stdin=lines)
    told = json.loads(done.stdout)
    assert [one["track_id"] for one in told] == ["a", "a"]
    assert told[0]["attributions"] != told[1]["attributions"]


def test_nothing_known_is_said(small_bundle: Path) -> None:
    done = run_here("explain", small_bundle, "-", stdin='{"track_id": "x"}')
    assert done.returncode == 0, done.stderr
    assert "Nothing is known of this track" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--track", "mystery"], "track: expected an id or a row from 1 to 30, got 'mystery'"),
        (["--level", "2"], "level: expected above 0 and below 1, got 2"),
        (["--base-rate", "0.1"], "base_rate: expected an oracle of hits"),
        (["-o", "why.txt"], "expected one of .csv, .tsv, .parquet, .jsonl"),
        (["--html", "nowhere/why.html"], "expected an existing folder"),
    ],
)
def test_bad_use_is_one_sentence(
    small_bundle: Path,
    tracks: Path,
    options: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli._run(["explain", str(small_bundle), str(tracks), *options]) == 2
    assert sentence in capsys.readouterr().err


def test_global_views_of_a_catalog(
    small_bundle: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("weighs")
    page, facts, catalog = folder / "w.html", folder / "w.json", folder / "<i>others.csv"
    generate_sample(200, seed=12).write_csv(catalog)
    options = ("--global", "--dependence", "energy", "--html", page, "--json", facts)
    done = run_here("explain", small_bundle, catalog, *options, "--on-invalid", "null")
    assert done.returncode == 0, done.stderr
    told = json.loads(facts.read_text())
    assert [d["kind"] for d in told["dependence"]] == ["partial", "accumulated"]
    assert told["n_permuted"] > 100
    assert {"gain", "attribution", "permutation"} < set(told["features"][0])
    assert "all audio" in done.stdout
    assert "(ALE)" in done.stdout
    assert "<i>others" not in page.read_text()
    assert page.read_text().count('class="own strong"') == 2


def test_one_track_along_a_column(
    small_bundle: Path, tracks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "why.html"
    track = pl.read_parquet(tracks)["track_id"][0]
    options = ("--track", track, "--dependence", "tempo", "--html", page, "--json", "-", "-q")
    done = run_here("explain", small_bundle, tracks, *options)
    told = json.loads(done.stdout)
    assert len(told["dependence"][0]["prediction"]) == 25
    assert "What if one thing were different" in page.read_text()
    assert cli._run(["explain", str(small_bundle), str(tracks), *map(str, options[:4])]) == 0
    assert "This track along tempo" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--global", "--track", "1"], "--global: expected beside --dependence"),
        (["--dependence", "tempo"], "--dependence: expected one track or --global, got 30"),
        (["--global", "--dependence", "tmpo"], "Did you mean 'tempo'"),
        (["--track", "1", "--dependence", "track_name"], "track_name: expected values to try"),
    ],
)
def test_bad_views_are_one_sentence(
    small_bundle: Path,
    tracks: Path,
    tmp_path: Path,
    options: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    nameless = tmp_path / "tracks.parquet"
    pl.read_parquet(tracks).drop("track_id").write_parquet(nameless)
    assert cli._run(["explain", str(small_bundle), str(nameless), *options]) == 2
    assert sentence in capsys.readouterr().err
