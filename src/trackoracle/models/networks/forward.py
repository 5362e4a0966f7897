"""A network's way from inputs to answers, once for NumPy and for torch.

What both name alike is taken from the module that is handed in, so that what is trained by one
is answered by the other: training runs torch in single precision, answers run NumPy in double,
whatever the size of a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from trackoracle.models.networks.inputs import Inputs

CATEGORY_WIDTHS = 4
"""Widths of a number's embedding that a category's has."""
Drop = Callable[[Any], Any]


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


def forward(
    xp: ModuleType,
    arrays: Mapping[str, Any],
    inputs: Any,
    matrix: Any,
    activation: str,
    drop: Drop = lambda told: told,
) -> Any:
    """Return the outputs for inputs (n, d): (n, k).

    Parameters
    ----------
    xp
        `numpy` or `torch`, of which all arrays are.
    arrays
        Those of `shapes_of`, and those of `Inputs.arrays`.
    inputs
        As fitted; its places are indices that `xp` takes.
    drop
        What training does to the output of each hidden layer.
    """
    told = _numbers(xp, arrays, inputs, matrix)
    told += [
        _category(xp, arrays[f"categories.{k}.weight"], matrix[:, places])
        for k, places in enumerate(inputs.categories)
    ]
    out = xp.concatenate(told, 1)
    n_layers = sum(name.startswith("layers.") for name in arrays) // 2
    for k in range(n_layers):
        out = out @ arrays[f"layers.{k}.weight"].T + arrays[f"layers.{k}.bias"]
        if k < n_layers - 1:
            out = drop(xp.tanh(out) if activation == "tanh" else xp.clip(out, 0, None))
    return out


def _numbers(xp: ModuleType, arrays: Mapping[str, Any], inputs: Any, matrix: Any) -> list[Any]:
    """Tell numbers, (p, n, ...) on the way so that each number's embedding is one product."""
    fill, low, rate = (arrays[f"inputs.{name}"] for name in ("fill", "low", "rate"))
    numbers = matrix[:, inputs.numbers].T
    missing = xp.isnan(numbers)
    numbers = xp.where(missing, fill[:, None], numbers)
    codes = (numbers[:, :, None] - low[:, None, :]) * rate[:, None, :]
    if not inputs.bounded:
        return [codes[:, :, 0].T, xp.where(missing[inputs.tells_missing], 1.0, 0.0).T]
    missing = (missing & inputs.tells_missing[:, None])[:, :, None]
    codes = xp.where(missing, 0.0, xp.clip(codes, 0, 1))
    codes = xp.concatenate([codes, xp.where(missing, 1.0, 0.0)], 2)
    weight, bias = arrays["numbers.weight"], arrays["numbers.bias"]
    told = xp.clip(codes @ weight + bias[:, None, :], 0, None)
    return [told.swapaxes(0, 1).reshape(len(matrix), weight.shape[0] * weight.shape[2])]


def _category(xp: ModuleType, weight: Any, levels: Any) -> Any:
    """Add up the embeddings of a track's levels; the last is that of no known level."""
    missing = xp.isnan(levels)
    return (
        xp.where(missing, 0.0, levels) @ weight[:-1]
        + xp.where(missing[:, :1], 1.0, 0.0) * (weight[-1:])
    )
