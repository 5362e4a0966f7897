"""Fit a small convolutional network to log-mel spectrograms: a second family of estimators.

It needs torch (extra `neural`) to fit and to predict; one code for processor and GPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.estimating.fitted_network import Labels, SpectrogramNetwork
from trackoracle.audio.estimating.layers import (
    LogMel,
    build,
    check_spectrograms,
    device,
    forward,
    images,
    long_enough,
)
from trackoracle.errors import ConfigError, NotEnoughDataError, TargetError
from trackoracle.optional import require

__all__ = ["SpectrogramNetwork", "SpectrogramNetworkSettings", "fit_network"]

_STOPPING_SHARE = 0.15
_LEAST_RECORDINGS = 20


@dataclass(frozen=True)
class SpectrogramNetworkSettings:
    """How a network is fitted.

    Parameters
    ----------
    crop_frames
        Frames of a spectrogram that one step of training sees, drawn anew each time.
    n_epochs
        Most passes over the recordings.
    patience
        Passes without a better answer on the stopping part before the fit ends.
    batch_size, learning_rate, dropout
        As usual.
    """

    crop_frames: int = 256
    n_epochs: int = 80
    patience: int = 12
    batch_size: int = 32
    learning_rate: float = 2e-3
    dropout: float = 0.3


def fit_network(
    log_mels: Sequence[LogMel],
    labels: Labels,
    groups: NDArray[Any],
    seed: int = 0,
    settings: SpectrogramNetworkSettings | None = None,
) -> SpectrogramNetwork:
    """Fit a network to the labels of spectrograms.

    A share of the groups is held back to say when to stop; it is part of what was learned
    from, so scores must come from recordings that are not given here at all.

    Parameters
    ----------
    log_mels
        (n_bands, n_frames) of each recording or window, dB, as `Describer(log_mels=True)` gives.
    labels
        (n, n_labels); NaN where a label is not known.
    groups
        (n,) who must not be on both sides: artists, or recordings.
    seed
        Of weights, order, crops and the part held back.
    settings
        `SpectrogramNetworkSettings()` when left out.

    Raises
    ------
    MissingExtraError
        Without torch.
    NotEnoughDataError
        For fewer than 20 spectrograms, a label without values, or a single group.
    RecordingError, TargetError
        For spectrograms, for labels of the wrong form.
    ConfigError
        Where the fit diverges.
    """
    torch = require("torch", extra="neural")
    settings = settings or SpectrogramNetworkSettings()
    labels = np.asarray(labels, np.float64)
    _check_training(log_mels, labels, np.asarray(groups))
    random = np.random.default_rng(seed)
    stopping = _stopping_part(np.asarray(groups), labels, random)
    moments = _moments(log_mels, labels, ~stopping)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        fit = _Fit(torch, log_mels, labels, moments, settings, random)
        weights = fit.run(np.flatnonzero(~stopping), np.flatnonzero(stopping))
    return SpectrogramNetwork(weights, **moments)


def _check_training(log_mels: Sequence[LogMel], labels: Labels, groups: NDArray[Any]) -> None:
    n = len(log_mels)
    if labels.ndim != 2 or len(labels) != n or groups.shape != (n,):
        raise TargetError(
            f"labels: expected ({n}, n_labels) and as many groups, got {labels.shape} and "
            f"{groups.shape}. Give each spectrogram a row and a group."
        )
    if n < _LEAST_RECORDINGS or len(np.unique(groups)) < 2:
        raise NotEnoughDataError(
            f"network: expected at least {_LEAST_RECORDINGS} spectrograms of two groups, got {n} "
            f"of {len(np.unique(groups))}. Add recordings, or take the other estimators."
        )
    if np.isinf(labels).any() or np.isnan(labels).all(axis=0).any():
        raise NotEnoughDataError(
            "network: expected values for every label, got a column without or with infinite "
            "ones. Leave the label out."
        )
    check_spectrograms(log_mels, log_mels[0].shape[0])


def _stopping_part(
    groups: NDArray[Any], labels: Labels, random: np.random.Generator
) -> NDArray[np.bool_]:
    """Draw whole groups until the share is held back: (n,), never all that know a label."""
    known = ~np.isnan(labels)
    names, codes = np.unique(groups, return_inverse=True)
    held = np.zeros(len(groups), bool)
    for code in random.permutation(len(names)):
        if held.sum() >= _STOPPING_SHARE * len(groups):
            break
        more = held | (codes == code)
        if known[~more].any(axis=0).all():
            held = more
    return held


def _moments(
    log_mels: Sequence[LogMel], labels: Labels, rows: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    """Tell means and scales of bands and labels from the rows to learn from."""
    kept = [np.asarray(log_mels[int(k)], np.float64) for k in np.flatnonzero(rows)]
    n_frames = sum(log_mel.shape[1] for log_mel in kept)
    mean = sum(log_mel.sum(axis=1) for log_mel in kept) / n_frames
    power = sum(((log_mel.T - mean) ** 2).sum(axis=0) for log_mel in kept) / n_frames
    known = labels[rows]
    return {
        "band_mean": np.asarray(mean, np.float32),
        "band_scale": np.asarray(np.maximum(np.sqrt(power), 1e-3), np.float32),
        "label_mean": np.nanmean(known, axis=0),
        "label_scale": np.maximum(np.nanstd(known, axis=0), 1e-6),
        "label_low": np.nanmin(known, axis=0),
        "label_high": np.nanmax(known, axis=0),
    }


class _Fit:
    """Passes over the recordings until the part held back is answered no better."""

    def __init__(
        self,
        torch: ModuleType,
        log_mels: Sequence[LogMel],
        labels: Labels,
        moments: dict[str, NDArray[Any]],
        settings: SpectrogramNetworkSettings,
        random: np.random.Generator,
    ) -> None:
        self.torch, self.settings, self.random = torch, settings, random
        self.device = device(torch)
        least = max(settings.crop_frames, 16)
        self.log_mels = [long_enough(log_mel, least) for log_mel in log_mels]
        self.n_crop = least
        self.bands = (moments["band_mean"], moments["band_scale"])
        self.labels = (labels - moments["label_mean"]) / moments["label_scale"]
        self.layers = build(torch, len(self.bands[0]), labels.shape[1], settings.dropout)
        self.layers.to(self.device)
        self.optimiser = torch.optim.AdamW(
            self.layers.parameters(), lr=settings.learning_rate, weight_decay=1e-2
        )

    def run(self, rows: NDArray[np.int64], held: NDArray[np.int64]) -> dict[str, Any]:
        """Learn from some rows, stop by the others, and return the best weights."""
        best, kept, n_worse = np.inf, self._weights(), 0
        for epoch in range(self.settings.n_epochs):
            loss = self._learn(rows)
            loss = self._judge(held) if len(held) else loss
            if not np.isfinite(loss):
                raise ConfigError(
                    f"network: expected a finite loss, got {loss} in epoch {epoch + 1}. Lower "
                    f"learning_rate (now {self.settings.learning_rate:g})."
                )
            if loss < best - 1e-4:
                best, kept, n_worse = loss, self._weights(), 0
            else:
                n_worse += 1
            if n_worse >= self.settings.patience:
                break
        return kept

    def _weights(self) -> dict[str, Any]:
        states = self.layers.state_dict()
        return {name: array.detach().cpu().numpy().copy() for name, array in states.items()}

    def _learn(self, rows: NDArray[np.int64]) -> float:
        """Go once over the rows in random order and crops; return the mean loss."""
        self.layers.train()
        losses = []
        order = self.random.permutation(rows)
        for batch in np.array_split(order, -(-len(order) // self.settings.batch_size)):
            starts = [
                int(self.random.integers(self.log_mels[k].shape[1] - self.n_crop + 1))
                for k in batch
            ]
            loss = self._loss(batch, starts)
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            losses.append(float(loss.detach()))
        return float(np.mean(losses))

    def _judge(self, rows: NDArray[np.int64]) -> float:
        """Return the loss on rows, each by its middle crop."""
        self.layers.eval()
        losses, size = [], self.settings.batch_size
        with self.torch.inference_mode():
            for start in range(0, len(rows), size):
                batch = rows[start : start + size]
                middles = [(self.log_mels[k].shape[1] - self.n_crop) // 2 for k in batch]
                losses.append(float(self._loss(batch, middles)) * len(batch))
        return float(np.sum(losses) / len(rows))

    def _loss(self, batch: NDArray[np.int64], starts: Sequence[int]) -> Any:
        """Mean squared error of the labels that are known, in their deviations."""
        crops = [
            self.log_mels[k][:, start : start + self.n_crop]
            for k, start in zip(batch, starts, strict=True)
        ]
        torch = self.torch
        seen = torch.from_numpy(images(crops, *self.bands)).to(self.device)
        labels = self.labels[batch]
        known = torch.from_numpy(~np.isnan(labels)).to(self.device)
        truth = torch.from_numpy(np.nan_to_num(labels).astype(np.float32)).to(self.device)
        errors = torch.where(known, forward(torch, self.layers, seen) - truth, 0.0)
        return (errors**2).sum() / known.sum().clamp(min=1)
