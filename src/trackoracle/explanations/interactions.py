"""What two track columns tell together beyond what each tells, all others known.

The second difference of removal: the answer, less the answers without one and without the
other, plus the answer without both. Removing a column hides every input that needs it, as
training hides inputs. Nothing is approximated, and nothing adds up: it is a property of the
answer at this track, not a share of it. Shapley interactions, of which LightGBM knows none,
would average the same difference over all sets of other columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from trackoracle.explanations.path import Matrix, Values


def interactions(
    number: Callable[[Matrix], Values], row: Matrix, origins: Sequence[tuple[str, ...]]
) -> list[tuple[str, str, float]]:
    """Return each pair of columns that are known of one track, with what they tell together.

    Parameters
    ----------
    number
        From (n, d) inputs to the (n,) numbers that are explained.
    row
        (d,) inputs of the track.
    origins
        (d,) the columns that each input comes from.

    Returns
    -------
    The largest first; pairs that tell nothing together are left out.

    Examples
    --------
    >>> product = lambda x: np.nan_to_num(x[:, 0]) * np.nan_to_num(x[:, 1], nan=1.0)
    >>> interactions(product, np.array([2, 3], np.float32), [("tempo",), ("energy",)])
    [('tempo', 'energy', 4.0)]
    """
    given = ~np.isnan(row)
    columns = list(
        dict.fromkeys(c for own, g in zip(origins, given, strict=True) if g for c in own)
    )
    needs = {c: np.array([c in own for own in origins]) for c in columns}
    pairs = list(combinations(columns, 2))
    hidden = [(), *((c,) for c in columns), *pairs]
    asked = np.tile(row, (len(hidden), 1))
    for i, without in enumerate(hidden):
        for column in without:
            asked[i, needs[column]] = np.nan
    answer = dict(zip(hidden, number(asked).tolist(), strict=True))
    whole = answer[()]
    found = [
        (one, other, whole - answer[one,] - answer[other,] + answer[one, other])
        for one, other in pairs
    ]
    return sorted((pair for pair in found if pair[2]), key=lambda pair: -abs(pair[2]))
