"""A fitted network: it answers by NumPy alone, and is saved as plain arrays and facts."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import expit, softmax

from trackoracle.errors import BundleError
from trackoracle.models.candidate import Matrix, Members, Values
from trackoracle.models.networks.forward import NUMPY, forward, shapes_of, told
from trackoracle.models.networks.inputs import Inputs
from trackoracle.models.networks.settings import ACTIVATIONS
from trackoracle.models.networks.tensors import Arrays, from_safetensors, to_safetensors
from trackoracle.schema import Additive, FittingCurve, Task, fitting_curve_from_dict

ARRAYS, FACTS = "network.safetensors", "network.json"
_CHUNK = 2_048


@dataclass(frozen=True)
class NetworkModel:
    """A fitted network.

    Parameters
    ----------
    task, n_classes, n_inputs
        What it answers, and to how many inputs.
    inputs
        Which of them it sees, and how.
    arrays
        What it learned, by name.
    layers, activation, width
        As the settings had them.
    classes
        Of a classifier, those that training rows were in, rising.
    scale
        Of a regression: mean and deviation of the training target, its least and its most.
    curve
        How the loss fell.
    """

    task: Task
    n_classes: int
    n_inputs: int
    inputs: Inputs
    arrays: Arrays
    layers: tuple[int, ...]
    activation: str
    width: int
    classes: tuple[int, ...]
    scale: tuple[float, float, float, float]
    curve: FittingCurve

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return (n,) points or probabilities of a hit, or (n, n_classes) of each tier."""
        parts = [
            self._answers(self._outputs(matrix[start : start + _CHUNK]))
            for start in range(0, max(len(matrix), 1), _CHUNK)
        ]
        return np.concatenate(parts)

    def _outputs(self, rows: Matrix) -> Values:
        parts = told(NUMPY, self._doubles, self.inputs, rows.astype(np.float64))
        return np.asarray(forward(NUMPY, self._doubles, parts, self.activation), np.float64)

    @cached_property
    def _doubles(self) -> dict[str, Values]:
        return {
            name: array.astype(np.float64)
            for name, array in {**self.arrays, **self.inputs.arrays()}.items()
        }

    def _answers(self, outputs: Values) -> Values:
        if self.task == "regression":
            mean, deviation, low, high = self.scale
            return np.clip(outputs[:, 0] * deviation + mean, low, high)
        if self.task == "binary":
            return np.asarray(expit(outputs[:, 0]))
        table = np.zeros((len(outputs), self.n_classes))
        table[:, self.classes] = softmax(outputs, axis=1)
        return table

    def members(self) -> Members:
        """Return the arrays as safetensors, and the architecture and the curve as JSON."""
        facts = {
            "task": self.task,
            "n_classes": self.n_classes,
            "n_inputs": self.n_inputs,
            "layers": list(self.layers),
            "activation": self.activation,
            "width": self.width,
            "classes": list(self.classes),
            "scale": list(self.scale),
            "inputs": self.inputs.facts(),
            "curve": self.curve.to_dict(),
        }
        return {
            ARRAYS: to_safetensors({**self.arrays, **self.inputs.arrays()}),
            FACTS: json.dumps(facts, sort_keys=True).encode(),
        }

    def additive(self) -> tuple[Additive, ...] | None:
        """Return nothing: a network's margins are no sums of what single inputs give."""
        return None

    def gains(self) -> Values | None:
        """Return nothing: nothing was split by."""
        return None


def n_outputs_of(task: Task, classes: tuple[int, ...]) -> int:
    """Return the outputs of a network: one a class, one of a number or a hit."""
    return len(classes) if task == "multiclass" else 1


