"""Files that a reader of a page has: small, made up, under the names that pages use."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from tests.audio.sounds import chord
from tests.feedback.saying import said

from trackoracle.catalogs.sample import generate_sample
from trackoracle.feedback import FeedbackStore


def _tracks(n_tracks: int, seed: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        made = generate_sample(max(n_tracks, 100), seed=seed).head(n_tracks)
        # Pages say ID where a reader has one: the first track is of that id.
        first = pl.int_range(pl.len()) == 0
        made = made.with_columns(
            pl.when(first).then(pl.lit("ID")).otherwise("track_id").alias("track_id")
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        made.write_csv(path)

    return write


def _hits(path: Path) -> None:
    made = generate_sample(300, seed=11)
    made.with_columns(hit=(pl.col("popularity") > 40).cast(int)).drop("popularity").write_csv(path)


def _split(path: Path) -> None:
    made = generate_sample(300, seed=4)
    test = pl.int_range(pl.len()) % 4 == 0
    part = pl.when(test).then(pl.lit("test")).otherwise(pl.lit("train")).alias("part")
    made.with_columns(part).write_csv(path)


def _album(path: Path) -> None:
    made = generate_sample(100, seed=9).head(5)
    made.with_columns(artists=pl.lit("Someone"), album_name=pl.lit("An album")).write_csv(path)


def _one(path: Path) -> None:
    path.write_text('{"genre": "pop", "tempo": 120, "energy": 0.8}\n', encoding="utf-8")


def _feedback(path: Path) -> None:
    with FeedbackStore.open(path) as store:
        store.add(said())


def _recording(path: Path) -> None:
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, chord(6.0), 22_050)


_MAKERS: dict[str, Callable[[Path], None]] = {
    "dataset.csv": _tracks(400, seed=3),
    "hits.csv": _hits,
    "all.csv": _split,
    "train.csv": _tracks(300, seed=4),
    "test.csv": _tracks(100, seed=5),
    "other.csv": _tracks(200, seed=6),
    "catalog.csv": _tracks(200, seed=6),
    "new.csv": _tracks(6, seed=7),
    "favourites.csv": _tracks(3, seed=8),
    "album.csv": _album,
    "demos.csv": _tracks(4, seed=12),
    "track.jsonl": _one,
    "feedback.db": _feedback,
    "song.mp3": _recording,
    "demo.mp3": _recording,
    "music/one.mp3": _recording,
    "music/two.mp3": _recording,
}


@pytest.fixture
def given(request: pytest.FixtureRequest) -> Callable[[str, Path], None]:
    """Put a file of a known name into a folder."""

    def put(name: str, folder: Path) -> None:
        if name.endswith(".oracle"):
            shutil.copyfile(request.getfixturevalue("small_bundle"), folder / name)
        else:
            assert name in _MAKERS, f"{name}: no such file is given, only {', '.join(_MAKERS)}"
            _MAKERS[name](folder / name)

    return put
