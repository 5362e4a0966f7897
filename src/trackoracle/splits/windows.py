"""Windows in time: learn from what was out, judge what came next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

UNDATED = -1


def date_blocks(released: NDArray[np.datetime64], n_blocks: int) -> NDArray[np.int64] | None:
    """Cut dated rows into blocks that follow one another in time.

    Blocks are as even as the days allow: the rows of one day stay together.

    Parameters
    ----------
    released
        (n,) day of release, NaT where not known.
    n_blocks
        How many, at least 2.

    Returns
    -------
    (n,) block of each row from 0 on, `UNDATED` without a date; None with fewer
    days than blocks.

    Examples
    --------
    >>> days = np.array(["2001", "2003", "NaT", "2002", "2001"], "datetime64[D]")
    >>> date_blocks(days, 2).tolist()
    [0, 1, -1, 1, 0]
    """
    dated = ~np.isnat(released)
    days, day, n_rows = np.unique(released[dated], return_inverse=True, return_counts=True)
    if len(days) < n_blocks:
        return None
    block = np.full(len(released), UNDATED, np.int64)
    block[dated] = np.searchsorted(_borders(n_rows, n_blocks), day, side="right")
    return block


def _borders(n_rows: NDArray[np.int64], n_blocks: int) -> NDArray[np.int64]:
    """Return the first day of each block but the first: every block gets a day or more."""
    reached = np.cumsum(n_rows)
    order = np.arange(1, n_blocks)
    wanted = order * reached[-1] / n_blocks
    nearest = np.abs(reached[:, None] - wanted).argmin(axis=0) + 1
    rising = np.maximum.accumulate(nearest - order) + order
    borders: NDArray[np.int64] = np.minimum(rising, len(n_rows) - n_blocks + order)
    return borders
