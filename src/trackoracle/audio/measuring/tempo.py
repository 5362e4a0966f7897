"""Tempo, its rivals, how clear the pulse is, and the bar, of a stream of sound."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from trackoracle.audio.measuring.framing import Sound
from trackoracle.audio.measuring.meter import time_signature
from trackoracle.audio.measuring.onsets import ONSET_RATE, OnsetMeter
from trackoracle.audio.measuring.periodicity import (
    Periodicity,
    Values,
    periodicity,
    pulses,
    repeats_over_time,
)

SLOWEST, FASTEST = 40.0, 240.0
"""Beats a minute that are considered: 99 in 100 of Echo Nest's tempos."""
_TEMPOS = np.geomspace(SLOWEST, FASTEST, 361)
_USUAL, _OCTAVES = 118.5, 0.42
"""Median and standard deviation (octaves) of log tempo in Echo Nest's 13,114 FMA labels; in
Spotify's 114k they are 118.8 and .36."""
_BEATS = np.arange(1, 7)
_SLACK = 0.015
"""Share of a lag within which the repetition is looked for: players drift."""
_OVERTONES = ((1, 1.0), (2, 1.0), (3, 0.5), (4, 0.5))
_FINE = np.linspace(-0.03, 0.03, 121)
_N_ALTERNATIVES = 4
_APART = 0.06
"""Octaves (4 %) between tempos that are two."""
_LEAST_SECONDS = 4.0
"""Less sound has no tempo."""
_CLARITY_WEIGHT, _CONFIDENCE_START = 1.69, 3.30
"""Logistic regression, on the logarithm of clarity, of whether two neighbouring 15 s of a
recording have the same tempo, octave aside (63 pairs of 52 recordings, no labels)."""
_ENOUGH_SECONDS = 12.0
"""Of less, a rhythm may be chance."""
_LEAST_RISE = 0.01
"""Nepers; before the first and after the last, nothing sounds."""
_RISE, _ABOVE = 0.1, 1.5
"""An onset rises by so many nepers more than so many times the mean of the second around it."""


