"""Columns made from the target: copies, also rounded or scaled, and its mean over a group.

A copy is recognised by its correlation, a coarser label (a tier) by each target value having one
level only. A group's mean is recognised by being the same within the group and, after a straight
line is taken out, equal to the group's own statistic of the target to within its rounding: a mean
of other rows (training rows, another year) is close to that, but not equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from trackoracle.audit.findings import Notebook, percent
from trackoracle.audit.single import Codes, InputColumn, Values, level_codes
from trackoracle.audit.subject import Subject
from trackoracle.schema import Keys

SAME = 0.98
"""Correlation from which a column is the target again.

The popularity of the same tracks, read two years apart, correlates by .84; rounding 0 to 100
points to tens leaves .99.
"""
_EXACT = 0.01
"""A statistic is met when what is left is below this share of the column's spread."""
_LEAST_SHARE = 0.95
_LEAST_KNOWN = 0.2
_LEAST_GROUPS = 8
_LEAST_ROWS = 20
_LEAST_CORRELATION = 0.9
"""Below this a coarsely rounded column may meet a statistic by chance."""


def check_proxies(subject: Subject, columns: list[InputColumn], notebook: Notebook) -> set[str]:
    """Look for columns made from the target.

    Returns
    -------
    The names of those found, which need no second finding.
    """
    rows = np.flatnonzero(subject.labelled)
    if len(rows) < _LEAST_ROWS:
        return set()
    target = subject.values[rows]
    found = set()
    for column in columns:
        how = _copies(column, target, rows)
        if how:
            found.add(column.name)
            _add_copy(column.name, how, notebook)
    groups = [_Groups.of(name, codes[rows], target) for name, codes in _groupings(subject, columns)]
    for column in columns:
        if column.name in found or column.numbers is None:
            continue
        how = _aggregates(column, column.numbers[rows], groups)
        if how:
            found.add(column.name)
            _add_mean(column.name, how, notebook)
    return found


def _add_copy(name: str, how: str, notebook: Notebook) -> None:
    notebook.add(
        "target_copy",
        "error",
        1,
        f"{name} is the target again.",
        evidence=how,
        examples=(name,),
        fix="Leave it out of the inputs.",
    )


def _add_mean(name: str, how: str, notebook: Notebook) -> None:
    notebook.add(
        "target_group_mean",
        "error",
        1,
        f"{name} is made from the target of a group, each row's own included.",
        evidence=how,
        examples=(name,),
        fix="Compute it from training rows only, each row's own recording left out.",
    )


def _copies(column: InputColumn, target: Values, rows: NDArray[np.int64]) -> str | None:
    """Say how a column copies the target, if it does."""
    codes = column.codes[rows]
    if column.numbers is not None:
        numbers = column.numbers[rows]
        known = ~np.isnan(numbers)
        if known.sum() >= max(_LEAST_ROWS, 0.5 * len(rows)):
            both = numbers[known], target[known]
            linear, ranked = _correlation(*both), _correlation(*map(rankdata, both))
            if max(abs(linear), abs(ranked)) >= SAME:
                return f"correlation {linear:.3f}, of the ranks {ranked:.3f}"
    share = _settled(codes, target)
    if share >= 1 - (1 - SAME) / 2 and column.codes.max() <= len(np.unique(target)):
        return f"each target value has one level of it, in {percent(share, 1)} of the rows"
    return None


def _correlation(a: Values, b: Values) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / scale) if scale > 0 else 0.0


def _settled(codes: Codes, target: Values) -> float:
    """Return the share of rows whose code is the commonest of their target value.

    Only where the codes tell target values apart: at least two are the commonest of some value.
    """
    values, value = np.unique(target, return_inverse=True)
    n_codes = int(codes.max(initial=0)) + 1
    if len(values) * n_codes > 4 * len(codes) + 1_000 or len(values) == len(target):
        return 0.0
    table = np.bincount(value * n_codes + codes, minlength=len(values) * n_codes)
    table = table.reshape(len(values), n_codes)
    commonest = table.argmax(1)
    shares = np.bincount(commonest, table.sum(1), n_codes) / len(codes)
    # A column that is nearly constant is "settled" by every target.
    if shares.max() > SAME:
        return 0.0
    return float(table.max(1).sum() / len(codes))


