"""A fitted network: it answers spectrograms, and is saved as plain arrays, never code."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.estimating.layers import (
    LogMel,
    build,
    check_spectrograms,
    device,
    forward,
    images,
    long_enough,
    shapes_of_weights,
)
from trackoracle.errors import BundleError
from trackoracle.optional import require

Labels = NDArray[np.float64]
_FORMAT = 1
_MOST_BYTES = 64 * 2**20
_MOMENTS = (
    "band_mean", "band_scale", "label_mean", "label_scale", "label_low", "label_high",
)  # fmt: skip


@dataclass(frozen=True)
class SpectrogramNetwork:
    """A fitted network.

    Parameters
    ----------
    weights
        Arrays by name.
    band_mean, band_scale
        (n_bands,) of the training spectrograms, dB.
    label_mean, label_scale, label_low, label_high
        (n_labels,) of the training labels; answers stay between the last two.
    """

    weights: dict[str, NDArray[np.float32]]
    band_mean: NDArray[np.float32]
    band_scale: NDArray[np.float32]
    label_mean: Labels
    label_scale: Labels
    label_low: Labels
    label_high: Labels

    def predict(self, log_mels: Sequence[LogMel]) -> Labels:
        """Estimate all labels of spectrograms (n_bands, n_frames) of any length: (n, n_labels).

        Raises
        ------
        MissingExtraError
            Without torch.
        RecordingError
            For spectrograms of other bands, without frames or not finite.
        """
        torch = require("torch", extra="neural")
        check_spectrograms(log_mels, len(self.band_mean))
        answers = np.empty((len(log_mels), len(self.label_mean)))
        with torch.inference_mode():
            for k, log_mel in enumerate(log_mels):
                seen = images([long_enough(log_mel)], self.band_mean, self.band_scale)
                told = forward(torch, self._layers, torch.from_numpy(seen).to(device(torch)))
                answers[k] = told[0].cpu().numpy()
        labels = answers * self.label_scale + self.label_mean
        return np.clip(labels, self.label_low, self.label_high)

    @cached_property
    def _layers(self) -> Any:
        torch = require("torch", extra="neural")
        layers = build(torch, len(self.band_mean), len(self.label_mean), 0.0)
        states = {name: torch.from_numpy(array) for name, array in self.weights.items()}
        layers.load_state_dict(states)
        return layers.to(device(torch)).eval()

    def to_bytes(self) -> bytes:
        """Return the network as one file of arrays: an `.npz` without pickled objects."""
        parts = {f"weights/{name}": array for name, array in self.weights.items()}
        parts |= {name: getattr(self, name) for name in _MOMENTS}
        parts["format"] = np.array(_FORMAT)
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **parts)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> SpectrogramNetwork:
        """Read what `to_bytes` wrote; sizes, types and finiteness are checked, nothing runs.

        Raises
        ------
        BundleError
            For anything else.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                n_bytes = sum(info.file_size for info in archive.infolist())
            if n_bytes > _MOST_BYTES:
                raise ValueError(f"{n_bytes:,} bytes unpacked")
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except Exception as error:  # a damaged zip fails in any way
            raise _unreadable(f"got what is none ({error})") from error
        _audit(arrays)
        weights = {n.removeprefix("weights/"): a for n, a in arrays.items() if "weights/" in n}
        return cls(weights, **{name: arrays[name] for name in _MOMENTS})


def _unreadable(what: str) -> BundleError:
    return BundleError(
        f"network: expected a file of plain arrays, {what}. Fit it anew, or take an undamaged file."
    )


def _audit(arrays: dict[str, NDArray[Any]]) -> None:
    """Hold arrays from outside to the names and shapes that a network has."""
    missing = [name for name in (*_MOMENTS, "format") if name not in arrays]
    if missing:
        raise _unreadable(f"got none named {missing[0]}")
    if arrays["format"].shape != () or arrays["format"] != _FORMAT:
        raise _unreadable(f"got format {arrays['format']}, not {_FORMAT}")
    n_bands, n_labels = arrays["band_mean"].size, arrays["label_mean"].size
    expected = {
        f"weights/{name}": shape for name, shape in shapes_of_weights(n_bands, n_labels).items()
    }
    expected |= {name: (n_bands if name.startswith("band") else n_labels,) for name in _MOMENTS}
    expected["format"] = ()
    if set(expected) != set(arrays):
        raise _unreadable(f"got other names ({', '.join(sorted(set(expected) ^ set(arrays))[:3])})")
    for name, shape in expected.items():
        array = arrays[name]
        if array.shape != shape or array.dtype.kind not in "fi" or not np.isfinite(array).all():
            raise _unreadable(f"got {array.dtype}{list(array.shape)} for {name}")
    if not (arrays["band_scale"] > 0).all():
        raise _unreadable("got a scale of 0 for band_scale")
