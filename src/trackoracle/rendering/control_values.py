"""Where the controls of an oracle stand, and between which ends they slide."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trackoracle.errors import NotEnoughDataError
from trackoracle.rendering.controls import Control
from trackoracle.schema import ESTIMATED, Typical, bounds

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle

GENRES = "genres"
_ALONG = ("file_hash", "warning")
_STEPS = 200
"""Places of a slider, about."""


def typical_row(oracle: Oracle, genres: Sequence[str]) -> dict[str, Any]:
    """Return the middle of a genre, as a track to begin with; of columns that have one.

    Of a user's own numbers no genre tells: they begin at the middle of all training tracks.

    Examples
    --------
    >>> import trackoracle as to
    >>> row = typical_row(to.load_oracle(), ["pop"])
    >>> row["genres"], 60 < row["tempo"] < 180
    (['pop'], True)
    """
    row: dict[str, Any] = {GENRES: list(genres)} if genres else {}
    own = [c for c in oracle.contract.columns if c.group == "other" and c.median is not None]
    row |= {column.name: column.median for column in own}
    for name, told in typical_of(oracle, genres).items():
        if name in oracle.contract.names:
            column = oracle.contract[name]
            row[name] = float(round(told.middle)) if column.whole else rounded(name, told.middle)
    return row


def typical_of(oracle: Oracle, genres: Sequence[str]) -> Mapping[str, Typical]:
    """Return what is typical of genres; nothing where an oracle has no picture of tracks."""
    try:
        return oracle.typical(genres)
    except NotEnoughDataError:
        return {}


def with_errors(
    row: Mapping[str, Any], heard: Mapping[str, Any], kept: Collection[str]
) -> dict[str, Any]:
    """Return a row with the errors of those estimated features that nobody set by hand.

    Parameters
    ----------
    row
        How the controls stand.
    heard
        What was heard of a recording, as a row.
    kept
        Columns that stand as they were heard.

    Examples
    --------
    >>> heard = {"energy": 0.7, "energy_low": 0.5, "energy_high": 0.9, "file_hash": "ab"}
    >>> sorted(with_errors({"energy": 0.7}, heard, ["energy"]))
    ['energy', 'energy_high', 'energy_low', 'file_hash']
    >>> with_errors({"energy": 0.2}, heard, [])
    {'energy': 0.2}
    """
    names = [end for name in ESTIMATED if name in kept for end in bounds(name) if end in heard]
    # By the hash draws are seeded, so that every interface answers alike.
    along = [name for name in _ALONG if names and name in heard]
    return {**row, **{name: heard[name] for name in (*names, *along)}}


def standing(control: Control, value: Any, typical: Typical | None) -> float:
    """Return where a slider stands: at the value, else at what is typical."""
    if value is not None:
        return float(value)
    if typical is not None:
        return rounded(control.name, typical.middle)
    return float(control.middle or control.seen_low or control.low or 0.0)


def slider_ends(control: Control, shown: float, typical: Typical | None) -> tuple[float, float]:
    """Return the ends of a slider: what was seen, of lengths what is usual, and where it stands."""
    ends = [control.seen_low, control.seen_high]
    if control.kind == "length" and typical is not None:
        ends = [0.5 * typical.low, 1.5 * typical.high]
    told = [end for end in ends if end is not None] or [0.0, 1.0]
    low, high = min(*told, shown), max(*told, shown)
    if control.kind == "length":
        low, high = math.floor(low / 1000) * 1000.0, math.ceil(high / 1000) * 1000.0
    return float(low), float(high if high > low else low + 1)


def slider_step(control: Control, span: float) -> float:
    """Return a round step of which about two hundred make a span; whole numbers have steps of 1."""
    if control.whole or control.kind == "length":
        return 1.0
    size = 10.0 ** math.floor(math.log10(span / _STEPS))
    return next(size * k for k in (1, 2, 5, 10) if span / (size * k) <= _STEPS)


def with_unit(control: Control) -> str:
    """Return what a control is called, with the unit of its number."""
    return f"{control.label}, {control.unit}" if control.unit else control.label


def rounded(name: str, value: float) -> float:
    """Return a value with the digits that people would give it."""
    if name == "duration_ms":
        return round(value / 1000) * 1000.0
    return float(f"{value:.3g}") if abs(value) >= 1 else round(value, 3)
