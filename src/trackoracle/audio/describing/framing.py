"""How a recording is cut into frames, and what frames tell without a spectrum.

All descriptors share one grid: 22,050 Hz mono, frames of 2,048 samples, one every 512,
the first centred on the first sample. That is what the label files were computed with.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 22_050
"""Hz, of everything that is described."""
FRAME = 2_048
HOP = 512
FRAMES_PER_SECOND = SAMPLE_RATE / HOP
_HALF = FRAME // 2
_SILENT = 1e-10
"""Samples up to this are zero, when crossings of zero are counted."""

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


def n_frames(n_samples: int) -> int:
    """Return how many frames are centred within so many samples.

    Examples
    --------
    >>> n_frames(22_050)
    44
    """
    return 1 + n_samples // HOP


def frames_of(samples: Floats, padding: str = "constant") -> Floats:
    """View samples (n,) as overlapping frames: (n_frames, 2048), ends padded by half a frame.

    Parameters
    ----------
    samples
        (n,) at 22,050 Hz, at least one.
    padding
        How the ends are padded, as `numpy.pad` names it: "constant", "reflect" or "edge".
    """
    padded = np.pad(samples, _HALF, mode=padding)  # type: ignore[call-overload]
    windows = np.lib.stride_tricks.sliding_window_view(padded, FRAME)
    return windows[::HOP][: n_frames(len(samples))]


def padded_frames(n_samples: int) -> Indices:
    """Return which frames reach beyond either end of so many samples, rising.

    Examples
    --------
    >>> padded_frames(4 * 2048).tolist()
    [0, 1, 15, 16]
    """
    centres = np.arange(n_frames(n_samples)) * HOP
    return np.flatnonzero((centres < _HALF) | (centres + _HALF > n_samples))


def end_frames(samples: Floats, padding: str) -> Floats:
    """Return only the frames that `padded_frames` names: (m, 2048), padded in another way."""
    if len(samples) < 4 * FRAME:
        return frames_of(samples, padding)[padded_frames(len(samples))]
    which = padded_frames(len(samples))
    n_left = int(np.searchsorted(which, _HALF // HOP))
    # The right end is told from its own last samples, so that a whole window is not copied.
    rest = HOP * (int(which[n_left]) - _HALF // HOP)
    right = frames_of(samples[rest:], padding)[which[n_left:] - rest // HOP]
    return np.concatenate([frames_of(samples[: 2 * FRAME], padding)[:n_left], right])


def _per_hop(values: Floats) -> NDArray[np.float64]:
    """Sum values (n,) over each whole or begun hop: (ceil(n / 512),)."""
    n_whole = len(values) // HOP * HOP
    sums = values[:n_whole].reshape(-1, HOP).sum(axis=1, dtype=np.float32).astype(np.float64)
    return np.append(sums, values[n_whole:].sum(dtype=np.float64))


def _over_frames(hops: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Add up the hops of each of n frames; beyond the ends there is nothing: (n,)."""
    reach = _HALF // HOP
    padded = np.pad(hops, (reach, max(0, n + reach - len(hops))))
    return sum((padded[k : k + n] for k in range(2 * reach)), np.zeros(n))


def mean_power(samples: Floats) -> NDArray[np.float64]:
    """Mean square of each frame, the ends padded with silence: (n_frames,)."""
    return _over_frames(_per_hop(np.square(samples)), n_frames(len(samples))) / FRAME


def zero_crossing_rate(samples: Floats) -> NDArray[np.float64]:
    """Share of each frame's samples whose sign is not that of the sample before: (n_frames,).

    As librosa counts: samples up to 1e-10 are positive, the first of a frame never crosses,
    and the ends go on with the outermost sample.

    Examples
    --------
    >>> zero_crossing_rate(np.ones(1024, np.float32)).tolist()
    [0.0, 0.0, 0.0]
    """
    negative = samples < -_SILENT
    crossing = np.zeros(len(samples), np.float32)
    np.not_equal(negative[1:], negative[:-1], out=crossing[1:], casting="unsafe")
    n = n_frames(len(samples))
    counts = _over_frames(_per_hop(crossing), n)
    firsts = np.arange(n) * HOP - _HALF
    within = firsts >= 0
    counts[within] -= crossing[firsts[within]]
    return counts / FRAME
