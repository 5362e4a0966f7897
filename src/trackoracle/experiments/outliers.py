"""Outlier arms: bring extreme values inside fences, or leave extreme training rows out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.experiments.inputs import Inputs, Matrix, Places

FENCE = 1.5
"""Fences stand so many interquartile ranges outside the quartiles (Tukey 1977)."""
EXTREME_Z, MOST_EXTREME = 3.0, 2
"""A row is left out with |z| above this in more than so many inputs."""


@dataclass(frozen=True)
class Capping:
    """Fences of some inputs, fitted on training rows.

    Parameters
    ----------
    places
        (k,) of the inputs.
    low, high
        (k,) fences.
    """

    places: Places
    low: Matrix
    high: Matrix

    def apply(self, matrix: Matrix, inputs: Inputs) -> Matrix:
        """Return the rows with these inputs inside their fences."""
        capped = matrix.copy()
        capped[:, self.places] = np.clip(matrix[:, self.places], self.low, self.high)
        inputs.derive(capped)
        return capped


def fit_capping(matrix: Matrix, inputs: Inputs) -> Capping:
    """Fit the fences of the measured inputs.

    An input whose quartiles are equal has no fences: they would make it a constant.
    """
    known = ~np.isnan(matrix[:, inputs.measured]).all(axis=0)
    places = inputs.measured[known]
    if not len(places):
        return Capping(places, np.empty(0, np.float32), np.empty(0, np.float32))
    first, third = np.nanquantile(matrix[:, places], [0.25, 0.75], axis=0).astype(np.float32)
    varied = third > first
    reach = np.float32(FENCE) * (third - first)
    return Capping(places[varied], (first - reach)[varied], (third + reach)[varied])


def kept_rows(matrix: Matrix, inputs: Inputs) -> NDArray[np.bool_]:
    """Tell which training rows are not extreme in more than two measured inputs: (n,)."""
    measured = matrix[:, inputs.measured].astype(np.float64)
    n_known = np.maximum((~np.isnan(measured)).sum(axis=0), 1)
    centred = np.where(np.isnan(measured), 0.0, measured - np.nansum(measured, axis=0) / n_known)
    spread = np.sqrt((centred**2).sum(axis=0) / n_known)
    extreme = np.abs(centred) > EXTREME_Z * spread
    kept: NDArray[np.bool_] = extreme.sum(axis=1) <= MOST_EXTREME
    return kept
