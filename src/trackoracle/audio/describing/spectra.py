"""What the frames of one window tell by their spectra: one pass, shared by all descriptors.

The spectra of some frames at a time are made, asked everything and, but for their power,
forgotten while they are in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from trackoracle.audio.describing.banks import (
    FREQUENCIES,
    HZ_PER_BIN,
    KAISER_BEST,
    KAISER_FAST,
    N_FREQUENCIES,
    N_MELS,
    Resampler,
    amplitude_gain,
    mel_bank,
)
from trackoracle.audio.describing.framing import FRAME, Floats, Indices

_LOT = 64
"""Frames at once."""
_LEAST_POWER, _RANGE_DB = 1e-10, 80.0
_TINY = np.finfo(np.float32).tiny
_ROLL_OFF = 0.85
_EDGE_HZ = 200.0
_N_OCTAVES = 6
_QUANTILE = 0.02
_PITCHES = (14, 372)
"""Bins from 150 to 4,000 Hz, in which tones are looked for."""
_PROMINENT = 0.1
"""A tone has more than this share of its frame's highest power."""
_MELS_AT_ONCE = 16
N_CONTRASTS = _N_OCTAVES + 1

Rows = slice | Indices
"""Which frames a descriptor is about."""


def decibels(power: Floats) -> Floats:
    """Return 10 log10 of power, nothing more than 80 dB below the loudest of all.

    Examples
    --------
    >>> decibels(np.array([1.0, 0.1, 0.0], np.float32)).tolist()
    [0.0, -10.0, -80.0]
    """
    logs = 10 * np.log10(np.maximum(power, np.float32(_LEAST_POWER)))
    return np.asarray(np.maximum(logs, logs.max() - np.float32(_RANGE_DB)))


@dataclass(frozen=True)
class Shape:
    """Where the amplitude of each frame lies, in Hz, each (n_frames,); 0 for a silent frame."""

    centroid: Floats
    bandwidth: Floats
    roll_off: Floats


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
    """

    power: Floats
    mels: dict[Resampler | None, Floats]
    shapes: dict[Resampler | None, Shape]
    valleys: Floats
    peaks: Floats
    flatness: Floats
    tones: Tones

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
    valleys, peaks = _extremes(amplitude)
    return Spectra(
        power, _mels(power), _shapes(amplitude), valleys, peaks, _flatness(power), _tones(power)
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


def _shapes(amplitude: Floats) -> dict[Resampler | None, Shape]:
    gain = amplitude_gain(KAISER_BEST)
    first = int(np.argmax(np.abs(gain - 1) > 1e-4))
    hz = FREQUENCIES.astype(np.float32)
    sums = amplitude.sum(axis=1)
    centroid = (amplitude @ hz) / _divisor(sums)
    away = np.square(hz - centroid[:, None])
    spread = np.einsum("ij,ij->i", amplitude, away)
    total = np.cumsum(amplitude, axis=1)
    plain = _shape(sums, centroid, spread, (total < _ROLL_OFF * total[:, -1:]).sum(axis=1))

    # Only the highest bins change: sums are mended, not taken again.
    high, added = amplitude[:, first:] * gain[first:], amplitude[:, first:] * (gain[first:] - 1)
    sums_best = sums + added.sum(axis=1)
    best = (centroid * sums + added @ hz[first:]) / _divisor(sums_best)
    away_high = np.square(hz[first:] - best[:, None])
    spread_best = spread + sums * np.square(best - centroid)
    spread_best += np.einsum("ij,ij->i", added, away_high)
    total_high = total[:, first - 1 : first] + np.cumsum(high, axis=1)
    level = _ROLL_OFF * total_high[:, -1:]
    below = (total[:, :first] < level).sum(axis=1) + (total_high < level).sum(axis=1)
    return {None: plain, KAISER_BEST: _shape(sums_best, best, spread_best, below)}


def _shape(sums: Floats, centroid: Floats, spread: Floats, below: NDArray[np.int64]) -> Shape:
    bandwidth = np.sqrt(np.maximum(spread, 0) / _divisor(sums))
    return Shape(centroid, bandwidth, (below * HZ_PER_BIN).astype(np.float32))


def _divisor(sums: Floats) -> Floats:
    return np.where(sums < _TINY, np.float32(1), sums)


@lru_cache
def _octaves() -> tuple[tuple[slice, int], ...]:
    """Return the bins of each octave, and how many of them are its extremes."""
    edges = [0.0, *(_EDGE_HZ * 2**k for k in range(N_CONTRASTS))]
    octaves = []
    for k in range(N_CONTRASTS):
        within = np.flatnonzero((edges[k] <= FREQUENCIES) & (edges[k + 1] >= FREQUENCIES))
        start, stop = int(within[0]) - (k > 0), int(within[-1]) + 1
        stop = stop if k < _N_OCTAVES else N_FREQUENCIES
        n_extremes = max(1, int(np.rint(_QUANTILE * (stop - start))))
        octaves.append((slice(start, stop - (k < _N_OCTAVES)), n_extremes))
    return tuple(octaves)


def _extremes(amplitude: Floats) -> tuple[Floats, Floats]:
    """Return the mean of the lowest and of the highest amplitudes of each octave: (n, 7) each."""
    valleys = np.empty((len(amplitude), N_CONTRASTS), np.float32)
    peaks = np.empty_like(valleys)
    for k, (bins, n) in enumerate(_octaves()):
        # Measured: sorting short rows of float32 in vector registers beats np.partition.
        rising = np.sort(amplitude[:, bins], axis=1)
        valleys[:, k] = rising[:, :n].mean(axis=1)
        peaks[:, k] = rising[:, -n:].mean(axis=1)
    return valleys, peaks


def _flatness(power: Floats) -> Floats:
    floored = np.maximum(power, np.float32(_LEAST_POWER))
    return np.asarray(np.exp(np.log(floored).mean(axis=1)) / floored.mean(axis=1))


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
