"""From what a service says of tracks to values that the schema allows, with their provenance.

The schema's own typing decides what is possible, as it does in a prediction: a value of a live
service that is none is left out and noted, and never stops the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from trackoracle.errors import examples_of, plural
from trackoracle.schema import TRACK_COLUMNS, Provided, typed

_MOST_LETTERS = 1_000
_MOST_ENTRIES = 100
_EXACT = 2.0**53


@dataclass(frozen=True)
class FoundTrack:
    """What one service gave of one track.

    Parameters
    ----------
    values
        By track column: text, number or tuple of texts.
    fetched
        When.
    artist_ids
        Of everyone credited, first artist first.
    """

    values: Mapping[str, Any]
    fetched: str
    artist_ids: tuple[str, ...] = ()


@dataclass
class Notes:
    """What went wrong or was left out, each once, in order."""

    said: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Note something."""
        if text not in self.said:
            self.said.append(text)


def text_of(value: Any) -> str | None:
    """Return a text that is one, trimmed; None for all else."""
    if not isinstance(value, str):
        return None
    return value.strip()[:_MOST_LETTERS] or None


def number_of(value: Any) -> float | int | None:
    """Return a number that is one; truth is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    if not math.isfinite(number):
        return None
    return value if abs(number) < _EXACT else number


def flag_of(value: Any) -> int | None:
    """Return 1 or 0 for true or false; None for all else."""
    return int(value) if isinstance(value, bool) else None


def texts_of(values: Any) -> tuple[str, ...] | None:
    """Return the texts of a list; None when it has none."""
    if not isinstance(values, list):
        return None
    return tuple(text for value in values[:_MOST_ENTRIES] if (text := text_of(value))) or None


def objects_of(values: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, whatever else is in it."""
    return (
        [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
    )


def object_of(value: Any) -> dict[str, Any]:
    """Return an object that is one; an empty one for all else."""
    return value if isinstance(value, dict) else {}


def present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is missing."""
    return {name: value for name, value in values.items() if value is not None}


def checked(
    provider: str, tracks: Iterable[FoundTrack], note: Callable[[str], None]
) -> list[dict[str, Provided]]:
    """Leave out values that the schema does not allow; tell who gave the others, and when.

    Returns
    -------
    list of dict
        By track column, for each track.
    """
    tracks = list(tracks)
    rows: list[dict[str, Provided]] = [{} for _ in tracks]
    for name in (name for name in TRACK_COLUMNS if any(name in t.values for t in tracks)):
        values = [track.values.get(name) for track in tracks]
        impossible = _impossible(name, values)
        bad = [value for value, is_bad in zip(values, impossible, strict=True) if is_bad]
        if bad:
            note(
                f"{provider}: {len(bad)} impossible value{plural(bad)} of {name} "
                f"({examples_of(bad)}), taken as missing."
            )
        for row, track, value, is_bad in zip(rows, tracks, values, impossible, strict=True):
            if value is not None and not is_bad:
                row[name] = Provided(name, value, provider, track.fetched)
    return rows


def _impossible(name: str, values: Sequence[Any]) -> list[bool]:
    listed = [list(value) if isinstance(value, tuple) else value for value in values]
    result = typed(pl.Series(name, listed, strict=False), TRACK_COLUMNS[name])
    not_measured = result.not_measured
    bad = result.invalid if not_measured is None else result.invalid | not_measured
    return [bool(is_bad) for is_bad in bad]
