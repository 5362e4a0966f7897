"""A network's way from inputs to answers, once for NumPy and for torch.

What both name alike is taken from the library that is handed in, so that what is trained by one
is answered by the other: training runs torch in single precision, answers run NumPy in double,
whatever the size of a batch. `told` comes first and learns nothing, so that training does it for
many batches at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from trackoracle.models.networks.inputs import Inputs

CATEGORY_WIDTHS = 4
"""Widths of a number's embedding that a category's has."""


@dataclass(frozen=True)
class Library:
    """What computes.

    Parameters
    ----------
    module
        `numpy` or `torch`.
    linear
        From inputs (n, d), weights (k, d) and biases (k,) to (n, k).
    relu
        What is above 0.
    """

    module: ModuleType
    linear: Callable[[Any, Any, Any], Any]
    relu: Callable[[Any], Any]


NUMPY = Library(np, lambda told, weight, bias: told @ weight.T + bias, lambda x: np.maximum(x, 0))


def shapes_of(
    inputs: Inputs, layers: tuple[int, ...], width: int, n_outputs: int
) -> dict[str, tuple[int, ...]]:
    """Return the shape of every array that is learned, by name, in the order of the way.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros((2, 1), np.float32)
    >>> seen = Inputs(
    ...     np.arange(2), np.array([True, False]), (), none[:, 0], none, none, bounded=False
    ... )
    >>> shapes_of(seen, (5,), 0, 1)["layers.0.weight"]
    (5, 3)
    """
    p = len(inputs.numbers)
    shapes: dict[str, tuple[int, ...]] = {}
    if inputs.bounded:
        shapes["numbers.weight"] = (p, inputs.n_pieces + 1, width)
        shapes["numbers.bias"] = (p, width)
        n_in = p * width + len(inputs.categories) * CATEGORY_WIDTHS * width
    else:
        n_in = p + int(inputs.tells_missing.sum())
    for k, places in enumerate(inputs.categories):
        shapes[f"categories.{k}.weight"] = (len(places) + 1, CATEGORY_WIDTHS * width)
    for k, n_out in enumerate((*layers, n_outputs)):
        shapes[f"layers.{k}.weight"], shapes[f"layers.{k}.bias"] = (n_out, n_in), (n_out,)
        n_in = n_out
    return shapes


def told(library: Library, fixed: Mapping[str, Any], inputs: Any, matrix: Any) -> list[Any]:
    """Return what a network is told of inputs (n, d): numbers, then each category, rows first.

    Numbers are (n, p, t + 1) places in pieces, the last for missing, or (n, k) standardised ones
    and marks of the missing. A category is (n, levels + 1), the last for no known level.

    Parameters
    ----------
    fixed
        The arrays of `Inputs.arrays`, and `inputs` with places that the library takes.
    """
    xp = library.module
    fill, low, rate = (fixed[f"inputs.{name}"] for name in ("fill", "low", "rate"))
    numbers = matrix[:, inputs.numbers]
    missing = xp.isnan(numbers)
    numbers = xp.where(missing, fill, numbers)
    codes = (numbers[:, :, None] - low) * rate
    if inputs.bounded:
        missing = (missing & inputs.tells_missing)[:, :, None]
        codes = xp.where(missing, 0.0, xp.clip(codes, 0, 1))
        parts = [xp.concatenate([codes, xp.where(missing, 1.0, 0.0)], 2)]
    else:
        marks = xp.where(missing[:, inputs.tells_missing], 1.0, 0.0)
        parts = [xp.concatenate([codes[:, :, 0], marks], 1)]
    for places in inputs.categories:
        levels = matrix[:, places]
        missing = xp.isnan(levels)
        marks = xp.where(missing[:, :1], 1.0, 0.0)
        parts.append(xp.concatenate([xp.where(missing, 0.0, levels), marks], 1))
    return parts


def forward(
    library: Library,
    arrays: Mapping[str, Any],
    parts: list[Any],
    activation: str,
    drop: Callable[[Any], Any] = lambda out: out,
) -> Any:
    """Return the outputs for what was `told` of n rows: (n, k).

    Parameters
    ----------
    arrays
        Those of `shapes_of`.
    drop
        What training does to the output of each hidden layer.
    """
    numbers, *categories = parts
    if numbers.ndim == 3:
        weight, bias = arrays["numbers.weight"], arrays["numbers.bias"]
        embedded = (numbers.swapaxes(0, 1) @ weight).swapaxes(0, 1) + bias
        shape = (len(numbers), weight.shape[0] * weight.shape[2])
        numbers = library.relu(embedded).reshape(shape)
    embedded = [levels @ arrays[f"categories.{k}.weight"] for k, levels in enumerate(categories)]
    out = library.module.concatenate([numbers, *embedded], 1) if embedded else numbers
    activate = library.module.tanh if activation == "tanh" else library.relu
    n_layers = sum(name.startswith("layers.") for name in arrays) // 2
    for k in range(n_layers):
        out = library.linear(out, arrays[f"layers.{k}.weight"], arrays[f"layers.{k}.bias"])
        if k < n_layers - 1:
            out = drop(activate(out))
    return out
