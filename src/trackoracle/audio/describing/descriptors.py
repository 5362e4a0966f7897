"""A recording, as it is decoded -> descriptors of its windows, in bounded memory.

A recording is cut into consecutive windows of 30 s, since published descriptors are of clips
of 30 s. Up to a second that is left at the end belongs to the last window; of a longer rest,
half a window or more is a window of its own, and less is left out, since deviations and
extremes of a few seconds are not those of 30 s (it stays in the timeline). A recording shorter
than 30 s is one window of what there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from trackoracle.audio.describing.framing import SAMPLE_RATE, Floats
from trackoracle.audio.describing.recipes import COMPUTED, RECIPES
from trackoracle.audio.describing.timeline import Timeline, steps_of, timeline
from trackoracle.audio.describing.window import View, Window
from trackoracle.errors import RecordingError, UnknownNameError

__all__ = ["RECIPES", "WINDOW_SECONDS", "Describer", "Descriptors"]

WINDOW_SECONDS = 30
_N_WINDOW, _N_REST = WINDOW_SECONDS * SAMPLE_RATE, SAMPLE_RATE
_LOUDEST = 1e6
"""Beyond this a sample's power is no longer a number of single precision."""


@dataclass(frozen=True)
class Descriptors:
    """What was told of a recording, window by window.

    Parameters
    ----------
    seconds
        (n_windows,) how long each window is.
    starts
        (n_windows,) where each begins, in seconds.
    matrices
        By recipe: (n_windows, n_columns).
    timeline
        Series over the whole recording, and its most usual window.
    log_mels
        Where asked for: of each window (64, n_frames / 2) levels in dB, for networks.
    """

    seconds: NDArray[np.float64]
    starts: NDArray[np.float64]
    matrices: dict[str, NDArray[np.float64]]
    timeline: Timeline
    log_mels: tuple[NDArray[np.float16], ...] = ()

    def __len__(self) -> int:
        return len(self.seconds)

    def of(self, recipe: str) -> NDArray[np.float64]:
        """Return a recipe's columns, named by `RECIPES[recipe]`: (n_windows, n_columns).

        Raises
        ------
        UnknownNameError
            For a recipe that is not there.
        """
        if recipe not in self.matrices:
            raise UnknownNameError("recipe", recipe, list(self.matrices))
        return self.matrices[recipe]


class Describer:
    """Describes a recording that comes in blocks; holds a window of samples, never more.

    Parameters
    ----------
    log_mels
        Whether to keep each window's log-mel spectrogram: 80 kB a window.

    Examples
    --------
    >>> describer = Describer()
    >>> hum = np.sin(np.arange(22_050, dtype=np.float32) / 10)
    >>> for _ in range(40):
    ...     describer.add(hum)
    >>> descriptors = describer.result()
    >>> descriptors.of("fma_mfcc20").shape, descriptors.seconds.tolist()
    ((1, 20), [30.0])
    """

    def __init__(self, *, log_mels: bool = False) -> None:
        self._waiting = np.empty(_N_WINDOW + _N_REST, np.float32)
        self._n_waiting = 0
        self._lengths: list[int] = []
        self._steps: list[NDArray[np.float64]] = []
        self._log_mels: list[NDArray[np.float16]] | None = [] if log_mels else None
        self._rows: dict[str, list[NDArray[np.float64]]] = {name: [] for name in RECIPES}

    def add(self, block: Floats) -> None:
        """Take the next samples: (n,) of any n, mono, at 22,050 Hz.

        Raises
        ------
        RecordingError
            For a sample that is no finite number, or beyond a million times full scale.
        """
        samples = np.asarray(block, np.float32)
        _check(samples)
        while len(samples):
            taken = samples[: len(self._waiting) - self._n_waiting]
            self._waiting[self._n_waiting : self._n_waiting + len(taken)] = taken
            self._n_waiting += len(taken)
            samples = samples[len(taken) :]
            if self._n_waiting == len(self._waiting):
                self._describe(_N_WINDOW)

    def result(self) -> Descriptors:
        """Return the descriptors of all that was added; the describer is then used up."""
        rest = self._n_waiting
        if rest:
            self._describe(rest, kept=not self._lengths or rest >= _N_WINDOW // 2)
        seconds = np.array(self._lengths, np.float64) / SAMPLE_RATE
        starts = np.arange(len(seconds), dtype=np.float64) * WINDOW_SECONDS
        matrices = {
            name: np.array(rows, np.float64).reshape(len(rows), len(RECIPES[name]))
            for name, rows in self._rows.items()
        }
        course = timeline(self._steps, matrices["full"], starts, seconds)
        return Descriptors(seconds, starts, matrices, course, tuple(self._log_mels or ()))

    def _describe(self, n: int, *, kept: bool = True) -> None:
        """Describe the first n samples that wait, and let go of them."""
        # Products of a few frames are too small for threads, which spin while they wait.
        with _libraries().limit(limits=1):
            self._tell(Window.of(self._waiting[:n].copy()), kept=kept)
        self._waiting[: self._n_waiting - n] = self._waiting[n : self._n_waiting].copy()
        self._n_waiting -= n

    def _tell(self, window: Window, *, kept: bool) -> None:
        self._steps.append(steps_of(window.plain))
        if not kept:
            return
        self._lengths.append(len(window.plain.samples))
        for name, rows in self._rows.items():
            rows.append(COMPUTED[name](window))
        if self._log_mels is not None:
            self._log_mels.append(_log_mels(window.plain))


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def _log_mels(view: View) -> NDArray[np.float16]:
    """Halve bands and frames of the levels: (64, n_frames / 2), the odd last frame left out."""
    levels = view.mel_decibels()
    n = max(1, len(levels) // 2)
    pairs = levels[: 2 * n].reshape(n, -1, levels.shape[1] // 2, 2)
    return np.asarray(pairs.mean(axis=(1, 3)).T, np.float16)


def _check(samples: Floats) -> None:
    if samples.ndim != 1:
        raise ValueError(f"block: expected samples (n,), got shape {samples.shape}. Mix to mono.")
    if len(samples) and not np.abs(samples).max() <= _LOUDEST:
        n = int((~(np.abs(samples) <= _LOUDEST)).sum())
        raise RecordingError(
            f"recording: expected finite samples up to {_LOUDEST:g}, got {n} that are not (in a "
            f"block of {len(samples):,}). Silence or clip them, or decode the file anew."
        )
