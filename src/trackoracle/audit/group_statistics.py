"""Columns made from the targets of a group: their mean, another statistic, an order within.

A statistic is recognised in two ways. Exactly: the column is one within the group and, once a
straight line is taken out, equal to the statistic to within its rounding. And by its noise: a
group's mean scatters about anything that could be known of the group; a column that leaves far
less than that scatter over was made from these very rows, also when a little was added to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.audit.subject import Codes, Values

SAME = 0.98
"""Correlation from which a column is the target again.

The popularity of the same tracks, read two years apart, correlates by .84; rounding 0 to 100
points to tens leaves .99.
"""
_EXACT = 0.01
"""A statistic is met when what is left is below this share of the column's spread."""
_OF_CHANCE = 0.3
"""Share of the standard error that a column may leave over, before it knows the noise itself."""
_LEAST_NOISY = 20
"""Groups for that: the chance that twenty leave so little is below one in a million (chi2)."""
_MOST_WITHIN = 0.05
_OUT_OF_FOLD = 3.0
_LEAST_SIZES = 5
_CLOSE = "follows the mean of the target more closely than chance allows,"
_LEAST_SHARE = 0.95
_LEAST_KNOWN = 0.2
_LEAST_GROUPS = 8
_LEAST_ROWS = 20
_LEAST_CORRELATION = 0.9
"""Below this a coarsely rounded column may meet a statistic by chance."""


