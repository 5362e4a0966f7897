"""What the inputs of a fold are: categories, measured numbers, and what follows from others.

Told from the training rows alone. The arms need it: a category is never
interpolated, and what follows from other inputs is computed again after these
were changed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.features import DERIVED

Matrix = NDArray[np.float32]
Places = NDArray[np.int64]

MOST_LEVELS = 32
"""An input of whole numbers with at most so many is a category; keys have 13."""
LEAST_VARIED = 3
"""An input of fewer distinct numbers has no outliers and no skew worth a transform."""


@dataclass(frozen=True)
class Inputs:
    """The inputs of one fold, by kind: places in the matrix.

    Parameters
    ----------
    names
        (d,) of the inputs.
    membership
        Levels of a category column: 1, 0, or missing.
    category
        Whole numbers of few levels: key, mode, time signature, number of artists.
    levels
        The levels of each category.
    number
        The rest, but for what is derived.
    measured
        The numbers that describe a single track, rather than other tracks.
    whole
        The numbers that are whole in every training row.
    varied
        Derived inputs that are no category: products and angles.
    """

    names: tuple[str, ...]
    membership: Places
    category: Places
    levels: tuple[Matrix, ...]
    number: Places
    measured: Places
    whole: Places
    varied: Places

    @property
    def continuous(self) -> Places:
        """Every input that is no category, derived ones included."""
        return np.sort(np.concatenate([self.number, self.varied]))

    def derive(self, matrix: Matrix) -> None:
        """Compute again, in place, the inputs that follow from others of the same row."""
        place = {name: i for i, name in enumerate(self.names)}
        for derived in DERIVED:
            if derived.name in place and all(need in place for need in derived.needs):
                columns = {
                    need: matrix[:, place[need]].astype(np.float64) for need in derived.needs
                }
                matrix[:, place[derived.name]] = derived.values(columns)


def tell_inputs(matrix: Matrix, names: tuple[str, ...], row_names: tuple[str, ...]) -> Inputs:
    """Tell the kinds of inputs from training rows.

    Parameters
    ----------
    matrix
        (n, d) training rows, NaN where missing.
    names
        (d,) of the inputs.
    row_names
        Those that describe a single track.
    """
    derived = {d.name for d in DERIVED}
    membership, category, levels, number, whole, varied = [], [], [], [], [], []
    for i, name in enumerate(names):
        if "=" in name:
            membership.append(i)
            continue
        known = matrix[:, i][~np.isnan(matrix[:, i])]
        is_whole = bool((known == np.rint(known)).all())
        distinct = np.unique(known) if is_whole else known
        if name in derived:
            varied += [] if is_whole else [i]
        elif is_whole and len(distinct) <= MOST_LEVELS:
            category.append(i)
            levels.append(distinct)
        else:
            number.append(i)
            whole += [i] if is_whole else []
    measured = [i for i in number if names[i] in row_names]
    return Inputs(
        names,
        np.array(membership, np.int64),
        np.array(category, np.int64),
        tuple(levels),
        np.array(number, np.int64),
        np.array(measured, np.int64),
        np.array(whole, np.int64),
        np.array(varied, np.int64),
    )
