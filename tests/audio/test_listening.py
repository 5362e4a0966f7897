"""Listening to one recording: what is measured, what is estimated, and what bad sound does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.audio.sounds import chord, encode
from tests.conftest import real_file

import trackoracle as to
from trackoracle.errors import RecordingError
from trackoracle.schema import ESTIMATED, bounds, heard_from_dict, heard_rows

RATE = 22_050


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chords in C major over a beat at 120 BPM, with tags."""
    path = tmp_path_factory.mktemp("songs") / "ä song.flac"
    soundfile.write(path, _beat(24.0), RATE)
    tagged = path.with_suffix(".m4a")
    tags = {"title": "A title", "artist": "One; Two", "date": "1999-05-01", "genre": "Jazz"}
    return encode(tagged, _beat(24.0), RATE, tags=tags)


def _beat(seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros_like(time)
    for start in np.arange(0, seconds, 2.0):
        root = (261.63, 349.23, 392.0, 261.63)[round(start / 2) % 4]
        here = (time >= start) & (time < start + 2)
        for ratio in (1.0, 2 ** (4 / 12), 2 ** (7 / 12)):
            sound[here] += 0.08 * np.sin(2 * np.pi * root * ratio * time[here])
    noise = np.random.default_rng(0).standard_normal(len(time))
    sound += 0.4 * noise * np.exp(-60 * (time % 0.5))
    return np.repeat(sound[:, None], 2, axis=1).astype(np.float32)


def test_it_tells_what_was_played(song: Path) -> None:
    heard = to.listen(song)
    told = heard.measured
    assert told["duration_ms"] == pytest.approx(24_000, abs=100)
    octaves = [told["tempo"] * 2.0**k for k in (-1, 0, 1)]
    assert min(abs(tempo / 120 - 1) for tempo in octaves) < 0.04
    assert (told["key"], told["mode"]) == (0, 1)
    assert -30 < told["loudness_lufs"] < 0
    assert heard.tags["track_name"] == "A title"
    assert heard.tags["artists"] == ("One", "Two")
    assert heard.tags["year"] == 1999
    assert set(heard.estimated) == set(ESTIMATED)
    for told_of in heard.estimated.values():
        assert 0 <= told_of.low <= told_of.value <= told_of.high <= 1
    assert len(heard.timeline.energy_db) == len(heard.timeline.loudness_lufs) == 5
    assert heard.warnings == ()


def test_the_same_file_is_heard_the_same(song: Path) -> None:
    assert to.listen(song) == to.listen(song)


def test_plain_facts_and_back(song: Path) -> None:
    heard = to.listen(song)
    assert heard_from_dict(heard.to_dict()) == heard


def test_an_excerpt_has_no_duration(song: Path) -> None:
    heard = to.listen(song, start=3.0, seconds=12.0)
    assert heard.is_excerpt
    assert heard.seconds == pytest.approx(12.0, abs=0.01)
    assert heard.measured["duration_ms"] is None
    assert heard.row()["duration_ms"] is None
    assert not to.listen(song, seconds=900.0).is_excerpt


def test_gain_moves_loudness_alone(tmp_path: Path) -> None:
    quiet, loud = tmp_path / "quiet.wav", tmp_path / "loud.wav"
    soundfile.write(quiet, 0.4 * _beat(24.0), RATE, "FLOAT")
    soundfile.write(loud, 0.8 * _beat(24.0), RATE, "FLOAT")
    first, second = to.listen(quiet), to.listen(loud)
    moved = second.measured["loudness_lufs"] - first.measured["loudness_lufs"]
    assert moved == pytest.approx(6.02, abs=0.02)
    for name in ("tempo", "key", "mode", "time_signature"):
        assert second.measured[name] == first.measured[name]
    for name in ESTIMATED:
        assert abs(second.estimated[name].value - first.estimated[name].value) < 0.15


def test_silence_and_blinks_are_told_as_such(tmp_path: Path) -> None:
    silent, blink = tmp_path / "silent.wav", tmp_path / "blink.wav"
    soundfile.write(silent, np.zeros((10 * RATE, 1)), RATE)
    soundfile.write(blink, chord(0.1, RATE), RATE)
    nothing, little = to.listen(silent), to.listen(blink)
    assert nothing.estimated == {}
    assert nothing.measured["tempo"] is None
    assert nothing.measured["silence"] == 1
    assert "Nothing sounds in it" in nothing.warnings[0]
    assert any("0.1 s long" in said for said in little.warnings)
    for heard in (nothing, little):
        assert len(to.load_oracle().predict(heard)) == 1


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.mp3"
    text.write_text("not music " * 400)
    with pytest.raises(RecordingError, match="expected a recording"):
        to.listen(text)


def test_rows_have_the_stated_columns_and_types(song: Path) -> None:
    rows = heard_rows([to.listen(song)])
    stated = ["file", "track_name", "artists", "album_name", "year", "genres", "isrc",
              "duration_ms", "loudness", "tempo", "tempo_confidence", "key", "mode",
              "key_confidence", "time_signature"]  # fmt: skip
    assert rows.columns[: len(stated)] == stated
    assert rows.columns[len(stated) : len(stated) + 21] == [
        column for name in ESTIMATED for column in (name, *bounds(name))
    ]
    assert rows.columns[-1] == "warning"
    checked = to.load_oracle().check(rows)
    assert checked.tracks["track_id"].to_list() == [str(song)]
    assert to.load_oracle().predict(rows)["estimated"][0].split(";") == list(ESTIMATED)


@pytest.mark.real
def test_real_clips_are_near_what_is_known() -> None:
    import polars as pl

    known = pl.read_csv(real_file("recordings/fma.csv")).drop_nulls()
    clips = known["file"].to_list()[::3]
    heard = [to.listen(real_file(f"recordings/fma/{clip}")) for clip in clips]
    for name, least in (("energy", 0.6), ("acousticness", 0.6)):
        true = known.filter(pl.col("file").is_in(clips))[name].to_numpy()
        told = np.array([each.estimated[name].value for each in heard])
        assert np.corrcoef(true, told)[0, 1] > least
