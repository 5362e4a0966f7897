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

from trackoracle.audio.banks import (
    FREQUENCIES,
    HZ_PER_BIN,
    KAISER_BEST,
    KAISER_FAST,
    N_FREQUENCIES,
    N_MELS,
    Resampler,
    amplitude_gain,
    chroma_bank,
    mel_bank,
)
from trackoracle.audio.framing import FRAME, Floats, Indices

_LOT = 64
"""Frames at once."""
_LEAST_POWER, _RANGE_DB = 1e-10, 80.0
_TINY = np.finfo(np.float32).tiny
_ROLL_OFF = 0.85
_BLOCK = 32
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
    logs = np.maximum(power, np.float32(_LEAST_POWER))
    np.multiply(np.log10(logs, out=logs), np.float32(10), out=logs)
    return np.asarray(np.maximum(logs, logs.max() - np.float32(_RANGE_DB), out=logs))


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


@lru_cache
def _blocks() -> Floats:
    """Return what sums 32 neighbouring bins at a time: (1025, 33)."""
    block = np.arange(N_FREQUENCIES) // _BLOCK
    return np.asarray(block[:, None] == np.arange(block[-1] + 1), np.float32)


def _shapes(amplitude: Floats) -> dict[Resampler | None, Shape]:
    gain = amplitude_gain(KAISER_BEST)
    first = int(np.argmax(np.abs(gain - 1) > 1e-4)) // _BLOCK * _BLOCK
    hz = FREQUENCIES.astype(np.float32)
    blocks = amplitude @ _blocks()
    sums = blocks.sum(axis=1)
    centroid = (amplitude @ hz) / _divisor(sums)
    spread = np.einsum("ij,ij->i", amplitude, np.square(hz - centroid[:, None]))
    roll_off = _roll_off(amplitude, blocks, np.ones_like(gain))
    plain = Shape(centroid, np.sqrt(spread / _divisor(sums)), roll_off)

    # Only the highest bins change: sums are mended, not taken again.
    high, added = hz[first:], amplitude[:, first:] * (gain[first:] - 1)
    blocks[:, first // _BLOCK :] += added @ _blocks()[first:, first // _BLOCK :]
    sums_best = blocks.sum(axis=1)
    best = (centroid * sums + added @ high) / _divisor(sums_best)
    spread += sums * np.square(best - centroid)
    spread += np.einsum("ij,ij->i", added, np.square(high - best[:, None]))
    bandwidth = np.sqrt(np.maximum(spread, 0) / _divisor(sums_best))
    mended = Shape(best, bandwidth, _roll_off(amplitude, blocks, gain))
    return {None: plain, KAISER_BEST: mended}


def _roll_off(amplitude: Floats, blocks: Floats, gain: Floats) -> Floats:
    """Return the Hz below which .85 of the amplitude lies: first the block, then the bin."""
    total = np.cumsum(blocks, axis=1)
    level = np.float32(_ROLL_OFF) * total[:, -1:]
    block = (total < level).sum(axis=1, keepdims=True)
    before = np.take_along_axis(total - blocks, block, axis=1)
    bins = np.minimum(block * _BLOCK + np.arange(_BLOCK), N_FREQUENCIES - 1)
    inside = np.take_along_axis(amplitude, bins, axis=1) * gain[bins]
    below = (before + np.cumsum(inside, axis=1) < level).sum(axis=1)
    reached = np.minimum(block[:, 0] * _BLOCK + below, N_FREQUENCIES - 1)
    return np.asarray(reached * HZ_PER_BIN, np.float32)


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
