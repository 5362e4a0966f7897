"""How far a fit came, kept after every pass: what was interrupted goes on from there.

A checkpoint is named by a hash of all that the fit depends on, so that another matrix, setting
or library begins its own. One that is finished is kept too: the fit is then read, not done again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from trackoracle.atomic import replacing
from trackoracle.errors import BundleError, OutputError, StudyError
from trackoracle.models.candidate import FitRequest
from trackoracle.models.networks.settings import NetworkSettings
from trackoracle.models.networks.tensors import Arrays, from_safetensors, to_safetensors

_FORMAT = 1
_NOTE = "trackoracle"
_PARTS = ("arrays", "best", "mean", "square")


@dataclass(frozen=True)
class Progress:
    """A fit after some passes.

    Parameters
    ----------
    arrays, best
        Weights now, and those that answered the rows held back best.
    mean, square
        The optimiser's, of each weight's slopes and of their squares.
    n_steps
        Steps taken.
    learned, held
        Loss of each pass, over rows learned from and rows held back.
    kept
        The pass of the best weights, from 1.
    """

    arrays: Arrays
    best: Arrays
    mean: Arrays
    square: Arrays
    n_steps: int
    learned: tuple[float, ...]
    held: tuple[float, ...]
    kept: int


@dataclass(frozen=True)
class Checkpoint:
    """The file of one fit.

    Parameters
    ----------
    path
        Where it is, or is to be.
    shapes
        Of the weights, by name.
    """

    path: Path
    shapes: Mapping[str, tuple[int, ...]]

    def write(self, progress: Progress) -> None:
        """Keep how far the fit came, whole or not at all."""
        arrays = {
            f"{part}/{name}": array
            for part in _PARTS
            for name, array in getattr(progress, part).items()
        }
        told = {k: v for k, v in asdict(progress).items() if k not in _PARTS}
        with replacing(self.path, private=True) as temporary:
            temporary.write_bytes(to_safetensors(arrays, {_NOTE: json.dumps(told)}))

    def read(self) -> Progress | None:
        """Return what was kept; None where nothing was.

        Raises
        ------
        StudyError
            When something else stands there.
        """
        if not self.path.exists():
            return None
        try:
            arrays, notes = from_safetensors(self.path.read_bytes())
            return self._progress(arrays, json.loads(notes[_NOTE]))
        except (OSError, BundleError, KeyError, ValueError, TypeError) as error:
            raise StudyError(
                f"{self.path}: expected the checkpoint of a network, got something else "
                f"({error}). Delete it to begin that fit anew.",
                path=str(self.path),
            ) from error

    def _progress(self, arrays: Arrays, told: dict[str, Any]) -> Progress:
        expected = {f"{part}/{name}": s for part in _PARTS for name, s in self.shapes.items()}
        if {name: array.shape for name, array in arrays.items()} != expected:
            raise ValueError("other weights")
        parts = {part: {name: arrays[f"{part}/{name}"] for name in self.shapes} for part in _PARTS}
        learned, held = (tuple(map(float, told[name])) for name in ("learned", "held"))
        return Progress(
            **parts,
            n_steps=int(told["n_steps"]),
            learned=learned,
            held=held,
            kept=int(told["kept"]),
        )


def checkpoint_of(
    request: FitRequest,
    settings: NetworkSettings,
    device: str,
    shapes: Mapping[str, tuple[int, ...]],
) -> Checkpoint | None:
    """Return the checkpoint of a fit; None where none is asked for.

    Raises
    ------
    OutputError
        When the folder is none.
    """
    if request.checkpoints is None:
        return None
    if not request.checkpoints.is_dir():
        raise OutputError(
            f"{request.checkpoints}: expected a folder to keep checkpoints in, got none. "
            "Create it first.",
            path=str(request.checkpoints),
        )
    name = fingerprint_of(request, settings, device)
    return Checkpoint(request.checkpoints / f"{name}.checkpoint", shapes)


def fingerprint_of(request: FitRequest, settings: NetworkSettings, device: str) -> str:
    """Hash all that a fit depends on."""
    facts = [
        _FORMAT, version("trackoracle"), version("torch"), device, asdict(settings),
        request.names, request.task, request.seed, request.n_classes, request.matrix.shape,
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(facts).encode())
    arrays = (request.matrix, request.target, request.weight)
    for array in (*arrays, np.zeros(0) if request.groups is None else request.groups):
        for start in range(0, len(array), 8_192):
            digest.update(np.ascontiguousarray(array[start : start + 8_192]).data)
    return digest.hexdigest()[:32]
