"""What a network is like and how it is trained, checked; and those that others published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trackoracle.errors import ConfigError, UnknownNameError
from trackoracle.models.candidate import Params
from trackoracle.optional import require

ACTIVATIONS = ("relu", "tanh")
DEVICES = ("auto", "cpu", "cuda")
OWN = "own"
_MOST_LAYERS, _MOST_UNITS = 8, 4096

DESIGNS: dict[str, Params] = {
    "80-80-80": {
        "layers": "80-80-80", "activation": "relu", "dropout": 0.0, "weight_decay": 0.0,
        "learning_rate": 1e-3, "decays": 0, "batch_size": 32, "n_epochs": 50, "patience": 0,
        "n_pieces": 0, "width": 0,
    },
    "32-16": {
        "layers": "32-16", "activation": "tanh", "dropout": 0.3, "weight_decay": 0.0,
        "learning_rate": 1e-3, "decays": 0, "batch_size": 32, "n_epochs": 100, "patience": 10,
        "n_pieces": 0, "width": 0,
    },
}  # fmt: skip
"""The networks of [N] and [P], as far as they were published. Of [P]'s the passes and the
patience are ours, and it stops by training rows held back where the published one looked at the
test rows."""


@dataclass(frozen=True)
class NetworkSettings:
    """A network and its training.

    Parameters
    ----------
    layers
        Units of each hidden layer.
    activation
        Between layers: "relu" or "tanh".
    dropout
        Share of each hidden layer's units that a step of training goes without.
    weight_decay, learning_rate
        Of AdamW; the decay is of layers' weights only.
    decays
        Whether the learning rate falls to 0 along a half cosine.
    batch_size
        Rows of a step.
    n_epochs
        Most passes over the rows.
    patience
        Passes without a better answer for the rows held back before training ends; 0 holds back
        none, and goes through all passes.
    n_pieces
        Pieces between quantiles that a number is told by; 0 for the standardised number itself.
    width
        Of a number's embedding, and of a category's four times that. Without pieces, none.
    device
        "auto" for a GPU where torch finds one; "cpu", "cuda".

    Examples
    --------
    >>> settings_of({"design": "80-80-80", "device": "cpu"}).layers
    (80, 80, 80)
    """

    layers: tuple[int, ...]
    activation: str
    dropout: float
    weight_decay: float
    learning_rate: float
    decays: bool
    batch_size: int
    n_epochs: int
    patience: int
    n_pieces: int
    width: int
    device: str


def settings_of(params: Params) -> NetworkSettings:
    """Check a candidate's settings; a published design replaces all but `device`.

    Raises
    ------
    ConfigError
        For values that no network has.
    UnknownNameError
        For a design, activation or device that there is none of.
    """
    params = dict(params)
    design = params.pop("design", OWN)
    if design != OWN:
        _expect_named("design of a network", design, (OWN, *DESIGNS))
        params |= DESIGNS[design]
    _expect_named("activation", params["activation"], ACTIVATIONS)
    _expect_named("device", params["device"], DEVICES)
    _expect("dropout", params["dropout"], 0, 0.9)
    _expect("weight_decay", params["weight_decay"], 0, 10)
    _expect("learning_rate", params["learning_rate"], 0, 1)
    _expect("decays", params["decays"], 0, 1)
    _expect("batch_size", params["batch_size"], 1, 65_536)
    _expect("n_epochs", params["n_epochs"], 1, 10_000)
    _expect("patience", params["patience"], 0, 10_000)
    _expect("n_pieces", params["n_pieces"], 0, 64)
    _expect("width", params["width"], 1 if params["n_pieces"] else 0, 64)
    decays = bool(params["decays"])
    return NetworkSettings(**{**params, "layers": _layers(params["layers"]), "decays": decays})


def check_network(params: Params) -> None:
    """Refuse, before any work, settings that no network has, and what is not installed.

    Raises
    ------
    ConfigError, UnknownNameError
        As `settings_of`, and for a GPU that is not there.
    MissingExtraError
        Without torch.
    """
    params = {name: value for name, value in params.items() if name != "n_classes"}
    device_of(require("torch", extra="neural"), settings_of(params).device)


def device_of(torch: Any, asked: str) -> str:
    """Name what to compute on.

    Raises
    ------
    ConfigError
        When a GPU is asked for that torch does not find.
    """
    found = bool(torch.cuda.is_available())
    if asked == "cuda" and not found:
        raise ConfigError(
            f"device: expected a GPU that torch {torch.__version__} can use, got none. "
            "Set device to auto or cpu, or install a build of torch for your GPU."
        )
    if asked == "auto":
        return "cuda" if found else "cpu"
    return asked


def _layers(text: str) -> tuple[int, ...]:
    parts = str(text).split("-")
    sizes = tuple(int(part) for part in parts if part.isdecimal())
    sound = len(sizes) == len(parts) <= _MOST_LAYERS and all(0 < n <= _MOST_UNITS for n in sizes)
    if not sound:
        raise ConfigError(
            f"layers: expected 1 to {_MOST_LAYERS} sizes of 1 to {_MOST_UNITS:,} units, as "
            f"128-64, got {text!r}. Correct it."
        )
    return sizes


def _expect(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigError(
            f"{name} of a network: expected {low:,} to {high:,}, got {value}. Correct it."
        )


def _expect_named(kind: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise UnknownNameError(kind, name, known)
