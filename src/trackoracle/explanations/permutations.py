"""What each input contributes to a model of which nothing is known but its answers.

Shapley values by sampling (Castro, Gomez and Tejada 2009): inputs become known one after the
other, in random order, and each is given what the answer moves by. Every order is also gone
backwards (antithetic pairs; Mitchell, Cooper, Frank and Holmes 2022). What is not yet known is
missing, as it may be in any question: training hides inputs, so every model has learned to
answer without them, and no track of the catalog is needed for comparison.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from trackoracle.explanations.path import Attributed, Matrix, Values

N_PAIRS = 16
_CHUNK = 16_384
"""Rows answered at a time."""


def sampled(
    number: Callable[[Matrix], Values], matrix: Matrix, n_pairs: int = N_PAIRS, seed: int = 0
) -> Attributed:
    """Estimate what each input contributes.

    Parameters
    ----------
    number
        From (n, d) inputs, NaN where missing, to the (n,) numbers that are explained.
    matrix
        (n, d) model inputs.
    n_pairs
        Orders, each gone forwards and backwards: the more, the smaller the error.
    seed
        For the orders, which are the same for every track.

    Returns
    -------
    Each track's contributions add up exactly; single ones have an error, which the spread of
    the `n_pairs` estimates tells. A missing input contributes nothing.
    """
    n, d = matrix.shape
    random = np.random.default_rng(seed)
    orders = np.array([random.permutation(d) for _ in range(n_pairs)])
    nothing = float(number(np.full((1, d), np.nan, np.float32))[0])
    samples = np.zeros((n, n_pairs, d))
    for i, row in enumerate(matrix):
        given = ~np.isnan(row)
        for p, order in enumerate(orders):
            own = order[given[order]]
            samples[i, p] = (_along(number, row, own) + _along(number, row, own[::-1])) / 2
    values = samples.mean(axis=1)
    baseline = np.full(n, nothing)
    return Attributed(baseline, baseline + values.sum(axis=1), values, samples)


def _along(
    number: Callable[[Matrix], Values], row: Matrix, order: np.typing.NDArray[np.int64]
) -> Values:
    """Return what the answer moves by as inputs become known in an order: (d,)."""
    contributions = np.zeros(len(row))
    if not len(order):
        return contributions
    told = np.full((len(order) + 1, len(row)), np.nan, np.float32)
    for place, i in enumerate(order):
        told[place + 1 :, i] = row[i]
    answers = [number(told[start : start + _CHUNK]) for start in range(0, len(told), _CHUNK)]
    contributions[order] = np.diff(np.concatenate(answers))
    return contributions
