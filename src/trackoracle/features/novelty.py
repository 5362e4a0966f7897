"""How far a track's audio numbers lie from those of the training tracks.

Each number becomes the normal score of its rank among the training tracks, going on
in a straight line beyond them; the distance is Mahalanobis' in these scores over
whatever numbers are there. A track is compared with training tracks of which as many
numbers are known. Nothing of a single track is kept, only quantiles and a covariance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from trackoracle.schema import Contract

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

FAR = 0.999
"""Novelty above which a track is warned of."""
LEVELS = np.unique(np.concatenate([[0, FAR, 1], expit(np.linspace(-9, 9, 99))]))
"""Shares at which quantiles are kept, dense at both ends."""
LEAST_COMPLETE = 1000
"""Fewer training tracks cannot tell what one in a thousand is like."""
_ARRAYS = ("values", "scores", "centre", "covariance", "distances")
_MIDDLE = len(LEVELS) // 2
_MOST_COMPARED = 100_000
_N_SUBSETS = 8


@dataclass(frozen=True)
class Novelty:
    """The measure, fitted on training tracks.

    Parameters
    ----------
    names
        The k audio columns that it looks at.
    values, scores
        (k, q) each column's quantiles at `LEVELS`, and the normal scores of their mid-ranks.
    centre, covariance
        (k,) and (k, k) of the training tracks' scores.
    distances
        (k, q) quantiles at `LEVELS` of the training tracks' squared distances, when 1 to k
        of their numbers are known.
    """

    names: tuple[str, ...]
    values: Values
    scores: Values
    centre: Values
    covariance: Values
    distances: Values

    def of(self, tracks: pl.DataFrame) -> Values:
        """Return the share of training tracks that lie nearer: (n,), NaN without audio numbers.

        Parameters
        ----------
        tracks
            (n, k') with all columns of the contract, typed; null where missing.
        """
        return self._shares(self._deviations(tracks))

    def _shares(self, deviations: Values) -> Values:
        shares = np.full(len(deviations), np.nan)
        for rows, there in _patterns(deviations):
            known = deviations[np.ix_(rows, there)]
            squared = np.einsum("ij,ij->i", known @ self._inverse(there), known)
            shares[rows] = np.interp(squared, self.distances[there.sum() - 1], LEVELS)
        return shares

    def remarks(self, tracks: pl.DataFrame) -> pl.Series:
        """Say of each track that lies farther out than `FAR` in which columns: (n,), else null."""
        remarks: list[str | None] = [None] * len(tracks)
        deviations = self._deviations(tracks)
        far = np.flatnonzero(self._shares(deviations) > FAR)
        deviations = deviations[far]
        for rows, there in _patterns(deviations):
            inverse = self._inverse(there)
            # By how much the squared distance falls when one column is taken out.
            falls = (deviations[np.ix_(rows, there)] @ inverse) ** 2 / np.diag(inverse)
            names = np.array(self.names)[there]
            for row, fall in zip(far[rows], falls, strict=True):
                first, *others = np.argsort(-fall, kind="stable")
                second = [i for i in others[:1] if fall[i] >= fall[first] / 2]
                remarks[row] = _remark([str(names[i]) for i in (first, *second)])
        return pl.Series("novelty", remarks, pl.String)

    def _deviations(self, tracks: pl.DataFrame) -> Values:
        numbers = (tracks[name].to_numpy() for name in self.names)
        scores = map(_scores, numbers, self.values, self.scores)
        return np.stack(list(scores), axis=1) - self.centre

    def _inverse(self, there: Flags) -> Values:
        return np.asarray(np.linalg.inv(self.covariance[np.ix_(there, there)]), np.float64)

    def state(self) -> tuple[dict[str, Any], dict[str, Values]]:
        """Return plain facts and arrays from which `novelty_from_state` rebuilds it."""
        return {"names": list(self.names)}, {name: getattr(self, name) for name in _ARRAYS}


def fit_novelty(tracks: pl.DataFrame, contract: Contract) -> Novelty | None:
    """Fit the measure on training tracks.

    Parameters
    ----------
    tracks
        (n, k') typed columns of the training tracks.
    contract
        Says which of them are audio numbers.

    Returns
    -------
    None with fewer than 1,000 tracks whose audio numbers are all known.

    Examples
    --------
    >>> from trackoracle.schema import fit_contract
    >>> energy = np.linspace(0.2, 0.8, 1000)
    >>> tracks = pl.DataFrame({"energy": energy, "loudness": 20 * energy - 20})
    >>> novelty = fit_novelty(tracks, fit_contract(tracks))
    >>> odd = pl.DataFrame({"energy": [0.5, 0.7, None], "loudness": [-10.0, -16.0, -10.0]})
    >>> novelty.of(odd).round(2).tolist()
    [0.0, 1.0, 0.0]
    """
    # Codes (key, mode) are not more or less of anything; a column that half of the tracks
    # lack would leave few that are complete.
    names = tuple(
        c.name
        for c in contract.columns
        if (c.group, c.role, c.whole) == ("audio", "number", False)
        and c.seen_low != c.seen_high
        and tracks[c.name].null_count() <= len(tracks) / 2
    )
    complete = tracks.select(pl.col(name).cast(pl.Float64) for name in names).drop_nulls()
    if not names or len(complete) < LEAST_COMPLETE:
        return None
    knots = [_knots(column.to_numpy()) for column in complete]
    values, scores = (np.array(part) for part in zip(*knots, strict=True))
    table = np.stack(list(map(_scores, complete.to_numpy().T, values, scores)), axis=1)
    centre = table.mean(axis=0)
    table -= centre
    covariance = _covariance(table)
    distances = _distances(table[:: -(-len(table) // _MOST_COMPARED)], covariance)
    return Novelty(names, values, scores, centre, covariance, distances)


def novelty_from_state(facts: Mapping[str, Any], arrays: Mapping[str, Values]) -> Novelty:
    """Rebuild the measure; raises ValueError when the arrays are not what `fit_novelty` makes."""
    novelty = Novelty(tuple(facts["names"]), *(arrays[name] for name in _ARRAYS))
    k, q = len(novelty.names), len(LEVELS)
    shapes = ((k, q), (k, q), (k,), (k, k), (k, q))
    sound = (
        k > 0
        and all(isinstance(name, str) for name in novelty.names)
        and all(
            arrays[name].dtype == np.float64
            and arrays[name].shape == shape
            and np.isfinite(arrays[name]).all()
            for name, shape in zip(_ARRAYS, shapes, strict=True)
        )
        and all(
            (np.diff(table, axis=1) >= 0).all()
            for table in (novelty.values, novelty.scores, novelty.distances)
        )
        and (novelty.scores[:, -1] > novelty.scores[:, 0]).all()
        and (novelty.covariance == novelty.covariance.T).all()
        and np.linalg.eigvalsh(novelty.covariance)[0] > 0
    )
    if not sound:
        raise ValueError("novelty: expected quantiles and a covariance, got others")
    return novelty


def _knots(values: Values) -> tuple[Values, Values]:
    """Return quantiles at `LEVELS` and the normal scores of their mid-ranks: (q,) each."""
    rising = np.sort(values)
    knots = np.quantile(rising, LEVELS, method="nearest")
    ranks = (np.searchsorted(rising, knots) + np.searchsorted(rising, knots, "right")) / 2
    return knots, ndtri(ranks / len(rising))


def _scores(values: Values, knots: Values, scores: Values) -> Values:
    """Return the normal score of each value: (n,), NaN where missing."""
    result = np.interp(values, knots, scores)
    # The slope from the middle to the end: that of the last steps would be one track's doing.
    for end, outside in ((0, values < knots[0]), (-1, values > knots[-1])):
        if outside.any():
            run = knots[end] - knots[_MIDDLE]
            slope = (scores[end] - scores[_MIDDLE]) / run if run else 1 / np.ptp(knots)
            result[outside] += slope * (values[outside] - knots[end])
    return result


def _covariance(deviations: Values) -> Values:
    """Return the covariance, shrunk (Ledoit and Wolf 2004, J. Multivariate Analysis 88)."""
    from sklearn.covariance import ledoit_wolf

    covariance: Values = ledoit_wolf(deviations, assume_centered=True)[0]
    return (covariance + covariance.T) / 2


def _distances(deviations: Values, covariance: Values) -> Values:
    """Return quantiles of squared distances over random subsets of 1 to k columns: (k, q)."""
    random = np.random.default_rng(0)
    k = len(covariance)
    rows = []
    for n_known in range(1, k + 1):
        subsets = {tuple(sorted(random.permutation(k)[:n_known])) for _ in range(_N_SUBSETS)}
        squared = []
        for subset in subsets:
            known = deviations[:, subset]
            inverse = np.linalg.inv(covariance[np.ix_(subset, subset)])
            squared.append(np.einsum("ij,ij->i", known @ inverse, known))
        rows.append(np.quantile(np.concatenate(squared), LEVELS))
    return np.array(rows)


def _patterns(table: Values) -> Iterator[tuple[NDArray[np.int64], Flags]]:
    """Walk over the rows that miss the same numbers, as (rows, columns that are there)."""
    there = ~np.isnan(table)
    codes = there @ (1 << np.arange(table.shape[1]))
    for code in np.unique(codes[codes > 0]):
        rows = np.flatnonzero(codes == code)
        yield rows, there[rows[0]]


def _remark(names: list[str]) -> str:
    return (
        f"Its audio is farther out than {100 * FAR:g} % of the training tracks, above all in "
        f"{' and '.join(names)}: the answer and its interval may not hold."
    )
