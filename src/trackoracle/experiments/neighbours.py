"""A space in which tracks have neighbours, and the way back to model inputs.

Categories stand in it as Chawla et al. (2002) let them in SMOTE-NC: two tracks
that differ in one are as far apart as by the median standard deviation of the
numbers, which is 1 here. A synthetic track lies between two tracks; its numbers
are interpolated, and its categories, memberships and missing inputs are all
those of the nearer end. So no synthetic track has half a key, a set of genres
that no track has, or a number where the track it is made from has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.experiments.inputs import Inputs, Matrix

_APART = np.float32(np.sqrt(0.5))
"""Weight of an indicator, two of which change when a category does."""


@dataclass(frozen=True)
class Space:
    """Fitted on the training rows of a fold.

    Parameters
    ----------
    inputs
        What the inputs are.
    mean, spread
        (k,) of the numbers.
    fill
        (k,) their medians, where missing.
    patterns
        (d, m) which inputs are missing together.
    """

    inputs: Inputs
    mean: Matrix
    spread: Matrix
    fill: Matrix
    patterns: NDArray[np.bool_]

    def encode(self, matrix: Matrix) -> Matrix:
        """Return the places of tracks: numbers, memberships, categories, missing inputs."""
        inputs = self.inputs
        missing = np.isnan(matrix)
        numbers = np.where(missing[:, inputs.number], self.fill, matrix[:, inputs.number])
        marks = [np.nan_to_num(matrix[:, inputs.membership]) * _APART]
        for place, levels in zip(inputs.category.tolist(), inputs.levels, strict=True):
            marks.append((matrix[:, place, None] == levels) * _APART)
        first = self.patterns.argmax(axis=0)
        marks.append(missing[:, first].astype(np.float32))
        return np.hstack([(numbers - self.mean) / self.spread, *marks]).astype(np.float32)

    def decode(self, places: Matrix) -> Matrix:
        """Return the model inputs of synthetic tracks."""
        inputs = self.inputs
        matrix = np.zeros((len(places), len(inputs.names)), np.float32)
        end = len(inputs.number)
        matrix[:, inputs.number] = places[:, :end] * self.spread + self.mean
        matrix[:, inputs.whole] = np.rint(matrix[:, inputs.whole])
        start, end = end, end + len(inputs.membership)
        matrix[:, inputs.membership] = places[:, start:end] > _APART / 2
        for place, levels in zip(inputs.category.tolist(), inputs.levels, strict=True):
            start, end = end, end + len(levels)
            if len(levels):
                matrix[:, place] = levels[places[:, start:end].argmax(axis=1)]
        for pattern, mark in zip(self.patterns.T, places[:, end:].T, strict=True):
            matrix[np.ix_(mark > 0.5, pattern)] = np.nan
        inputs.derive(matrix)
        return matrix


def fit_space(matrix: Matrix, inputs: Inputs) -> Space:
    """Fit the space on training rows: medians where missing, and units of standard deviations."""
    numbers = matrix[:, inputs.number].astype(np.float64)
    known = ~np.isnan(numbers).all(axis=0)
    fill = np.zeros(numbers.shape[1])
    fill[known] = np.nanmedian(numbers[:, known], axis=0)
    filled = np.where(np.isnan(numbers), fill, numbers)
    spread = filled.std(axis=0)
    spread[spread == 0] = 1.0
    missing = np.isnan(matrix)
    patterns = np.unique(missing, axis=1, return_inverse=True)[1].ravel()
    kinds = [k for k in np.unique(patterns) if missing[:, patterns == k].any()]
    together = np.array([patterns == k for k in kinds], bool).reshape(len(kinds), matrix.shape[1])
    return Space(
        inputs,
        filled.mean(axis=0).astype(np.float32),
        spread.astype(np.float32),
        fill.astype(np.float32),
        together.T,
    )
