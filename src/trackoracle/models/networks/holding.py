"""Which training rows a network does not learn from, so that they say when to stop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trackoracle.models.candidate import Values

_SHARE = 0.1
_LEAST_ROWS = 20
"""Fewer rows held back say nothing."""


def held_back(
    target: Values,
    groups: NDArray[np.int64] | None,
    random: np.random.Generator,
    *,
    is_class: bool,
) -> NDArray[np.bool_]:
    """Draw whole groups until a tenth of the rows is held back: (n,).

    A class that would not be left to learn from is given back. Of few rows or one group none
    is held back.

    Parameters
    ----------
    target
        (n,) classes, where it `is_class`.
    groups
        (n,) whose rows stay together: artists, so that the rows held back are of unseen ones.

    Examples
    --------
    >>> groups = np.repeat(np.arange(100), 3)
    >>> held = held_back(np.zeros(300), groups, np.random.default_rng(0), is_class=False)
    >>> int(held.sum()), bool(np.isin(groups[held], groups[~held]).any())
    (30, False)
    """
    n = len(target)
    assert groups is None or len(groups) == n
    _, group = np.unique(np.arange(n) if groups is None else groups, return_inverse=True)
    n_groups = int(group.max()) + 1 if n else 0
    wanted = _SHARE * n
    if wanted < _LEAST_ROWS or n_groups < 2:
        return np.zeros(n, bool)
    order = random.permutation(n_groups)
    reached = np.cumsum(np.bincount(group, minlength=n_groups)[order])
    # The group that reaches over the share is left to learn from: it may be nearly all rows.
    drawn = order[reached <= wanted]
    held = np.isin(group, drawn)
    if is_class:
        left = np.isin(target, target[~held])
        held &= ~np.isin(group, group[~left])
    return held
