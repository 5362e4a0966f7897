"""Figures of one track's answer: its distribution, its tiers, what drives it, and what if."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from trackoracle.distributions import Distribution
from trackoracle.rendering.charts import round_places
from trackoracle.rendering.dependence import UNIT_NAMES, dependence_sentences, title
from trackoracle.rendering.explanations import bars
from trackoracle.rendering.reasons import amount, label, shown_value, signed
from trackoracle.rendering.vega import (
    Figure,
    Layer,
    Spec,
    chart,
    level,
    mark,
    names_axis,
    quantity,
    tips,
)
from trackoracle.rendering.words import hit_name, in_two_lines, percent, tier_names
from trackoracle.schema import Dependence, Explanation, Given, Target

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
_MOST_DRIVERS, _LETTERS = 8, 24
_LINE = 36
"""Pixels of a row whose name may take two lines."""
_MOST_NAMES = 30


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
    pieces = [(0, 0), *((a + 1, b) for a, b in zip(edges, edges[1:], strict=False))]
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
    y = level("tier", f"popularity,{unit}" if unit else None, axis=names_axis())
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


_AXES = {
    "points": "popularity, points",
    "log-odds": "log-odds of a hit",
    "tier": "expected tier",
}


def waterfall_figure(told: Explanation, most: int = _MOST_DRIVERS) -> Figure:
    """Draw what moves the answer from where the model starts to the prediction.

    Parameters
    ----------
    told
        As `Oracle.explain` returns it.
    most
        Features that are drawn each for itself; the others are summed.

    Examples
    --------
    >>> import trackoracle as to
    >>> told = to.load_oracle().explain({"genre": "pop", "tempo": 120.0})
    >>> rows = waterfall_figure(told, most=2).spec["data"]["values"]
    >>> [row["what"] for row in rows][:2], rows[-1]["what"]
    (['start: any track', 'genre: pop'], 'prediction')
    """
    rows = _steps(told, most)
    ends = [value for row in rows for value in (row["from"], row["to"])]
    span = max(max(ends) - min(ends), 1e-6)
    scale = {"domain": [min(ends) - 0.04 * span, max(ends) + 0.1 * span], "nice": False,
             "zero": False}  # fmt: skip
    x = quantity("from", _AXES[told.unit], scale=scale, axis={"tickCount": 5})
    y = level("line", axis=names_axis(_LETTERS), sort=[row["line"] for row in rows])
    tooltip = tips(("what", "what"), ("said", told.unit))
    between = {"x": x, "x2": {"field": "to"}, "y": y, "tooltip": tooltip}

    def only(kind: str) -> list[Row]:
        return [{"filter": f"datum.kind == '{kind}'"}]

    layers = [
        mark("rule", "guide", {"x": x}, transform=only("start")),
        *(mark("bar", kind, between, transform=only(kind), minBandSize=2)
          for kind in ("up", "down")),
        *(mark("tick", "median", {"x": x, "y": y, "tooltip": tooltip}, transform=only(kind),
               orient="vertical", height={"band": 0.7}, thickness=4)
          for kind in ("start", "prediction")),
        mark("text", "label", {"x": {**x, "field": "right"}, "y": y, "text": {"field": "said"}},
             align="left", dx=6),
    ]  # fmt: skip
    note = (
        "From what the model says of any track (start) to what it says of this one: blue goes "
        "with more, orange with less. Association, not cause."
    )
    return Figure("waterfall", "What drives the prediction", note,
                  chart(_LINE * len(rows), *layers, rows=rows), wide=True)  # fmt: skip


def _steps(told: Explanation, most: int) -> list[Row]:
    """Return a row for the start, each contribution and the prediction."""
    unit, at = told.unit, told.baseline

    def row(what: str, start: float, end: float, said: str, kind: str) -> Row:
        right = max(start, end)
        told = {"what": what, "from": start, "to": end, "said": said, "kind": kind}
        return {**told, "right": right, "line": in_two_lines(what, _LETTERS)}

    rows = [row("start: any track", at, at, _level_text(told, at), "start")]
    for bar in bars(told, most):
        name = f"{bar.name}: {bar.value}" if bar.value else bar.name
        after = at + bar.contribution
        kind = "up" if bar.contribution >= 0 else "down"
        rows.append(row(name, at, after, signed(bar.contribution, unit), kind))
        at = after
    end = told.prediction
    return [*rows, row("prediction", end, end, _level_text(told, end), "prediction")]


def _level_text(told: Explanation, value: float) -> str:
    """Say a level in the explanation's unit; of log-odds also the probability."""
    if told.unit != "log-odds":
        return amount(value, told.unit)
    return f"{amount(value, told.unit)} ({percent(1 / (1 + math.exp(-value)))})"


