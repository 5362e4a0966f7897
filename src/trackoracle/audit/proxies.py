"""Columns made from the target: copies, also rounded or scaled, and its mean over a group.

A copy is recognised by its correlation, a coarser label (a tier) by each target value having one
level only. What is made of a group's targets, see `group_statistics`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from trackoracle.audit.findings import Notebook, percent
from trackoracle.audit.group_statistics import SAME, Grouping, correlation, made_of_groups
from trackoracle.audit.single import InputColumn
from trackoracle.audit.subject import Codes, Subject, Values
from trackoracle.schema import Keys

_LEAST_ROWS = 20


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
    groups = [
        Grouping.of(name, codes[rows], target) for name, codes in _groupings(subject, columns)
    ]
    for column in columns:
        if column.name in found or column.numbers is None:
            continue
        how = made_of_groups(column.name, column.numbers[rows], groups)
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
            linear, ranked = correlation(*both), correlation(*map(rankdata, both))
            if max(abs(linear), abs(ranked)) >= SAME:
                return f"correlation {linear:.3f}, of the ranks {ranked:.3f}"
    share = _settled(codes, target)
    if share >= 1 - (1 - SAME) / 2 and column.codes.max() <= len(np.unique(target)):
        return f"each target value has one level of it, in {percent(share, 1)} of the rows"
    return None


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


def _groupings(subject: Subject, columns: list[InputColumn]) -> Iterator[tuple[str, Codes]]:
    """Yield what people group tracks by: names, and columns of few levels."""
    keys: Keys = subject.keys
    if keys.has_artists:
        yield "first artist", keys.first_artist
        yield "artists", subject.credit_codes
    if keys.has_albums:
        yield "album", keys.album
    if subject.has("genres"):
        yield "first genre", subject.genre_codes
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
