"""What may be changed in a track, and within which bounds: from an oracle and what is wished."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.artifact import Bundle
from trackoracle.errors import ConfigError, UnknownNameError
from trackoracle.explanations import (
    GENRES,
    RANGE,
    Surroundings,
    Usual,
    rounded_to,
)
from trackoracle.oracle.background import background_of
from trackoracle.schema import (
    CHANGEABLE,
    TRACK_COLUMNS,
    Contract,
    ContractColumn,
    published_name,
)

N_VALUES = 25
"""Values of a number that are tried over its range."""
LEAST_EDIT = 0.025
"""Share of a range that an edit spans at least: less is nothing that a listener would notice."""
_LEAST_SHARE = RANGE[0]
Bounds = tuple[float | None, float | None]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Wishes:
    """What shall and shall not move.

    Parameters
    ----------
    locked, unlocked
        Columns.
    ranges
        By column, the lowest and the highest value that an edit may give it; None where the
        genre's bound is to hold.
    """

    locked: frozenset[str]
    unlocked: frozenset[str]
    ranges: Mapping[str, Bounds]

    @classmethod
    def read(
        cls,
        contract: Contract,
        lock: Collection[str],
        unlock: Collection[str],
        ranges: Mapping[str, Bounds],
    ) -> Wishes:
        """Check wishes against a contract.

        Raises
        ------
        UnknownNameError
            On a column that there is not; the nearest one is named.
        ConfigError
            On wishes that contradict each other, or cannot be met.
        """
        locked = frozenset(_column(contract, "lock", name, strict=False) for name in lock)
        unlocked = frozenset(_column(contract, "unlock", name) for name in unlock)
        bounds = {_column(contract, "range", name): tuple(b) for name, b in ranges.items()}
        for name in sorted(unlocked):
            if name != GENRES and contract[name].role != "number":
                raise ConfigError(
                    f"unlock: expected a number or {GENRES}, got {name}, of which there are no "
                    f"values to try. Predict the track with another {name} instead."
                )
        for one, other, them in (
            ("lock", "unlock", locked & unlocked),
            ("lock", "range", locked & bounds.keys()),
        ):
            if them:
                raise ConfigError(
                    f"{one}: expected other columns than {other}, got {min(them)} in both. "
                    "Leave one out."
                )
        still = sorted(bounds.keys() - {*CHANGEABLE, *unlocked})
        if still:
            raise ConfigError(
                f"range: expected a column that may move, got {still[0]}. Unlock it, too."
            )
        checked = {name: _checked(contract[name], *b) for name, b in bounds.items()}
        return cls(locked, unlocked, checked)

    def moves(self, name: str) -> bool:
        """Tell whether a column may be edited."""
        return name in {*CHANGEABLE, *self.unlocked} - self.locked


def _column(contract: Contract, wish: str, name: str, *, strict: bool = True) -> str:
    known = name if name in contract.names else published_name(name)
    if known in contract.names:
        return str(known)
    if known in TRACK_COLUMNS and not strict:
        return str(known)
    if known in TRACK_COLUMNS:
        raise ConfigError(
            f"{wish}: expected a column that this oracle uses, got {name}. Known are "
            f"{', '.join(contract.names)}."
        )
    raise UnknownNameError(wish, name, contract.names)


def _checked(column: ContractColumn, low: float | None, high: float | None) -> Bounds:
    if column.role != "number":
        raise ConfigError(f"range: expected a column of numbers, got {column.name}. Leave it out.")
    ends = [end for end in (low, high) if end is not None]
    if low is not None and high is not None and low > high:
        raise ConfigError(
            f"range of {column.name}: expected the lower end first, got {low:g} to {high:g}. "
            "Swap them."
        )
    if any(
        not np.isfinite(end)
        or (column.low is not None and end < column.low)
        or (column.high is not None and end > column.high)
        for end in ends
    ):
        got = " to ".join("any" if end is None else f"{end:g}" for end in (low, high))
        raise ConfigError(
            f"range of {column.name}: expected {column.column.expected}, got {got}. Correct it."
        )
    return low, high


@dataclass(frozen=True)
class Told:
    """What is said of the surroundings of a track.

    Parameters
    ----------
    locked
        Columns that could be changed and shall not.
    missing
        Columns that could be changed and have no value.
    genres
        By the code of the table, what stands in `genres`; None for the track's own.
    notes
        In sentences.
    """

    locked: tuple[str, ...]
    missing: tuple[str, ...]
    genres: tuple[str | None, ...]
    notes: tuple[str, ...]


def surroundings(bundle: Bundle, track: pl.DataFrame, wishes: Wishes) -> tuple[Surroundings, Told]:
    """Say what may be tried around one checked track (1, k)."""
    background, notes = background_of(bundle)
    values = {
        column.name: track[column.name][0]
        for column in bundle.contract.columns
        if column.role == "number"
    }
    present = {name: float(value) for name, value in values.items() if value is not None}
    own = track[GENRES][0] if GENRES in track.columns else None
    genres = [] if own is None else own.to_list()
    if not genres and GENRES in bundle.contract.names:
        notes.append("The genre is not known: ranges and plausibility are those of all tracks.")
    pictures = [_closest(background.of(genres), present)]
    codes: list[str | None] = [None]
    if GENRES in wishes.unlocked and genres:
        for level in bundle.contract[GENRES].levels:
            if [level] != genres:
                pictures.append(background.of([level])[0].part(list(present)))
                codes.append(level)
    usual = pictures[0]
    columns = list(present)
    choices, steps, least, spans = {}, {}, {}, {}
    for name, value in present.items():
        if wishes.moves(name):
            column, bounds = bundle.contract[name], wishes.ranges.get(name, (None, None))
            tried, steps[name], least[name] = _values(column, usual, bounds)
            choices[name] = tried[np.abs(tried - value) >= least[name]]
            if name not in (*usual.names, *usual.shares):
                spans[name] = float((column.seen_high or 0) - (column.seen_low or 0)) or 1.0
    start = list(present.values())
    if len(codes) > 1:
        columns.append(GENRES)
        start.append(0.0)
        choices[GENRES] = np.arange(1.0, len(codes))
        steps[GENRES], least[GENRES] = 0.0, 1.0
    for name in wishes.ranges:
        if name in choices and not len(choices[name]):
            notes.append(f"Nothing to try for {name} in its range.")
    around = Surroundings(
        tuple(columns),
        np.array(start, np.float64),
        {name: tried for name, tried in choices.items() if len(tried)},
        steps,
        least,
        tuple(pictures),
        spans,
    )
    return around, _told(bundle.contract, present, wishes, around, tuple(codes), notes)


def _told(
    contract: Contract,
    present: Mapping[str, float],
    wishes: Wishes,
    around: Surroundings,
    codes: tuple[str | None, ...],
    notes: list[str],
) -> Told:
    could = [name for name in contract.names if name in CHANGEABLE or name in wishes.unlocked]
    missing = tuple(n for n in could if wishes.moves(n) and n not in present and n != GENRES)
    if missing:
        notes.append(f"Not known of this track, so never changed: {', '.join(missing)}.")
    if not around.choices:
        notes.append("There is nothing to change: no feature that may move has another value.")
    locked = tuple(name for name in could if name in wishes.locked)
    return Told(locked, missing, codes, tuple(notes))


def _values(column: ContractColumn, usual: Usual, bounds: Bounds) -> tuple[Values, float, float]:
    """Return the values of a column that may be tried, their rounding, and the smallest edit."""
    if column.name in usual.shares:
        shares = usual.shares[column.name]
        codes = np.array([code for code, share in shares.items() if share >= _LEAST_SHARE])
        # A key of -1 says that none was found, which is nothing to change a track to.
        return _within(codes[codes >= 0], bounds), 0.0, 0.5
    of_genre = column.name in usual.names
    low, high = usual.range_of(column.name) if of_genre else (column.seen_low, column.seen_high)
    assert low is not None
    assert high is not None
    least = LEAST_EDIT * (high - low)
    low, high = (
        own if wished is None else wished for own, wished in zip((low, high), bounds, strict=True)
    )
    if low >= high:
        return np.array([low] if low == high else []), 0.0, least
    step = 10.0 ** (np.floor(np.log10(high - low)) - 2)
    step = max(step, 1.0) if column.whole else float(step)
    if of_genre:
        values = usual.spread(column.name, low, high, N_VALUES)
    else:
        values = np.linspace(low, high, N_VALUES)
    return _within(np.unique(rounded_to(values, step)), (low, high)), step, max(step, least)


def _within(values: Values, bounds: Bounds) -> Values:
    low, high = bounds
    inside = np.ones(len(values), bool)
    if low is not None:
        inside &= values >= low
    if high is not None:
        inside &= values <= high
    return values[inside]


def _closest(pictures: tuple[Usual, ...], present: Mapping[str, float]) -> Usual:
    """Return the picture in which a track is least unusual, of what is known of it."""
    parts = [picture.part(list(present)) for picture in pictures]

    def surprise(usual: Usual) -> float:
        numbers = np.array([[present[name] for name in usual.names]])
        codes = {name: np.array([present[name]]) for name in usual.shares}
        return float(1 - usual.plausibility(numbers, codes)[0])

    return min(parts, key=surprise)
