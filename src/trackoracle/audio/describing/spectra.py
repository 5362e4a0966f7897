"""What the frames of one window tell by their spectra: one pass, shared by all descriptors.

The spectra of some frames at a time are made, asked everything and, but for their power,
forgotten while they are in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import scipy.fft

from trackoracle.audio.describing.banks import (
    HZ_PER_BIN,
    KAISER_BEST,
    KAISER_FAST,
    N_MELS,
    Resampler,
    amplitude_gain,
    chroma_bank,
    mel_bank,
)
from trackoracle.audio.describing.framing import FRAME, Floats, Indices
from trackoracle.audio.describing.shapes import Shape, extremes_of, flatness_of, shapes_of

_LOT = 64
"""Frames at once."""
_LEAST_POWER, _RANGE_DB = 1e-10, 80.0
_PITCHES = (14, 372)
"""Bins from 150 to 4,000 Hz, in which tones are looked for."""
_PROMINENT = 0.1
"""A tone has more than this share of its frame's highest power."""
_MELS_AT_ONCE = 16

Rows = slice | Indices
"""Which frames a descriptor is about."""


def decibels(power: Floats) -> Floats:
    """Return 10 log10 of power, nothing more than 80 dB below the loudest of all.

    Examples
    --------
    >>> decibels(np.array([1.0, 0.1, 0.0], np.float32)).tolist()
    [0.0, -10.0, -80.0]
    """
    logs = np.maximum(power, np.float32(_LEAST_POWER))
    np.multiply(np.log10(logs, out=logs), np.float32(10), out=logs)
    return np.asarray(np.maximum(logs, logs.max() - np.float32(_RANGE_DB), out=logs))


@dataclass(frozen=True)
class Tones:
    """Peaks between 150 and 4,000 Hz, from which the tuning is told: each (n_tones,).

    Parameters
    ----------
    frame
        Which frame each stands in, rising.
    hz
        Interpolated frequency.
    power
        Interpolated height.
    """

    frame: Indices
    hz: Floats
    power: Floats


@dataclass(frozen=True)
class Spectra:
    """What was told of all frames.

    Parameters
    ----------
    power
        (n_frames, 1025) squared amplitude.
    mels
        (n_frames, 128) power in mel bands, by the resampler that it is to look like.
    shapes
        By resampler, too.
    valleys, peaks
        (n_frames, 7) mean of the lowest and of the highest amplitudes in each octave.
    flatness
        (n_frames,) geometric over arithmetic mean of power.
    tones
        Peaks of all frames.
    by_tuning
        What was already told of pitch classes: views of one recording mostly share a tuning.
    """

    power: Floats
    mels: dict[Resampler | None, Floats]
    shapes: dict[Resampler | None, Shape]
    valleys: Floats
    peaks: Floats
    flatness: Floats
    tones: Tones
    by_tuning: dict[float, Floats] = field(default_factory=dict)

    def energies(self, tuning: float) -> Floats:
        """Return the power of the pitch classes in all frames: (n_frames, 12)."""
        if tuning not in self.by_tuning:
            self.by_tuning[tuning] = self.power @ chroma_bank(tuning).T
        return self.by_tuning[tuning]

    def contrast(self, rows: Rows) -> Floats:
        """Return how far peaks rise above valleys in the frames of a view, dB: (n, 7)."""
        return np.asarray(decibels(self.peaks[rows]) - decibels(self.valleys[rows]))


def analyse(frames: Iterable[Floats]) -> Spectra:
    """Tell everything of frames, given as one or more arrays (n, 2048)."""
    lots = [_analyse_lot(lot) for lot in _lots(frames)]
    offsets = np.cumsum([0, *(len(lot.power) for lot in lots)])
    tones = Tones(
        np.concatenate([lot.tones.frame + k for lot, k in zip(lots, offsets, strict=False)]),
        np.concatenate([lot.tones.hz for lot in lots]),
        np.concatenate([lot.tones.power for lot in lots]),
    )

    def joined(name: str) -> Floats:
        return np.concatenate([getattr(lot, name) for lot in lots])

    return Spectra(
        joined("power"),
        {key: np.concatenate([lot.mels[key] for lot in lots]) for key in lots[0].mels},
        {key: _joined_shape([lot.shapes[key] for lot in lots]) for key in lots[0].shapes},
        joined("valleys"), joined("peaks"), joined("flatness"), tones,
    )  # fmt: skip


