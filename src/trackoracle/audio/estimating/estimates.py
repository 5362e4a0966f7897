"""Estimated features of one recording, with the error of each and of all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from trackoracle.audio.estimating.errors import LEVELS
from trackoracle.audio.estimating.regressors import Values
from trackoracle.errors import ConfigError
from trackoracle.schema import ESTIMATED


@dataclass(frozen=True)
class Estimates:
    """What the estimators say of one recording.

    Parameters
    ----------
    values
        The features of `ESTIMATED`, in 0..1, (7,): the mean of what the truth may be. NaN of
        a feature that the estimators were not trained for.
    quantiles
        Of the truth, (7, n_levels).
    correlation
        Of the features' normal scores, (7, 7): their errors are not independent.
    n_windows
        Windows of the recording that were averaged.
    """

    values: Values
    quantiles: Values
    correlation: Values
    n_windows: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the values."""
        return ESTIMATED

    def interval(self, level: float = 0.9) -> tuple[Values, Values]:
        """Return bounds between which the truth is with a probability: (7,) each, in 0..1.

        Raises
        ------
        ConfigError
            For a level that is no probability.
        """
        if not 0 < level < 1:
            raise ConfigError(
                f"level: expected a probability between 0 and 1, got {level!r}. Give 0.9."
            )
        ends = np.array([(1 - level) / 2, (1 + level) / 2])
        low, high = np.array([np.interp(ends, LEVELS, own) for own in self.quantiles]).T
        unknown = np.isnan(self.values)
        return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)

    def draw(self, n: int, seed: int) -> Values:
        """Draw what the features may truly be, errors together as they occur: (n, 7).

        Normal scores with the errors' correlations (a Gaussian copula), each put through its
        feature's own distribution. The same seed gives the same draws.
        """
        from scipy.special import ndtr

        root = np.linalg.cholesky(self.correlation)
        scores = np.random.default_rng(seed).standard_normal((n, len(self.values))) @ root.T
        levels = ndtr(scores)
        drawn = np.stack(
            [np.interp(levels[:, j], LEVELS, own) for j, own in enumerate(self.quantiles)], axis=1
        )
        return np.where(np.isnan(self.values), np.nan, drawn)

    def to_dict(self, level: float = 0.9) -> dict[str, Any]:
        """Return value, low and high by feature; None where nothing is known."""
        low, high = self.interval(level)
        return {
            name: None
            if np.isnan(self.values[j])
            else {
                "value": float(self.values[j]),
                "low": float(low[j]),
                "high": float(high[j]),
            }
            for j, name in enumerate(ESTIMATED)
        }
