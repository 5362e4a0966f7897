"""How far the places of each genre's targets lie from uniform, and the distributions without it.

A model with one calibration for all is too sure of some genres and not sure enough of others. The
normal score of a target's place in its predicted distribution has mean 0 and spread 1 where all
is well; in each genre it gets a mean and a spread of its own, drawn towards these by few tracks,
and the levels of its tracks' distributions are moved by them. A track of several genres takes the
mean of its genres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from trackoracle.distributions.curve import nearest
from trackoracle.distributions.distribution import Values
from trackoracle.schema import Ragged

STRENGTH = 100.0
"""Recordings of evidence that a mean of 0 and a spread of 1 weigh."""
_CERTAIN = 1e-9
_FAR = 1e-4
"""No place counts as nearer to 0 or 1: one track would make a genre's spread."""
_N_SPREAD = 16
_ARRAYS = ("hashes", "shift", "log_spread")


@dataclass(frozen=True)
class GenrePlaces:
    """Mean and spread of the normal scores of places, by genre.

    Parameters
    ----------
    hashes
        (g,) of the genres' names, rising.
    shift, log_spread
        (g,) the mean, and the logarithm of the spread.
    """

    hashes: NDArray[np.uint64]
    shift: Values
    log_spread: Values

    def moved(self, cumulative: Values, genres: Ragged) -> Values:
        """Return P(target <= v) (n, s) with the levels moved by each track's genres."""
        shift, log_spread = self._of(genres)
        rows = np.flatnonzero((shift != 0) | (log_spread != 0))
        if not len(rows):
            return cumulative
        table = cumulative if len(rows) == len(cumulative) else cumulative[rows]
        scores = ndtri(np.clip(table, _CERTAIN, 1 - _CERTAIN))
        scores -= shift[rows, None]
        scores *= np.exp(-log_spread[rows, None])
        moved: Values = ndtr(scores)
        # What is impossible, or certain, stays so.
        moved[table <= 0] = 0
        moved[table >= 1] = 1
        if len(rows) == len(cumulative):
            return moved
        result = cumulative.copy()
        result[rows] = moved
        return result

    def _of(self, genres: Ragged) -> tuple[Values, Values]:
        """Return the mean over each track's known genres: (n,) each, 0 where none is known."""
        values = genres.values.astype(np.uint64, copy=False)
        place = np.minimum(np.searchsorted(self.hashes, values), len(self.hashes) - 1)
        known = self.hashes[place] == values
        rows, place, n = genres.rows[known], place[known], len(genres)
        n_known = np.maximum(np.bincount(rows, minlength=n), 1)
        shift, log_spread = (
            np.bincount(rows, of[place], n) / n_known for of in (self.shift, self.log_spread)
        )
        return shift, log_spread

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays from which `genre_places_from_arrays` rebuilds it."""
        return {name: getattr(self, name) for name in _ARRAYS}


def genre_places_from_arrays(arrays: dict[str, NDArray[Any]]) -> GenrePlaces:
    """Rebuild them; raises ValueError when the arrays are not what `fit_genre_places` makes."""
    hashes, shift, log_spread = (arrays[name] for name in _ARRAYS)
    sound = (
        hashes.dtype == np.uint64
        and hashes.ndim == 1
        and len(hashes) > 0
        and (hashes[1:] > hashes[:-1]).all()
        and shift.shape == log_spread.shape == hashes.shape
        and np.isfinite(shift).all()
        and (np.abs(log_spread) < 10).all()
    )
    if not sound:
        raise ValueError("calibration: expected a shift and spread by rising hashes, got others")
    return GenrePlaces(hashes, shift, log_spread)


def fit_genre_places(
    cumulative: Values, target: Values, weight: Values, support: Values, genres: Ragged
) -> GenrePlaces | None:
    """Measure the places of each genre's targets; None where no genre is known.

    Parameters
    ----------
    cumulative
        (n, s) P(target <= v) of tracks whose targets the models did not see.
    target, weight
        (n,) the truth, and how much a track counts.
    support
        (s,) values that get probability.
    genres
        n lists of hashes.

    Examples
    --------
    >>> even = np.tile(np.linspace(0.01, 1, 100), (1000, 1))
    >>> target = np.repeat([5.0, 94.0], 500)  # never in the middle
    >>> one = Ragged(np.zeros(1000, np.uint64), np.arange(1001))
    >>> places = fit_genre_places(even, target, np.ones(1000), np.arange(100.0), one)
    >>> wide = places.moved(even[:1], one.take(np.array([0])))
    >>> bool(wide[0, 4] > 0.05), bool(wide[0, 93] < 0.94)
    (True, True)
    """
    if not len(genres.values):
        return None
    rows, place = np.arange(len(target)), nearest(support, target)
    high = cumulative[rows, place]
    low = np.where(place > 0, cumulative[rows, place - 1], 0.0)
    # A likely value covers many levels: each is as much its place as any other.
    within = (np.arange(_N_SPREAD) + 0.5) / _N_SPREAD
    scores = ndtri(np.clip(low + within[:, None] * (high - low), _FAR, 1 - _FAR))
    mean, square = scores.mean(axis=0), np.square(scores).mean(axis=0)
    hashes, code = np.unique(genres.values, return_inverse=True)
    of, g = genres.rows, len(hashes)
    evidence = np.bincount(code, weight[of], g) + STRENGTH
    shift = np.bincount(code, weight[of] * mean[of], g) / evidence
    squares = (np.bincount(code, weight[of] * square[of], g) + STRENGTH) / evidence
    return GenrePlaces(hashes.astype(np.uint64), shift, 0.5 * np.log(squares - shift**2))
