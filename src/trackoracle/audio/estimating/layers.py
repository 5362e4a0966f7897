"""The layers of the network on log-mel spectrograms, and the images that they see."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import RecordingError

LogMel = NDArray[np.floating]
_CHANNELS = (16, 32, 64, 64)
LEAST_FRAMES: int = 2 ** len(_CHANNELS)
"""Each layer halves bands and frames."""


def shapes_of_weights(n_bands: int, n_labels: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of every array of a network, without torch."""
    shapes: dict[str, tuple[int, ...]] = {}
    n_in = 1
    for k, n_out in enumerate(_CHANNELS):
        shapes[f"body.{4 * k}.weight"] = (n_out, n_in, 3, 3)
        for name in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"body.{4 * k + 1}.{name}"] = (n_out,)
        shapes[f"body.{4 * k + 1}.num_batches_tracked"] = ()
        n_in = n_out
    n_pooled = 2 * _CHANNELS[-1] * (n_bands // LEAST_FRAMES)
    shapes["head.1.weight"], shapes["head.1.bias"] = (n_labels, n_pooled), (n_labels,)
    return shapes


def device(torch: ModuleType) -> str:
    """Name what to compute on."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def build(torch: ModuleType, n_bands: int, n_labels: int, dropout: float) -> Any:
    """Make the layers, at random."""
    nn = torch.nn
    body, n_in = [], 1
    for n_out in _CHANNELS:
        body += [
            nn.Conv2d(n_in, n_out, 3, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU(),
            nn.MaxPool2d(2),
        ]  # fmt: skip
        n_in = n_out
    n_pooled = 2 * n_in * (n_bands // LEAST_FRAMES)
    head = nn.Sequential(nn.Dropout(dropout), nn.Linear(n_pooled, n_labels))
    return nn.ModuleDict({"body": nn.Sequential(*body), "head": head})


def forward(torch: ModuleType, layers: Any, images: Any) -> Any:
    """Answer images (n, 1, n_bands, n_frames), pooled over time: (n, n_labels)."""
    maps = layers["body"](images).flatten(1, 2)
    spread = torch.sqrt(maps.var(dim=2, unbiased=False) + 1e-5)
    return layers["head"](torch.cat([maps.mean(dim=2), spread], dim=1))


def images(
    log_mels: Sequence[LogMel], mean: NDArray[np.float32], scale: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Scale spectrograms of one length, band by band: (n, 1, n_bands, n_frames)."""
    stacked = np.stack([np.asarray(log_mel, np.float32) for log_mel in log_mels])[:, None]
    return np.asarray((stacked - mean[:, None]) / scale[:, None], np.float32)


def long_enough(log_mel: LogMel, n_frames: int = LEAST_FRAMES) -> LogMel:
    """Repeat a spectrogram until it has so many frames."""
    n_times = -(-n_frames // log_mel.shape[1])
    return np.tile(log_mel, (1, n_times)) if n_times > 1 else log_mel


def check_spectrograms(log_mels: Sequence[LogMel], n_bands: int) -> None:
    """Refuse spectrograms that are not finite levels of so many bands."""
    if n_bands < LEAST_FRAMES:
        raise RecordingError(
            f"log_mels: expected at least {LEAST_FRAMES} bands, got {n_bands}. "
            "Take them from Describer(log_mels=True)."
        )
    for k, log_mel in enumerate(log_mels):
        fits = log_mel.ndim == 2 and log_mel.shape[0] == n_bands and log_mel.shape[1] > 0
        if not fits or not np.isfinite(log_mel).all():
            what = "values that are not finite" if fits else f"shape {log_mel.shape}"
            raise RecordingError(
                f"log_mels: expected finite levels ({n_bands}, n_frames), got {what} "
                f"(at {k}). Take them from Describer(log_mels=True)."
            )
