"""Release dates, and how old tracks were when their popularity was collected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trackoracle.exploration.results import Times
from trackoracle.exploration.seen import Codes, Seen
from trackoracle.exploration.spreads import groups_of

LEAST_IN_PERIOD = 20
_MOST_YEARS = 60
_AGES = (
    (1.0, "under 1"), (2.0, "1 to 2"), (5.0, "2 to 5"), (10.0, "5 to 10"), (20.0, "10 to 20"),
    (40.0, "20 to 40"), (np.inf, "40 and more"),
)  # fmt: skip
_TRENDS = ("danceability", "energy", "valence", "acousticness", "speechiness", "instrumentalness")
_DAYS = 365.2425


def times_of(seen: Seen) -> Times | None:
    """Describe tracks by time of release; None where the catalog dates none."""
    years = _years(seen)
    dated = ~np.isnan(years)
    if not dated.any():
        return None
    present = np.unique(years[dated])
    decades = "decade" in seen.catalog.tracks.columns and not seen.catalog.keys.has_dates
    step = 10 if decades or len(present) > _MOST_YEARS else 1
    periods = np.where(dated, np.floor(np.nan_to_num(years) / step) * step, np.nan)
    starts, places, counts = np.unique(periods[dated], return_inverse=True, return_counts=True)
    codes = np.full(len(years), -1)
    codes[dated] = places
    names = [str(int(start)) for start in starts]
    groups = groups_of(seen.y, codes, names, seen.artists)
    ages, n_later = _ages(seen)
    return Times(
        n_dated=int(dated.sum()),
        n_tracks=len(years),
        step=step,
        counts=tuple(zip(starts.astype(int).tolist(), counts.tolist(), strict=True)),
        target=tuple(group for group in groups if group.n_tracks >= LEAST_IN_PERIOD),
        features={
            name: _trend(seen.values(name), codes, starts)
            for name in _TRENDS
            if name in seen.numbers
        },
        snapshot=seen.catalog.card.snapshot,
        ages=tuple(
            group
            for group in groups_of(seen.y, ages, [name for _, name in _AGES], seen.artists)
            if group.n_tracks >= LEAST_IN_PERIOD
        ),
        n_later=n_later,
    )


def _years(seen: Seen) -> NDArray[np.float64]:
    """Return the year of release, or else the decade's first, NaN where neither is known: (n,)."""
    released = seen.catalog.keys.released
    years = released.astype("datetime64[Y]").astype(np.float64) + 1970
    years[np.isnat(released)] = np.nan
    for column in ("year", "decade"):
        if column in seen.catalog.tracks.columns:
            years = np.where(np.isnan(years), seen.values(column), years)
    return years


def _trend(
    values: NDArray[np.float64], codes: Codes, starts: NDArray[np.float64]
) -> tuple[tuple[int, float], ...]:
    kept = (codes >= 0) & ~np.isnan(values)
    n = np.bincount(codes[kept], minlength=len(starts))
    sums = np.bincount(codes[kept], values[kept], minlength=len(starts))
    enough = np.flatnonzero(n >= LEAST_IN_PERIOD)
    return tuple((int(starts[i]), float(sums[i] / n[i])) for i in enough)


def _ages(seen: Seen) -> tuple[Codes, int]:
    """Return the stretch of age at the snapshot, -1 where it is not known; and tracks after it."""
    snapshot, released = seen.catalog.card.snapshot, seen.catalog.keys.released
    if snapshot is None or seen.target is None:
        return np.full(len(released), -1), 0
    last = np.datetime64(snapshot)
    # A month alone is taken at its end, so that nothing of that month counts as later.
    end = (last + 1).astype("datetime64[D]")
    years = (end - released.astype("datetime64[D]")) / np.timedelta64(1, "D") / _DAYS
    known = ~np.isnat(released)
    later = known & (years < 0)
    ends = [until for until, _ in _AGES]
    codes = np.searchsorted(ends, np.nan_to_num(years), "right")
    return np.where(known & ~later, codes, -1), int(later.sum())
