"""What a network learns from, and the weights that it begins with."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trackoracle.models.candidate import Matrix, Values
from trackoracle.models.networks.inputs import Rows
from trackoracle.models.networks.tensors import Array, Arrays
from trackoracle.schema import Task

_LEAST_SHARE = 1e-6
"""Of a class without rows."""


@dataclass(frozen=True)
class Examples:
    """What a network learns from.

    Parameters
    ----------
    matrix
        (n, d) inputs.
    target
        (n,) standardised points, hits, or places of classes.
    weight
        (n,)
    task
        Which of these it is.
    learned, held
        Rows learned from, and rows that say when to stop.
    """

    matrix: Matrix
    target: Values
    weight: Values
    task: Task
    learned: Rows
    held: Rows


def first_arrays(shapes: dict[str, tuple[int, ...]], random: np.random.Generator) -> Arrays:
    """Draw weights as Glorot and Bengio (2010) do; biases and categories begin at 0.

    So a level that no row has, and missing where nothing is missing, add nothing ever after.
    """
    arrays = {}
    for name, shape in shapes.items():
        drawn = np.zeros(shape)
        if name.endswith("weight") and not name.startswith("categories"):
            n_in, n_out = (shape[1], shape[0]) if len(shape) == 2 else (shape[1], shape[2])
            end = math.sqrt(6 / max(n_in + n_out, 1))
            drawn = random.uniform(-end, end, shape)
        arrays[name] = drawn.astype(np.float32)
    return arrays


def typical_outputs(examples: Examples, n_outputs: int) -> Array:
    """Return outputs that answer the share of each class, or the mean: (n_outputs,).

    A network that begins there need not learn first how rare a hit is.
    """
    if examples.task == "regression":
        return np.zeros(1, np.float32)
    places = examples.target[examples.learned].astype(np.int64)
    mass = np.bincount(places, examples.weight[examples.learned], max(n_outputs, 2))
    logs = np.log(np.maximum(mass / mass.sum(), _LEAST_SHARE))
    told = logs[1:] - logs[:1] if examples.task == "binary" else logs[:n_outputs]
    return np.asarray(told, np.float32)
