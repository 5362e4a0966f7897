"""What answers for one row: networks that learn from all sources, waves from the row's own."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from trackoracle.audio.estimating.fitting import NetworkSettings, fit_networks, fit_waves
from trackoracle.audio.estimating.labelled import Codes, Pool
from trackoracle.audio.estimating.network import SpectrogramNetworkSettings
from trackoracle.audio.estimating.regressors import Networks, RandomWaves, Scale, Values


@dataclass(frozen=True)
class EstimatorSettings:
    """How the estimators are made."""

    networks: NetworkSettings = field(default_factory=NetworkSettings)
    n_directions: int = 512
    share: float = 0.55
    """Of the networks in an answer; the waves have the rest."""
    spectrograms: SpectrogramNetworkSettings | None = None
    """Of the second family, where it is tried."""


@dataclass(frozen=True)
class Members:
    """Fitted networks and waves.

    Parameters
    ----------
    scale, networks
        Of all inputs, and what answers to them and to the source.
    waves
        For each source.
    own
        For each source the places of its inputs.
    share
        Of the networks in an answer.
    """

    scale: Scale
    networks: Networks
    waves: tuple[RandomWaves, ...]
    own: tuple[Codes, ...]
    share: float

    def predict(self, inputs: Values, source: int) -> Values:
        """Answer for rows of one source; inputs that it lacks are NaN: (n, k) -> (n, 7)."""
        shared, own = self.apart(inputs, source)
        return self.share * shared + (1 - self.share) * own

    def apart(self, inputs: Values, source: int) -> tuple[Values, Values]:
        """Return the answers of the networks and of the waves."""
        shared = self.networks.predict(marked(self.scale, inputs, source, len(self.waves)))
        return shared, self.waves[source].predict(inputs[:, self.own[source]])


def marked(scale: Scale, inputs: Values, source: int, n_sources: int) -> Values:
    """Standardise, and add which source the rows are of: labels and selection differ."""
    marks = np.zeros((len(inputs), n_sources))
    marks[:, source] = 1
    return np.concatenate([scale.apply(inputs), marks], axis=1)


def fit_members(pool: Pool, rows: Codes, settings: EstimatorSettings, seed: int) -> Members:
    """Fit on some rows of the pool."""
    inputs, labels, source = pool.inputs[rows], pool.labels[rows], pool.source[rows]
    scale, n_sources = Scale.of(inputs), len(pool.recipes)
    stacked = np.concatenate([scale.apply(inputs), np.eye(n_sources)[source]], axis=1)
    networks = fit_networks(stacked, labels, pool.weight[rows], settings.networks, seed)
    waves = tuple(
        fit_waves(inputs[source == i][:, own], labels[source == i], settings.n_directions, seed)
        for i, own in enumerate(pool.own)
    )
    return Members(scale, networks, waves, pool.own, settings.share)
