"""`trackoracle rank`: the answers are Python's."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
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


def test_the_order_is_written_as_a_table(tmp_path: Path) -> None:
    album, out = tmp_path / "album.csv", tmp_path / "order.csv"
    album.write_text("track_id,title,genre\na,=One,pop\nb,Two,opera\nc,Three,jazz\n")
    done = run_here("rank", album, "-o", out)
    assert done.returncode == 0, done.stderr
    assert done.stderr.rstrip().endswith(f"wrote {out}")
    told = to.load_oracle().rank(to.load_tracks(album))
    written = pl.read_csv(out)
    assert written["track_id"].to_list() == [track.track for track in told.tracks]
    assert written["popularity"].to_list() == [track.prediction for track in told.tracks]
    assert set(written["track"]) == {"'=One", "Two", "Three"}


def test_an_order_is_written_as_no_other_file(tmp_path: Path) -> None:
    album = tmp_path / "album.csv"
    album.write_text("genre\npop\nopera\n")
    for output in (tmp_path / "order.xlsx", album):
        done = run_here("rank", album, "-o", output)
        assert done.returncode == 2
    assert [*tmp_path.iterdir()] == [album]


def test_no_tracks_and_bad_words_exit_with_2(small_bundle: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("tempo,energy\n")
    done = run_here("rank", small_bundle, empty)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    done = run_here("rank", small_bundle, empty, "--together", "label")
    assert done.returncode == 2
