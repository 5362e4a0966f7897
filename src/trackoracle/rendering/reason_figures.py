"""Figures of why: what drives one prediction, what is told along a column, and what weighs."""

from __future__ import annotations

import math
from typing import Any

from trackoracle.rendering.charts import round_places
from trackoracle.rendering.dependence import UNIT_NAMES, dependence_sentences, title
from trackoracle.rendering.explanations import bars
from trackoracle.rendering.reasons import amount, label, shown_value, signed
from trackoracle.rendering.vega import (
    Figure,
    Spec,
    between,
    chart,
    level,
    mark,
    names_axis,
    quantity,
    tips,
)
from trackoracle.rendering.words import in_two_lines, percent
from trackoracle.schema import Dependence, Explanation, Given, Importance

Row = dict[str, Any]
_MOST_DRIVERS, _LETTERS = 8, 24
_LINE = 36
"""Pixels of a row whose name may take two lines."""
_MOST_NAMES, _MOST_FEATURES = 30, 14
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
    scale = {"domain": [min(ends) - 0.04 * span, max(ends) + 0.26 * span], "nice": False,
             "zero": False}  # fmt: skip
    x = quantity("from", _AXES[told.unit], scale=scale, axis={"tickCount": 5})
    y = level("line", axis=names_axis(_LETTERS), sort=[row["line"] for row in rows])
    tooltip = tips(("what", "what"), ("said", told.unit))
    steps = {"x": x, "x2": {"field": "to"}, "y": y, "tooltip": tooltip}

    def only(kind: str) -> list[Row]:
        return [{"filter": f"datum.kind == '{kind}'"}]

    layers = [
        mark("rule", "guide", {"x": x}, transform=only("start")),
        *(mark("bar", kind, steps, transform=only(kind), minBandSize=2)
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
    >>> found = to.load_oracle().dependence(track, "tempo", n_values=5)
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
    rows: list[Row] = [
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
    ends = {**between(x), "y": y, "tooltip": tooltip}
    point = {"x": x, "y": y, "tooltip": tooltip}
    return chart(
        max(90, 24 * len(rows)),
        *([mark("rule", "interval", ends)] if found.low else []),
        mark("point", "point", point),
        mark("point", "mean", point, transform=[{"filter": "datum.is_own == true"}], size=90),
        rows=rows,
    )


def importance_figure(found: Importance, most: int = _MOST_FEATURES) -> Figure:
    """Draw the mean size of what features contribute, with intervals; the rest is left out.

    Parameters
    ----------
    most
        Features that are drawn.
    """
    shown = found.features[:most]
    unit = {"points": "points", "log-odds": "log-odds", "tier": "tiers"}[found.unit]
    rows = [
        {
            "feature": label(f.feature),
            "value": f.attribution.value,
            "low": f.attribution.low,
            "high": f.attribution.high,
            "gain": f.gain,
            **{f"lost_{name}": lost.value for name, lost in f.permutation.items()},
        }
        for f in shown
    ]
    x = quantity("value", f"mean size of contribution, {unit}", axis={"tickCount": 5})
    y = level("feature", axis=names_axis(), sort=[row["feature"] for row in rows])
    told = [("feature", "feature"), ("value", "contribution"), ("low", "from"), ("high", "to")]
    told += [("gain", "share of gain")] if any(f.gain is not None for f in shown) else []
    formats = {"value": ".3~f", "low": ".3~f", "high": ".3~f", "gain": ".1%"}
    where = {"y": y, "tooltip": tips(*told, **formats)}
    spec = chart(
        max(60, 26 * len(rows)),
        mark("bar", "main", {"x": x, **where}),
        mark("rule", "guide_over", {**between(x), **where}, strokeDash=[1, 0]),
        rows=rows,
    )
    note = (
        f"Mean over {found.n_tracks:,} tracks of how far each feature moves an answer, either "
        "way; lines are 95 % intervals."
    )
    if len(found.features) > len(shown):
        note += f" The {len(shown)} largest of {len(found.features)}."
    return Figure("importance", "What weighs", note, spec)