@dataclass(frozen=True)
class Grouping:
    """The target by group.

    Parameters
    ----------
    name
        What rows were grouped by.
    codes
        (n,) group of each row, from 0.
    size, statistics
        (g,) number of rows, and of the target its mean, median, highest, lowest and sum.
    target
        (n,) of the rows.
    """

    name: str
    codes: Codes
    size: NDArray[np.int64]
    statistics: dict[str, Values]
    target: Values

    @staticmethod
    def of(name: str, codes: Codes, target: Values) -> Grouping:
        """Sum the target up by code."""
        _, codes = np.unique(codes, return_inverse=True)
        size = np.bincount(codes)
        order = np.lexsort((target, codes))
        ends = np.cumsum(size)
        starts = ends - size
        ordered = target[order]
        middle = (ordered[starts + (size - 1) // 2] + ordered[starts + size // 2]) / 2
        sums = np.bincount(codes, target).astype(np.float64)
        statistics: dict[str, Values] = {
            "mean": sums / size,
            "median": middle,
            "highest": ordered[ends - 1],
            "lowest": ordered[starts],
            "sum": sums,
        }
        return Grouping(name, codes, size, statistics, target)

    def spread_of_mean(self) -> Values:
        """Return the standard error of each group's mean, by the pooled variance: (g,)."""
        within = self.target - self.statistics["mean"][self.codes]
        degrees = max(len(self.codes) - len(self.size), 1)
        error: Values = np.sqrt((within @ within) / degrees / self.size)
        return error


def correlation(a: Values, b: Values) -> float:
    """Return Pearson's correlation, 0 where either is constant."""
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / scale) if scale > 0 else 0.0


def made_of_groups(name: str, numbers: Values, groups: list[Grouping]) -> str | None:
    """Say of which group a column was made from the target, if it was.

    Parameters
    ----------
    name
        Of the column, which is not held against itself as a grouping.
    numbers
        (n,) values, NaN where missing.
    groups
        Ways to group the same n rows.
    """
    known = ~np.isnan(numbers)
    spread = float(np.std(numbers[known])) if known.any() else 0.0
    if spread == 0 or known.sum() < max(_LEAST_ROWS, _LEAST_KNOWN * len(numbers)):
        return None
    levels, level = np.unique(numbers, return_inverse=True)
    step = float(np.diff(levels[~np.isnan(levels)]).min())
    # Half a step of rounding on either side; a step wider than the spread would meet anything.
    tolerance = max(_EXACT * spread, 0.51 * step if step <= spread else 0.0)
    # Whatever it is the mean of, rows of one value make up whole groups.
    own = Grouping.of("a group not named", level, groups[0].target)
    if _knows_noise(own, numbers, known):
        return f"{_CLOSE} by a group not named"
    for group in groups:
        if group.name == name or (group.size > 1).sum() < 2:
            continue
        how = (
            _statistic_of(group, numbers, known, tolerance)
            or _left_out_mean(group, numbers, known, tolerance)
            or _orders(group, numbers, known)
        )
        if how:
            return f"{how} by {group.name} ({len(group.size):,} groups)"
    return None


def _statistic_of(
    group: Grouping, numbers: Values, known: NDArray[np.bool_], tolerance: float
) -> str | None:
    """Recognise one statistic of the target for all rows of a group."""
    if _knows_noise(group, numbers, known):
        return _CLOSE
    first = np.full(len(group.size), np.nan)
    first[group.codes[known]] = numbers[known]
    same = np.abs(numbers - first[group.codes])[known] <= 1e-9 + tolerance * 1e-3
    if same.mean() < _LEAST_SHARE:
        return None
    weight = np.where((group.size > 1) & ~np.isnan(first), group.size, 0).astype(np.float64)
    for name, statistic in group.statistics.items():
        if _meets(first, statistic, weight, tolerance):
            return f"equals the {name} of the target"
    if _is_shrunk_mean(group, first, weight, tolerance):
        return "equals the mean of the target, shrunk toward the mean of all,"
    return None


def _is_shrunk_mean(
    group: Grouping, numbers: Values, weight: NDArray[np.float64], tolerance: float
) -> bool:
    """Recognise (sum + k m) / (n + k) for any k and m, also scaled.

    Times n + k it is a linear equation in the column, the sum, the size and one, of which the
    column alone must not do without the sum.
    """
    used = np.flatnonzero(weight)
    size = group.size[used].astype(np.float64)
    if len(used) < _LEAST_NOISY or len(np.unique(size)) < _LEAST_SIZES:
        return False
    c, total = numbers[used], group.statistics["sum"][used]

    def left(*inputs: Values) -> float:
        """Share of the groups that the equation leaves further off than rounding."""
        matrix = np.column_stack([c, size, np.ones(len(c)), *inputs])
        solution = np.linalg.lstsq(matrix, c * size, rcond=None)[0]
        off = np.abs(c * size - matrix @ solution) / (size + max(-float(solution[0]), 0.0))
        return float(np.average(off > tolerance, weights=weight[used]))

    return left(total) <= 1 - _LEAST_SHARE and left() > 0.5


def _knows_noise(group: Grouping, numbers: Values, known: NDArray[np.bool_]) -> bool:
    """Tell whether a column that is nearly one within groups knows the noise of their means.

    A group's mean scatters about whatever an honest column could know by its standard error.
    A column that leaves far less than that over was made from these very rows; one made from
    four fifths of them leaves half of it. An encoding by other folds averages to the mean as
    well, but falls where the row's own target rises.
    """
    n_known = np.bincount(group.codes[known], minlength=len(group.size))
    used = (group.size > 1) & (n_known == group.size)
    if used.sum() < _LEAST_NOISY:
        return False
    sums = np.bincount(group.codes[known], numbers[known], len(group.size))
    means = sums[used] / group.size[used]
    rows = known & used[group.codes]
    inside = _centred(group.codes[rows], numbers[rows])
    if float(np.var(inside)) > _MOST_WITHIN * float(np.var(numbers[rows])):
        return False
    own = correlation(inside, _centred(group.codes[rows], group.target[rows]))
    if own < -_OUT_OF_FOLD / np.sqrt(rows.sum()):
        return False
    target, error = group.statistics["mean"][used], group.spread_of_mean()[used]
    if not error.any() or _spread(means) == 0:
        return False
    weight = 1 / error**2
    if correlation(means, target) ** 2 < _LEAST_CORRELATION**2:
        return False
    slope, offset = _line(means, target, weight)
    left = (target - slope * means - offset) / error
    return bool(np.sqrt(np.mean(left**2)) < _OF_CHANCE)


def _left_out_mean(
    group: Grouping, numbers: Values, known: NDArray[np.bool_], tolerance: float
) -> str | None:
    """Recognise a mean over all other rows of the group: it gives the row's own target away."""
    size = group.size[group.codes]
    several = (size > 1) & known
    if several.sum() < _LEAST_KNOWN * len(numbers):
        return None
    rest = (group.statistics["sum"][group.codes] - group.target) / np.maximum(size - 1, 1)
    if _meets(numbers, rest, several.astype(np.float64), tolerance):
        return "equals the mean of the other rows' target, test rows included,"
    return None


def _orders(group: Grouping, numbers: Values, known: NDArray[np.bool_]) -> str | None:
    """Recognise a rank, a share or a difference within the group: it orders rows as the target."""
    used = np.flatnonzero(known & (group.size[group.codes] >= 3))
    if len(used) < max(_LEAST_ROWS, _LEAST_KNOWN * len(numbers)):
        return None
    codes = group.codes[used]
    both = numbers[used], group.target[used]
    if abs(correlation(*(_centred(codes, values) for values in both))) < _LEAST_CORRELATION / 2:
        return None
    ranks = (_centred(codes, _ranks_within(codes, values)) for values in both)
    alike = correlation(*ranks)
    if abs(alike) < SAME:
        return None
    return f"orders rows as the target does (correlation of the ranks {alike:.3f})"


def _centred(codes: Codes, values: Values) -> Values:
    """Take each group's mean out."""
    n = np.maximum(np.bincount(codes), 1)
    centred: Values = values - (np.bincount(codes, values) / n)[codes]
    return centred


def _ranks_within(codes: Codes, values: Values) -> Values:
    """Rank values within their groups; equal ones share their mean rank."""
    order = np.lexsort((values, codes))
    place = np.empty(len(codes))
    place[order] = np.arange(len(codes))
    tied = np.stack([codes[order], values[order]])
    new = np.concatenate([[True], (tied[:, 1:] != tied[:, :-1]).any(axis=0)])
    tie = np.empty(len(codes), np.int64)
    tie[order] = np.cumsum(new) - 1
    ranks: Values = (np.bincount(tie, place) / np.bincount(tie))[tie]
    return ranks


def _meets(
    numbers: Values, statistic: Values, weight: NDArray[np.float64], tolerance: float
) -> bool:
    """Tell whether numbers are a straight line of a statistic, to within a tolerance."""
    used = weight > 0
    x, y, w = statistic[used], numbers[used], weight[used]
    if len(x) < 2 or _spread(x) == 0:
        return False
    # Few points lie on a line by chance: only the statistic itself counts.
    slope, offset = 1.0, 0.0
    if len(x) >= _LEAST_GROUPS:
        if _spread(y) == 0 or abs(correlation(x, y)) < _LEAST_CORRELATION:
            return False
        slope, offset = _line(x, y, w)
    spread = np.sqrt(np.average((x - np.average(x, weights=w)) ** 2, weights=w))
    if abs(slope) * spread <= tolerance:
        return False  # whatever the statistic is, anything would meet it
    near = np.abs(y - slope * x - offset) <= tolerance
    return bool(
        near.all() if len(x) < _LEAST_GROUPS else np.average(near, weights=w) >= _LEAST_SHARE
    )


def _line(x: Values, y: Values, weight: Values) -> tuple[float, float]:
    """Fit y = slope x + offset by weighted least squares."""
    x_mean, y_mean = np.average(x, weights=weight), np.average(y, weights=weight)
    slope = np.sum(weight * (x - x_mean) * (y - y_mean)) / np.sum(weight * (x - x_mean) ** 2)
    return float(slope), float(y_mean - slope * x_mean)


def _spread(values: Values) -> float:
    return float(np.ptp(values)) if len(values) else 0.0
