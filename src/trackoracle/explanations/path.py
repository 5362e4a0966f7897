"""From what inputs contribute to margins to what they contribute to one number.

A raw answer in points is a weighted sum of class probabilities, which bends with the margins.
On the straight way from the margins without any input to the track's own, each margin moves
the number by the mean of its slope times its own way (Aumann and Shapley 1974; Sun and
Sundararajan 2011), and an input's part in the margin's way is known exactly. So contributions
add up, equal inputs get equal ones, and what moves no margin gets none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, softmax

from trackoracle.errors import TrackOracleError
from trackoracle.schema import Additive

Values = NDArray[np.float64]
Matrix = NDArray[np.float32]

LEAST_PROBABILITY = 1e-6
"""Log-odds are told of probabilities from this to 1 less this."""
_N_NODES = 16
_MOST_PANELS = 1024
_EXACT = 1e-10
_TOLERANCE = 1e-4
"""Of what an answer is: more would be a mistake, less is how 32-bit margins are rounded."""


@dataclass(frozen=True)
class Attributed:
    """What the inputs of n tracks contribute to their raw answers.

    Parameters
    ----------
    baseline
        (n,) the answer that contributions count from.
    raw
        (n,) raw answers: baseline and contributions together.
    values
        (n, d) contributions.
    samples
        (n, p, d) independent estimates whose mean they are; none where they are exact.
    """

    baseline: Values
    raw: Values
    values: Values
    samples: Values | None = None

    def map(self, change: Callable[[Values], Values]) -> Attributed:
        """Return what a change of rows makes of all parts."""
        samples = None if self.samples is None else change(self.samples)
        return Attributed(change(self.baseline), change(self.raw), change(self.values), samples)

    @classmethod
    def joined(cls, parts: Sequence[Attributed]) -> Attributed:
        """Return several parts, one after the other."""
        samples = [part.samples for part in parts if part.samples is not None]
        return cls(
            np.concatenate([part.baseline for part in parts]),
            np.concatenate([part.raw for part in parts]),
            np.concatenate([part.values for part in parts]),
            np.concatenate(samples) if samples else None,
        )


@dataclass(frozen=True)
class Readout:
    """Which one number of a raw answer is explained.

    Parameters
    ----------
    levels
        (b,) what a probability of each of b answers counts; none where the answer is a number.
    log_odds
        Whether the number is a probability, told as its log-odds.
    """

    levels: Values | None = None
    log_odds: bool = False

    def of(self, raw: Values) -> Values:
        """Read the number from raw answers: (n,)."""
        number = raw if self.levels is None or raw.ndim == 1 else (raw * self.levels).sum(axis=1)
        return log_odds(number) if self.log_odds else number


def log_odds(probability: Values) -> Values:
    """Return log-odds, of what is certain those of `LEAST_PROBABILITY`."""
    held = np.clip(probability, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return np.asarray(logit(held), np.float64)


def attribute(
    parts: tuple[Additive, ...], readout: Readout, matrix: Matrix, n_threads: int = 1
) -> Attributed:
    """Return what each input contributes to the number that is read.

    Parameters
    ----------
    parts
        Of the model; its raw answer is the sum of theirs, each times its weight.
    matrix
        (n, d) model inputs.
    """
    ends = [part.margins(matrix, n_threads) for part in parts]
    starts = [np.broadcast_to(part.base, end.shape) for part, end in zip(parts, ends, strict=True)]
    baseline, raw, slopes = _slopes(parts, readout, starts, ends)
    values = np.zeros(matrix.shape)
    for part, slope in zip(parts, slopes, strict=True):
        values += part.contributions(matrix, slope, n_threads)
    return Attributed(baseline, raw, _settled(values, raw - baseline))


def _slopes(
    parts: tuple[Additive, ...], readout: Readout, starts: list[Values], ends: list[Values]
) -> tuple[Values, Values, list[Values]]:
    """Return the number at both ends (n,), and each margin's mean slope between them (n, m)."""
    if readout.log_odds and len(parts) == 1 and parts[0].link == "logit":
        # Margins are log-odds already.
        return starts[0][:, 0], ends[0][:, 0], [np.ones_like(ends[0])]
    start, end = (_number(parts, readout, margins)[0] for margins in (starts, ends))
    slopes = _mean_slopes(parts, readout, starts, ends, end - start)
    if not readout.log_odds:
        return start, end, slopes
    # Contributions to a probability, all bent by what its log-odds move by for each of its own.
    way = end - start
    held = np.clip(start, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    steep = 1 / (held * (1 - held))
    bent = np.divide(log_odds(end) - log_odds(start), way, out=steep, where=way != 0)
    return log_odds(start), log_odds(end), [slope * bent[:, None] for slope in slopes]


def _mean_slopes(
    parts: tuple[Additive, ...],
    readout: Readout,
    starts: list[Values],
    ends: list[Values],
    way: Values,
) -> list[Values]:
    """Average slopes by Gauss-Legendre, over shorter panels where a few nodes do not reach."""
    slopes = [np.zeros_like(end) for end in ends]
    rows, n_panels = np.arange(len(way)), 1
    while len(rows) and n_panels <= _MOST_PANELS:
        begun, ended = ([m[rows] for m in margins] for margins in (starts, ends))
        found = _over_panels(parts, readout, begun, ended, n_panels)
        told = np.zeros(len(rows))
        for slope, new, start, end in zip(slopes, found, begun, ended, strict=True):
            slope[rows] = new
            told += (new * (end - start)).sum(axis=1)
        rows = rows[np.abs(told - way[rows]) > _EXACT * (1 + np.abs(way[rows]))]
        n_panels *= 2
    return slopes


def _over_panels(
    parts: tuple[Additive, ...],
    readout: Readout,
    starts: list[Values],
    ends: list[Values],
    n_panels: int,
) -> list[Values]:
    nodes, weights = _rule()
    total = [np.zeros_like(end) for end in ends]
    for panel in range(n_panels):
        t = ((panel + (nodes + 1) / 2) / n_panels)[:, None, None]
        at = [start + t * (end - start) for start, end in zip(starts, ends, strict=True)]
        for sum_of, slope in zip(total, _number(parts, readout, at)[1], strict=True):
            sum_of += np.tensordot(weights / (2 * n_panels), slope, axes=1)
    return total


@lru_cache
def _rule() -> tuple[Values, Values]:
    """Return nodes and weights of the Gauss-Legendre rule on -1 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(_N_NODES)
    return nodes, weights


def _number(
    parts: tuple[Additive, ...], readout: Readout, margins: list[Values]
) -> tuple[Values, list[Values]]:
    """Return the number (..., n) at margins, and its slopes along each of them (..., n, m)."""
    number, slopes = np.zeros(margins[0].shape[:-1]), []
    for part, own in zip(parts, margins, strict=True):
        levels = _levels(part, readout, own.shape[-1])
        match part.link:
            case "identity":
                told, slope = own @ levels, np.broadcast_to(levels, own.shape)
            case "logit":
                told = expit(own[..., 0])
                slope = (told * (1 - told))[..., None]
            case "softmax":
                share = softmax(own, axis=-1)
                told = share @ levels
                slope = share * (levels - told[..., None])
        number += part.weight * told
        slopes.append(part.weight * slope)
    return number, slopes


def _levels(part: Additive, readout: Readout, n_margins: int) -> Values:
    """Return what each margin, or each class's probability, counts: (m,)."""
    if readout.levels is None or (n_margins == 1 and part.spread is None):
        return np.ones(n_margins)  # an answer that is a number already
    levels: Values = readout.levels if part.spread is None else part.spread @ readout.levels
    return levels


def _settled(values: Values, way: Values) -> Values:
    """Share what rounding left over among the contributions, in proportion to their size.

    Raises
    ------
    TrackOracleError
        When more is left over than rounding leaves: a model that is not what its parts say.
    """
    left, size = way - values.sum(axis=1), np.abs(values).sum(axis=1)
    allowed = _TOLERANCE * (1 + np.abs(way) + size * 1e-2)
    if (np.abs(left) > allowed).any():
        worst = float(np.abs(left).max())
        raise TrackOracleError(
            f"explain: expected contributions that add up to the answer, got {worst:.3g} left "
            "over. This is a mistake in TrackOracle: please report it with the oracle's card."
        )
    share = np.divide(left, size, out=np.zeros_like(left), where=size > 0)
    settled: Values = values + np.abs(values) * share[:, None]
    return settled
