"""Key and mode of a stream of sound, with the chance of being right."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.measuring.framing import Sound
from trackoracle.audio.measuring.pitches import PitchMeter

Values = NDArray[np.float64]
PROFILES = np.array(
    [
        [
            [0.85, -0.60, 0.63, -0.62, 0.30, 0.21, -0.79, 1.25, -0.72, 0.49, -1.66, 0.66],
            [0.43, -0.10, -0.07, 0.08, -0.05, 0.22, -0.35, 0.07, 0.04, -0.11, -0.00, -0.16],
            [0.39, -0.06, 0.02, -0.20, 0.16, 0.01, -0.14, 0.05, -0.04, 0.05, -0.08, -0.15],
            [0.17, -0.00, -0.12, -0.25, -0.07, 0.23, -0.30, 0.21, -0.20, 0.29, -0.04, 0.08],
        ],
        [
            [1.27, -1.51, 0.70, 0.74, -1.17, 0.75, -0.69, 0.85, -0.09, -0.81, 0.27, -0.32],
            [0.70, -0.24, -0.40, 0.21, 0.13, -0.16, -0.29, 0.22, 0.17, 0.04, -0.34, -0.03],
            [0.42, -0.21, -0.01, 0.12, -0.16, -0.06, -0.20, 0.10, 0.44, -0.39, 0.02, -0.08],
            [-0.26, -0.21, 0.01, 0.02, -0.24, -0.03, -0.18, 0.40, 0.12, -0.30, 0.35, 0.31],
        ],
    ]
)
MODE_ODDS = np.array([0.32, -0.32])
"""Weights of major and minor, of the pitch classes of the whole, of the bass, of the beginning
and of the end, by step above the tonic; log odds of the modes. One logistic regression for all
keys: the whole from the mean chroma of 3,278 songs with Spotify's key and mode and from 960
generated pieces and excerpts of them, the rest from the pieces alone, since no labelled file has
it (`python -m benchmarks.key_profiles`)."""
_DOUBT = 0.7
"""Power of the chances, so that bass, beginning and end, learned without real songs, choose
between keys but make no answer surer: on 51 recordings the mean is then that of the whole."""
_FLAT = 0.05
"""Added to the spread of the pitch classes, as a share of their mean: even shares tell no key."""
LEAST_SPREAD = 0.08
"""Below, the pitch classes are as even as those of noise (.02 to .06; music has .1 and more)."""
_LEAST_TUNED = 0.02
"""Below, pitches keep to no notes: a bird, a siren."""
_UNTUNED, _UNTUNED_SPREAD = 0.05, 0.5
"""Speech, whales and a dog are below both; of 51 pieces of music none is."""
_LEAST_FRAMES = 3


@dataclass(frozen=True)
class Tonality:
    """Key and mode of a recording.

    Attributes
    ----------
    key
        0 (C) to 11 (B), -1 where nothing tonal was heard.
    mode
        1 major, 0 minor.
    confidence
        Chance that Spotify says the same key and mode, 0 to 1; of 24.
    runner_up
        Key, mode and chance of the next best, None without a key.
    tuning
        Cents above A = 440 Hz, -50 to 50.
    """

    key: int
    mode: int
    confidence: float
    runner_up: tuple[int, int, float] | None
    tuning: float

    def to_dict(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


class TonalityMeter:
    """Key of a stream of mono float32 blocks at 22,050 Hz; memory does not grow.

    Examples
    --------
    >>> time = np.arange(22_050 * 2, dtype=np.float32) / 22_050
    >>> meter = TonalityMeter()
    >>> for pitch in (261.63, 329.63, 392.0):
    ...     meter.add(0.3 * np.sin(2 * np.pi * pitch * time))
    >>> found = meter.result()
    >>> found.key, found.mode
    (0, 1)
    """

    def __init__(self) -> None:
        self._pitches = PitchMeter()

    def add(self, block: Sound) -> None:
        """Take the next samples, of any number."""
        self._pitches.add(block)

    def result(self) -> Tonality:
        """Return what the sound so far tells."""
        if not self._tonal():
            return Tonality(-1, 1, 0.0, None, 0.0)
        parts = self._pitches.parts()
        chances = key_chances(parts[None])[0] ** _DOUBT
        chances /= chances.sum()
        second, first = np.argsort(chances, kind="stable")[-2:]
        return Tonality(
            key=int(first) // 2,
            mode=1 - int(first) % 2,
            confidence=float(chances[first]),
            runner_up=(int(second) // 2, 1 - int(second) % 2, float(chances[second])),
            tuning=self._pitches.tuning(),
        )

    def _tonal(self) -> bool:
        """Return whether notes were heard, not noise, speech or cries."""
        if self._pitches.n_frames < _LEAST_FRAMES:
            return False
        whole, tuned = self._pitches.classes(), self._pitches.in_tune()
        spread = float(whole.std() / whole.mean())
        wavers = tuned < _UNTUNED and spread < _UNTUNED_SPREAD
        return spread >= LEAST_SPREAD and tuned >= _LEAST_TUNED and not wavers


def standardised(parts: Values) -> Values:
    """Return pitch classes (last axis, 12) less their mean, in units of their spread."""
    mean = parts.mean(-1, keepdims=True)
    return np.asarray((parts - mean) / (parts.std(-1, keepdims=True) + _FLAT * mean + 1e-12))


def turned(parts: Values) -> Values:
    """Return (n, 12, 4, 12) standardised pitch classes as seen from each tonic."""
    values = standardised(parts)
    return np.stack([np.roll(values, -key, axis=-1) for key in range(12)], axis=1)


def key_chances(
    parts: Values, profiles: Values = PROFILES, mode_odds: Values = MODE_ODDS
) -> Values:
    """Return (n, 24) chances of C major, C minor, C sharp major ... from (n, 4, 12) classes."""
    logits = np.einsum("nkpd,mpd->nkm", turned(parts), profiles) + mode_odds
    logits = logits.reshape(len(parts), 24)
    chances = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(chances / chances.sum(1, keepdims=True))
