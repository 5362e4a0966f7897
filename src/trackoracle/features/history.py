"""What is known of the target of a name's other tracks: artists, genres.

In training, a row's own recording is left out of its artists' history, and its
artist out of its genres' history; in serving the full table is used, since the
track judged is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trackoracle.schema import Ragged

_BUCKET_SHIFT = np.uint64(48)
MEASURES = ("mean", "best", "worst", "count")


@dataclass(frozen=True)
class History:
    """Sums of a target by name.

    Parameters
    ----------
    prior
        Mean of the target over all training rows, and what a name without
        evidence is worth.
    strength
        How many tracks of evidence the prior weighs (shrinkage of a mean).
    hashes
        (h,) of the names, rising.
    sums
        (h,) weighted sums of target minus prior.
    weights
        (h,) sums of weights: the number of recordings.
    """

    prior: float
    strength: float
    hashes: NDArray[np.uint64]
    sums: NDArray[np.float64]
    weights: NDArray[np.float64]

    def check(self) -> None:
        """Raise ValueError when the arrays are not what `fit_history` makes."""
        sound = (
            self.hashes.dtype == np.uint64
            and self.hashes.shape == self.sums.shape == self.weights.shape == (len(self.hashes),)
            and (self.hashes[1:] > self.hashes[:-1]).all()
            and np.isfinite([self.prior, self.strength]).all()
            and np.isfinite(self.sums).all()
            and np.isfinite(self.weights).all()
            and (self.weights > 0).all()
        )
        if not sound:
            raise ValueError("history: expected sums by rising hashes, got others")

    def known(self, names: Ragged) -> NDArray[np.bool_]:
        """Tell for each row whether any of its names has a history: (n,)."""
        _, found = self._places(names)
        known: NDArray[np.bool_] = names.reduce(np.maximum, found.astype(np.float64)) == 1
        return known

    def measures(self, names: Ragged) -> NDArray[np.float32]:
        """Return the measures of each row's names: (n, 4), NaN where none is known."""
        places, found = self._places(names)
        # A name without history is worth the nothing that stands behind the sums.
        places = np.where(found, places, len(self.hashes))
        sums, weights = np.append(self.sums, 0.0)[places], np.append(self.weights, 0.0)[places]
        return _measures(names, sums, weights, self.prior, self.strength)

    def _places(self, names: Ragged) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the place of each entry's hash in the table, and whether it is there."""
        values = names.values.astype(np.uint64, copy=False)
        starts, padded = self._buckets
        bucket = values >> _BUCKET_SHIFT
        places, ends = starts[bucket], starts[bucket + np.uint64(1)]
        found = (padded[places] == values) & (places < ends)
        waiting = np.flatnonzero(~found & (places + 1 < ends))
        while len(waiting):
            places[waiting] += 1
            found[waiting] = padded[places[waiting]] == values[waiting]
            more = ~found[waiting] & (places[waiting] + 1 < ends[waiting])
            waiting = waiting[more]
        return places, found

    @cached_property
    def _buckets(self) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """Where the hashes of each leading 16 bits begin, and the hashes with one to spare.

        Hashes are spread evenly: a look-up is a step or two instead of a binary search.
        """
        leading = np.arange(2**16 + 1, dtype=np.uint64)
        starts = np.searchsorted(self.hashes >> _BUCKET_SHIFT, leading).astype(np.int64)
        return starts, np.append(self.hashes, np.uint64(0))


def fit_history(
    names: Ragged,
    target: NDArray[np.float64],
    weight: NDArray[np.float64],
    apart: NDArray[np.int64],
    strength: float,
    least: float = 0,
) -> tuple[History, NDArray[np.float32]]:
    """Sum the target by name over training rows.

    Parameters
    ----------
    names
        n lists of name hashes.
    target, weight
        (n,) of the training rows.
    apart
        (n,) rows of equal code are left out of each other's history.
    strength
        Weight of the prior, in recordings.
    least
        Names of less evidence, in recordings, have no history.

    Returns
    -------
    The history to serve with, and the measures (n, 4) of the training rows, without
    the rows that each one is kept apart from.

    Examples
    --------
    >>> names = Ragged(np.array([1, 1, 2], np.uint64), np.array([0, 1, 2, 3]))
    >>> y, w = np.array([10.0, 30.0, 20.0]), np.ones(3)
    >>> history, left_out = fit_history(names, y, w, np.arange(3), strength=0)
    >>> left_out[:, 0].tolist()
    [30.0, 10.0, nan]
    """
    prior = float(np.average(target, weights=weight))
    hashes, codes = np.unique(names.values, return_inverse=True)
    rows = names.rows
    entry_weight = weight[rows]
    entry_sum = entry_weight * (target[rows] - prior)
    sums = np.bincount(codes, entry_sum, len(hashes)).astype(np.float64)
    weights = np.bincount(codes, entry_weight, len(hashes)).astype(np.float64)
    # Pairs of a name and a code: what the rows to leave out together brought to one name.
    pair = np.unique(codes * (apart.max(initial=0) + 1) + apart[rows], return_inverse=True)[1]
    own_sum = np.bincount(pair, entry_sum)[pair] if len(pair) else entry_sum
    own_weight = np.bincount(pair, entry_weight)[pair] if len(pair) else entry_weight
    enough = weights >= least
    rest = np.where(enough[codes], weights[codes] - own_weight, 0)
    left_out = _measures(
        names,
        np.where(rest > 1e-9, sums[codes] - own_sum, 0.0),
        np.where(rest > 1e-9, rest, 0.0),
        prior,
        strength,
    )
    kept = hashes[enough].astype(np.uint64)
    return History(prior, strength, kept, sums[enough], weights[enough]), left_out


def _measures(
    names: Ragged,
    sums: NDArray[np.float64],
    weights: NDArray[np.float64],
    prior: float,
    strength: float,
) -> NDArray[np.float32]:
    """Turn evidence per entry into mean, best, worst and count per row."""
    known = weights > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        shrunk = sums / (weights + strength)
        total = names.reduce(np.add, weights)
        mean = names.reduce(np.add, sums) / (total + strength)
    best = names.reduce(np.fmax, np.where(known, shrunk, np.nan))
    worst = names.reduce(np.fmin, np.where(known, shrunk, np.nan))
    nothing = ~(total > 0)
    result = np.stack([mean + prior, best + prior, worst + prior, total], axis=1)
    result[nothing] = np.nan
    return result.astype(np.float32)
