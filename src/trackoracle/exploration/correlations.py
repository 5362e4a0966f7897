"""Pearson's and Spearman's coefficients of all pairs, each of the tracks that have both."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trackoracle.exploration.results import Correlations
from trackoracle.exploration.seen import Seen, Values

_ROWS = 100_000
"""Rows that are multiplied at a time, so that memory stays bounded."""
_WITH = ("explicit", "mode", "year")


def correlations_of(seen: Seen) -> Correlations | None:
    """Correlate the target and all columns that vary; None where there are fewer than two."""
    tracks = seen.catalog.tracks
    extra = [
        name for name in _WITH if name in tracks.columns and tracks[name].null_count() < len(tracks)
    ]
    names = [*([seen.target] if seen.target else []), *seen.numbers, *extra]
    columns = {name: seen.values(name) for name in dict.fromkeys(names)}
    varying = {n: v for n, v in columns.items() if np.nanmin(v) < np.nanmax(v)}
    if len(varying) < 2:
        return None
    matrix = np.stack(list(varying.values()))
    straight, ranked = pearson(matrix), spearman(matrix)
    order = clustered(ranked)
    return Correlations(
        tuple(list(varying)[i] for i in order),
        _rows(straight[np.ix_(order, order)]),
        _rows(ranked[np.ix_(order, order)]),
    )


def _rows(matrix: Values) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, matrix.tolist()))


def pearson(columns: Values) -> Values:
    """Return (c, c) coefficients of (c, n) columns, NaN for missing values.

    Examples
    --------
    >>> pearson(np.array([[1.0, 2.0, 3.0, np.nan], [2.0, 4.0, 6.0, 0.0]])).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    c = len(columns)
    # Centred first, since sums of squares of large numbers lose the digits that matter.
    centre = np.nanmean(columns, axis=1, keepdims=True)
    n, sums, squares, products = (np.zeros((c, c)) for _ in range(4))
    for start in range(0, columns.shape[1], _ROWS):
        part = columns[:, start : start + _ROWS] - centre
        mask = ~np.isnan(part)
        part, known = np.where(mask, part, 0.0), mask.astype(np.float64)
        n += known @ known.T
        sums += part @ known.T
        squares += (part * part) @ known.T
        products += part @ part.T
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = squares - sums * sums / n
        found = (products - sums * sums.T / n) / np.sqrt(spread * spread.T)
    found[~np.isfinite(found)] = np.nan
    return np.clip(found, -1.0, 1.0)


def spearman(columns: Values) -> Values:
    """Return (c, c) rank coefficients of (c, n) columns; ranks are of the tracks that have both."""
    orders = [np.argsort(column, kind="stable").astype(np.int32) for column in columns]
    gaps = np.isnan(columns)
    ranks = np.stack(
        [midranks(c, order[: int((~gap).sum())]) for c, order, gap in zip(columns, orders, gaps,
                                                                           strict=True)]
    )  # fmt: skip
    found = pearson(ranks)
    for i in np.flatnonzero(gaps.any(axis=1)):
        for j in range(len(columns)):
            if j != i and not np.array_equal(gaps[i], gaps[j]):
                both = ~(gaps[i] | gaps[j])
                pair = [midranks(columns[k], orders[k][both[orders[k]]]) for k in (i, j)]
                found[i, j] = found[j, i] = pearson(np.stack(pair))[0, 1]
    return found


def midranks(values: Values, order: NDArray[np.int32]) -> Values:
    """Rank the rows that a sorted order names, ties by their middle, NaN for all others: (n,).

    Examples
    --------
    >>> midranks(np.array([5.0, 1.0, 5.0, np.nan]), np.array([1, 0, 2], np.int32)).tolist()
    [2.5, 1.0, 2.5, nan]
    """
    ordered = values[order]
    ranks = np.full(len(values), np.nan)
    if len(ordered):
        group = np.concatenate([[0], np.cumsum(ordered[1:] != ordered[:-1])])
        counts = np.bincount(group)
        ranks[order] = (np.cumsum(counts) - (counts - 1) / 2)[group]
    return ranks


def clustered(coefficients: Values) -> list[int]:
    """Order columns so that alike ones stand together: average linkage of 1 - |coefficient|."""
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    apart = 1 - np.abs(np.nan_to_num(coefficients))
    np.fill_diagonal(apart, 0.0)
    distances = squareform((apart + apart.T) / 2, checks=False)
    tree = linkage(distances, "average")
    order: list[int] = leaves_list(optimal_leaf_ordering(tree, distances)).tolist()
    return order
