"""How much a series of onsets repeats itself after each lag, and at each frequency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from trackoracle.audio.measuring.onsets import N_REGISTERS, ONSET_RATE

Values = NDArray[np.float64]
Floats = NDArray[np.float32]
WINDOW, STEP = 1024, 256
"""Values of an onset series (12 s, every 3 s) that are compared with themselves."""
N_TRANSFORM = 4 * WINDOW
_SMOOTH = 1.5
"""Standard deviation in values (17 ms): hands are no machines."""
_DETREND = int(ONSET_RATE)
_MOST = 4.0
"""Standard deviations beyond which an onset counts no more: one crash is no rhythm."""
_LEAST_SPREAD = 0.01
"""Nepers; a steady tone or hum has less, and no rhythm."""
_LEAST_ENERGY = 1.0
"""Of a window of pulses, below which nothing begins in it; one stroke has more."""
_AT_ONCE, _HALO = 1 << 15, 256
_WINDOWS_AT_ONCE = 128


@dataclass(frozen=True)
class Periodicity:
    """Mean over windows: (1024,) autocorrelation by lag, (2049,) magnitude by frequency."""

    repeats: Values
    low_repeats: Values
    """The same of bass drum and bass alone."""
    magnitudes: Values

    def after(self, lags: Values) -> Values:
        """Return the autocorrelation after lags in values, between them by a straight line."""
        return np.interp(lags, np.arange(WINDOW), self.repeats)

    def low_after(self, lags: Values) -> Values:
        """Return the autocorrelation of the bass register."""
        return np.interp(lags, np.arange(WINDOW), self.low_repeats)

    def at(self, bpm: Values) -> Values:
        """Return the magnitude at tempos in beats a minute."""
        return np.interp(
            bpm / 60 / ONSET_RATE * N_TRANSFORM, np.arange(len(self.magnitudes)), self.magnitudes
        )


def pulses(series: NDArray[np.float16]) -> tuple[Floats, Floats]:
    """Return (n,) what stands out of an (n, 4) onset series, of all registers and of the bass.

    Smoothed, less the mean of a second, in standard deviations of its register.
    """
    above = np.empty((len(series), N_REGISTERS), np.float16)
    for start in range(0, len(series), _AT_ONCE):
        begin = max(start - _HALO, 0)
        part = series[begin : start + _AT_ONCE + _HALO].astype(np.float32)
        part = gaussian_filter1d(part, _SMOOTH, axis=0)
        part = np.maximum(part - uniform_filter1d(part, _DETREND, axis=0), 0)
        above[start : start + _AT_ONCE] = part[start - begin :][:_AT_ONCE]
    whole = np.zeros(len(series), np.float32)
    low = whole
    for register in range(N_REGISTERS):
        values = above[:, register].astype(np.float32)
        values /= values.std() + np.float32(_LEAST_SPREAD)
        np.minimum(values, np.float32(_MOST), out=values)
        low = values if register == 0 else low
        whole += values / N_REGISTERS
    return whole, low


def periodicity(whole: Floats, low: Floats) -> Periodicity | None:
    """Return what repeats in a series on average over its windows; None of silence."""
    repeats, magnitudes, n = np.zeros(WINDOW), np.zeros(N_TRANSFORM // 2 + 1), 0
    for found, spectrum in _windows(whole, STEP):
        sounding = found[:, 0] > 0
        repeats += found[sounding].sum(0)
        magnitudes += spectrum[sounding].sum(0)
        n += int(sounding.sum())
    if not n:
        return None
    low_repeats = np.sum([found.sum(0) for found, _ in _windows(low, STEP)], axis=0)
    return Periodicity(repeats / n, low_repeats / max(float(low_repeats[0]), 1e-9), magnitudes / n)


def repeats_over_time(whole: Floats, step: int) -> Iterator[Floats]:
    """Yield (m, 1024) autocorrelations of windows `step` values apart, some at a time."""
    for found, _ in _windows(whole, step):
        yield found


def _windows(series: Floats, step: int) -> Iterator[tuple[Floats, Floats]]:
    """Yield normalised autocorrelations and magnitudes; of silent windows zeros."""
    if len(series) < WINDOW:  # silence after a short series must not look like its rhythm
        series = np.pad(series - series.mean(), (0, WINDOW - len(series)))
    views = sliding_window_view(series, WINDOW)[::step]
    taper = np.hanning(WINDOW).astype(np.float32)
    for start in range(0, len(views), _WINDOWS_AT_ONCE):
        part = views[start : start + _WINDOWS_AT_ONCE]
        part = (part - part.mean(1, keepdims=True)) * taper
        power = np.abs(rfft(part, N_TRANSFORM, axis=1)) ** 2
        found = irfft(power, axis=1)[:, :WINDOW]
        scale = np.where(found[:, :1] > _LEAST_ENERGY, found[:, :1], np.float32(np.inf))
        yield found / scale, np.sqrt(power / scale)
