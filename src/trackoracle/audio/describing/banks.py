"""Fixed weights over the 1,025 frequencies of a spectrum: mel bands, pitch classes, resamplers.

The definitions are librosa's (Slaney's mel scale and area normalisation; Ellis's chroma).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.describing.framing import FRAME, SAMPLE_RATE, Floats

N_FREQUENCIES = FRAME // 2 + 1
N_MELS = 128
FREQUENCIES: NDArray[np.float64] = np.linspace(0, SAMPLE_RATE / 2, N_FREQUENCIES)
"""Hz of each bin."""
HZ_PER_BIN = SAMPLE_RATE / FRAME

_LINEAR_HZ, _BREAK_HZ, _LOG_STEP = 200 / 3, 1000.0, np.log(6.4) / 27


def _mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = mels - _BREAK_HZ / _LINEAR_HZ
    bent = _BREAK_HZ * np.exp(_LOG_STEP * np.maximum(above, 0))
    return np.where(above >= 0, bent, _LINEAR_HZ * mels)


@lru_cache
def mel_bank() -> Floats:
    """Return the weights of 128 mel bands from 0 to 11,025 Hz: (128, 1025)."""
    highest = _BREAK_HZ / _LINEAR_HZ + np.log(SAMPLE_RATE / 2 / _BREAK_HZ) / _LOG_STEP
    edges = _mel_to_hz(np.linspace(0, highest, N_MELS + 2))
    ramps = edges[:, None] - FREQUENCIES
    widths = np.diff(edges)[:, None]
    rising, falling = -ramps[:-2] / widths[:-1], ramps[2:] / widths[1:]
    weights = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return np.asarray(weights * (2 / (edges[2:] - edges[:-2]))[:, None], np.float32)


@lru_cache(maxsize=128)
def chroma_bank(tuning: float) -> Floats:
    """Return the weights of the pitch classes C to B: (12, 1025).

    Parameters
    ----------
    tuning
        Deviation from A440 in semitones, -.5 to .5.
    """
    hz = np.linspace(0, SAMPLE_RATE, FRAME, endpoint=False)[1:]
    places = 12 * np.log2(hz / (440 * 2 ** (tuning / 12) / 16))
    places = np.concatenate([[places[0] - 18], places])
    widths = np.append(np.maximum(np.diff(places), 1), 1)
    away = np.remainder(places - np.arange(12)[:, None] + 126, 12) - 6
    weights = np.exp(-0.5 * (2 * away / widths) ** 2)
    weights /= np.sqrt((weights**2).sum(axis=0))
    weights *= np.exp(-0.5 * ((places / 12 - 5) / 2) ** 2)
    # The first class was A; catalogs count from C.
    return np.ascontiguousarray(np.roll(weights, -3, axis=0)[:, :N_FREQUENCIES], np.float32)


@dataclass(frozen=True)
class Resampler:
    """A low-pass filter by which recordings were brought to 22,050 Hz: a windowed sinc.

    Two label files were computed from recordings that resampy resampled, not soxr. Near
    11 kHz the two differ by many dB, which the logarithm of the highest mel bands, and so
    every cepstral coefficient, tells. The ratio of the two responses mends that.

    Parameters
    ----------
    n_zeros
        Zero crossings of the sinc on either side.
    beta
        Of the Kaiser window.
    roll_off
        Where the filter falls to one half, as a share of 11,025 Hz.
    """

    n_zeros: int
    beta: float
    roll_off: float

    def response(self) -> NDArray[np.float64]:
        """Return the share of each frequency's amplitude that passes: (1025,)."""
        per_zero = 64
        time = np.arange(-self.n_zeros * per_zero, self.n_zeros * per_zero + 1) / per_zero
        bell = np.i0(self.beta * np.sqrt(np.maximum(0, 1 - (time / self.n_zeros) ** 2)))
        taps = self.roll_off * np.sinc(self.roll_off * time) * bell / np.i0(self.beta) / per_zero
        return np.abs(np.fft.rfft(taps, per_zero * FRAME)[:N_FREQUENCIES])


KAISER_BEST = Resampler(64, 14.769656459379492, 0.9475937167399596)
"""resampy's "kaiser_best" up to version 0.2, the way of librosa up to 0.9."""
KAISER_FAST = Resampler(24, 9.90322, 0.8682120388377784)
"""resampy's "kaiser_fast" since version 0.3."""

_SOXR_BINS = (940, 945, 950, 955, 960, 965, 970, 975, 980, 985, 990, 995, 1000, 1005, 1010, 1024)
_SOXR_DB = (
    0.0, -0.01, -0.04, -0.15, -0.42, -1.0, -2.04, -3.69, -6.11, -9.47, -13.92, -19.67, -26.97,
    -36.22, -48.05, -136.0,
)  # fmt: skip
"""What soxr's "HQ" lets pass: measured by an impulse at 44,100 Hz; flat below."""
_MOST_GAIN = 3.0
"""Nothing is raised by more, or what soxr left of the last 20 bins would be mostly noise."""


@lru_cache
def amplitude_gain(resampler: Resampler | None) -> Floats:
    """Return what makes a spectrum after soxr one after another resampler: (1025,)."""
    if resampler is None:
        return np.ones(N_FREQUENCIES, np.float32)
    soxr = 10 ** (np.interp(np.arange(N_FREQUENCIES), _SOXR_BINS, _SOXR_DB) / 20)
    gain = np.minimum(resampler.response() / soxr, _MOST_GAIN)
    return gain.astype(np.float32)
