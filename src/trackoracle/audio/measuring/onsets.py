"""Where notes and drums begin: the rise of the log spectrum, in four registers, at 86 Hz."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.signal import lfilter

from trackoracle.audio.measuring.framing import Framer, Sound

RATE = 22_050
"""Samples a second of the sound."""
SIZE, HOP = 1024, 256
ONSET_RATE = RATE / HOP
"""Values a second of an onset series."""
REGISTER_EDGES = (30.0, 160.0, 640.0, 2560.0, 10_240.0)
"""Hz: bass drum and bass; body of the chords; voices and snare; cymbals and consonants."""
N_REGISTERS = len(REGISTER_EDGES) - 1
_BANDS_A_REGISTER = (4, 10, 12, 10)
_LAG = 2
"""Frames back that a rise is taken over: 23 ms, about the rise of a picked string."""
_MEMORY_SECONDS = 2.0
_OWN_FLOOR, _COMMON_FLOOR = 1e-2, 1e-4
"""Of the mean energy of the band, and of the loudest one, over the last seconds: what lies
below tells no onset. Relative, so that gain changes nothing."""
_SILENCE = 1e-12
"""Energy of a band below which there is no sound; 16-bit dither has 3e-14."""

_MOST_PIECES = 4096
"""Of a stream in short blocks, before they are joined."""

Floats = NDArray[np.float32]


def _bands() -> tuple[Floats, list[slice]]:
    """Return (513, n) triangles over the spectrum, and the bands of each register."""
    centres: list[float] = []
    registers = []
    for (low, high), n in zip(pairwise(REGISTER_EDGES), _BANDS_A_REGISTER, strict=True):
        registers.append(slice(len(centres), len(centres) + n))
        centres += list(np.geomspace(low, high, n, endpoint=False))
    edges = np.array([centres[0] / 1.2, *centres, REGISTER_EDGES[-1]])
    frequency = np.fft.rfftfreq(SIZE, 1 / RATE)[:, None]
    below, centre, above = edges[:-2], edges[1:-1], edges[2:]
    width = RATE / SIZE  # no band is narrower than what a frame tells apart
    rise = (frequency - np.minimum(below, centre - width)) / np.maximum(centre - below, width)
    fall = (np.maximum(above, centre + width) - frequency) / np.maximum(above - centre, width)
    weights = np.maximum(0, np.minimum(rise, fall))
    return (weights / weights.sum(0)).astype(np.float32), registers


class OnsetMeter:
    """Onset strength of a stream of mono float32 blocks at 22,050 Hz.

    A rise in a band is that of the logarithm of its energy over 23 ms, less what a neighbouring
    band had before (so that vibrato and slides are no onsets; Böck and Widmer 2013). Energy is
    seen against the last two seconds.

    Examples
    --------
    >>> meter = OnsetMeter()
    >>> meter.add(np.zeros(22_050, np.float32))
    >>> meter.series().shape
    (85, 4)
    """

    def __init__(self) -> None:
        self._framer = Framer(size=SIZE, hop=HOP)
        self._window = (np.hanning(SIZE + 1)[:-1] / SIZE).astype(np.float32)
        self._bands, self._registers = _bands()
        n_bands = self._bands.shape[1]
        self._forget = float(np.exp(-1 / (_MEMORY_SECONDS * ONSET_RATE)))
        self._slow = np.zeros((1, n_bands + 1), np.float32)
        self._before: Floats | None = None
        self._n_frames = 0
        self._pieces: list[NDArray[np.float16]] = []

    def add(self, block: Sound) -> None:
        """Take the next samples, of any number."""
        for frames in self._framer.add(block):
            spectrum = rfft(frames * self._window, axis=1)
            energy = (spectrum.real**2 + spectrum.imag**2) @ self._bands
            self._pieces.append(self._rises(self._levels(energy)).astype(np.float16))
            if len(self._pieces) > _MOST_PIECES:
                self._pieces = [np.concatenate(self._pieces)]

    def series(self) -> NDArray[np.float16]:
        """Return (n, 4) onset strength so far: mean rise in nepers of each register's bands."""
        if not self._pieces:
            return np.zeros((0, N_REGISTERS), np.float16)
        self._pieces = [np.concatenate(self._pieces)]
        return self._pieces[0]

    def _levels(self, energy: Floats) -> Floats:
        """Return log energy over a floor that follows the last seconds."""
        common = energy.max(1, keepdims=True)
        kept = np.float32(self._forget)
        slow, self._slow = lfilter(
            [1 - kept], [1, -kept], np.hstack([energy, common]), axis=0, zi=self._slow
        )
        age = self._n_frames + np.arange(1, len(energy) + 1, dtype=np.float32)[:, None]
        self._n_frames += len(energy)
        slow = slow / (1 - kept**age)
        floor = _OWN_FLOOR * slow[:, :-1] + _COMMON_FLOOR * slow[:, -1:] + _SILENCE
        return np.asarray(np.log(energy + floor), np.float32)

    def _rises(self, levels: Floats) -> Floats:
        """Return (n, 4) mean rise of each register."""
        if self._before is None:
            self._before = np.repeat(levels[:1], _LAG, axis=0)
        levels = np.vstack([self._before, levels])
        self._before = levels[-_LAG:]
        was = levels[:-_LAG]
        widest = was.copy()
        np.maximum(widest[:, 1:], was[:, :-1], out=widest[:, 1:])
        np.maximum(widest[:, :-1], was[:, 1:], out=widest[:, :-1])
        rise = np.maximum(levels[_LAG:] - widest, 0)
        return np.stack([rise[:, bands].mean(1) for bands in self._registers], axis=1)