def load_network(members: Members, n_inputs: int, task: Task, n_classes: int) -> NetworkModel:
    """Read a network without trust: facts first, then arrays of exactly the shapes they tell.

    Raises
    ------
    BundleError
        For anything that `NetworkModel.members` does not write.
    """
    arrays, _ = from_safetensors(members[ARRAYS])
    try:
        model = _read(json.loads(members[FACTS], parse_constant=_no_number), arrays)
        if (model.task, model.n_classes, model.n_inputs) != (task, n_classes, n_inputs):
            raise ValueError(f"{model.task} of {model.n_inputs} inputs, {model.n_classes} classes")
        _audit(model)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, OverflowError) as error:
        raise BundleError(
            f"{FACTS}: expected a {task} network of {n_inputs} inputs, got {error}. "
            "Do not use this file."
        ) from error
    return model


def _read(facts: dict[str, Any], arrays: Arrays) -> NetworkModel:
    seen = facts["inputs"]
    numbers = _places(seen["numbers"], facts["n_inputs"])
    missing = _places(seen["tells_missing"], facts["n_inputs"])
    if not np.isin(missing, numbers).all() or type(seen["bounded"]) is not bool:
        raise ValueError("other inputs")
    inputs = Inputs(
        numbers,
        np.isin(numbers, missing),
        tuple(_places(places, facts["n_inputs"]) for places in seen["categories"]),
        fill=arrays.pop("inputs.fill"),
        low=arrays.pop("inputs.low"),
        rate=arrays.pop("inputs.rate"),
        bounded=seen["bounded"],
    )
    mean, deviation, low, high = map(float, facts["scale"])
    return NetworkModel(
        task=facts["task"],
        n_classes=facts["n_classes"],
        n_inputs=facts["n_inputs"],
        inputs=inputs,
        arrays=arrays,
        layers=_whole(facts["layers"]),
        activation=facts["activation"],
        width=_whole([facts["width"]])[0],
        classes=_whole(facts["classes"]),
        scale=(mean, deviation, low, high),
        curve=fitting_curve_from_dict(facts["curve"]),
    )


def _no_number(text: str) -> None:
    raise ValueError(text)


def _places(told: list[Any], n_inputs: int) -> Any:
    places = np.array(_whole(told), np.int64)
    if len(places) and (places.max() >= n_inputs or (np.diff(places) <= 0).any()):
        raise ValueError(f"inputs that are none of 0 to {n_inputs - 1}, rising")
    return places


def _whole(told: list[Any]) -> tuple[int, ...]:
    if any(type(number) is not int or number < 0 for number in told):
        raise ValueError(f"{told} for whole numbers")
    return tuple(told)


def _audit(model: NetworkModel) -> None:
    """Hold a network from outside to the shapes that its facts tell, and to finite numbers."""
    inputs, p = model.inputs, len(model.inputs.numbers)
    if inputs.fill.shape != (p,) or inputs.low.ndim != 2 or inputs.rate.shape != inputs.low.shape:
        raise ValueError("other arrays of inputs")
    if len(inputs.low) != p or not (inputs.bounded or inputs.n_pieces == 1):
        raise ValueError("other pieces of inputs")
    if not all(map(len, inputs.categories)):
        raise ValueError("a category without levels")
    if model.activation not in ACTIVATIONS or not all(model.layers):
        raise ValueError(f"activation {model.activation!r}, layers {model.layers}")
    if model.task == "multiclass" and not _are_classes(model.classes, model.n_classes):
        raise ValueError(f"classes {model.classes}")
    n_outputs = n_outputs_of(model.task, model.classes)
    shapes = shapes_of(inputs, model.layers, model.width, n_outputs)
    if {name: array.shape for name, array in model.arrays.items()} != shapes:
        raise ValueError("arrays of other names or shapes")
    everything = {**model.arrays, **inputs.arrays()}
    if not all(np.isfinite(array).all() for array in everything.values()):
        raise ValueError("numbers that are not finite")
    _, deviation, low, high = model.scale
    if not all(map(math.isfinite, model.scale)) or deviation <= 0 or low > high:
        raise ValueError(f"scale {model.scale}")


def _are_classes(classes: tuple[int, ...], n_classes: int) -> bool:
    return bool(classes) and list(classes) == sorted(set(classes)) and classes[-1] < n_classes