def _joined_shape(shapes: list[Shape]) -> Shape:
    return Shape(
        np.concatenate([shape.centroid for shape in shapes]),
        np.concatenate([shape.bandwidth for shape in shapes]),
        np.concatenate([shape.roll_off for shape in shapes]),
    )


def _lots(frames: Iterable[Floats]) -> Iterator[Floats]:
    for array in frames:
        for start in range(0, len(array), _LOT):
            yield array[start : start + _LOT]


def _analyse_lot(frames: Floats) -> Spectra:
    """Tell everything of a few frames (n, 2048)."""
    parts = scipy.fft.rfft(frames * _bell(), axis=1).view(np.float32)
    np.square(parts, out=parts)
    power = parts[:, ::2] + parts[:, 1::2]
    amplitude = np.sqrt(power)
    valleys, peaks = extremes_of(amplitude)
    return Spectra(
        power, _mels(power), shapes_of(amplitude), valleys, peaks, flatness_of(power), _tones(power)
    )


@lru_cache
def _bell() -> Floats:
    angles = 2 * np.pi * np.arange(FRAME) / FRAME
    return np.asarray(0.5 - 0.5 * np.cos(angles), np.float32)


@dataclass(frozen=True)
class _Band:
    """Neighbouring mel bands: the bins that they weigh, and the weights (n_bins, n_bands)."""

    bins: slice
    weights: Floats


@lru_cache
def _bands(resampler: Resampler | None) -> tuple[int, tuple[_Band, ...]]:
    """Return the first mel band that a resampler changes, and that and all above in lots."""
    gain = amplitude_gain(resampler)
    changed = (mel_bank() > 0) & (np.abs(gain - 1) > 1e-4)
    first = 0 if resampler is None else int(np.argmax(changed.any(axis=1)))
    weights = mel_bank() * gain**2
    bands = []
    for start in range(first, N_MELS, _MELS_AT_ONCE):
        some = weights[start : start + _MELS_AT_ONCE]
        used = np.flatnonzero(some.any(axis=0))
        bins = slice(int(used[0]), int(used[-1]) + 1)
        bands.append(_Band(bins, np.ascontiguousarray(some[:, bins].T)))
    return first, tuple(bands)


def _mels(power: Floats) -> dict[Resampler | None, Floats]:
    plain = np.concatenate([power[:, band.bins] @ band.weights for band in _bands(None)[1]], axis=1)
    mels: dict[Resampler | None, Floats] = {None: plain}
    for resampler in (KAISER_BEST, KAISER_FAST):
        first, bands = _bands(resampler)
        above = [power[:, band.bins] @ band.weights for band in bands]
        mels[resampler] = np.concatenate([plain[:, :first], *above], axis=1)
    return mels


def _tones(power: Floats) -> Tones:
    """Find where power is highest among its neighbours, and lay a parabola through the three."""
    start, stop = _PITCHES
    middle = power[:, start:stop]
    before, after = power[:, start - 1 : stop - 1], power[:, start + 1 : stop + 1]
    prominent = middle > np.float32(_PROMINENT) * power.max(axis=1, keepdims=True)
    frame, bins = np.nonzero(prominent & (middle > before) & (middle >= after))
    height = middle[frame, bins]
    slope = (after[frame, bins] - before[frame, bins]) / 2
    bend = after[frame, bins] + before[frame, bins] - 2 * height
    inside = np.abs(slope) < np.abs(bend)
    shift = np.divide(-slope, bend, out=np.zeros_like(slope), where=inside)
    hz = ((bins + start + shift) * HZ_PER_BIN).astype(np.float32)
    return Tones(frame, hz, height + slope * shift / 2)
