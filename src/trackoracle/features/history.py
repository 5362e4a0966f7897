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

from trackoracle.features.lookup import Lookup
from trackoracle.schema import Ragged, share_above

Values = NDArray[np.float64]
MEASURES = ("mean", "best", "worst", "count")
"""What is told of any target's history; shares above landmarks follow."""


@dataclass(frozen=True)
class History:
    """Sums by name of a target, and of whether it is above each landmark.

    Parameters
    ----------
    landmarks
        (s - 1,) values of the target.
    priors
        (s,) mean of the target over all training rows, then the share above each landmark:
        what a name without evidence is worth.
    strength
        How many tracks of evidence the prior weighs (shrinkage of a mean).
    hashes
        (h,) of the names, rising.
    sums
        (h, s) weighted sums of target, and of being above, minus the prior.
    weights
        (h,) sums of weights: the number of recordings.
    """

    landmarks: tuple[float, ...]
    priors: Values
    strength: float
    hashes: NDArray[np.uint64]
    sums: Values
    weights: Values

    @property
    def measures_told(self) -> tuple[str, ...]:
        """What `measures` tells of each row, in order."""
        return (*MEASURES, *map(share_above, self.landmarks))

    def check(self) -> None:
        """Raise ValueError when the arrays are not what `fit_history` makes."""
        sound = (
            self._lookup.is_sound
            and self.priors.shape == (1 + len(self.landmarks),)
            and self.sums.shape == (len(self.hashes), len(self.priors))
            and self.hashes.shape == self.weights.shape == (len(self.hashes),)
            and np.isfinite([*self.priors, *self.landmarks, self.strength]).all()
            and self.strength >= 0
            and np.isfinite(self.sums).all()
            and np.isfinite(self.weights).all()
            and (self.weights > 0).all()
        )
        if not sound:
            raise ValueError("history: expected sums by rising hashes, got others")

    def known(self, names: Ragged) -> NDArray[np.bool_]:
        """Tell for each row whether any of its names has a history: (n,)."""
        found = self._lookup.places(names.values) < len(self.hashes)
        known: NDArray[np.bool_] = names.reduce(np.maximum, found.astype(np.float64)) == 1
        return known

    def measures(self, names: Ragged) -> NDArray[np.float32]:
        """Return the measures of each row's names: (n, m), NaN where none is known."""
        places = self._lookup.places(names.values)
        padded, weights = self._padded
        return _measures(names, padded[:, places], weights[places], self.priors, self.strength)

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self.hashes)

    @cached_property
    def _padded(self) -> tuple[Values, Values]:
        """Sums (s, h + 1) and weights: a name without history is worth the nothing behind."""
        nothing = np.zeros((self.sums.shape[1], 1))
        return np.hstack([self.sums.T, nothing]), np.append(self.weights, 0.0)


def fit_history(
    names: Ragged,
    target: Values,
    weight: Values,
    apart: NDArray[np.int64],
    strength: float,
    least: float = 0,
    landmarks: tuple[float, ...] = (),
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
    landmarks
        Values of the target, for each of which the share above is told.

    Returns
    -------
    The history to serve with, and the measures (n, m) of the training rows, without
    the rows that each one is kept apart from.

    Examples
    --------
    >>> names = Ragged(np.array([1, 1, 2], np.uint64), np.array([0, 1, 2, 3]))
    >>> y, w = np.array([10.0, 30.0, 20.0]), np.ones(3)
    >>> history, left_out = fit_history(names, y, w, np.arange(3), strength=0)
    >>> left_out[:, 0].tolist()
    [30.0, 10.0, nan]
    """
    statements = np.stack([target, *(target > landmark for landmark in landmarks)])
    priors = np.average(statements, axis=1, weights=weight)
    hashes, codes = np.unique(names.values, return_inverse=True)
    rows = names.rows
    entry_weight = weight[rows]
    entry_sums = entry_weight * (statements - priors[:, None])[:, rows]
    # Pairs of a name and a code: what the rows to leave out together brought to one name.
    pair = np.unique(codes * (apart.max(initial=0) + 1) + apart[rows], return_inverse=True)[1]
    weights, own_weight = _both(entry_weight, codes, pair, len(hashes))
    enough = weights >= least
    rest = np.where(enough[codes], weights[codes] - own_weight, 0)
    has_rest = rest > 1e-9
    sums = np.empty((len(priors), len(hashes)))
    rests = np.empty_like(entry_sums)
    for i, entry_sum in enumerate(entry_sums):
        sums[i], own = _both(entry_sum, codes, pair, len(hashes))
        rests[i] = np.where(has_rest, sums[i][codes] - own, 0.0)
    left_out = _measures(names, rests, np.where(has_rest, rest, 0.0), priors, strength)
    kept = hashes[enough].astype(np.uint64)
    history = History(landmarks, priors, strength, kept, sums[:, enough].T, weights[enough])
    return history, left_out


def _both(
    entries: Values, codes: NDArray[np.int64], pair: NDArray[np.int64], n_names: int
) -> tuple[Values, Values]:
    """Sum entries by name (h,), and by pair of name and code, told for each entry (m,)."""
    by_name = np.bincount(codes, entries, n_names).astype(np.float64)
    by_pair = np.bincount(pair, entries).astype(np.float64)
    return by_name, by_pair[pair] if len(pair) else entries


def _measures(
    names: Ragged, sums: Values, weights: Values, priors: Values, strength: float
) -> NDArray[np.float32]:
    """Turn evidence per entry, sums (s, m) and weights (m,), into measures per row."""
    known = weights > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        shrunk = sums[0] / (weights + strength)
        total = names.reduce(np.add, weights)
        means = [names.reduce(np.add, part) / (total + strength) for part in sums]
    best = names.reduce(np.fmax, np.where(known, shrunk, np.nan))
    worst = names.reduce(np.fmin, np.where(known, shrunk, np.nan))
    mean, *shares = (part + prior for part, prior in zip(means, priors, strict=True))
    result = np.stack([mean, best + priors[0], worst + priors[0], total, *shares], axis=1)
    result[~(total > 0)] = np.nan
    return result.astype(np.float32)
