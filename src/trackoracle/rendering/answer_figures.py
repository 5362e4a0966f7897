"""Figures of one track's answer: its distribution, and its tiers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from trackoracle.rendering.vega import (
    Figure,
    Layer,
    chart,
    level,
    mark,
    names_axis,
    quantity,
    tips,
)
from trackoracle.rendering.words import percent
from trackoracle.schema import Target, hit_name, tier_names

if TYPE_CHECKING:
    from trackoracle.distributions import Distribution

Row = dict[str, Any]
_STEP = 5
"""Points that one bar holds."""
_ZERO = -4.5
"""Where the bar of 0 points begins: it is as wide as the others."""
_TALL, _ALL = 2.5, 0.9
"""A bar of 0 points this many times as tall as the others is cut, unless it is next to all."""
_HEIGHT, _ABOVE = 250, 66
_SAID, _BRACKET, _THRESHOLD = 8, 22, 40
"""Of the view of a distribution, in pixels: its height, what is kept free above the bars, and where
what is told stands there."""


def distribution_figure(
    told: Distribution, row: int = 0, *, threshold: float, level: float = 0.9
) -> Figure:
    """Draw how probable each popularity is: the interval, the mean, and what is above a threshold.

    Parameters
    ----------
    told
        Of popularity, as `Oracle.distribution` returns it.
    row
        Which of its tracks.
    threshold
        Points; what is above it is marked.
    level
        Of the interval.

    Examples
    --------
    >>> import trackoracle as to
    >>> told = to.load_oracle().distribution({"genre": "pop", "tempo": 120.0})
    >>> distribution_figure(told, threshold=70).title
    'How popular it may be'
    """
    one = told.take(np.array([row]))
    low, high = (float(ends[0]) for ends in one.interval(level))
    mean, above = float(one.mean[0]), float(one.above(threshold)[0])
    rows = _pieces(one, threshold)
    zero, most = rows[0]["height"], max(r["height"] for r in rows[1:])
    is_cut = zero > _TALL * most and zero < _ALL
    top = 1.25 * most if is_cut else 1.05 * max(zero, most)
    said = f"{mean:.0f} expected; {100 * level:g} %: {low:.0f} to {high:.0f}"
    note = (
        f"{mean:.1f} points are expected; with {100 * level:g} % probability it gets {low:.0f} to "
        f"{high:.0f} (shaded), and more than {threshold:g} with {percent(above)} (orange). A bar "
        f"is the probability of {_STEP} points; the first, of 0 points alone"
        + (f", is cut: it stands for {percent(zero)}." if is_cut else f": {percent(zero)}.")
    )
    layers = [
        *_interval_layers(low, high, mean, said),
        *_bar_layers(rows, top, threshold, is_cut=is_cut),
        *_threshold_layers(threshold, f"above {threshold:g}: {percent(above)}"),
    ]
    return Figure("distribution", "How popular it may be", note, chart(_HEIGHT, *layers, rows=rows))


def _pieces(one: Distribution, threshold: float) -> list[Row]:
    """Sum the probabilities by bars of five points; the threshold parts the bar it is in."""
    mass = one.mass[0]
    last = len(mass) - 1
    edges = sorted({*range(0, last + 1, _STEP), min(max(math.floor(threshold), 0), last)})
    pieces = [(0, 0), *((a + 1, b) for a, b in pairwise(edges))]
    rows = []
    for start, end in pieces:
        probability = float(mass[start : end + 1].sum())
        width = 1 if not end else (end - start + 1) / _STEP
        rows.append(
            {
                "from": start,
                "to": end,
                "probability": probability,
                "is_above": start > threshold,
                "x": start - 0.5 if end else _ZERO,
                "x2": end + 0.5,
                "height": probability / width,
            }
        )
    return rows


def _along(field: str, **more: Any) -> Row:
    """Encode points of popularity, 0 in the middle of its bar."""
    axis = {
        "values": [-2, 20, 40, 60, 80, 100],
        "labelExpr": "datum.value < 0 ? '0' : datum.label",
        "grid": False,
    }
    scale = {"domain": [_ZERO, 100.5], "nice": False, "zero": False}
    return {**quantity(field, "popularity, points"), "axis": axis, "scale": scale, **more}


def _place(points: float) -> float:
    """Return where a value stands on the axis."""
    return points if points >= 1 else -2 + 3 * points


def _bar_layers(rows: list[Row], top: float, threshold: float, *, is_cut: bool) -> list[Layer]:
    y = quantity(
        "height",
        f"probability, each {_STEP} points",
        scale={"domain": [0, top], "range": [_HEIGHT, _ABOVE], "nice": False, "clamp": True},
        axis={"format": ".0%" if top >= 0.04 else ".1%", "tickCount": 4},
    )
    tooltip = tips(("from", "from"), ("to", "to"), ("probability", "probability"),
                   probability=".2%")  # fmt: skip
    x = _along("x", bin={"binned": True})
    where = {"x": x, "x2": {"field": "x2"}, "y": y, "tooltip": tooltip}
    layers = [
        mark("bar", style, where, transform=[{"filter": f"datum.is_above == {truth}"}],
             binSpacing=1)
        for style, truth in (("main", "false"), ("other", "true"))
    ]  # fmt: skip
    if is_cut:
        ends = [{"x": _ZERO, "x2": 0.5}]
        across = {"x": _along("x"), "x2": {"field": "x2"}, "y": {"value": _ABOVE + 14}}
        words = {"x": _along("x"), "y": {"value": _ABOVE - 8}, "text": {"value": "0 points: "
                 + percent(rows[0]["probability"])}}  # fmt: skip
        layers += [mark("rule", "cut", across, ends), mark("text", "label", words, ends,
                                                           align="left")]  # fmt: skip
    return layers


def _interval_layers(low: float, high: float, mean: float, said: str) -> list[Layer]:
    """Shade the interval, and say it above with the mean."""
    ends = [{"low": _ZERO if low < 1 else low - 0.5, "high": high + 0.5, "mean": _place(mean)}]
    between = {"x": _along("low"), "x2": {"field": "high"}}
    at = {"y": {"value": _BRACKET}}
    middle = (low + high) / 2
    align, field = (
        ("left", "low") if middle < 36 else ("right", "high") if middle > 64 else ("center", "mid")
    )
    words = [{**ends[0], "mid": middle, "said": said}]
    return [
        mark("rect", "band", {**between, **at, "y2": {"value": _HEIGHT}}, ends),
        mark("rule", "interval", {**between, **at}, ends),
        mark("point", "mean", {"x": _along("mean"), **at}, ends, size=70),
        mark("text", "label", {"x": _along(field), "y": {"value": _SAID},
                               "text": {"field": "said"}}, words, align=align),
    ]  # fmt: skip


def _threshold_layers(threshold: float, said: str) -> list[Layer]:
    rows = [{"at": threshold + 0.5, "said": said}]
    right = threshold > 50
    words = {"x": _along("at"), "y": {"value": _THRESHOLD}, "text": {"field": "said"}}
    line = {"x": _along("at"), "y": {"value": _THRESHOLD - 7}, "y2": {"value": _HEIGHT}}
    return [
        mark("rule", "guide_over", line, rows),
        mark("text", "heading", words, rows, align="right" if right else "left",
             dx=-6 if right else 6),
    ]  # fmt: skip


def tiers_figure(answer: Mapping[str, Any], target: Target) -> Figure:
    """Draw the probability of each tier, or of a hit and a miss.

    Parameters
    ----------
    answer
        What `predict` says of one track, by column.

    Examples
    --------
    >>> from trackoracle.schema import Popularity
    >>> answer = {f"p_tier_{i}": p for i, p in enumerate((0.7, 0.2, 0.08, 0.02))}
    >>> tiers_figure(answer, Popularity()).note
    'Most likely: up to 25 points, 70 %.'
    """
    names, unit = tier_names(target), " points"
    if names:
        shares = [float(answer[f"p_tier_{i}"]) for i in range(len(names))]
    else:
        names, unit = [hit_name(target), "no hit"], ""
        shares = [float(answer["p_hit"]), 1 - float(answer["p_hit"])]
    most = max(range(len(names)), key=lambda i: shares[i])
    rows = [
        {"tier": name, "probability": p, "said": percent(p), "is_most": i == most}
        for i, (name, p) in enumerate(zip(names, shares, strict=True))
    ]
    axis = {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
    x = quantity("probability", "probability", scale={"domain": [0, 1.16]}, axis=axis)
    y = level("tier", f"popularity,{unit}" if unit else None, axis=names_axis(), sort=names)
    tooltip = tips(("tier", "popularity"), ("probability", "probability"), probability=".2%")
    where = {"x": x, "y": y, "tooltip": tooltip}
    layers = [
        mark("bar", style, where, transform=[{"filter": f"datum.is_most == {truth}"}])
        for style, truth in (("main", "true"), ("box", "false"))
    ]
    layers.append(mark("text", "label", {**where, "text": {"field": "said"}}, align="left", dx=5))
    said = f"Most likely: {names[most]}{unit}, {percent(shares[most])}."
    return Figure("tiers", "Probability of each tier" if unit else "Hit or not", said,
                  chart(40 * len(rows), *layers, rows=rows))  # fmt: skip
