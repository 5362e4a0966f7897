"""From what each input contributes to what each thing that people know contributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.explanations.path import Attributed, Values

TOGETHER = " x "
"""Between columns that only together tell something."""


@dataclass(frozen=True)
class FeatureGroups:
    """Which inputs are one feature.

    Parameters
    ----------
    names
        (g,) of the features: a track column, or several joined by " x ".
    columns
        (g,) the track columns of each.
    place
        (d,) the feature of each input.
    """

    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    place: NDArray[np.int64]

    def total(self, values: Values) -> Values:
        """Sum (..., d) contributions of inputs by feature: (..., g)."""
        summed = np.zeros((*values.shape[:-1], len(self.names)))
        for i in range(len(self.names)):
            summed[..., i] = values[..., self.place == i].sum(axis=-1)
        return summed

    def error(self, attributed: Attributed) -> Values | None:
        """Return standard errors of the features' sums (n, g); None where these are exact."""
        if attributed.samples is None:
            return None
        return standard_error(self.total(attributed.samples))


def standard_error(samples: Values) -> Values:
    """Return the standard error of the mean of independent estimates (n, p, ...): (n, ...).

    Examples
    --------
    >>> standard_error(np.array([[1.0, 3.0]])).round(9).tolist()
    [1.0]
    """
    n_samples = samples.shape[1]
    if n_samples < 2:
        return np.full((len(samples), *samples.shape[2:]), np.nan)
    spread: Values = samples.std(axis=1, ddof=1) / np.sqrt(n_samples)
    return spread


def feature_groups(origins: Sequence[tuple[str, ...]]) -> FeatureGroups:
    """Join inputs that come from the same track columns.

    Examples
    --------
    >>> feature_groups([("tempo",), ("energy", "valence"), ("energy", "valence")]).names
    ('tempo', 'energy x valence')
    """
    columns = tuple(dict.fromkeys(origins))
    places = {own: i for i, own in enumerate(columns)}
    return FeatureGroups(
        tuple(TOGETHER.join(own) for own in columns),
        columns,
        np.array([places[own] for own in origins], np.int64),
    )
