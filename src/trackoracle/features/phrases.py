"""What the words of a text are worth: a ridge regression over words and pairs of words.

The regression explains what the genre leaves unexplained. Each text is the
unit vector of its known phrases, weighted by how rare they are (inverse
document frequency; Sparck Jones 1972), so that a long title is worth no more
than a short one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trackoracle.features.lookup import Lookup
from trackoracle.schema import Ragged

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Values = NDArray[np.float64]
_MOST_STEPS = 60
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Phrases:
    """Phrases and their worth.

    Parameters
    ----------
    hashes
        (h,) of the phrases, rising.
    rarity
        (h,) inverse document frequency.
    worth
        (h,) coefficient, in units of the target.
    """

    hashes: NDArray[np.uint64]
    rarity: NDArray[np.float32]
    worth: NDArray[np.float32]

    def check(self) -> None:
        """Raise ValueError when the arrays are not what `fit_phrases` makes."""
        sound = (
            self._lookup.is_sound
            and self.rarity.shape == self.worth.shape == self.hashes.shape
            and np.isfinite(self.rarity).all()
            and (self.rarity > 0).all()
            and np.isfinite(self.worth).all()
        )
        if not sound:
            raise ValueError("phrases: expected a worth by rising hashes, got others")

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self.hashes)

    @cached_property
    def _padded(self) -> tuple[Values, Values]:
        """Rarity and what it adds (h + 1,): an unknown phrase adds the nothing behind."""
        rarity = np.append(self.rarity, 0.0)
        return rarity**2, rarity * np.append(self.worth, 0.0)

    def worths(self, texts: Ragged) -> NDArray[np.float32]:
        """Return what each text is worth: (n,), 0 without a known phrase, NaN without text."""
        places = self._lookup.places(texts.values)
        squares, parts = self._padded
        length = np.sqrt(texts.reduce(np.add, squares[places]))
        total = texts.reduce(np.add, parts[places])
        return (total / np.where(length > 0, length, 1.0)).astype(np.float32)


def fit_phrases(
    texts: Ragged,
    unexplained: Values,
    weight: Values,
    apart: NDArray[np.int64],
    strength: float,
    least: float,
    shared: NDArray[np.bool_] | None = None,
) -> tuple[Phrases, NDArray[np.float32]]:
    """Fit the worth of phrases.

    Parameters
    ----------
    texts
        n lists of hashes of phrases, each once.
    unexplained
        (n,) the target, less what is expected without the text.
    weight
        (n,) of the training rows.
    apart
        (n,) a few codes; rows of equal code are left out of each other's worth.
    strength
        Of the ridge penalty.
    least
        Phrases in fewer rows are not known.
    shared
        (m,) of the entries of the texts; those that are not are not known either.

    Returns
    -------
    The phrases to serve with, and what each training row's text is worth (n,) by a fit
    without the rows that it is kept apart from.
    """
    distinct, code, n_rows = np.unique(texts.values, return_inverse=True, return_counts=True)
    known = n_rows >= least
    if shared is not None:
        known[code[~shared]] = False
    hashes = distinct[known].astype(np.uint64)
    rarity = (np.log((1 + len(texts)) / (1 + n_rows[known])) + 1).astype(np.float32)
    unfitted = Phrases(hashes, rarity, np.zeros(len(hashes), np.float32))
    left_out = unfitted.worths(texts)
    if not len(hashes):
        return unfitted, left_out
    column = (np.cumsum(known) - 1)[code]
    vectors = _unit_vectors(texts, column, known[code], rarity)
    has_text = texts.lengths > 0
    for part in np.unique(apart):
        inside = apart == part
        learned = np.flatnonzero(~inside & has_text)
        worth = _ridge(vectors[learned], unexplained[learned], weight[learned], strength)
        judged = np.flatnonzero(inside & has_text)
        left_out[judged] = vectors[judged] @ worth
    rows = np.flatnonzero(has_text)
    worth = _ridge(vectors[rows], unexplained[rows], weight[rows], strength)
    return Phrases(hashes, rarity, worth), left_out


def _unit_vectors(
    texts: Ragged,
    column: NDArray[np.int64],
    is_known: NDArray[np.bool_],
    rarity: NDArray[np.float32],
) -> csr_array:
    """Return the texts as rows of unit length, or 0: (n, h)."""
    from scipy.sparse import csr_array

    row, column = texts.rows[is_known], column[is_known]
    entries = rarity[column]
    length = np.sqrt(np.bincount(row, entries**2, len(texts)))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(texts)))])
    shape = (len(texts), len(rarity))
    return csr_array((entries / length[row].astype(np.float32), column, offsets), shape=shape)


def _ridge(
    vectors: csr_array, unexplained: Values, weight: Values, strength: float
) -> NDArray[np.float32]:
    """Solve a ridge regression by conjugate gradients.

    scikit-learn's `Ridge` comes to the same bits, but of few rows it looks at what it is given
    for four times as long as it solves.
    """
    from scipy.sparse import dia_array
    from scipy.sparse.linalg import LinearOperator, cg

    n_rows, n_phrases = vectors.shape
    if not n_rows:
        return np.zeros(n_phrases, np.float32)
    root = np.sqrt(weight.astype(np.float32))
    rows = dia_array((root, 0), shape=(n_rows, n_rows)) @ vectors
    columns = rows.T
    normal = LinearOperator(
        (n_phrases, n_phrases),
        matvec=lambda worth: columns @ (rows @ worth) + strength * worth,
        dtype=np.float32,
    )
    target = columns @ (unexplained.astype(np.float32) * root)
    worth, _ = cg(normal, target, rtol=_TOLERANCE, maxiter=_MOST_STEPS)
    return np.asarray(worth, np.float32)
