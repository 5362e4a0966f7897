"""How a recording goes on: energy, brightness and pulse over steps of 5 s; its typical 30 s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.describing.framing import HOP, SAMPLE_RATE
from trackoracle.audio.describing.pulse import clarity
from trackoracle.audio.describing.window import View

STEP_SECONDS = 5
_N_STEP = STEP_SECONDS * SAMPLE_RATE
_LEAST_POWER = 1e-10


@dataclass(frozen=True)
class Timeline:
    """Series for a plot, one number a step; the last step takes in a rest of less than half one.

    Parameters
    ----------
    step_seconds
        Length of a step.
    energy_db
        Root mean square, dB of full scale, -100 for silence.
    brightness_hz
        Spectral centroid, louder frames weighing more; 0 for silence.
    flux
        Mean rise of the level of mel bands from frame to frame, dB.
    pulse
        How regular the rises are, 0 to 1.
    representative
        Start and end in seconds of the window whose descriptors are the most usual of the
        recording's; None where nothing was heard.
    """

    energy_db: tuple[float, ...] = ()
    brightness_hz: tuple[float, ...] = ()
    flux: tuple[float, ...] = ()
    pulse: tuple[float, ...] = ()
    representative: tuple[float, float] | None = None
    step_seconds: float = field(default=float(STEP_SECONDS))

    def to_dict(self) -> dict[str, object]:
        """Return plain data."""
        return asdict(self)


def steps_of(view: View) -> NDArray[np.float64]:
    """Tell energy, brightness, flux and pulse of each step of a window: (n_steps, 4)."""
    n_steps = max(1, round(len(view.samples) / _N_STEP))
    amplitude, centroid, rises = view.amplitude, view.shape("centroid"), view.flux
    step = np.minimum(np.arange(len(rises)) * HOP // _N_STEP, n_steps - 1)
    ends = [*range(0, n_steps * _N_STEP, _N_STEP), len(view.samples)]
    told = []
    for k in range(n_steps):
        at = step == k
        samples = view.samples[ends[k] : ends[k + 1]]
        power = float(np.square(samples).mean(dtype=np.float64))
        loud = amplitude[at].sum()
        brightness = (amplitude[at] * centroid[at]).sum() / loud if loud > 0 else 0.0
        energy = 10 * np.log10(max(power, _LEAST_POWER))
        told.append((energy, brightness, rises[at].mean(), clarity(rises[at])))
    return np.array(told, np.float64)


def timeline(
    steps: Sequence[NDArray[np.float64]],
    windows: NDArray[np.float64],
    starts: NDArray[np.float64],
    seconds: NDArray[np.float64],
) -> Timeline:
    """Join the steps of consecutive windows, and choose the most usual window.

    Parameters
    ----------
    steps
        Of each window (n_steps, 4), as `steps_of` tells them.
    windows
        (n_windows, n_columns) descriptors to choose by.
    starts, seconds
        (n_windows,) of those.
    """
    if not len(windows):
        return Timeline()
    best = most_usual(windows)
    span = (float(starts[best]), float(starts[best] + seconds[best]))
    energy, brightness, rises, pulse = (
        tuple(map(float, column)) for column in np.concatenate(steps).T
    )
    return Timeline(energy, brightness, rises, pulse, span)


def most_usual(windows: NDArray[np.float64]) -> int:
    """Return the row nearest the median row, each column in units of its own deviation.

    Examples
    --------
    >>> most_usual(np.array([[0.0, 9.0], [1.0, 10.0], [5.0, 11.0]]))
    1
    """
    off = windows - np.median(windows, axis=0)
    scale = windows.std(axis=0)
    # Capped, so that a window that is odd in one column only is not thereby the oddest.
    units = np.minimum(np.abs(off) / np.where(scale > 1e-9, scale, np.inf), 3)
    return int(np.argmin(np.square(units).sum(axis=1)))
