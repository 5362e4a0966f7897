"""`trackoracle rank`: the answers are Python's."""

from __future__ import annotations

import json
from pathlib import Path

from tests.interfaces.running import run, run_here

import trackoracle as to


def test_json_and_table_are_what_python_answers(
    small_oracle: to.Oracle, small_catalog: to.Catalog, small_bundle: Path, tmp_path: Path
) -> None:
    album, out = tmp_path / "album.parquet", tmp_path / "ranking.json"
    tracks = small_catalog.tracks[20:31]
    tracks.write_parquet(album)
    done = run("rank", small_bundle, album, "--together", "album", "--level", "0.8", "--json", out)
    assert done.returncode == 0, done.stderr
    expected = small_oracle.rank(tracks, together="album", level=0.8)
    assert json.loads(out.read_text()) == json.loads(json.dumps(expected.to_dict()))
    first = expected.tracks[0]
    assert f"{first.prediction:.1f}" in done.stdout
    assert tracks["track_name"][first.row - 1] in done.stdout


def test_standard_input_and_the_starter_oracle() -> None:
    lines = '{"genre": "pop", "tempo": 120}\n{"genre": "opera", "tempo": 90, "track_id": "b"}\n'
    done = run_here("rank", "-", "--json", "-", "--quiet", stdin=lines)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [track["rank"] for track in told["tracks"]] == [1, 2]
    assert {track["track"] for track in told["tracks"]} == {"1", "b"}


def test_no_tracks_and_bad_words_exit_with_2(small_bundle: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("tempo,energy\n")
    done = run_here("rank", small_bundle, empty)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    done = run_here("rank", small_bundle, empty, "--together", "label")
    assert done.returncode == 2
