"""What would change a prediction: the facade's side of counterfactuals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.artifact import Bundle
from trackoracle.distributions import SURE, Distribution, p_better
from trackoracle.errors import ConfigError
from trackoracle.explanations import GENRES, Found, Surroundings, search
from trackoracle.features import Variations
from trackoracle.oracle.answers import LEAST_SHARED, columns_of, stated_rate
from trackoracle.oracle.goals import goal_of, goal_values, main_values
from trackoracle.oracle.surroundings import Bounds, Told, Wishes, surroundings
from trackoracle.oracle.uncertain import estimated_columns
from trackoracle.schema import (
    CREDIT_SEPARATOR,
    Change,
    CheckedTracks,
    Counterfactual,
    Counterfactuals,
    Goal,
    Lever,
)

ASSOCIATION = (
    "These are associations among known tracks: that an edit makes a track more popular is not "
    "shown by them."
)
AS_TOLD = (
    "Estimated from the recording and taken as they are, without their errors: {names}. `predict` "
    "is of the mean over what they may be."
)
Values = NDArray[np.float64]


def counterfactuals(
    bundle: Bundle,
    checked: CheckedTracks,
    name: str,
    *,
    goal: float | str,
    lock: Collection[str],
    unlock: Collection[str],
    ranges: Mapping[str, Bounds],
    n: int,
    most_edits: int,
    seed: int,
    level: float,
    base_rate: float | None,
    n_jobs: int,
) -> Counterfactuals:
    """Find what would change the prediction of one checked track; see `Oracle.counterfactuals`."""
    if not 0 < level < 1:
        raise ConfigError(f"level: expected above 0 and below 1, got {level:g}. Try 0.9.")
    for what, number in (("n", n), ("most_edits", most_edits)):
        if number < 1:
            raise ConfigError(f"{what}: expected at least 1, got {number}. Correct it.")
    asked = goal_of(bundle, goal)
    base_rate = stated_rate(bundle, base_rate)
    wishes = Wishes.read(bundle.contract, lock, unlock, ranges)
    around, told = surroundings(bundle, checked.tracks, wishes)
    model = _Model.of(bundle, checked.tracks, around, told, asked, base_rate, n_jobs)
    found = search(around, model.values, asked.at_least, n=n, most_edits=most_edits, seed=seed)
    told_of = _Asked.of(model, np.vstack([around.start, found.table, *_best_alone(found)]), level)
    results = _results(model, told_of, len(found.table))
    met = asked.at_least is not None and bool(told_of.values[0] >= asked.at_least)
    errs = estimated_columns(checked.tracks)
    notes = [AS_TOLD.format(names=", ".join(errs))] if errs else []
    reached = any(result.reaches for result in results)
    return Counterfactuals(
        track=name,
        target=bundle.target.name,
        unit=bundle.target.unit,
        answer=told_of.answers[0],
        prediction=float(told_of.main[0]),
        goal_value=float(told_of.values[0]),
        goal=asked,
        feasible=met or reached or (asked.at_least is None and bool(results)),
        met=met,
        counterfactuals=() if met else results,
        levers=_levers(model, told_of, found),
        compared_with=around.pictures[0].group,
        locked=told.locked,
        missing=told.missing,
        most_edits=most_edits,
        level=level,
        n_asked=found.n_asked,
        notes=(*notes, *told.notes, ASSOCIATION),
    )


@dataclass(frozen=True)
class _Model:
    """The oracle asked about variations of one track, written in a table."""

    bundle: Bundle
    track: pl.DataFrame
    around: Surroundings
    told: Told
    goal: Goal
    base_rate: float | None
    n_jobs: int
    variations: Variations

    @classmethod
    def of(
        cls,
        bundle: Bundle,
        track: pl.DataFrame,
        around: Surroundings,
        told: Told,
        goal: Goal,
        base_rate: float | None,
        n_jobs: int,
    ) -> _Model:
        """Prepare the track, and the track in each genre that may be tried."""
        tracks = pl.concat([track] + [_in_genre(track, genre) for genre in told.genres[1:]])
        variations = Variations.of(tracks, bundle.contract, bundle.recipe)
        return cls(bundle, track, around, told, goal, base_rate, n_jobs, variations)

    def distribution(self, table: Values) -> Distribution:
        """Return the distribution of the target of m variations."""
        columns = dict(zip(self.around.columns, table.T, strict=True))
        base = columns.pop(GENRES, np.zeros(len(table))).astype(np.int64)
        moved = {name: columns[name] for name in self.around.choices if name != GENRES}
        n_threads = self.n_jobs if len(table) >= LEAST_SHARED else 1
        raw = self.bundle.model.predict(self.variations.changed(base, moved), n_threads)
        own = self.variations
        genres = None if own.genres is None else own.genres.take(base)
        return self.bundle.calibration.distribution(raw, own.knows_artist[base], genres)

    def values(self, table: Values) -> Values:
        """Return what the goal is about, of m variations: (m,)."""
        return goal_values(self.bundle, self.goal, self.distribution(table), self.base_rate)

    def named(self, place: int, value: float) -> float | str:
        """Return a value of the table as people write it."""
        column = self.around.columns[place]
        if column == GENRES:
            own = self.track[GENRES][0].to_list()
            return self.told.genres[int(value)] or CREDIT_SEPARATOR.join(own)
        return int(value) if self.bundle.contract[column].whole else float(value)

    def changes(self, row: Values) -> tuple[Change, ...]:
        """Return the edits of one variation (c,)."""
        return tuple(
            Change(
                feature=self.around.columns[i],
                before=self.named(i, self.around.start[i]),
                after=self.named(i, row[i]),
                unit=self.bundle.contract[self.around.columns[i]].unit,
            )
            for i in map(int, np.flatnonzero(self.around.edited(row[None])[0]))
        )


def _in_genre(track: pl.DataFrame, genre: str | None) -> pl.DataFrame:
    if genre is None:
        return track
    return track.with_columns(pl.Series(GENRES, [[genre]], pl.List(pl.String)))


@dataclass(frozen=True)
class _Asked:
    """What is told of some variations: the track, what was found, and the levers.

    Parameters
    ----------
    table
        (m, c) the variations, the track itself first.
    distribution
        Of the target of each.
    answers
        The m answers of `predict`.
    main, values
        (m,) each: the main number, and what the goal is about.
    """

    table: Values
    distribution: Distribution
    answers: list[dict[str, float]]
    main: Values
    values: Values

    @classmethod
    def of(cls, model: _Model, table: Values, level: float) -> _Asked:
        """Ask about variations."""
        bundle, base_rate = model.bundle, model.base_rate
        distribution = model.distribution(table)
        columns = columns_of(bundle, distribution, level, base_rate)
        lists = [values.tolist() for values in columns.values()]
        return cls(
            table,
            distribution,
            [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)],
            main_values(bundle, distribution, base_rate),
            goal_values(bundle, model.goal, distribution, base_rate),
        )


def _results(model: _Model, asked: _Asked, n: int) -> tuple[Counterfactual, ...]:
    """Return the n counterfactuals, which stand after the track."""
    least, table = model.goal.at_least, asked.table[: n + 1]
    own = np.zeros(n + 1, np.int64)
    better = p_better(asked.distribution.take(np.arange(n + 1)), asked.distribution.take(own))
    distance, plausibility = model.around.distance(table), model.around.plausibility(table)
    return tuple(
        Counterfactual(
            changes=model.changes(table[i]),
            answer=asked.answers[i],
            prediction=float(asked.main[i]),
            goal_value=float(asked.values[i]),
            reaches=least is not None and bool(asked.values[i] >= least),
            p_better=float(better[i]),
            within_noise=bool(better[i] < SURE),
            distance=float(distance[i]),
            plausibility=float(plausibility[i]),
        )
        for i in range(1, n + 1)
    )


def _best_alone(found: Found) -> list[Values]:
    """Return the best variations of one feature, (c,) each; where there is none, none."""
    return [best[0] for best in found.levers.values() if best is not None]


def _levers(model: _Model, asked: _Asked, found: Found) -> tuple[Lever, ...]:
    """Say what each feature does alone, the strongest first."""
    levers, place = [], len(found.table)
    for name, best in found.levers.items():
        after, i = None, 0
        if best is not None:
            place += 1
            i, column = place, model.around.place(name)
            after = model.named(column, asked.table[i, column])
        levers.append(Lever(name, after, float(asked.main[i]), float(asked.values[i])))
    return tuple(sorted(levers, key=lambda lever: (-lever.goal_value, lever.feature)))
