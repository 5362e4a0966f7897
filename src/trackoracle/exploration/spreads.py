"""Columns in a few numbers: summaries, histograms, groups."""

from __future__ import annotations

import math

import numpy as np

from trackoracle.exploration.effects import estimate
from trackoracle.exploration.results import Group, Histogram, Summary
from trackoracle.exploration.seen import Codes, Values

_FENCE = 1.5
_BINS = 40
_TAIL = 0.004
"""Share of the values at each end that a histogram may leave out, so that the rest is seen."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def summary(values: Values) -> Summary | None:
    """Describe one column, NaN for missing values; None where there are none."""
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    low, q1, median, q3, high = (float(q) for q in np.quantile(known, [0, 0.25, 0.5, 0.75, 1]))
    mean = float(known.mean())
    centred = known - mean
    variance = float(centred @ centred) / len(known)
    reach = _FENCE * (q3 - q1)
    inside = known[(known >= q1 - reach) & (known <= q3 + reach)]
    flat = high - low <= 1e-12 * max(abs(low), abs(high))
    return Summary(
        n=len(known),
        n_missing=len(values) - len(known),
        mean=mean,
        deviation=math.sqrt(variance * len(known) / (len(known) - 1)) if len(known) > 1 else 0.0,
        low=low,
        q1=q1,
        median=median,
        q3=q3,
        high=high,
        skew=None if flat else float((centred**3).mean()) / variance**1.5,
        whisker_low=float(inside.min()),
        whisker_high=float(inside.max()),
        n_below=int((known < q1 - reach).sum()),
        n_above=int((known > q3 + reach).sum()),
    )


def round_edges(values: Values, n_bins: int = _BINS, *, share: bool = False) -> Values:
    """Return round edges that hold all values but a few at the ends: some `n_bins` bins."""
    known = values[~np.isnan(values)]
    if share and known.min() >= 0 and known.max() <= 1:
        return np.arange(n_bins + 1) / n_bins
    low, high = (float(q) for q in np.quantile(known, [_TAIL, 1 - _TAIL]))
    if high <= low:
        low, high = float(known.min()), float(known.max())
    if high <= low:
        return np.array([low - 0.5, low + 0.5])
    rough = (high - low) / n_bins
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in _STEPS if m * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step), math.floor(high / step) + 1
    return np.arange(first, last + 1, dtype=np.float64) * step


def histogram(values: Values, edges: Values) -> Histogram:
    """Count values between edges; the last edge belongs to the last bin."""
    known = values[~np.isnan(values)]
    counts, _ = np.histogram(known, edges)
    return Histogram(
        tuple(edges.tolist()),
        tuple(counts.tolist()),
        int((known < edges[0]).sum()),
        int((known > edges[-1]).sum()),
    )


def groups_of(values: Values, codes: Codes, names: list[str], clusters: Codes) -> tuple[Group, ...]:
    """Describe the values of each group: quartiles, and a mean with its interval.

    Parameters
    ----------
    values, codes, clusters
        (n,) values, NaN for missing; place of each track's group in `names`, -1 for none;
        and code of its artist. Groups without a value are left out.
    """
    kept = (codes >= 0) & ~np.isnan(values)
    values, codes, clusters = values[kept], codes[kept], clusters[kept]
    order = np.lexsort((values, codes))
    values, codes, clusters = values[order], codes[order], clusters[order]
    starts = np.searchsorted(codes, np.arange(len(names) + 1))
    return tuple(
        _group(name, values[start:stop], clusters[start:stop])
        for name, start, stop in zip(names, starts[:-1], starts[1:], strict=True)
        if stop > start
    )


def _group(name: str, values: Values, clusters: Codes) -> Group:
    """Describe sorted values."""
    mean = float(values.mean())
    _, own = np.unique(clusters, return_inverse=True)
    n_clusters = int(own.max()) + 1
    sums = np.bincount(own, values - mean) / len(values)
    scale = n_clusters / (n_clusters - 1) if n_clusters > 1 else math.nan
    error = math.sqrt(scale * float(sums @ sums)) if n_clusters > 1 else math.nan
    q1, median, q3 = (float(q) for q in np.quantile(values, [0.25, 0.5, 0.75]))
    reach = _FENCE * (q3 - q1)
    low = float(values[np.searchsorted(values, q1 - reach, "left")])
    high = float(values[np.searchsorted(values, q3 + reach, "right") - 1])
    return Group(
        name, len(values), n_clusters, estimate(mean, error, n_clusters), low, q1, median, q3, high
    )
