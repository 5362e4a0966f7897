"""Labelled recordings of a made-up world: descriptors tell some features and not others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.describing.recipes import RECIPES
from trackoracle.audio.estimating.fitting import NetworkSettings
from trackoracle.audio.estimating.labelled import NONE, Part
from trackoracle.audio.estimating.members import EstimatorSettings
from trackoracle.schema import ESTIMATED

SMALL = EstimatorSettings(
    NetworkSettings(n_networks=2, hidden=(16,), n_epochs=30, batch=32), n_directions=32
)


@dataclass(frozen=True)
class Described:
    """A recording by its descriptors; what is not given could not be told."""

    matrices: dict[str, NDArray[np.float64]]
    log_mels: tuple[NDArray[np.float16], ...] = ()

    def of(self, recipe: str) -> NDArray[np.float64]:
        return self.matrices.get(recipe, np.full((1, len(RECIPES[recipe])), np.nan))


def part(recipe: str = "fma_mfcc20", n: int = 240, n_artists: int = 40, seed: int = 0) -> Part:
    """Make rows whose energy and acousticness follow the first descriptors; liveness is noise."""
    rng = np.random.default_rng(seed)
    columns = RECIPES[recipe]
    matrix = np.abs(rng.normal(1.0, 0.3, (n, len(columns))))
    artist = rng.integers(0, n_artists, n)
    told = (matrix[:, 0] - matrix[:, 1]) / 0.6
    energy = 1 / (1 + np.exp(-(2 * told + rng.normal(0, 0.4, n))))
    labels = rng.beta(2, 5, (n, len(ESTIMATED)))
    labels[:, ESTIMATED.index("energy")] = energy
    labels[:, ESTIMATED.index("acousticness")] = np.clip(1 - energy + rng.normal(0, 0.05, n), 0, 1)
    return Part(recipe, columns, matrix, labels, artist.astype(np.int64), np.full(n, NONE))


def recording(of: Part, row: int) -> Described:
    """Return one row of a part as a recording of one window."""
    return Described({of.recipe: of.matrix[row : row + 1]})
