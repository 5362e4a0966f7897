"""The recipe `full`: all that a window tells, for estimators that users train themselves."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.describing.banks import N_MELS
from trackoracle.audio.describing.pulse import MODULATIONS_HZ, clarity, modulations, onset_rate
from trackoracle.audio.describing.shapes import N_CONTRASTS
from trackoracle.audio.describing.window import View

_N_BANDS, _N_CEPSTRA = 32, 20
_REACH = 4
_SERIES = ("centroid", "bandwidth", "roll_off", "flatness", "zero_crossings", "level", "flux")
_SILENT_DB = -60.0


def _named(names: list[str], *statistics: str) -> tuple[str, ...]:
    return tuple(f"{name}_{statistic}" for statistic, name in product(statistics, names))


FULL: tuple[str, ...] = (
    *_named([f"band_{k + 1:02d}" for k in range(_N_BANDS)], "mean", "std", "p10", "p90"),
    *_named([f"mfcc_{k + 1:02d}" for k in range(_N_CEPSTRA)], "mean", "std", "delta_std"),
    *_named([f"chroma_{k + 1:02d}" for k in range(12)], "mean"),
    *_named([f"chroma_{k + 1:02d}" for k in range(12)], "rising"),
    *_named([f"contrast_{k + 1}" for k in range(N_CONTRASTS)], "mean", "std"),
    *_named(list(_SERIES), "mean", "std", "p05", "p50", "p95"),
    "chroma_spread", "onset_rate", "pulse_clarity",
    *(f"flux_to_{hz:g}_hz" for hz in MODULATIONS_HZ[1:]),
    *(f"level_to_{hz:g}_hz" for hz in MODULATIONS_HZ[1:]),
    "crest_db", "range_db", "silent_share",
)  # fmt: skip
"""Column names: statistics over the frames of a window."""


def full(view: View) -> NDArray[np.float64]:
    """Compute the recipe of a window: (n_columns,)."""
    levels, cepstra = view.mel_decibels(), view.cepstra(_N_CEPSTRA)
    bands = levels.reshape(len(levels), _N_BANDS, N_MELS // _N_BANDS).mean(axis=2)
    chroma = view.chroma.mean(axis=0, dtype=np.float64)
    return np.concatenate(
        [
            *_moments(bands),
            *np.quantile(bands, (0.1, 0.9), axis=0),
            *_moments(cepstra),
            _deltas(cepstra).std(axis=0),
            chroma,
            # In order of strength: the same in every key.
            np.sort(chroma),
            *_moments(view.contrast),
            *_of_series(view),
            _of_time(view),
        ]
    ).astype(np.float64)


def _moments(frames: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return frames.mean(axis=0, dtype=np.float64), frames.std(axis=0, dtype=np.float64)


def _deltas(cepstra: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return slopes over nine frames, where there are as many: (n - 8, k), else one row of 0."""
    n = len(cepstra) - 2 * _REACH
    if n < 1:
        return np.zeros((1, cepstra.shape[1]))
    steps = range(1, _REACH + 1)
    rises = [k * (cepstra[_REACH + k :][:n] - cepstra[_REACH - k :][:n]) for k in steps]
    return np.asarray(sum(rises) / (2 * sum(k * k for k in steps)))


def _of_series(view: View) -> list[NDArray[np.float64]]:
    series = np.column_stack(
        [
            *(view.shape(name) for name in ("centroid", "bandwidth", "roll_off")),
            10 * np.log10(np.maximum(view.spectra.flatness[view.rows], 1e-10)),
            view.zero_crossings,
            view.level,
            view.flux,
        ]
    )
    return [*_moments(series), *np.quantile(series, (0.05, 0.5, 0.95), axis=0)]


def _of_time(view: View) -> NDArray[np.float64]:
    level = view.level
    loudest = 20 * np.log10(max(float(np.abs(view.samples).max()), 1e-10))
    whole = 10 * np.log10(max(float(np.square(view.samples).mean(dtype=np.float64)), 1e-10))
    low, high = np.quantile(level, (0.1, 0.95))
    beat = [view.chroma.std(dtype=np.float64), onset_rate(view.flux), clarity(view.flux)]
    dynamics = [loudest - whole, high - low, (level < _SILENT_DB).mean()]
    return np.concatenate([beat, modulations(view.flux), modulations(level), dynamics])
