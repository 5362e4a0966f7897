"""Sounds that are made, never recorded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 22_050
Sound = NDArray[np.float32]


def tune(seconds: float, *, seed: int = 0, rate: int = RATE, bpm: float = 110) -> Sound:
    """Chords a little off A440 with overtones, drums on the beat, and a little noise."""
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * rate)) / rate
    beat = 60 / bpm
    sound = 0.003 * random.normal(size=len(time))
    for k, start in enumerate(np.arange(0, seconds, 4 * beat)):
        at = slice(int(start * rate), int((start + 4 * beat) * rate))
        for semitone in (0, 4, 7):
            hz = 222 * 2 ** (((5 * k) % 12 + semitone) / 12)
            for overtone in range(1, 7):
                sound[at] += 0.1 / overtone * np.sin(2 * np.pi * hz * overtone * time[at])
    since = np.mod(time, beat)
    sound += 0.4 * np.exp(-since * 30) * random.normal(size=len(time))
    sound *= 0.3 + 0.7 * np.minimum(1, time / max(seconds / 2, 1e-9))
    return sound.astype(np.float32) / 2
