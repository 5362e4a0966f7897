"""Transforms of skewed inputs, fitted on training rows.

Each skewed input is first measured from its least training value in units of
its mean distance from it, so that a logarithm means the same for milliseconds
and for shares; an input skewed to the left is turned round. Trees see only the
order, which no transform changes (but LightGBM gives zero a bin of its own);
linear models see the difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.experiments.inputs import LEAST_VARIED, Inputs, Matrix, Places

Values = NDArray[np.float64]
HIGHLY_SKEWED = 1.0
"""Moment skewness beyond which a distribution is highly skewed (Bulmer 1979, ch. 4)."""
_POWERS = (-5.0, 5.0)
"""Bounds of a fitted power; beyond them a column of few values makes numbers overflow."""
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Transform:
    """A fitted transform of some inputs.

    Parameters
    ----------
    kind
        Name of the arm.
    places
        (k,) of the skewed inputs.
    origin, unit, turn
        (k,) the training value counted from, the distance counted in, and 1 or -1.
    power
        (k,) fitted powers, for Box-Cox and Yeo-Johnson.
    """

    kind: str
    places: Places
    origin: Matrix
    unit: Matrix
    turn: Matrix
    power: tuple[float, ...]

    def apply(self, matrix: Matrix) -> Matrix:
        """Return the rows with these inputs transformed."""
        changed = matrix.copy()
        distance = self.turn * (matrix[:, self.places].astype(np.float64) - self.origin) / self.unit
        if self.kind != "yeo_johnson":
            # Beyond the training rows' least value there is nothing to take a root of.
            distance = np.maximum(distance, 0)
        # A power takes a value far beyond the training rows' out of single precision.
        changed[:, self.places] = np.clip(self.turn * self._shown(distance), -_LARGEST, _LARGEST)
        return changed

    def _shown(self, distance: Values) -> Values:
        from scipy import stats  # slow to import, and rarely needed

        if self.kind == "log":
            return np.log1p(distance)
        if self.kind == "sqrt":
            return np.sqrt(distance)
        shown = np.empty_like(distance)
        for i, power in enumerate(self.power):
            column = distance[:, i]
            if self.kind == "box_cox":
                shown[:, i] = stats.boxcox(1.0 + column, power)
            else:
                shown[:, i] = stats.yeojohnson(column, power)
        return shown


def fit_transform(kind: str, matrix: Matrix, inputs: Inputs) -> Transform:
    """Find the skewed inputs and fit their transform.

    Examples
    --------
    >>> from trackoracle.experiments.inputs import tell_inputs
    >>> from scipy import stats
    >>> x = np.random.default_rng(0).exponential(size=(200, 1)).astype(np.float32)
    >>> fitted = fit_transform("log", x, tell_inputs(x, ("tempo",), ("tempo",)))
    >>> bool(stats.skew(fitted.apply(x)[:, 0]) < stats.skew(x[:, 0]))
    True
    """
    from scipy import stats

    places, origins, units, turns, powers = [], [], [], [], []
    for place in inputs.continuous.tolist():
        known = matrix[:, place][~np.isnan(matrix[:, place])].astype(np.float64)
        if len(known) < LEAST_VARIED or np.ptp(known) == 0:
            continue
        skew = float(stats.skew(known))
        if abs(skew) <= HIGHLY_SKEWED:
            continue
        turn = 1.0 if skew > 0 else -1.0
        origin = known.min() if skew > 0 else known.max()
        distance = turn * (known - origin)
        unit = float(distance.mean())
        places.append(place)
        origins.append(origin)
        units.append(unit)
        turns.append(turn)
        powers.append(_power(kind, distance / unit))
    return Transform(
        kind,
        np.array(places, np.int64),
        np.array(origins, np.float32),
        np.array(units, np.float32),
        np.array(turns, np.float32),
        tuple(powers),
    )


def _power(kind: str, distance: Values) -> float:
    """Fit the power by maximum likelihood."""
    from scipy import stats

    if kind == "box_cox":
        power = stats.boxcox_normmax(1.0 + distance, method="mle")
    elif kind == "yeo_johnson":
        power = stats.yeojohnson_normmax(distance)
    else:
        return 1.0
    return float(np.clip(power, *_POWERS))
