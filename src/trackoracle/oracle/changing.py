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
from trackoracle.explanations import GENRES, Surroundings, search
from trackoracle.features import Variations
from trackoracle.oracle.answers import LEAST_SHARED, answers, stated_rate
from trackoracle.oracle.goals import goal_of, goal_values, main_values
from trackoracle.oracle.surroundings import Bounds, Told, Wishes, surroundings
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
_TEXTS = ("known", "estimated", "warning")


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
    table = np.vstack([around.start, found.table])
    answered, results = _results(model, table, level)
    met = asked.at_least is not None and model.values(table[:1])[0] >= asked.at_least
    reached = any(result.reaches for result in results)
    main, value = model.both(table[:1])
    return Counterfactuals(
        track=name,
        target=bundle.target.name,
        unit=bundle.target.unit,
        answer=answered,
        prediction=float(main[0]),
        goal_value=float(value[0]),
        goal=asked,
        feasible=bool(met or reached or (asked.at_least is None and results)),
        met=bool(met),
        counterfactuals=() if met else results,
        levers=_levers(model, found.levers),
        compared_with=around.pictures[0].group,
        locked=told.locked,
        missing=told.missing,
        most_edits=most_edits,
        level=level,
        n_asked=found.n_asked,
        notes=(*told.notes, ASSOCIATION),
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

    def distribution(self, table: NDArray[np.float64]) -> Distribution:
        """Return the distribution of the target of m variations."""
        columns = dict(zip(self.around.columns, table.T, strict=True))
        base = columns.pop(GENRES, np.zeros(len(table))).astype(np.int64)
        moved = {name: columns[name] for name in self.around.choices if name != GENRES}
        n_threads = self.n_jobs if len(table) >= LEAST_SHARED else 1
        raw = self.bundle.model.predict(self.variations.changed(base, moved), n_threads)
        return self.bundle.calibration.distribution(raw, self.variations.knows_artist[base])

    def values(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the goal is about, of m variations: (m,)."""
        return self.both(table)[1]

    def both(self, table: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the main number of m variations, and what the goal is about: (m,) each."""
        distribution = self.distribution(table)
        main = main_values(self.bundle, distribution, self.base_rate)
        return main, goal_values(self.bundle, self.goal, distribution, self.base_rate)

    def tracks(self, table: NDArray[np.float64]) -> pl.DataFrame:
        """Return m variations as tracks of the contract."""
        columns = dict(zip(self.around.columns, table.T, strict=True))
        codes = columns.pop(GENRES, np.zeros(len(table))).astype(np.int64)
        rows = [_in_genre(self.track, self.told.genres[code]) for code in codes]
        moved = [pl.Series(n, values) for n, values in columns.items() if n in self.around.choices]
        return pl.concat(rows).with_columns(moved)

    def named(self, place: int, value: float) -> float | str:
        """Return a value of the table as people write it."""
        column = self.around.columns[place]
        if column == GENRES:
            own = self.track[GENRES][0].to_list()
            return self.told.genres[int(value)] or CREDIT_SEPARATOR.join(own)
        return int(value) if self.bundle.contract[column].whole else float(value)

    def changes(self, row: NDArray[np.float64]) -> tuple[Change, ...]:
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


def _results(
    model: _Model, table: NDArray[np.float64], level: float
) -> tuple[dict[str, float], tuple[Counterfactual, ...]]:
    """Return what `predict` answers for the track, and what it does for each variation."""
    tracks, goal = model.tracks(table), model.goal
    rows = CheckedTracks(tracks, pl.Series("warning", [""] * len(tracks)), ())
    answered = answers(model.bundle, rows, level, model.base_rate, 1).drop(_TEXTS)
    distribution = model.distribution(table)
    main, values = model.both(table)
    own = np.zeros(len(table), np.int64)
    better = p_better(distribution, distribution.take(own))
    distance, plausibility = model.around.distance(table), model.around.plausibility(table)
    results = tuple(
        Counterfactual(
            changes=model.changes(table[i]),
            answer=answered.row(i, named=True),
            prediction=float(main[i]),
            goal_value=float(values[i]),
            reaches=goal.at_least is not None and bool(values[i] >= goal.at_least),
            p_better=float(better[i]),
            within_noise=bool(better[i] < SURE),
            distance=float(distance[i]),
            plausibility=float(plausibility[i]),
        )
        for i in range(1, len(table))
    )
    return answered.row(0, named=True), results


def _levers(
    model: _Model, best: Mapping[str, tuple[NDArray[np.float64], float] | None]
) -> tuple[Lever, ...]:
    """Say what each feature does alone, the strongest first."""
    start = model.around.start
    rows = {name: start if row is None else row[0] for name, row in best.items()}
    if not rows:
        return ()
    main, values = model.both(np.vstack([start, *rows.values()]))
    levers = []
    for i, (name, row) in enumerate(rows.items(), start=1):
        place = model.around.place(name)
        after = None if best[name] is None else model.named(place, row[place])
        levers.append((values[i], Lever(name, after, float(main[i]), float(values[i]))))
    return tuple(lever for _, lever in sorted(levers, key=lambda pair: (-pair[0], pair[1].feature)))
