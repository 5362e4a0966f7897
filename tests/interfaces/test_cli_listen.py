"""`listen`, and recordings as the input of the other commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile
from tests.audio.sounds import chord, encode
from tests.interfaces.running import SCRIPT, run, run_here

import trackoracle as to
from trackoracle.schema import heard_rows

RATE = 22_050


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("my álbum")
    for i, name in enumerate(("one", "two")):
        tags = {"title": name.title(), "artist": "Somebody", "genre": "jazz"}
        encode(folder / f"{name}.m4a", chord(11.0 + i, RATE, seed=i), RATE, tags=tags)
    return folder


def test_one_is_shown_whole(album: Path) -> None:
    done = run("listen", album / "one.m4a")
    assert done.returncode == 0, done.stderr
    for told in ("One", "Somebody", "LUFS", "BPM", "acousticness", "Timeline"):
        assert told in done.stdout


def test_a_folder_becomes_a_table_that_predict_takes(album: Path, tmp_path: Path) -> None:
    table = tmp_path / "heard.csv"
    done = run("listen", album, "-o", table)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["heard.csv"]
    rows = pl.read_csv(table)
    assert rows["track_name"].to_list() == ["One", "Two"]
    by_table = run_here("predict", table, "--json", "-")
    by_folder = run_here("predict", album, "--json", "-")
    assert by_folder.returncode == 0, by_folder.stderr
    found, same = (json.loads(text.stdout) for text in (by_folder, by_table))
    heard = [to.listen(path) for path in sorted(album.iterdir())]
    in_python = to.load_oracle().predict(heard).to_dicts()
    for one, other, third in zip(found, same, in_python, strict=True):
        assert one["popularity"] == pytest.approx(other["popularity"], abs=1e-6)
        assert one["popularity"] == pytest.approx(third["popularity"], abs=1e-9)
        assert one["estimated"].startswith("acousticness;danceability")


def test_tags_can_be_left_out(album: Path) -> None:
    named, bare = (
        json.loads(run_here("predict", album / "one.m4a", *more, "--json", "-").stdout)[0]
        for more in ((), ("--no-tags",))
    )
    assert named["known"] == "audio;genre;metadata"
    assert bare["known"] == "audio"
    assert heard_rows([to.listen(album / "one.m4a")], tags=False)["genres"][0] is None


@pytest.mark.parametrize("command", ["explain", "change", "rank"])
def test_other_commands_take_recordings(album: Path, command: str) -> None:
    source = album if command == "rank" else album / "two.m4a"
    done = run_here(command, source, "--json", "-")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    if command == "change":
        assert "taken as they are" in told["note"]
    if command == "explain":
        parts = sum(part["contribution"] for part in told["attributions"])
        assert told["baseline"] + parts == pytest.approx(told["prediction"], abs=1e-6)


def test_one_bad_file_never_stops_the_rest(album: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp3"
    bad.write_text("no music")
    done = run_here("listen", album / "one.m4a", bad, "--json", "-")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["heard"]) == 1
    assert told["unheard"][0]["file"] == str(bad)
    assert "1 of 2 recordings were not heard" in done.stderr
    alone = run_here("listen", bad)
    assert alone.returncode == 2
    assert "expected a recording" in alone.stderr
    assert "Traceback" not in alone.stderr


def test_what_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    for asked in (tmp_path / "none.mp3", tmp_path):
        done = run_here("listen", asked)
        assert done.returncode == 2
        assert "expected" in done.stderr
        assert "Traceback" not in done.stderr


def test_an_output_must_be_writable_before_anything_is_heard(album: Path, tmp_path: Path) -> None:
    done = run_here("listen", album, "-o", tmp_path / "none" / "heard.csv")
    assert done.returncode == 2
    assert "expected an existing folder" in done.stderr
    assert run_here("listen", album / "one.m4a", "-o", album / "one.m4a").returncode == 2


def test_after_ctrl_c_the_same_command_goes_on(album: Path, tmp_path: Path) -> None:
    long = tmp_path / "long.wav"
    soundfile.write(long, np.tile(chord(10.0, RATE), (60, 1)), RATE)
    table = tmp_path / "heard.csv"
    command = [SCRIPT, "listen", album / "one.m4a", long, "-o", table]
    environment = {**os.environ, "TRACKORACLE_JOBS": "1"}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    journal = tmp_path / ".heard.csv.heard"
    until = time.monotonic() + 60
    while time.monotonic() < until and not (
        journal.exists() and "one.m4a" in journal.read_text(errors="replace")
    ):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "the same command goes on" in said
    assert not table.exists()
    assert journal.exists()
    long.unlink()
    soundfile.write(long, chord(5.0, RATE, 1), RATE)
    done = run_here("listen", album / "one.m4a", long, "-o", table)
    assert done.returncode == 0, done.stderr
    assert len(pl.read_csv(table)) == 2
    assert not journal.exists()


def test_what_a_decoder_mutters_is_not_shown(tmp_path: Path) -> None:
    whole = encode(tmp_path / "whole.mp3", chord(6.0, RATE), RATE, codec="mp3")
    content = bytearray(whole.read_bytes())
    content[len(content) // 3 : len(content) // 2] = b"\x00\xff\xfb\x13" * 2_000
    damaged = tmp_path / "damaged.mp3"
    damaged.write_bytes(content)
    for asked in ((damaged,), (damaged, whole)):
        done = run("listen", *asked)
        assert done.returncode == 0, done.stderr
        assert "mpg123" not in done.stderr
        assert "warning" not in done.stderr.lower()
