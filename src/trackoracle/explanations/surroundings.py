"""The plausible tracks around one track: where a change may go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trackoracle.explanations.usual import Usual, Values

LEAST_PLAUSIBLE = 0.1
"""A changed track is no more unusual than nine in ten of the genre's."""
MOST_STRAIN = 2.0
"""Standard deviations that a number may be from what the others lead to expect."""
STILL_LEFT, FARTHER = 0.5, 1.1
"""Where the track breaks these itself: the share of its plausibility that must be left, and how
much farther than it was a number may be."""
MOVES_WITH = 0.5
"""Correlation from which a number is taken along when another moves too far alone."""
GENRES = "genres"
"""The one column of the table that is no number: which of the pictures holds."""
_SLACK = 1e-9
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Surroundings:
    """One track, and what may be tried around it.

    Parameters
    ----------
    columns
        The c columns of the table in which variations are written; `genres` last, if at all.
    start
        (c,) the track as it is.
    choices
        By feature that may move, the values to try: rising, without the track's own.
    steps
        By feature, to what its values are rounded; 0 for codes.
    least
        By feature, the smallest edit that counts as one.
    pictures
        What is usual: of the track's genre, and of each other that may be tried, by the code in
        the column `genres`.
    spans
        Width of the range of numbers that no picture tells of.
    """

    columns: tuple[str, ...]
    start: Values
    choices: Mapping[str, Values]
    steps: Mapping[str, float]
    least: Mapping[str, float]
    pictures: tuple[Usual, ...]
    spans: Mapping[str, float]

    def place(self, feature: str) -> int:
        """Return where a feature stands in the table."""
        return self.columns.index(feature)

    def edited(self, table: Values) -> Flags:
        """Tell what differs from the track: (m, c)."""
        return np.asarray(table != self.start)

    def distance(self, table: Values) -> Values:
        """Return the sum of the edits of m variations in standard deviations of the genre: (m,)."""
        return np.asarray(self._distances(table).sum(axis=1))

    def _distances(self, table: Values) -> Values:
        usual = self.pictures[0]
        # A code has no less and more: another one is one step.
        apart = self.edited(table).astype(np.float64)
        numbers = self._numbers
        scores = usual.scores(np.vstack([self.start[None, numbers], table[:, numbers]]))
        apart[:, numbers] = np.abs(scores[1:] - scores[0])
        for name, span in self.spans.items():
            i = self.place(name)
            # Four standard deviations hold the range of most numbers.
            apart[:, i] = 4 * np.abs(table[:, i] - self.start[i]) / span
        return apart

    def plausibility(self, table: Values) -> Values:
        """Return the share of real tracks that are more unusual than each of m variations: (m,)."""
        return self.judge(table)[0]

    def judge(self, table: Values) -> tuple[Values, Flags]:
        """Return the plausibility of m variations, and which of them are plausible: (m,) each.

        As usual as nine in ten tracks of the genre, and no number farther from what the others
        lead to expect than two standard deviations; or where the track breaks this itself, at
        least half as usual as it is, and no number a tenth farther than it is.
        """
        plausibility, strains = self._measured(table)
        least, most = self._bounds
        return plausibility, (plausibility >= least) & (strains <= most).all(axis=1)

    @cached_property
    def _bounds(self) -> tuple[float, Values]:
        """Return the least plausibility, and the most strain of each number (k,)."""
        plausibility, strains = self._measured(self.start[None])
        own, strain = float(plausibility[0]), strains[0]
        least = LEAST_PLAUSIBLE if own >= LEAST_PLAUSIBLE else STILL_LEFT * own
        most = np.where(strain <= MOST_STRAIN, MOST_STRAIN, FARTHER * strain)
        return least - _SLACK, most + _SLACK

    def _measured(self, table: Values) -> tuple[Values, Values]:
        plausibility = np.empty(len(table))
        strains = np.empty((len(table), len(self._numbers)))
        for picture, rows in self._by_picture(table):
            own = table[rows]
            scores = picture.scores(own[:, self._numbers])
            plausibility[rows] = picture.plausibility_of(scores, self._codes_of(own))
            strains[rows] = picture.strains(scores)
        return plausibility, strains

    def taking_along(self, table: Values, feature: str) -> list[Values]:
        """Return variations in which what moves with an edited feature moves, too.

        Parameters
        ----------
        table
            (m, c) variations in which `feature` alone is edited.

        Returns
        -------
        Tables (m, c): with the closest companion, with the closest two, and so on.
        """
        usual = self.pictures[0]
        if feature not in usual.names:
            return []
        numbers, i = self._numbers, usual.names.index(feature)
        before = usual.scores(self.start[None, numbers])[0]
        by = usual.scores(table[:, numbers])[:, i] - before[i]
        tables, moved = [], table
        for name, slope in usual.companions(feature, MOVES_WITH):
            if name not in self.choices:
                continue
            j = usual.names.index(name)
            moved = moved.copy()
            values = self.rounded(name, usual.value_at(name, before[j] + slope * by))
            tried, place = self.choices[name], self.place(name)
            values = np.clip(values, tried[0], tried[-1])
            stays = np.abs(values - self.start[place]) < self.least[name]
            moved[:, place] = np.where(stays, self.start[place], values)
            tables.append(moved)
        return tables

    def rounded(self, feature: str, values: Values) -> Values:
        """Round values of a feature to what is said of it: (n,)."""
        return rounded_to(values, self.steps[feature])

    def between(self, feature: str, value: float, n: int) -> Values:
        """Return up to n values of a feature between the track's own and another."""
        own, tried = self.start[self.place(feature)], self.choices[feature]
        if self.steps[feature] <= 0:
            return np.empty(0)
        values = self.rounded(feature, np.linspace(own, value, n + 2)[1:-1])
        far = np.abs(values - own) >= self.least[feature]
        return np.asarray(values[far & (values >= tried[0]) & (values <= tried[-1])])

    @cached_property
    def _numbers(self) -> list[int]:
        return [self.place(name) for name in self.pictures[0].names]

    def _codes_of(self, table: Values) -> dict[str, Values]:
        return {name: table[:, self.place(name)] for name in self.pictures[0].shares}

    def _by_picture(self, table: Values) -> list[tuple[Usual, NDArray[np.int64]]]:
        if GENRES not in self.columns:
            return [(self.pictures[0], np.arange(len(table)))]
        codes = table[:, self.place(GENRES)].astype(np.int64)
        return [(self.pictures[i], np.flatnonzero(codes == i)) for i in np.unique(codes)]


def rounded_to(values: Values, step: float) -> Values:
    """Round to multiples of a step, without the noise of binary fractions.

    Examples
    --------
    >>> rounded_to(np.array([0.123, 0.3]), 0.01).tolist()
    [0.12, 0.3]
    """
    if step <= 0:
        return values
    digits = max(0, -int(np.floor(np.log10(step))))
    return np.asarray(np.round(np.round(values / step) * step, digits))
