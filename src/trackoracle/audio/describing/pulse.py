"""What the rises of a sound's level tell of its beat: how many, how regular, how quick."""

from __future__ import annotations

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from trackoracle.audio.describing.framing import FRAMES_PER_SECOND, Floats

MODULATIONS_HZ = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Edges of the rates of change that are told apart; a syllable lasts a fourth of a second."""
_BEAT_SECONDS = (0.25, 1.5)
_NEAR, _AROUND = 7, 43
_LEAST_RISE = 0.5
_TINY = 1e-9


def flux(levels: Floats) -> NDArray[np.float64]:
    """Mean rise of all bands from the frame before, dB: (n_frames,), 0 for the first.

    Examples
    --------
    >>> flux(np.array([[0.0, 0.0], [6.0, -6.0]], np.float32)).tolist()
    [0.0, 3.0]
    """
    rises = np.maximum(levels[1:] - levels[:-1], 0)
    return np.append(0.0, rises.mean(axis=1, dtype=np.float64))


def onset_rate(rises: NDArray[np.float64]) -> float:
    """Count rises (n,) that stand out from a second around them, per second.

    Examples
    --------
    >>> clicks = np.zeros(431)
    >>> clicks[20::43] = 5
    >>> round(onset_rate(clicks), 1)
    1.0
    """
    highest = scipy.ndimage.maximum_filter1d(rises, _NEAR, mode="constant")
    around = scipy.ndimage.uniform_filter1d(rises, _AROUND, mode="nearest")
    found = (rises == highest) & (rises > 1.5 * around + _LEAST_RISE)
    return float(found.sum() * FRAMES_PER_SECOND / len(rises))


def clarity(rises: NDArray[np.float64]) -> float:
    """Largest correlation of rises (n,) with themselves a beat later, 0 to 1.

    Beats are .25 to 1.5 s apart. Correlations of fewer frames than that are 0.

    Examples
    --------
    >>> clicks = np.zeros(431)
    >>> clicks[20::43] = 5
    >>> clarity(clicks) > 0.8 > 0.3 > clarity(np.random.default_rng(0).random(431))
    True
    """
    first, last = (round(seconds * FRAMES_PER_SECOND) for seconds in _BEAT_SECONDS)
    if len(rises) <= 2 * first:
        return 0.0
    last = min(last, len(rises) // 2)
    centred = rises - rises.mean()
    n_fft = scipy.fft.next_fast_len(2 * len(rises), real=True)
    power = np.abs(scipy.fft.rfft(centred, n_fft)) ** 2
    correlation = scipy.fft.irfft(power, n_fft)[: last + 1]
    if correlation[0] < _TINY:
        return 0.0
    return float(np.clip(correlation[first:].max(initial=0) / correlation[0], 0, 1))


def modulations(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shares of slow to quick changes of a series (n,), in octaves of .5 to 16 Hz: (5,).

    Examples
    --------
    >>> modulations(np.sin(np.arange(431) / FRAMES_PER_SECOND * 2 * np.pi * 3)).argmax()
    np.int64(2)
    """
    bell = np.hanning(len(values) + 2)[1:-1]
    power = np.abs(scipy.fft.rfft((values - values.mean()) * bell)) ** 2
    hz = np.fft.rfftfreq(len(values), 1 / FRAMES_PER_SECOND)
    within = np.histogram(hz, MODULATIONS_HZ, weights=power)[0]
    return np.asarray(within / max(within.sum(), _TINY))