@dataclass(frozen=True)
class _Groups:
    """Statistics of the target by group, for groups of at least two rows."""

    name: str
    codes: Codes
    size: NDArray[np.int64]
    statistics: dict[str, Values]
    target: Values

    @staticmethod
    def of(name: str, codes: Codes, target: Values) -> _Groups:
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
        return _Groups(name, codes, size, statistics, target)


def _groupings(subject: Subject, columns: list[InputColumn]) -> Iterator[tuple[str, Codes]]:
    """Yield what people group tracks by: names, and columns of few levels."""
    keys: Keys = subject.keys
    if keys.has_artists:
        yield "first artist", keys.first_artist
        yield "artists", level_codes(subject.tracks["artists"].list.join("\x1f"))
    if keys.has_albums:
        yield "album", keys.album
    if subject.has("genres"):
        yield "first genre", level_codes(subject.tracks["genres"].list.first())
    yield "recording", keys.recording
    for column in columns:
        n_levels = int(column.codes.max(initial=0))
        if column.kind == "category" and n_levels >= 2:
            yield column.name, column.codes
        elif column.numbers is not None:
            known = column.numbers[~np.isnan(column.numbers)]
            levels = np.unique(known)
            if 2 <= len(levels) <= 200:
                yield column.name, np.searchsorted(levels, np.nan_to_num(column.numbers, nan=-1e9))


def _aggregates(column: InputColumn, numbers: Values, groups: list[_Groups]) -> str | None:
    """Say of which group the column is a statistic of the target, if it is."""
    known = ~np.isnan(numbers)
    spread = float(np.std(numbers[known])) if known.any() else 0.0
    if spread == 0 or known.sum() < max(_LEAST_ROWS, _LEAST_KNOWN * len(numbers)):
        return None
    levels = np.unique(numbers[known])
    step = float(np.diff(levels).min()) if len(levels) > 1 else 0.0
    # Half a step of rounding on either side; a step wider than the spread would meet anything.
    tolerance = max(_EXACT * spread, 0.51 * step if step <= spread else 0.0)
    for group in groups:
        if group.name == column.name or (group.size > 1).sum() < 2:
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
    group: _Groups, numbers: Values, known: NDArray[np.bool_], tolerance: float
) -> str | None:
    """Recognise one statistic of the target for all rows of a group."""
    first = np.full(len(group.size), np.nan)
    first[group.codes[known]] = numbers[known]
    same = np.abs(numbers - first[group.codes])[known] <= 1e-9 + tolerance * 1e-3
    if same.mean() < _LEAST_SHARE:
        return None
    weight = np.where((group.size > 1) & ~np.isnan(first), group.size, 0).astype(np.float64)
    for name, statistic in group.statistics.items():
        if _meets(first, statistic, weight, tolerance):
            return f"equals the {name} of the target"
    return None


def _left_out_mean(
    group: _Groups, numbers: Values, known: NDArray[np.bool_], tolerance: float
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


def _orders(group: _Groups, numbers: Values, known: NDArray[np.bool_]) -> str | None:
    """Recognise a rank, a share or a difference within the group: it orders rows as the target."""
    used = np.flatnonzero(known & (group.size[group.codes] >= 3))
    if len(used) < max(_LEAST_ROWS, _LEAST_KNOWN * len(numbers)):
        return None
    codes = group.codes[used]
    both = numbers[used], group.target[used]
    if abs(_correlation(*(_centred(codes, values) for values in both))) < _LEAST_CORRELATION / 2:
        return None
    ranks = (_centred(codes, _ranks_within(codes, values)) for values in both)
    alike = _correlation(*ranks)
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
    if len(np.unique(statistic[used])) < 2:
        return False
    x, y, w = statistic[used], numbers[used], weight[used]
    if len(x) < _LEAST_GROUPS:
        # Few points lie on a line by chance: only the statistic itself counts.
        slope, offset = 1.0, 0.0
    else:
        x_mean, y_mean = np.average(x, weights=w), np.average(y, weights=w)
        together = float(np.average((x - x_mean) * (y - y_mean), weights=w))
        spreads = [
            float(np.average((v - np.average(v, weights=w)) ** 2, weights=w)) for v in (x, y)
        ]
        least = _LEAST_CORRELATION**2 * spreads[0] * spreads[1]
        if least == 0 or together**2 < least:
            return False
        slope = together / spreads[0]
        offset = float(y_mean - slope * x_mean)
    near = np.abs(y - slope * x - offset) <= tolerance
    return bool(np.average(near, weights=w) >= _LEAST_SHARE)
