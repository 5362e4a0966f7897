"""One window of a recording, and what a recipe may ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from trackoracle.audio.describing.banks import N_FREQUENCIES, N_MELS, Resampler
from trackoracle.audio.describing.chroma import chroma
from trackoracle.audio.describing.framing import (
    FRAME,
    HOP,
    SAMPLE_RATE,
    Floats,
    end_frames,
    frames_of,
    mean_power,
    n_frames,
    padded_frames,
    zero_crossing_rate,
)
from trackoracle.audio.describing.pulse import flux
from trackoracle.audio.describing.spectra import Rows, Spectra, analyse, decibels

EXCERPT_SECONDS = 15


@dataclass(frozen=True)
class View:
    """The frames that a recipe means: a stretch of the window, its ends padded in its own way.

    Parameters
    ----------
    samples
        (n,) the stretch.
    rows
        Its frames among all that were analysed.
    spectra
        Of all frames.
    """

    samples: Floats
    rows: Rows
    spectra: Spectra

    def mel_decibels(self, resampler: Resampler | None = None) -> Floats:
        """Return the level of 128 mel bands, at most 80 dB below the loudest: (n, 128)."""
        if resampler is None:
            return self._levels
        return decibels(self.spectra.mels[resampler][self.rows])

    @cached_property
    def _levels(self) -> Floats:
        return decibels(self.spectra.mels[None][self.rows])

    def cepstra(self, n: int, resampler: Resampler | None = None) -> NDArray[np.float64]:
        """Return mel cepstral coefficients: (n_frames, n)."""
        return self.mel_decibels(resampler).astype(np.float64) @ _cosines()[:, :n]

    def mean_cepstra(self, n: int, resampler: Resampler | None = None) -> NDArray[np.float64]:
        """Return their means, which are those of the mean level: (n,)."""
        levels = self.mel_decibels(resampler).mean(axis=0, dtype=np.float64)
        return np.asarray(levels @ _cosines()[:, :n])

    def shape(self, name: str, resampler: Resampler | None = None) -> Floats:
        """Return "centroid", "bandwidth" or "roll_off" of each frame, Hz: (n_frames,)."""
        values: Floats = getattr(self.spectra.shapes[resampler], name)[self.rows]
        return values

    @cached_property
    def chroma(self) -> Floats:
        """Shares of the pitch classes: (n_frames, 12)."""
        return chroma(self.spectra, self.rows)

    @cached_property
    def contrast(self) -> Floats:
        """Contrast by octave, dB: (n_frames, 7)."""
        return self.spectra.contrast(self.rows)

    @cached_property
    def zero_crossings(self) -> NDArray[np.float64]:
        """Share of samples that cross zero: (n_frames,)."""
        return zero_crossing_rate(self.samples)

    @cached_property
    def amplitude(self) -> NDArray[np.float64]:
        """Root mean square of each frame's samples: (n_frames,)."""
        return np.sqrt(mean_power(self.samples))

    @cached_property
    def level(self) -> NDArray[np.float64]:
        """Mean power of each frame, dB of full scale, at least -100: (n_frames,)."""
        return np.asarray(10 * np.log10(np.maximum(mean_power(self.samples), 1e-10)))

    @cached_property
    def flux(self) -> NDArray[np.float64]:
        """Mean rise of the level of mel bands from the frame before, dB: (n_frames,)."""
        return flux(self.mel_decibels())

    @cached_property
    def windowed_amplitude(self) -> Floats:
        """Root mean square of each frame by its spectrum, so under the bell: (n_frames,)."""
        power = self.spectra.power[self.rows]
        ends = (power[:, 0] + power[:, -1]) / 2
        return np.asarray(np.sqrt(2 * (power.sum(axis=1) - ends)) / FRAME)

    @cached_property
    def spectral_amplitude(self) -> Floats:
        """Root mean square over frequencies, as librosa before 0.7 had it: (n_frames,)."""
        return np.asarray(np.sqrt(self.spectra.power[self.rows].sum(axis=1) / N_FREQUENCIES))


@lru_cache
def _cosines() -> NDArray[np.float64]:
    """Return what turns levels of mel bands into coefficients: (128, 128)."""
    return np.asarray(scipy.fft.dct(np.eye(N_MELS), axis=1, norm="ortho"))


@dataclass(frozen=True)
class Window:
    """A window in three views.

    Parameters
    ----------
    plain
        The whole, its ends padded with silence, as librosa does since 0.10.
    mirrored
        The whole, its ends mirrored, as librosa did before.
    loudest
        The 15 s with the most power, as a recording of their own; the whole where it is shorter.
    """

    plain: View
    mirrored: View
    loudest: View

    @classmethod
    def of(cls, samples: Floats) -> Window:
        """Analyse a window (n,) of at least one sample."""
        n, start = n_frames(len(samples)), _loudest_start(samples)
        excerpt = samples[start : start + EXCERPT_SECONDS * SAMPLE_RATE]
        mirrored = end_frames(samples, "reflect")
        cut = end_frames(excerpt, "constant")
        spectra = analyse((frames_of(samples), mirrored, cut))
        rows = np.arange(n)
        rows[padded_frames(len(samples))] = n + np.arange(len(mirrored))
        within = start // HOP + np.arange(n_frames(len(excerpt)))
        within[padded_frames(len(excerpt))] = n + len(mirrored) + np.arange(len(cut))
        return cls(
            View(samples, slice(0, n), spectra),
            View(samples, rows, spectra),
            View(excerpt, within, spectra),
        )


def _loudest_start(samples: Floats) -> int:
    """Return the first sample of the loudest 15 s, on the grid of frames."""
    n_most = EXCERPT_SECONDS * SAMPLE_RATE
    if len(samples) <= n_most:
        return 0
    n_hops = len(samples) // HOP
    power = np.square(samples[: n_hops * HOP]).reshape(n_hops, HOP).sum(axis=1, dtype=np.float64)
    total = np.concatenate([[0.0], np.cumsum(power)])
    width = n_most // HOP
    last = (len(samples) - n_most) // HOP
    return HOP * int(np.argmax(total[width : width + last + 1] - total[: last + 1]))
