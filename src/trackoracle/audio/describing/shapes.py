"""Where the amplitude of a spectrum lies, and how far it rises above its valleys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trackoracle.audio.describing.banks import (
    FREQUENCIES,
    HZ_PER_BIN,
    KAISER_BEST,
    N_FREQUENCIES,
    Resampler,
    amplitude_gain,
)
from trackoracle.audio.describing.framing import Floats

_TINY = np.finfo(np.float32).tiny
_ROLL_OFF = 0.85
_BLOCK = 32
_EDGE_HZ = 200.0
_N_OCTAVES = 6
_QUANTILE = 0.02
N_CONTRASTS = _N_OCTAVES + 1
_LEAST_POWER = 1e-10


@dataclass(frozen=True)
class Shape:
    """Where the amplitude of each frame lies, in Hz, each (n_frames,); 0 for a silent frame."""

    centroid: Floats
    bandwidth: Floats
    roll_off: Floats


@lru_cache
def _blocks() -> Floats:
    """Return what sums 32 neighbouring bins at a time: (1025, 33)."""
    block = np.arange(N_FREQUENCIES) // _BLOCK
    return np.asarray(block[:, None] == np.arange(block[-1] + 1), np.float32)


def shapes_of(amplitude: Floats) -> dict[Resampler | None, Shape]:
    """Tell the shape of spectra (n, 1025), as they are and as after KAISER_BEST."""
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


def extremes_of(amplitude: Floats) -> tuple[Floats, Floats]:
    """Return the mean of the lowest and of the highest amplitudes of each octave: (n, 7) each."""
    valleys = np.empty((len(amplitude), N_CONTRASTS), np.float32)
    peaks = np.empty_like(valleys)
    for k, (bins, n) in enumerate(_octaves()):
        # Measured: sorting short rows of float32 in vector registers beats np.partition.
        rising = np.sort(amplitude[:, bins], axis=1)
        valleys[:, k] = rising[:, :n].mean(axis=1)
        peaks[:, k] = rising[:, -n:].mean(axis=1)
    return valleys, peaks


def flatness_of(power: Floats) -> Floats:
    """Return the geometric over the arithmetic mean of power (n, 1025), 1 for silence: (n,)."""
    floored = np.maximum(power, np.float32(_LEAST_POWER))
    return np.asarray(np.exp(np.log(floored).mean(axis=1)) / floored.mean(axis=1))
