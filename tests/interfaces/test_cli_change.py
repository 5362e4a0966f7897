"""`trackoracle change`: the answers are Python's, and bad wishes are refused with a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.interfaces.running import run, run_here

import trackoracle as to


@pytest.fixture(scope="module")
def tracks_file(small_catalog: to.Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tracks") / "tracks.parquet"
    small_catalog.tracks.head(30).write_parquet(path)
    return path


def test_json_and_table_are_what_python_answers(
    small_oracle, small_catalog, small_bundle, tracks_file, tmp_path: Path
) -> None:
    out = tmp_path / "changes.json"
    asked = ["--track", "4", "--to", "70", "--lock", "bpm", "--range", "energy=0.2:0.6"]
    done = run("change", small_bundle, tracks_file, *asked, "--unlock", "genres", "--json", out)
    assert done.returncode == 0, done.stderr
    expected = small_oracle.counterfactuals(
        small_catalog.tracks[3], goal=70, lock=["tempo"], unlock=["genres"],
        ranges={"energy": (0.2, 0.6)},
    )  # fmt: skip
    assert json.loads(out.read_text()) == json.loads(json.dumps(expected.to_dict()))
    assert f"{expected.prediction:.1f}" in done.stdout
    assert "energy" in done.stdout


def test_one_track_of_standard_input_and_the_starter_oracle() -> None:
    line = '{"genre": "pop", "tempo": 120, "energy": 0.8, "loudness": -6, "valence": 0.5}'
    done = run_here("change", "-", "--json", "-", "--quiet", stdin=line)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == json.loads(
        json.dumps(to.load_oracle().counterfactuals(json.loads(line)).to_dict())
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--track: expected one track, got 30. Say which, by id or row number."),
        (("--track", "31"), "track: expected an id or a row from 1 to 30, got '31' (ids: "),
        (("--track", "2", "--lock", "temp"), "Did you mean 'tempo'?"),
        (("--track", "2", "--to", "120"), "goal: expected 0 to 100 points, got 120."),
        (("--track", "2", "--range", "tempo"), "--range: expected COLUMN=LOW:HIGH, as tempo="),
        (("--track", "2", "--range", "tempo=:"), "--range: expected COLUMN=LOW:HIGH, as tempo="),
        (("--track", "2", "--range", "tempo=120:90"), "expected the lower end first, got 120 to"),
    ],
)
def test_bad_wishes_exit_with_2(small_bundle, tracks_file, arguments, message: str) -> None:
    done = run_here("change", small_bundle, tracks_file, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert message in done.stderr
