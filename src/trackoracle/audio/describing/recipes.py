"""The recipes of published descriptor files: the same columns from any recording; and our own.

A recipe is named by its file, and its columns and their order are that file's. Left out are
what was not reproduced (of fma_means74: chroma by constant-Q, tonnetz, the seventh contrast;
beat positions of fma_tempo_rms), tempo, which is measured elsewhere, and the harmonic and
percussive columns of gtzan57: two median filters over a whole spectrogram cost thirty
times all else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.describing.banks import KAISER_BEST, KAISER_FAST
from trackoracle.audio.describing.full import FULL, full
from trackoracle.audio.describing.window import Window

Row = NDArray[np.float64]
_PITCH_CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_LIFTER = 100


def _joined(parts: Iterable[object]) -> Row:
    return np.concatenate([np.atleast_1d(np.asarray(part, np.float64)) for part in parts])


def _repeated(name: str, n: int) -> tuple[str, ...]:
    """Name columns as pandas names repeated ones: x, x.1, x.2 ..."""
    return (name, *(f"{name}.{k}" for k in range(1, n)))


def _each(names: Iterable[str], *statistics: str) -> tuple[str, ...]:
    return tuple(f"{name}_{statistic}" for name in names for statistic in statistics)


def _numbered(prefix: str, n: int, start: int = 1, width: int = 1) -> tuple[str, ...]:
    return tuple(f"{prefix}{k:0{width}d}" for k in range(start, start + n))


def _mean(frames: NDArray[np.floating]) -> float:
    return float(frames.mean(dtype=np.float64))


def _variance(frames: NDArray[np.floating]) -> float:
    return float(frames.var(dtype=np.float64))


def _fma_mfcc20(window: Window) -> Row:
    return _joined([window.plain.mean_cepstra(20)])


def _fma_mfcc50_lifter(window: Window) -> Row:
    raised = 1 + _LIFTER / 2 * np.sin(np.pi * np.arange(1, 51) / _LIFTER)
    return _joined([window.plain.mean_cepstra(50, KAISER_FAST) * raised])


def _fma_means74(window: Window) -> Row:
    view = window.mirrored
    return _joined(
        [
            view.chroma.mean(axis=0, dtype=np.float64),
            view.mean_cepstra(20, KAISER_BEST),
            _mean(view.spectral_amplitude),
            _mean(view.shape("bandwidth", KAISER_BEST)),
            _mean(view.shape("centroid", KAISER_BEST)),
            # The seventh reaches into what the resampler left of the highest frequencies.
            view.contrast[:, :6].mean(axis=0, dtype=np.float64),
            _mean(view.shape("roll_off", KAISER_BEST)),
            _mean(view.zero_crossings),
        ]
    )


def _fma_tempo_rms(window: Window) -> Row:
    amplitude = window.mirrored.windowed_amplitude.astype(np.float64)
    return _joined([amplitude.mean(), amplitude.std(), np.median(amplitude), amplitude.max()])


def _spotify_means36(window: Window) -> Row:
    view = window.plain
    return _joined(
        [
            *(_mean(view.shape(name)) for name in ("centroid", "bandwidth", "roll_off")),
            _mean(view.zero_crossings),
            view.mean_cepstra(20),
            view.chroma.mean(axis=0, dtype=np.float64),
        ]
    )


def _spotify_chroma12_mfcc20(window: Window) -> Row:
    view = window.plain
    return _joined(
        [
            view.chroma.mean(axis=0, dtype=np.float64),
            view.mean_cepstra(20),
            _mean(view.shape("centroid")),
        ]
    )


def _spotify_loudest15s(window: Window) -> Row:
    view = window.loudest
    cepstra = view.cepstra(13)
    pairs = np.column_stack([cepstra.mean(axis=0), cepstra.std(axis=0)])
    others: tuple[NDArray[np.floating], ...] = (
        view.chroma, view.contrast, view.zero_crossings, view.shape("centroid"),
    )  # fmt: skip
    return _joined(
        [pairs.ravel(), *((_mean(frames), _variance(frames) ** 0.5) for frames in others)]
    )


def _gtzan57(window: Window) -> Row:
    view = window.plain
    cepstra = view.cepstra(20)
    pairs = np.column_stack([cepstra.mean(axis=0), cepstra.var(axis=0)])
    shapes = [view.shape(name) for name in ("centroid", "bandwidth", "roll_off")]
    others: tuple[NDArray[np.floating], ...] = (
        view.chroma, view.amplitude, *shapes, view.zero_crossings,
    )  # fmt: skip
    return _joined([*((_mean(frames), _variance(frames)) for frames in others), pairs.ravel()])


_GTZAN = (
    "chroma_stft", "rms", "spectral_centroid", "spectral_bandwidth", "rolloff",
    "zero_crossing_rate", *_numbered("mfcc", 20),
)  # fmt: skip
_LOUDEST = (*_numbered("mfcc_", 13), "chroma", "contrast", "zcr", "centroid")

RECIPES: dict[str, tuple[str, ...]] = {
    "fma_mfcc20": _numbered("mfcc_", 20, start=0),
    "fma_mfcc50_lifter": _numbered("mfccL_", 50, width=2),
    "fma_means74": (
        *_repeated("chroma_stft", 12), *_repeated("mfcc", 20), "rmse", "spectral_bandwidth",
        "spectral_centroid", *_repeated("spectral_contrast", 6), "spectral_rolloff", "zcr",
    ),
    "fma_tempo_rms": ("rms_mean", "rms_std", "rms_median", "rms_max"),
    "spotify_means36": (
        "spectral_centroid", "spectral_bandwidth", "rolloff", "zero_crossing_rate",
        *_numbered("mfcc", 20), *_PITCH_CLASSES,
    ),
    "spotify_chroma12_mfcc20": (
        *_numbered("chroma_", 12, width=2), *_numbered("mfcc_", 20, width=2), "spectral_centroid",
    ),
    "spotify_loudest15s": _each(_LOUDEST, "mean", "std"),
    "gtzan57": _each(_GTZAN, "mean", "var"),
    "full": FULL,
}  # fmt: skip
"""Columns by recipe, in the names and the order of the file that it is named by."""

COMPUTED: dict[str, Callable[[Window], Row]] = {
    "fma_mfcc20": _fma_mfcc20,
    "fma_mfcc50_lifter": _fma_mfcc50_lifter,
    "fma_means74": _fma_means74,
    "fma_tempo_rms": _fma_tempo_rms,
    "spotify_means36": _spotify_means36,
    "spotify_chroma12_mfcc20": _spotify_chroma12_mfcc20,
    "spotify_loudest15s": _spotify_loudest15s,
    "gtzan57": _gtzan57,
    "full": lambda window: full(window.plain),
}
"""How each is computed of a window."""
