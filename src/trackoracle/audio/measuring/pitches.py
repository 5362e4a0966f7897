"""How much of each pitch class sounds, from the peaks of a fine spectrum, tuning aside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

from trackoracle.audio.measuring.framing import Framer, Sound

RATE = 22_050
SIZE, HOP = 8192, 4096
"""0.37 s, every 0.19 s: bins of 2.7 Hz, which tell semitones apart from 90 Hz on."""
LOWEST, HIGHEST = 60.0, 2500.0
"""Hz of the peaks that are read."""
STEPS = 10
"""Steps of a semitone in which pitches are counted, until the tuning is known."""
N_STEPS = 12 * STEPS
_C4 = 440 * 2 ** (-9 / 12)
_LEAST_OF_FRAME = 0.03
"""Peaks 30 dB below the frame's strongest are overtones of overtones, or noise."""
_SILENCE = 1e-5
"""A peak's amplitude below which a frame is silent (-100 dB of full scale)."""
_CENTRE = 400.0
"""Hz of the pitches that count most; an octave off counts .61. A bell an octave wide makes noise
count alike in all pitch classes, which a sharp edge does not."""
BASS = 200.0
"""Hz below which a peak is of the bass."""
N_EDGE = 8
"""Frames (1.7 s) of the beginning and of the end."""
_WIDTH = 0.35
"""Standard deviation in semitones of what counts for a note: voices waver."""
Values = NDArray[np.float64]


class PitchMeter:
    """Pitch classes of a stream of mono float32 blocks at 22,050 Hz.

    Examples
    --------
    >>> time = np.arange(22_050, dtype=np.float32) / 22_050
    >>> meter = PitchMeter()
    >>> meter.add(np.sin(2 * np.pi * 440 * time))
    >>> int(meter.classes().argmax())
    9
    """

    def __init__(self) -> None:
        self._framer = Framer(size=SIZE, hop=HOP)
        self._window = (np.hanning(SIZE + 1)[:-1] * 4 / SIZE).astype(np.float32)
        self._low = int(LOWEST * SIZE / RATE)
        self._high = int(HIGHEST * SIZE / RATE)
        self._steps = np.zeros(N_STEPS)
        self._bass = np.zeros(N_STEPS)
        self._first = np.zeros((0, N_STEPS))
        self._last = np.zeros((0, N_STEPS))
        self.n_frames = 0

    def add(self, block: Sound) -> None:
        """Take the next samples, of any number."""
        for frames in self._framer.add(block):
            spectrum = rfft(frames * self._window, axis=1)[:, self._low - 1 : self._high + 1]
            self._count(np.abs(spectrum))

    def classes(self) -> Values:
        """Return (12,) mean share of each pitch class from C on, 0 to 1; zeros of silence."""
        return self._folded(self._steps)

    def parts(self) -> Values:
        """Return (4, 12) pitch classes of the whole, the bass, the first and the last 1.7 s."""
        steps = (self._steps, self._bass, self._first.sum(0), self._last.sum(0))
        return np.stack([self._folded(part) for part in steps])

    def _folded(self, steps: Values) -> Values:
        """Return (12,) pitch classes of (120,) steps, in tune."""
        centres = (np.arange(12) + self.tuning() / 100) * STEPS
        apart = np.arange(N_STEPS) + 0.5 - centres[:, None]
        apart = (apart + N_STEPS / 2) % N_STEPS - N_STEPS / 2
        folded = np.exp(-0.5 * (apart / (_WIDTH * STEPS)) ** 2) @ steps
        return np.asarray(folded / max(self.n_frames, 1))

    def tuning(self) -> float:
        """Return the tuning in cents from A = 440 Hz, -50 to 50."""
        return float(np.angle(self._around()) / (2 * np.pi) * 100)

    def in_tune(self) -> float:
        """Return 0 (pitches lie anywhere between the notes) to 1 (all on one grid)."""
        return float(np.abs(self._around()) / max(float(self._steps.sum()), 1e-9))

    def _around(self) -> complex:
        angles = 2 * np.pi * (np.arange(N_STEPS) + 0.5) / STEPS
        return complex(np.sum(self._steps * np.exp(1j * angles)))

    def _count(self, amplitude: NDArray[np.float32]) -> None:
        """Add the pitches of (n, bins) frames, each frame's as shares of its strongest."""
        inner, left, right = amplitude[:, 1:-1], amplitude[:, :-2], amplitude[:, 2:]
        strongest = inner.max(1, keepdims=True)
        least = np.maximum(strongest * np.float32(_LEAST_OF_FRAME), np.float32(_SILENCE))
        frame, place = np.nonzero((inner > left) & (inner >= right) & (inner > least))
        if not len(frame):
            return
        at, before, after = (
            np.log(part[frame, place]) for part in (inner, left + 1e-12, right + 1e-12)
        )
        shift = 0.5 * (before - after) / (before - 2 * at + after - 1e-9)
        frequency = (self._low + place + shift) * RATE / SIZE
        loud = np.exp(at - np.log(strongest[frame, 0]))
        weight = loud * np.exp(-0.5 * np.log2(frequency / _CENTRE) ** 2)
        step = np.floor(N_STEPS * np.log2(frequency / _C4)).astype(np.int64) % N_STEPS
        place_of = frame * N_STEPS + step
        shape, n_counts = (-1, N_STEPS), len(amplitude) * N_STEPS
        deep = loud * (frequency < BASS)
        self._keep(
            *(
                np.bincount(place_of, amounts, n_counts).astype(np.float64).reshape(shape)
                for amounts in (weight, deep)
            )
        )

    def _keep(self, counts: Values, deep_counts: Values) -> None:
        """Add frames that sound, each as shares of 1."""
        total = counts.sum(1, keepdims=True)
        sounding = total[:, 0] > 0
        shares = counts[sounding] / total[sounding]
        self._steps += shares.sum(0)
        self._bass += (deep_counts[sounding] / total[sounding]).sum(0)
        self._first = np.concatenate([self._first, shares])[:N_EDGE]
        self._last = np.concatenate([self._last, shares])[-N_EDGE:]
        self.n_frames += len(shares)
