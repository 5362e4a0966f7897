"""The target, each column along it, and columns of few levels."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from trackoracle.exploration.results import Along, Audited, Feature, Levels, Target
from trackoracle.exploration.seen import Seen
from trackoracle.exploration.spreads import groups_of, histogram, round_edges, summary
from trackoracle.schema import CODE_NAMES

_BANDS = ((0.0, "0"), (25.0, "1 to 25"), (50.0, "26 to 50"), (75.0, "51 to 75"), (100.0, "76+"))
"""Upper ends of the bands of popularity: zeros, and the published tiers of 25."""
_NAMES = CODE_NAMES | {"explicit": {0: "not explicit", 1: "explicit"}}
LEAST_IN_STEP = 20
"""Fewer tracks than these in a stretch of a column are not drawn."""


def level_name(column: str, level: int) -> str:
    """Return what people call a level.

    Examples
    --------
    >>> level_name("mode", 1), level_name("time_signature", 4)
    ('major', '4 beats')
    """
    names = _NAMES.get(column)
    if names is None:
        return f"{level} beat{'' if level == 1 else 's'}"
    return names.get(level, str(level))


def target_of(seen: Seen, audited: Audited | None) -> Target | None:
    """Describe the target; None where there is none."""
    found = summary(seen.y)
    if seen.target is None or found is None:
        return None
    known = seen.y[seen.known]
    of_hits = seen.target == "hit"
    whole = bool((known == np.round(known)).all())
    edges = np.arange(-0.5, 101) if whole and not of_hits else np.linspace(0, 100, 41)
    codes = np.searchsorted([end for end, _ in _BANDS], known)
    bands = np.bincount(np.minimum(codes, len(_BANDS) - 1), minlength=len(_BANDS))
    names, parts = seen.parts
    sizes = np.bincount(parts[parts >= 0], minlength=len(names))
    zero_rows, n_rows = _rows(seen, audited)
    return Target(
        name=seen.target,
        unit="%" if of_hits else "points",
        summary=found,
        histogram=histogram(known, edges),
        n_zero=int((known == 0).sum()),
        n_zero_rows=zero_rows,
        n_rows=n_rows,
        bands=()
        if of_hits
        else tuple((name, int(n)) for (_, name), n in zip(_BANDS, bands, strict=True)),
        groups=tuple(zip(names, sizes.tolist(), strict=True)),
    )


def _rows(seen: Seen, audited: Audited | None) -> tuple[int | None, int | None]:
    """Return zeros and rows of the source as it stands, where the audit read it row by row."""
    if audited is None or audited.sampled or seen.target != "popularity":
        return None, None
    found = [f.n for f in audited.report.findings if f.code == "popularity_zeros"]
    # Without such a finding the zeros were not counted, or there are none to tell of.
    return (sum(found), audited.report.n_rows) if found else (None, None)


def feature_of(seen: Seen, name: str) -> Feature:
    """Describe a numeric column, and in each part of the tracks by the target."""
    values = seen.values(name)
    found = summary(values)
    assert found is not None  # `Seen.numbers` has columns with values only
    names, parts = seen.parts
    return Feature(
        name,
        seen.unit(name),
        found,
        histogram(values, round_edges(values, share=seen.is_share(name))),
        groups_of(values, parts, list(names), seen.artists) if len(names) > 1 else (),
    )


def levels_of(seen: Seen, column: str) -> Levels:
    """Count the levels of a column, and describe the target in each."""
    values = seen.values(column)
    known = ~np.isnan(values)
    present, places, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    codes = np.full(len(values), -1)
    codes[known] = places
    names = [level_name(column, int(level)) for level in present]
    return Levels(
        column,
        int((~known).sum()),
        tuple(zip(names, counts.tolist(), strict=True)),
        groups_of(seen.y, codes, names, seen.artists),
    )


def along_of(seen: Seen, name: str, n_bins: int = 16) -> Along | None:
    """Describe the target along a column in stretches of equal length, few tracks left out."""
    values = seen.values(name)
    edges = round_edges(values, n_bins, share=seen.is_share(name))
    if seen.target is None or len(edges) < 3:
        return None
    codes = np.searchsorted(edges, np.nan_to_num(values, nan=edges[0] - 1), "right") - 1
    codes = np.where(np.isnan(values) | (codes >= len(edges) - 1), -1, codes)
    names = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges)]
    found = groups_of(seen.y, codes, names, seen.artists)
    kept = tuple(group for group in found if group.n_tracks >= LEAST_IN_STEP)
    return Along(name, seen.unit(name), tuple(edges.tolist()), kept) if len(kept) > 1 else None
