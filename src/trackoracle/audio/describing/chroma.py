"""How much of the twelve pitch classes sounds in each frame, at the recording's own tuning."""

from __future__ import annotations

import numpy as np

from trackoracle.audio.describing.framing import Floats
from trackoracle.audio.describing.spectra import Rows, Spectra, Tones

_N_STEPS = 100
"""Tunings that are told apart, of a semitone."""
_A0_HZ = 27.5


def tuning_of(tones: Tones, rows: Rows, n_frames: int) -> float:
    """Return the deviation from A440 in semitones that most strong tones have, 0 without tones.

    Parameters
    ----------
    tones
        Of all frames.
    rows
        The frames to go by.
    n_frames
        How many frames there are in all.
    """
    meant = np.zeros(n_frames, bool)
    meant[rows] = True
    kept = meant[tones.frame]
    power, hz = tones.power[kept], tones.hz[kept]
    if not len(power):
        return 0.0
    strong = hz[power >= np.median(power)]
    off = np.mod(12 * np.log2(strong / np.float32(_A0_HZ)), np.float32(1))
    off = np.where(off >= 0.5, off - 1, off)
    counts, edges = np.histogram(off, _N_STEPS, (-0.5, 0.5))
    return float(edges[np.argmax(counts)])


def chroma(spectra: Spectra, rows: Rows) -> Floats:
    """Return the share of C to B of the strongest class in each frame of a view: (n, 12)."""
    tuning = tuning_of(spectra.tones, rows, len(spectra.power))
    energies = spectra.energies(round(tuning, 2))[rows]
    most = energies.max(axis=1, keepdims=True)
    return np.asarray(energies / np.where(most < np.finfo(np.float32).tiny, 1, most))
