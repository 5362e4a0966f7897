"""Multilayer networks by torch (extra `neural`), answered by NumPy alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trackoracle.models.binned_booster import fit_bins, load_bins
from trackoracle.models.candidate import Candidate, FitRequest, Params, Profile, Range, Values
from trackoracle.models.networks.beginning import Examples, first_arrays, typical_outputs
from trackoracle.models.networks.checkpoint import Progress, checkpoint_of
from trackoracle.models.networks.forward import shapes_of
from trackoracle.models.networks.holding import held_back
from trackoracle.models.networks.inputs import fit_inputs
from trackoracle.models.networks.model import NetworkModel, load_network, n_outputs_of
from trackoracle.models.networks.settings import (
    DESIGNS,
    OWN,
    check_network,
    device_of,
    settings_of,
)
from trackoracle.models.networks.training import train
from trackoracle.optional import require
from trackoracle.schema import FittingCurve

__all__ = ["DESIGNS", "NETWORK", "NETWORK_BINS", "NetworkModel"]


def _fit(request: FitRequest) -> NetworkModel:
    """Fit a network; the rows that say when to stop are training rows, never scored ones.

    Raises
    ------
    MissingExtraError
        Without torch.
    DivergenceError
        When the loss is no number.
    """
    torch = require("torch", extra="neural")
    settings = settings_of(request.params)
    device = device_of(torch, settings.device)
    random = np.random.default_rng([request.seed, 0])
    classes, target, scale = _learnable(request)
    held = np.zeros(len(target), bool)
    if settings.patience:
        held = held_back(target, request.groups, random, is_class=request.task != "regression")
    rows = np.flatnonzero(~held)
    inputs = fit_inputs(request.matrix, request.names, rows, settings.n_pieces, random)
    n_outputs = n_outputs_of(request.task, classes)
    shapes = shapes_of(inputs, settings.layers, settings.width, n_outputs)
    examples = Examples(
        request.matrix, target, request.weight, request.task, rows, np.flatnonzero(held)
    )
    first = first_arrays(shapes, random)
    if request.params.get("design", OWN) == OWN:
        first[f"layers.{len(settings.layers)}.bias"] = typical_outputs(examples, n_outputs)
    found = train(
        torch,
        device,
        examples,
        inputs,
        first,
        settings,
        request.seed,
        checkpoint_of(request, settings, device, shapes),
    )
    return NetworkModel(
        task=request.task,
        n_classes=request.n_classes,
        n_inputs=request.matrix.shape[1],
        inputs=inputs,
        arrays=found.best,
        layers=settings.layers,
        activation=settings.activation,
        width=settings.width,
        classes=classes,
        scale=scale,
        curve=_curve(found, request, len(rows)),
    )


def _learnable(
    request: FitRequest,
) -> tuple[tuple[int, ...], Values, tuple[float, float, float, float]]:
    """Return the classes that rows are in, what is learned of each row, and the scale of points."""
    target = np.asarray(request.target, np.float64)
    if request.task == "regression":
        mean = float(np.average(target, weights=request.weight))
        deviation = float(np.sqrt(np.average((target - mean) ** 2, weights=request.weight))) or 1.0
        scale = (mean, deviation, float(target.min()), float(target.max()))
        return (), (target - mean) / deviation, scale
    found = np.unique(target)
    places = np.searchsorted(found, target) if request.task == "multiclass" else target
    classes = tuple(map(int, found)) if request.task == "multiclass" else ()
    return classes, places.astype(np.float64), (0.0, 1.0, 0.0, 1.0)


def _curve(found: Progress, request: FitRequest, n_learned: int) -> FittingCurve:
    return FittingCurve(
        loss="squared error" if request.task == "regression" else "log loss",
        learned=tuple(round(loss, 6) for loss in found.learned),
        held=tuple(round(loss, 6) for loss in found.held),
        kept=found.kept,
        n_learned=n_learned,
        n_held=len(request.target) - n_learned,
    )


_OWN: Params = {
    "design": OWN, "layers": "128-64", "activation": "relu", "dropout": 0.2,
    "weight_decay": 0.02, "learning_rate": 0.003, "decays": 1, "batch_size": 512, "n_epochs": 10,
    "patience": 3, "n_pieces": 8, "width": 4, "device": "auto",
}  # fmt: skip
_PARAMS: dict[Profile, Params] = {
    "fast": _OWN,
    "full": {**_OWN, "layers": "256-128", "dropout": 0.4, "n_epochs": 14, "patience": 4,
             "width": 6},
}  # fmt: skip
_SPACE = {
    "learning_rate": Range(0.0003, 0.01, log=True),
    "weight_decay": Range(0.001, 0.3, log=True),
    "dropout": Range(0.0, 0.5),
}
_QUICK = {"n_epochs": 1 / 2}
_N_CLASSES = {"n_classes": 16}

NETWORK = Candidate(
    "network", "network", _fit, load_network, _PARAMS, exact=False, space=_SPACE,
    quick=_QUICK, check=check_network,
)  # fmt: skip
NETWORK_BINS = replace(
    NETWORK,
    name="network_bins",
    family="distributional network",
    fit=lambda request: fit_bins(NETWORK, request),
    load=lambda members, n_inputs, task, n_classes: load_bins(
        NETWORK, members, n_inputs, task, n_classes
    ),
    params={
        "fast": {**_N_CLASSES, **_PARAMS["fast"]},
        "full": {**_N_CLASSES, **_PARAMS["full"]},
    },
    tasks=("regression",),
    answers_bins=True,
    n_views=2,
)