@dataclass(frozen=True)
class Pulse:
    """Tempo and bar of a recording.

    Attributes
    ----------
    tempo
        Beats a minute, None where nothing repeats.
    confidence
        0 to 1: how likely another part of the recording has the same tempo, octave aside.
    alternatives
        Other tempos, octaves among them: (beats a minute, weight; the tempo has 1), heaviest
        first.
    onset_rate
        Notes and strokes that begin a second.
    pulse_clarity
        0 (nothing repeats after a beat) to 1 (all does).
    time_signature
        3 or 4, None where the beats do not tell.
    time_signature_confidence
        0 to 1.
    """

    tempo: float | None
    confidence: float
    alternatives: tuple[tuple[float, float], ...]
    onset_rate: float
    pulse_clarity: float
    time_signature: int | None
    time_signature_confidence: float

    def to_dict(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


class PulseMeter:
    """Tempo of a stream of mono float32 blocks at 22,050 Hz.

    Onset strength is kept, 86 values a second in four registers: 7.4 MB of three hours.

    Examples
    --------
    >>> clicks = np.zeros(22_050 * 12, np.float32)
    >>> clicks[:: 22_050 // 2] = 0.5
    >>> meter = PulseMeter()
    >>> for block in np.array_split(clicks, 5):
    ...     meter.add(block)
    >>> round(meter.result().tempo)
    120
    """

    def __init__(self) -> None:
        self._onsets = OnsetMeter()

    def add(self, block: Sound) -> None:
        """Take the next samples, of any number."""
        self._onsets.add(block)

    def result(self) -> Pulse:
        """Return what the sound so far tells."""
        series = self._onsets.series()
        onset_rate = _onset_rate(series)
        series = _sounding(series)
        found = None
        if len(series) >= _LEAST_SECONDS * ONSET_RATE:
            found = periodicity(*pulses(series))
        if found is None:
            return Pulse(None, 0.0, (), onset_rate, 0.0, None, 0.0)
        candidates = _candidates(found)
        if not candidates:
            return Pulse(None, 0.0, (), onset_rate, 0.0, None, 0.0)
        tempo, heaviest = candidates[0]
        clarity = _clarity(found, tempo)
        bar, sure = time_signature(found, tempo, clarity)
        return Pulse(
            tempo=tempo,
            confidence=_confidence(clarity, len(series) / ONSET_RATE),
            alternatives=tuple((bpm, weight / heaviest) for bpm, weight in candidates[1:]),
            onset_rate=onset_rate,
            pulse_clarity=clarity,
            time_signature=bar,
            time_signature_confidence=sure,
        )

    def clarity_over_time(self, tempo: float, seconds: float) -> tuple[float, ...]:
        """Return how clear a tempo is in the 12 s that begin every so many seconds."""
        whole, _ = pulses(self._onsets.series())
        lags = _lags(tempo)
        step = max(1, round(seconds * ONSET_RATE))
        parts = [
            np.mean([found[:, int(lag)] for lag in np.round(lags)], axis=0)
            for found in repeats_over_time(whole, step)
        ]
        return tuple(float(value) for value in np.clip(np.concatenate(parts), 0, 1))


def _sounding(series: NDArray[np.float16]) -> NDArray[np.float16]:
    """Return a series without the silence before and after, which would shift its windows."""
    heard = np.flatnonzero(series.max(1, initial=0) > _LEAST_RISE)
    return series[heard[0] : heard[-1] + 1] if len(heard) else series[:0]


def _candidates(found: Periodicity) -> list[tuple[float, float]]:
    """Return tempos at which the weight is highest, refined, heaviest first."""
    weights = _weights(found)
    inner = weights[1:-1]
    peaks = 1 + np.flatnonzero((inner > weights[:-2]) & (inner >= weights[2:]) & (inner > 0))
    best: list[tuple[float, float]] = []
    for peak in peaks[np.argsort(-weights[peaks], kind="stable")]:
        tempo = _refined(found, float(_TEMPOS[peak]))
        if all(abs(np.log2(tempo / other)) > _APART for other, _ in best):
            best.append((tempo, float(weights[peak])))
        if len(best) > _N_ALTERNATIVES:
            break
    return best


def _weights(found: Periodicity) -> Values:
    """Return how much speaks for each tempo: what repeats after its beats, is as fast, is usual.

    Autocorrelation favours multiples of the beat, the spectrum its fractions; their product
    (Peeters 2006) only what both show.
    """
    lags = 60 / _TEMPOS * ONSET_RATE
    slack = (1 - _SLACK, 1.0, 1 + _SLACK)
    after = [np.max([found.after(k * lags * by) for by in slack], axis=0) for k in _BEATS]
    heard = np.sum([weight * found.at(k * _TEMPOS) for k, weight in _OVERTONES], axis=0)
    usual = np.exp(-0.5 * (np.log2(_TEMPOS / _USUAL) / _OCTAVES) ** 2)
    return np.asarray(np.maximum(np.mean(after, axis=0), 0) * heard * usual, np.float64)


def _refined(found: Periodicity, tempo: float) -> float:
    """Return the tempo near one whose beats repeat best; eight beats tell it to .3 %."""
    near = tempo * (1 + _FINE)
    lags = 60 / near * ONSET_RATE
    n_beats = int(min(8, 900 / lags.max()))
    total = np.sum([found.after(k * lags) for k in range(1, n_beats + 1)], axis=0)
    return float(near[int(np.argmax(total))])


def _lags(tempo: float) -> Values:
    return np.asarray(np.arange(1, 5) * (60 / tempo * ONSET_RATE), np.float64)


def _clarity(found: Periodicity, tempo: float) -> float:
    return float(np.clip(np.mean(found.after(_lags(tempo))), 0, 1))


def _confidence(clarity: float, seconds: float) -> float:
    """Return the chance that another part of the recording has the same tempo, octave aside."""
    logit = _CONFIDENCE_START + _CLARITY_WEIGHT * np.log(max(clarity, 1e-3))
    return float(min(seconds / _ENOUGH_SECONDS, 1.0) / (1 + np.exp(-logit)))


def _onset_rate(series: NDArray[np.float16]) -> float:
    """Return peaks a second that stand out of the second around them."""
    if not len(series):
        return 0.0
    rise = series.mean(1, dtype=np.float32)
    usual = uniform_filter1d(rise, int(ONSET_RATE))
    peaks = (rise == maximum_filter1d(rise, 5)) & (rise > _ABOVE * usual + _RISE)
    return float(peaks.sum() / (len(series) / ONSET_RATE))