def effect_figure(found: Dependence) -> Figure:
    """Draw predictions along one column; of one track, with its own value marked.

    Examples
    --------
    >>> import trackoracle as to
    >>> track = {"genre": "pop", "tempo": 120.0}
    >>> found = to.load_oracle().dependence("tempo", track=track, n_values=5)
    >>> effect_figure(found).title
    'This track along tempo'
    """
    named = not _runs_along(found)
    rows = _effect_rows(found, named=named)
    said = " ".join(dependence_sentences(found))
    if named and len(rows) > _MOST_NAMES:
        said = f"The {_MOST_NAMES} highest of {len(rows)}. {said}"
        rows = [row for i, row in enumerate(rows) if i < _MOST_NAMES or row["is_own"]]
    spec = _named_effect(found, rows) if named else _line_effect(found, rows)
    return Figure(f"effect-{found.column}", title(found), said,
                  spec)  # fmt: skip


def _runs_along(found: Dependence) -> bool:
    codes = ("key", "mode", "explicit", "time_signature")
    return found.column not in codes and all(isinstance(v, int | float) for v in found.values)


def _effect_rows(found: Dependence, *, named: bool) -> list[Row]:
    """Return a row a value; names, which have no order of their own, the highest first."""
    low, high = found.low or found.prediction, found.high or found.prediction
    rows = [
        {
            "value": value,
            "shown": shown_value(found.column, value),
            "prediction": found.prediction[i],
            "low": low[i],
            "high": high[i],
            "is_own": found.kind == "track" and value == found.at,
        }
        for i, value in enumerate(found.values)
    ]
    if named and found.column != "time_signature":
        rows.sort(key=lambda r: (-r["prediction"], r["shown"]))
    return rows


def _effect_tips(found: Dependence) -> list[Row]:
    fields = [("shown", label(found.column)), ("prediction", UNIT_NAMES[found.unit])]
    if found.low:
        fields += [("low", "from"), ("high", "to")]
    return tips(*fields, prediction=".3~f", low=".3~f", high=".3~f")


def _line_effect(found: Dependence, rows: list[Row]) -> Spec:
    in_minutes = found.column == "duration_ms"
    name = label(found.column) + (", minutes" if in_minutes else "")
    x = quantity("value", name, scale={"zero": False, "nice": False},
                 axis={"grid": False, **(_minutes(rows) if in_minutes else {})})  # fmt: skip
    y = quantity("prediction", UNIT_NAMES[found.unit], scale={"zero": found.unit == "points"})
    tooltip = _effect_tips(found)
    layers = []
    if found.low:
        ends = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
        layers.append(mark("area", "band", ends))
    layers.append(mark("line", "line", {"x": x, "y": y}))
    layers.append(mark("point", "point", {"x": x, "y": y, "tooltip": tooltip}, size=22))
    own = _own_place(found)
    if own is not None:
        there = [{"value": own[0], "prediction": own[1], "said": "as it is"}]
        right = own[0] > (min(r["value"] for r in rows) + max(r["value"] for r in rows)) / 2
        layers += [
            mark("rule", "guide", {"x": x}, there),
            mark("point", "mean", {"x": x, "y": y}, there, size=80),
            mark("text", "halo", {"x": x, "y": {"value": 10}, "text": {"field": "said"}}, there,
                 align="right" if right else "left", dx=-6 if right else 6),
            mark("text", "over", {"x": x, "y": {"value": 10}, "text": {"field": "said"}}, there,
                 align="right" if right else "left", dx=-6 if right else 6),
        ]  # fmt: skip
    return chart(230, *layers, rows=rows)


def _minutes(rows: list[Row]) -> Row:
    """Return an axis of milliseconds that is read in minutes and seconds."""
    ends = min(row["value"] for row in rows) / 60_000, max(row["value"] for row in rows) / 60_000
    text = "floor(datum.value / 60000) + ':' + format(datum.value % 60000 / 1000, '02.0f')"
    return {"labelExpr": text, "values": [60_000 * place for place in round_places(*ends)]}


def _own_place(found: Dependence) -> tuple[float, float] | None:
    """Return the track's own value and what is predicted at the value nearest to it."""
    at: Given = found.at
    if found.kind != "track" or not isinstance(at, int | float):
        return None
    places = [(abs(v - at), i) for i, v in enumerate(found.values) if isinstance(v, int | float)]
    return float(at), found.prediction[min(places)[1]]


def _named_effect(found: Dependence, rows: list[Row]) -> Spec:
    x = quantity("prediction", UNIT_NAMES[found.unit], scale={"zero": found.unit == "points"})
    order = [row["shown"] for row in rows]
    y = level("shown", label(found.column), axis=names_axis(), sort=order)
    tooltip = _effect_tips(found)
    ends = {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y, "tooltip": tooltip}
    point = {"x": x, "y": y, "tooltip": tooltip}
    return chart(
        max(90, 24 * len(rows)),
        *([mark("rule", "interval", ends)] if found.low else []),
        mark("point", "point", point),
        mark("point", "mean", point, transform=[{"filter": "datum.is_own == true"}], size=90),
        rows=rows,
    )
