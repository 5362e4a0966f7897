"""What was heard in a recording: its tags, what was measured, and what was estimated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from trackoracle.schema.columns import ESTIMATED, TRACK_COLUMNS, bounds
from trackoracle.schema.estimates import Estimate, estimate_from_dict
from trackoracle.schema.showing import Shown
from trackoracle.schema.values import TYPES

TAGS = ("track_name", "artists", "album_name", "year", "genres", "isrc")
"""The track columns that a recording's own tags may fill."""
MEASURED = (
    "duration_ms", "loudness", "tempo", "tempo_confidence", "key", "mode", "key_confidence",
    "time_signature",
)  # fmt: skip
"""The track columns that follow from the sound itself."""
BESIDE = ("loudness_lufs", "loudness_range", "peak_db", "silence")
"""What is measured besides, and is no input of an oracle."""
HEARD_COLUMNS = (
    "file",
    *TAGS,
    *MEASURED,
    *(column for name in ESTIMATED for column in (name, *bounds(name))),
    *BESIDE,
    "file_hash",
    "warning",
)
"""The columns of `listen`; `file` is the recording's path, the others are track columns."""


@dataclass(frozen=True)
class Timeline:
    """How a recording goes, in pieces of equal length.

    Parameters
    ----------
    step
        Seconds that a piece lasts; the last may be shorter.
    energy_db
        (k,) root mean square of the samples, dBFS.
    loudness_lufs
        (k,) loudness, LUFS; None where it is silent.
    brightness_hz
        (k,) centroid of the spectrum.
    pulse
        (k,) strength of onsets, relative to the strongest piece.
    """

    step: float
    energy_db: tuple[float, ...]
    loudness_lufs: tuple[float | None, ...]
    brightness_hz: tuple[float, ...]
    pulse: tuple[float, ...]


@dataclass(frozen=True)
class Heard(Shown):
    """What was heard in one recording.

    Parameters
    ----------
    file
        Its path.
    file_hash
        Hash of its content, by which draws from its errors are seeded.
    start, seconds
        Where listening began, and how much was heard.
    is_excerpt
        Whether there may be more of it: then its length is not known.
    tags
        By column of `TAGS`, what the file says of itself; only what is there.
    measured
        By column of `MEASURED` and `BESIDE`; None where it cannot be told.
    estimated
        By column of `ESTIMATED`, with its bounds at `ERROR_LEVEL`; empty where nothing sounds.
    tempo_alternatives
        Other tempos that fit, in BPM, each with its weight beside the one told, the likeliest
        first.
    timeline
        How it goes.
    representative
        Start and end, in seconds of the file, of the part that is most like what was heard.
    warnings
        What is to be known of it.
    """

    file: str
    file_hash: str
    start: float
    seconds: float
    is_excerpt: bool
    tags: dict[str, Any]
    measured: dict[str, float | None]
    estimated: dict[str, Estimate]
    tempo_alternatives: tuple[tuple[float, float], ...]
    timeline: Timeline
    representative: tuple[float, float]
    warnings: tuple[str, ...]

    def row(self, *, tags: bool = True) -> dict[str, Any]:
        """Return the columns of `listen`: a track that every question can be asked of.

        Parameters
        ----------
        tags
            Whether the file's own tags fill title, artists, album, year, genres and ISRC.
        """
        row: dict[str, Any] = {"file": self.file}
        row |= {name: self.tags.get(name) if tags else None for name in TAGS}
        row |= {name: self.measured.get(name) for name in MEASURED}
        for name in ESTIMATED:
            low, high = bounds(name)
            told = self.estimated.get(name)
            row[name] = None if told is None else told.value
            row[low] = None if told is None else told.low
            row[high] = None if told is None else told.high
        row |= {name: self.measured.get(name) for name in BESIDE}
        return row | {"file_hash": self.file_hash, "warning": " ".join(self.warnings)}

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Unheard:
    """A recording that could not be heard, and why."""

    file: str
    reason: str


def heard_from_dict(facts: Mapping[str, Any]) -> Heard:
    """Rebuild what was heard from its plain data; what is of a wrong kind raises."""
    told = dict(facts)
    told["tags"] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in facts["tags"].items()
    }
    told["estimated"] = {
        name: estimate_from_dict(estimate) for name, estimate in facts["estimated"].items()
    }
    told["tempo_alternatives"] = tuple((bpm, weight) for bpm, weight in facts["tempo_alternatives"])
    line = dict(facts["timeline"])
    series = {name: tuple(values) for name, values in line.items() if name != "step"}
    told["timeline"] = Timeline(line["step"], **series)
    start, end = facts["representative"]
    told["representative"] = (start, end)
    told["warnings"] = tuple(facts["warnings"])
    return Heard(**told)


def heard_rows(heard: Iterable[Heard], *, tags: bool = True) -> pl.DataFrame:
    """Return the columns of `listen`, a row a recording.

    Parameters
    ----------
    tags
        As of `Heard.row`.
    """
    rows = [each.row(tags=tags) for each in heard]
    roles = {name: TRACK_COLUMNS[name].role for name in HEARD_COLUMNS if name != "file"}
    types = {"file": pl.String} | {name: TYPES[role] for name, role in roles.items()}
    # Whole numbers are written as such; whoever reads them knows that they are numbers.
    whole = [name for name in roles if TRACK_COLUMNS[name].whole]
    return pl.DataFrame(rows, schema=types).with_columns(pl.col(whole).cast(pl.Int64))
