"""Search the surroundings of a track for the few edits that a model rewards.

First every feature alone over its range, then pairs and triples that build on what was best so
far, a few at a time in one batch; what is not plausible is not asked. Out of reach of a goal the
search climbs from the best. Then what was found is drawn back towards the track as far as the
goal allows. The work is bounded by the rows that the model is asked about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.explanations.surroundings import Flags, Surroundings
from trackoracle.explanations.usual import Values

MOST_ROWS = 4096
"""Variations of one track that the model is asked about."""
_FOR_DRAWING_BACK = 500
_BEAM = 24
_BEAM_AT_A_TIME = 8
_BEAM_OF_SET = 3
_TRIED_BEST, _TRIED_SPREAD = 4, 4
_DRAWN = 256
_CLIMBING = 16
_ROUNDS = 3
_BETWEEN = 4
ENOUGH = 2
"""Ways to a goal after which none of more edits are looked for."""
WORTH = 0.05
"""Share of the best gain that each further edit has to bring, where more is always better."""
Ask = Callable[[Values], Values]
"""From m variations (m, c) to what the goal is about: (m,)."""


@dataclass(frozen=True)
class Found:
    """What a search found.

    Parameters
    ----------
    table
        (m, c) variations, the best first.
    values
        (m,) what the goal is about.
    levers
        By feature, the best variation in which it alone is edited, and its value; None where
        none is plausible.
    n_asked
        Variations that the model was asked about, the track itself included.
    """

    table: Values
    values: Values
    levers: dict[str, tuple[Values, float] | None]
    n_asked: int


def search(
    around: Surroundings,
    ask: Ask,
    at_least: float | None,
    *,
    n: int,
    most_edits: int,
    seed: int,
    most_rows: int = MOST_ROWS,
) -> Found:
    """Find up to n plausible variations of few edits, no two of the same features.

    Parameters
    ----------
    around
        The track and what may be tried.
    ask
        The model.
    at_least
        What reaches the goal; None for as much as can be reached.
    n
        Variations wanted.
    most_edits
        Features that one variation may change.
    seed
        Of the variations drawn beside the systematic ones.
    most_rows
        Bound of the work.

    Returns
    -------
    Where the goal is reached: fewest edits first, then the nearest. Else the highest value,
    less a toll for each further edit.
    """
    start = float(ask(around.start[None])[0])
    archive = _Archive(around, ask, most_rows - _FOR_DRAWING_BACK)
    _one_edit(around, archive, most_edits)
    levers = _levers(around, archive)
    for n_edits in range(2, most_edits + 1):
        _one_more(around, archive, n_edits, lambda: _reached(archive, at_least, n))
    if at_least is None or not _n_reaching(archive, at_least):
        _drawn(around, archive, most_edits, np.random.default_rng(seed))
        _climb(around, archive, lambda: _reached(archive, at_least, n))
    archive.most_rows = most_rows
    _draw_back(around, archive, _chosen(archive, start, at_least, n), start, at_least)
    rows = _chosen(archive, start, at_least, n)
    return Found(archive.table[rows], archive.values[rows], levers, archive.n_asked + 1)


class _Archive:
    """The plausible variations asked so far, and what the model says of them."""

    def __init__(self, around: Surroundings, ask: Ask, most_rows: int) -> None:
        self._around, self._ask, self.most_rows = around, ask, most_rows
        self.table = np.empty((0, len(around.columns)))
        self.values, self.plausibility = np.empty(0), np.empty(0)
        self.sets = np.empty((0, len(around.columns)), bool)
        self.distance = np.empty(0)
        self.n_asked = 0
        self._seen: set[bytes] = {around.start.tobytes()}

    @property
    def n_edits(self) -> NDArray[np.int64]:
        return np.asarray(self.sets.sum(axis=1))

    def add(self, table: Values) -> Flags:
        """Ask about what is new and plausible; tell what is plausible of all: (m,)."""
        plausibility, plausible = self._around.judge(table)
        new: list[int] = []
        for i in np.flatnonzero(plausible):
            key = table[i].tobytes()
            if key not in self._seen and self.n_asked + len(new) < self.most_rows:
                self._seen.add(key)
                new.append(int(i))
        if new:
            asked = table[new]
            self.n_asked += len(asked)
            self.table = np.vstack([self.table, asked])
            self.values = np.concatenate([self.values, self._ask(asked)])
            self.plausibility = np.concatenate([self.plausibility, plausibility[new]])
            self.sets = np.vstack([self.sets, self._around.edited(asked)])
            self.distance = np.concatenate([self.distance, self._around.distance(asked)])
        return plausible


def _one_edit(around: Surroundings, archive: _Archive, most_edits: int) -> None:
    """Try every value of every feature, with what moves along where it is too far alone."""
    tables = {
        feature: _with(around.start[None], around.place(feature), values)
        for feature, values in around.choices.items()
    }
    if not tables:
        return
    plausible = archive.add(np.vstack(list(tables.values())))
    ends = np.cumsum([len(table) for table in tables.values()])
    together = []
    for (feature, table), here in zip(tables.items(), np.split(plausible, ends[:-1]), strict=True):
        together += around.taking_along(table[~here], feature)[: most_edits - 1]
    if together:
        archive.add(np.vstack(together))


def _one_more(
    around: Surroundings, archive: _Archive, n_edits: int, reached: Callable[[], bool]
) -> None:
    """Build on the best variations of one edit less, each with each other feature, until enough.

    A few at a time, the best first.
    """
    promising = {
        around.place(feature): _promising(around, archive, feature) for feature in around.choices
    }
    beam = _beam(archive, n_edits - 1)
    for start in range(0, len(beam), _BEAM_AT_A_TIME):
        if reached():
            return
        tables = [
            _with(archive.table[row][None], place, values)
            for row in beam[start : start + _BEAM_AT_A_TIME]
            for place, values in promising.items()
            if not archive.sets[row, place]
        ]
        if tables:
            archive.add(np.vstack(tables))


def _beam(archive: _Archive, n_edits: int) -> list[int]:
    """Return the best rows of so many edits, few of the same features."""
    rows = np.flatnonzero(archive.n_edits == n_edits)
    beam: list[int] = []
    of_set: dict[bytes, int] = {}
    for row in rows[np.argsort(-archive.values[rows], kind="stable")]:
        key = archive.sets[row].tobytes()
        if of_set.get(key, 0) < _BEAM_OF_SET:
            of_set[key] = of_set.get(key, 0) + 1
            beam.append(int(row))
        if len(beam) == _BEAM:
            break
    return beam


def _promising(around: Surroundings, archive: _Archive, feature: str) -> Values:
    """Return the values of a feature that did best alone, and some from all over its range."""
    values = around.choices[feature]
    place = around.place(feature)
    alone = np.flatnonzero(archive.sets[:, place] & (archive.n_edits == 1))
    best = alone[np.argsort(-archive.values[alone], kind="stable")[:_TRIED_BEST]]
    spread = values[np.linspace(0, len(values) - 1, _TRIED_SPREAD).astype(int)]
    return np.unique(np.concatenate([archive.table[best, place], spread]))


def _drawn(
    around: Surroundings, archive: _Archive, most_edits: int, random: np.random.Generator
) -> None:
    """Try variations drawn at random, where pairs may help of which neither helps alone."""
    features = list(around.choices)
    if not features:
        return
    table = np.repeat(around.start[None], _DRAWN, axis=0)
    # Each row takes the features that come first in an order of its own.
    turn = random.random((_DRAWN, len(features))).argsort(axis=1).argsort(axis=1)
    n_edits = random.integers(1, most_edits + 1, _DRAWN)
    for i, feature in enumerate(features):
        rows = turn[:, i] < n_edits
        table[rows, around.place(feature)] = random.choice(around.choices[feature], rows.sum())
    archive.add(table)


def _climb(around: Surroundings, archive: _Archive, reached: Callable[[], bool]) -> None:
    """Try every value of every edit of the best variations, while that betters them."""
    for _ in range(_ROUNDS):
        best = archive.values.max(initial=-np.inf)
        rows = np.argsort(-archive.values, kind="stable")[:_CLIMBING]
        tables = [
            _with(archive.table[row][None], int(place), around.choices[around.columns[place]])
            for row in rows
            for place in np.flatnonzero(archive.sets[row])
        ]
        if not tables or reached():
            return
        archive.add(np.vstack(tables))
        if archive.values.max() <= best:
            return


def _levers(around: Surroundings, archive: _Archive) -> dict[str, tuple[Values, float] | None]:
    levers: dict[str, tuple[Values, float] | None] = {}
    alone = archive.n_edits == 1
    for feature in around.choices:
        rows = np.flatnonzero(alone & archive.sets[:, around.place(feature)])
        best = rows[np.argmax(archive.values[rows])] if len(rows) else None
        levers[feature] = (
            None if best is None else (archive.table[best], float(archive.values[best]))
        )
    return levers


def _reached(archive: _Archive, at_least: float | None, n: int) -> bool:
    """Tell whether enough ways to the goal are known."""
    return at_least is not None and _n_reaching(archive, at_least) >= min(n, ENOUGH)


def _n_reaching(archive: _Archive, at_least: float) -> int:
    """Count the sets of features by which the goal is reached."""
    return len(np.unique(archive.sets[archive.values >= at_least], axis=0))


def _chosen(archive: _Archive, start: float, at_least: float | None, n: int) -> list[int]:
    """Return the best rows, the best first, one for each set of features."""
    reaching = archive.values >= (np.inf if at_least is None else at_least)
    if reaching.any():
        rows = np.flatnonzero(reaching)
        order = np.lexsort(
            (-archive.plausibility[rows], archive.distance[rows], archive.n_edits[rows])
        )
    else:
        rows = np.flatnonzero(archive.values > start)
        gain = archive.values[rows] - start
        toll = WORTH * gain.max(initial=0) * (archive.n_edits[rows] - 1)
        order = np.lexsort((archive.distance[rows], toll - gain))
    chosen: list[int] = []
    for row in rows[order]:
        # What some edits do need not be told with one more that does not pay for itself.
        if any((archive.sets[other] <= archive.sets[row]).all() for other in chosen):
            continue
        chosen.append(int(row))
        if len(chosen) == n:
            break
    return chosen


def _draw_back(
    around: Surroundings,
    archive: _Archive,
    rows: list[int],
    start: float,
    at_least: float | None,
) -> None:
    """Bring edits back towards the track, or leave them out, as far as the goal allows."""
    current = list(rows)
    for _ in range(_ROUNDS):
        tables = [_nearer(around, archive.table[row]) for row in current]
        tables = [table for table in tables if len(table)]
        if not tables:
            return
        archive.add(np.vstack(tables))
        following = []
        for row in current:
            best = archive.values[row]
            enough = (
                at_least
                if at_least is not None and best >= at_least
                else start + (1 - WORTH) * (best - start)
            )
            within = (archive.sets <= archive.sets[row]).all(axis=1)
            nearer = np.flatnonzero(
                within & (archive.values >= enough) & (archive.distance <= archive.distance[row])
            )
            following.append(int(nearer[np.argmin(archive.distance[nearer])]))
        if following == current:
            return
        current = following


def _nearer(around: Surroundings, row: Values) -> Values:
    """Return the variations of which one edit is smaller, or left out."""
    tables = []
    for place in np.flatnonzero(around.edited(row[None])[0]):
        between = around.between(around.columns[place], row[place], _BETWEEN)
        values = np.concatenate([around.start[[place]], between])
        tables.append(_with(row[None], int(place), values))
    return np.vstack(tables) if tables else np.empty((0, len(row)))


def _with(row: Values, place: int, values: Values) -> Values:
    """Return a row (1, c) once for each value of one column: (m, c)."""
    table = np.repeat(row, len(values), axis=0)
    table[:, place] = values
    return table
