"""What answers: small networks and ridge regressions on random features, in NumPy alone.

Neither keeps a training row: a network is its weights, and a random feature is a wave of a
random direction, where a kernel machine would carry its support vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Arrays = dict[str, NDArray[np.generic]]
MOST_SPREADS = 4.0
"""Inputs further out than so many standard deviations are taken for as far: a network must not
extrapolate along a sound that no one released."""


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of inputs, (k,) each."""

    mean: Values
    spread: Values

    @classmethod
    def of(cls, matrix: Values) -> Scale:
        """Measure; NaN are left out, and a column without values or spread stays 0."""
        there = ~np.isnan(matrix)
        n = np.maximum(there.sum(axis=0), 1)
        mean = np.where(there, matrix, 0).sum(axis=0) / n
        spread = np.sqrt((np.where(there, matrix - mean, 0) ** 2).sum(axis=0) / n)
        return cls(mean, np.where(spread > 1e-9, spread, np.inf))

    def apply(self, matrix: Values) -> Values:
        """Standardise, bounded; NaN, what is not known, becomes the mean."""
        away = np.clip((matrix - self.mean) / self.spread, -MOST_SPREADS, MOST_SPREADS)
        return np.asarray(np.nan_to_num(away, nan=0.0), np.float64)

    def arrays(self) -> Arrays:
        """Return the parts to be written; an infinite spread is written as 0."""
        return {"mean": self.mean, "spread": np.where(np.isfinite(self.spread), self.spread, 0)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Scale:
        """Rebuild from the written parts."""
        mean, spread = (np.asarray(arrays[name], np.float64) for name in ("mean", "spread"))
        return cls(mean, np.where(spread > 0, spread, np.inf))


@dataclass(frozen=True)
class Networks:
    """Several networks of the same form, averaged; outputs lie in 0..1.

    Parameters
    ----------
    weights, biases
        Layer by layer: (n_networks, n_in, n_out) and (n_networks, n_out).
    """

    weights: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]

    def predict(self, inputs: Values) -> Values:
        """Answer for standardised inputs, (n, k) -> (n, n_outputs)."""
        x = np.broadcast_to(inputs.astype(np.float32), (len(self.weights[0]), *inputs.shape))
        last = len(self.weights) - 1
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = x @ weight + bias[:, None]
            x = x * sigmoid(x) if i < last else sigmoid(x)
        return np.asarray(x.mean(axis=0), np.float64)

    def arrays(self) -> Arrays:
        """Return the parts to be written, in half precision: the answers move by < .001."""
        layers = zip(self.weights, self.biases, strict=True)
        return {
            f"{kind}_{i}": part.astype(np.float16)
            for i, pair in enumerate(layers)
            for kind, part in zip(("weight", "bias"), pair, strict=True)
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Networks:
        """Rebuild from the written parts."""
        n = sum(name.startswith("weight_") for name in arrays)
        weights, biases = (
            tuple(np.asarray(arrays[f"{kind}_{i}"], np.float32) for i in range(n))
            for kind in ("weight", "bias")
        )
        return cls(weights, biases)


@dataclass(frozen=True)
class RandomWaves:
    """Ridge regression on cosines and sines of random directions: nearly a kernel regression.

    Parameters
    ----------
    scale
        Of the inputs.
    directions
        (k, n_directions).
    weight, constant
        (2 * n_directions, n_outputs) and (n_outputs,).
    """

    scale: Scale
    directions: Values
    weight: Values
    constant: Values

    def predict(self, matrix: Values) -> Values:
        """Answer for inputs as they were measured, (n, k) -> (n, n_outputs), in 0..1."""
        waves = waves_of(self.scale.apply(matrix), self.directions)
        return np.clip(waves @ self.weight + self.constant, 0, 1)

    def arrays(self) -> Arrays:
        """Return the parts to be written; directions need no more than half precision."""
        return {
            **self.scale.arrays(),
            "directions": self.directions.astype(np.float16),
            "weight": self.weight.astype(np.float32),
            "constant": self.constant,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> RandomWaves:
        """Rebuild from the written parts."""
        parts = (
            np.asarray(arrays[name], np.float64) for name in ("directions", "weight", "constant")
        )
        return cls(Scale.from_arrays(arrays), *parts)


def waves_of(standardised: Values, directions: Values) -> Values:
    """Return cosines and sines along each direction, (n, 2 * n_directions)."""
    along = standardised @ directions
    both: Values = np.concatenate([np.cos(along), np.sin(along)], axis=1)
    return both / float(np.sqrt(directions.shape[1]))


def sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the logistic function, without overflow."""
    half: NDArray[np.float32] = np.tanh(0.5 * x)
    return np.float32(0.5) * half + np.float32(0.5)
