"""Three or four beats to the bar, from what repeats after so many beats."""

from __future__ import annotations

import numpy as np

from trackoracle.audio.measuring.onsets import ONSET_RATE
from trackoracle.audio.measuring.periodicity import Periodicity, Values


def bar_evidence(found: Periodicity, tempo: float) -> Values:
    """Return (4,) how much more repeats after 3 beats than after 2 and 4, and 6 than 4 and 8.

    Of all registers, then of the bass. The second number is for a tempo that is twice the beat.
    """
    beat = 60 / tempo * ONSET_RATE
    contrasts = []
    for after in (found.after, found.low_after):
        lags = np.array([2.0, 3.0, 4.0, 6.0, 8.0]) * beat
        near = np.max([after(lags * by) for by in (0.99, 1.0, 1.01)], axis=0)
        two, three, four, six, eight = near
        contrasts += [three - (two + four) / 2, six - (four + eight) / 2]
    return np.array(contrasts)


def time_signature(found: Periodicity, tempo: float) -> tuple[int | None, float]:
    """Return 3 or 4, or None, and the confidence."""
    bar_evidence(found, tempo)
    return None, 0.0
