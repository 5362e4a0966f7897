"""Three or four beats to the bar, from what repeats after so many beats."""

from __future__ import annotations

import numpy as np

from trackoracle.audio.measuring.onsets import ONSET_RATE
from trackoracle.audio.measuring.periodicity import WINDOW, Periodicity, Values

_BEATS = np.arange(1, 9)
_DUPLE = (
    (0, 1, 0, 1, 0, 1, 0, 1),
    (0, 0.5, 0, 1, 0, 0.5, 0, 1),
    (0, 0.4, 0, 0.6, 0, 0.4, 0, 1),
)
"""What repeats after 1 to 8 beats where every second, fourth or eighth is accented."""
_TRIPLE = (0, 0, 1, 0, 0, 1, 0, 0)
_SLACK = (0.99, 1.0, 1.01)
_NOISE = 0.1
"""Differences of autocorrelation, both registers together, that chance makes."""
_LAST_LAG = 850
"""Of 1,024: beyond, too little of a window is compared."""
_DOUBLED = 0.5
"""What a triple bar of double beats must have more, since pairs of beats speak for four."""
_SURE_OF_FOUR, _SURE_OF_THREE = 0.2, 0.35
"""Evidence below which the bar is not told; one song in twenty has three."""
_LEAST_CLARITY = 0.1
_SCALE = 4.0
_TAPER = np.hanning(WINDOW)
_LEFT = np.correlate(_TAPER, _TAPER, "full")[WINDOW - 1 :] / (_TAPER @ _TAPER)
_LEFT = np.maximum(_LEFT, 0.05)
"""(1024,) share of a window that is compared after each lag."""


def time_signature(found: Periodicity, tempo: float, clarity: float) -> tuple[int | None, float]:
    """Return 3 or 4 and the confidence, 0 to 1; None and 0 where the beats do not tell."""
    evidence = triple_evidence(found, tempo)
    told = evidence > _SURE_OF_THREE or evidence < -_SURE_OF_FOUR
    if not told or clarity < _LEAST_CLARITY:
        return None, 0.0
    return 3 if evidence > 0 else 4, float(1 / (1 + np.exp(-_SCALE * abs(evidence))))


def triple_evidence(found: Periodicity, tempo: float) -> float:
    """Return how much better threes fit what repeats than twos, fours and eights, -1.5 to 1.5.

    Where every second beat is alike, the tempo may be twice the beat: pairs are tried, too.
    """
    beat = 60 / tempo * ONSET_RATE
    fits = _fits(found, beat)
    if fits is None:
        return 0.0
    *duple, triple = fits
    evidence = triple - max(duple)
    pairs = _fits(found, 2 * beat)
    if pairs is not None and duple[0] > triple:
        evidence = max(evidence, pairs[-1] - max(pairs[:-1]) - _DOUBLED)
    return float(evidence)


def _fits(found: Periodicity, beat: float) -> list[float] | None:
    """Return the correlation of what repeats with each duple bar and the triple one."""
    lags: Values = np.asarray(_BEATS * beat, np.float64)
    if lags[-1] > _LAST_LAG:
        return None
    after: Values = np.zeros(len(lags))
    for register in (found.after, found.low_after):
        after += np.max([register(lags * by) for by in _SLACK], axis=0)
    left = np.interp(lags, np.arange(WINDOW), _LEFT)
    after = _detrended(np.asarray(after / left, np.float64))
    size = float(np.linalg.norm(after)) + _NOISE
    shapes = [_detrended(np.array(shape, float)) for shape in (*_DUPLE, _TRIPLE)]
    return [float(after @ shape / (size * np.linalg.norm(shape))) for shape in shapes]


def _detrended(values: Values) -> Values:
    slope, start = np.polyfit(_BEATS, values, 1)
    return np.asarray(values - slope * _BEATS - start)
