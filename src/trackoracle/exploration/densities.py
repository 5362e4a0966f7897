"""Two columns at a time: how tracks spread over them, and the target in each cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trackoracle.exploration.moods import MOODS, QUADRANTS, mood, quadrant
from trackoracle.exploration.results import Correlations, Density, Moods
from trackoracle.exploration.seen import Seen, Values
from trackoracle.exploration.spreads import groups_of, round_edges

LEAST_IN_CELL = 20
"""A cell of fewer tracks has no mean of the target."""
_CELLS = 25
_PAIR_CELLS = 16
_MOST_IN_PAIRS = 5


def density(
    x: tuple[str, Values], y: tuple[str, Values], edges: tuple[Values, Values], target: Values
) -> Density:
    """Count tracks in cells, and take the mean of the target in each; an empty target is none."""
    places = [
        np.clip(np.searchsorted(cuts, np.nan_to_num(values), "right") - 1, 0, len(cuts) - 2)
        for (_, values), cuts in zip((x, y), edges, strict=True)
    ]
    across, up = len(edges[0]) - 1, len(edges[1]) - 1
    cells = places[1] * across + places[0]
    known = ~(np.isnan(x[1]) | np.isnan(y[1]))
    counts = np.bincount(cells[known], minlength=across * up).reshape(up, across)
    means: tuple[tuple[float | None, ...], ...] = ()
    if len(target):
        known &= ~np.isnan(target)
        n = np.bincount(cells[known], minlength=across * up)
        sums = np.bincount(cells[known], target[known], minlength=across * up)
        told = np.where(n >= LEAST_IN_CELL, sums / np.maximum(n, 1), np.nan).reshape(up, across)
        means = tuple(
            tuple(None if np.isnan(v) else round(v, 2) for v in row) for row in told.tolist()
        )
    return Density(
        x[0],
        y[0],
        tuple(edges[0].tolist()),
        tuple(edges[1].tolist()),
        tuple(map(tuple, counts.tolist())),
        means,
    )


def moods_of(seen: Seen) -> Moods | None:
    """Map valence and energy; None where the catalog lacks one of them."""
    if not {"valence", "energy"} <= seen.numbers.keys():
        return None
    valence, energy = seen.values("valence"), seen.values("energy")
    if np.isnan(valence + energy).all():
        return None
    cuts = np.linspace(0, 1, _CELLS + 1)
    names, parts = seen.parts

    def mapped(rows: NDArray[np.bool_], *, with_target: bool = False) -> Density:
        target = seen.y[rows] if with_target and seen.target else np.array([])
        x, y = ("valence", valence[rows]), ("energy", energy[rows])
        return density(x, y, (cuts, cuts), target)

    split = len(names) > 1
    in_quadrant, in_mood = quadrant(valence, energy), mood(valence)
    return Moods(
        density=mapped(np.full(len(valence), True), with_target=True),
        lowest=mapped(parts == 0) if split else None,
        highest=mapped(parts == len(names) - 1) if split else None,
        quadrants=_counted(in_quadrant, QUADRANTS),
        moods=_counted(in_mood, MOODS),
        quadrant_target=groups_of(seen.y, in_quadrant, list(QUADRANTS), seen.artists),
        mood_target=groups_of(seen.y, in_mood, list(MOODS), seen.artists),
    )


def _counted(codes: NDArray[np.int64], names: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    return tuple(zip(names, counts.tolist(), strict=True))


def pairs_of(seen: Seen, found: Correlations | None) -> tuple[Density, ...]:
    """Count tracks over each two of the target and the features that go most with it, or others."""
    if found is None:
        return ()
    names = [name for name in found.columns if name in seen.numbers]
    if seen.target in found.columns:
        own = found.spearman[found.columns.index(seen.target)]
        strength = dict(zip(found.columns, np.nan_to_num(np.abs(own)), strict=True))
        names = sorted(names, key=lambda name: -strength[name])
        if seen.target == "popularity":
            names.insert(0, seen.target)
    names = names[: _MOST_IN_PAIRS + 1]
    columns = {name: seen.values(name) for name in names}
    edges = {name: _equal(columns[name], share=seen.is_share(name)) for name in names}
    return tuple(
        density((x, columns[x]), (y, columns[y]), (edges[x], edges[y]), np.array([]))
        for i, y in enumerate(names)
        for x in names[: i + 1]
    )


def _equal(values: Values, *, share: bool) -> Values:
    """Return edges of equal cells that hold all values but a few at the ends."""
    rounded = round_edges(values, _PAIR_CELLS, share=share)
    return np.linspace(rounded[0], rounded[-1], _PAIR_CELLS + 1)


def against_of(seen: Seen, name: str) -> Density | None:
    """Count tracks over a column and the popularity; None without a popularity."""
    if seen.target != "popularity":
        return None
    values = seen.values(name)
    edges = round_edges(values, 30, share=seen.is_share(name)), np.linspace(0, 100, 26)
    return density((name, values), ("popularity", seen.y), edges, np.array([]))
