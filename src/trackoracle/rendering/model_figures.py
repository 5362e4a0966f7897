"""Figures of an oracle's own evaluation: how good it is, and where it errs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from trackoracle.rendering.charts import by_protocol
from trackoracle.rendering.plain_words import METRICS_EXPLAINED, called
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
from trackoracle.rendering.words import LOWER_IS_BETTER, METRIC_NAMES, number
from trackoracle.schema import Estimate, GroupScore, ProtocolResult, Report

Row = dict[str, Any]
_ORDER = ("random", "catalog", "known_artist", "new_artist", "future")
"""Protocols, the most lenient first."""
_MOST_GROUPS = 8
_DOT = 15
"""Pixels of one of several dots in a row."""
_NAMED_ROW = 62
"""Pixels of a row, in which a name of three lines has room, whose first stands in the middle."""
_LETTERS = 28
"""Of a line of a name."""
_LEVELS = (50, 80, 90)


def ordered(protocols: Iterable[ProtocolResult]) -> list[ProtocolResult]:
    """Return protocols, the most lenient first."""
    return sorted(
        protocols, key=lambda p: _ORDER.index(p.name) if p.name in _ORDER else len(_ORDER)
    )


def _named(report: Report) -> dict[str, str]:
    """Return what each protocol stands for, the most lenient first."""
    return {p.name: p.stands_for for p in ordered(report.protocols)}


def _estimate_row(estimate: Estimate, metric: str) -> Row:
    ends = {"low": estimate.low, "high": estimate.high}
    known = {name: None if math.isnan(value) else value for name, value in ends.items()}
    return {"value": estimate.value, **known, "said": number(estimate.value, metric)}


def _score_axis(metric: str, estimates: Sequence[Estimate]) -> Row:
    """Encode a metric on an axis that begins at its naive value."""
    naive = 0.5 if metric == "roc_auc" else 0.0
    low = min([naive, *(e.low for e in estimates if not math.isnan(e.low))])
    return quantity("value", METRIC_NAMES[metric], axis={"tickCount": 6},
                    scale={"domainMin": low, "zero": False, "nice": True})  # fmt: skip


def leaderboard_figure(report: Report) -> Figure:
    """Draw every candidate and baseline under every protocol, with bootstrap intervals.

    Examples
    --------
    >>> import trackoracle as to
    >>> rows = leaderboard_figure(to.load_oracle().report).spec["data"]["values"]
    >>> rows[0]["candidate"], rows[-1]["kind"]
    ('boosted trees by range of points (lightgbm_bins), chosen', 'baseline')
    """
    metric, protocols = report.metric, ordered(report.protocols)
    kinds = [(r, "candidate") for r in report.candidates] + [
        (r, "baseline") for r in report.baselines
    ]

    def rank(result_kind: tuple[Any, str]) -> tuple[bool, float]:
        result = result_kind[0]
        told = [s[metric].value for s in result.scores.values() if not math.isnan(s[metric].value)]
        return result.name != report.chosen, -sum(told) / max(len(told), 1)

    rows = [
        {
            "candidate": called(result.name)
            + (", chosen" if result.name == report.chosen else "")
            + (", baseline" if kind == "baseline" else ""),
            "kind": kind,
            "protocol": p.stands_for,
            **_estimate_row(result.scores[p.name][metric], metric),
        }
        for result, kind in sorted(kinds, key=rank)
        for p in protocols
        if p.name in result.scores
    ]
    estimates = [s[metric] for result, _ in kinds for s in result.scores.values()]
    x = _score_axis(metric, estimates)
    spec = _dots(rows, "candidate", x, [p.stands_for for p in protocols],
                 hollow="datum.kind == 'baseline'", least=_NAMED_ROW)  # fmt: skip
    better = "Less" if metric in LOWER_IS_BETTER else "Farther right"
    note = (
        f"{better} is better. Each dot is judged on tracks that it was not fitted to, the line is "
        f"its 95 % bootstrap interval; hollow: naive baselines. {METRICS_EXPLAINED[metric]}"
    )
    return Figure("leaderboard", "How good each candidate is", note, spec, wide=True)


def _dots(
    rows: list[Row], name: str, x: Row, series: list[str], hollow: str = "false", least: int = 0
) -> Spec:
    """Draw a row a name, of at least so many pixels, and in it a dot for each of a series."""
    # Where layers are filtered, an order that is not said follows what the first one shows.
    names = list(dict.fromkeys(row[name] for row in rows))
    y = level(name, axis=names_axis(_LETTERS), sort=names)
    color = {"field": "protocol", "type": "nominal", "sort": None, "title": None,
             "scale": {"domain": series},
             "legend": {"columns": 1, "symbolType": "circle", "labelLimit": 0}}  # fmt: skip
    place = {"y": y, "yOffset": {"field": "protocol", "sort": series}, "color": color}
    tooltip = tips((name, name), ("protocol", "judged on"), ("said", str(x["title"])),
                   ("low", "from"), ("high", "to"), low=".3~f", high=".3~f")  # fmt: skip
    where = {**place, "tooltip": tooltip}
    return chart(
        max(60, max(_DOT * len(series) + 10, least) * len(names)),
        mark("rule", "trend", {**between(x), **where}),
        mark("point", "hollow", {"x": x, **where}, transform=[{"filter": f"!({hollow})"}], size=70),
        mark("point", "trend", {"x": x, **where}, transform=[{"filter": hollow}], size=55,
             filled=False),
        rows=rows,
    )  # fmt: skip


def protocols_figure(report: Report) -> Figure:
    """Draw what the chosen candidate is worth, from the most lenient protocol to the strictest.

    Examples
    --------
    >>> import trackoracle as to
    >>> rows = protocols_figure(to.load_oracle().report).spec["data"]["values"]
    >>> [row["said"] for row in rows]
    ['0.485', '0.467 (-0.018)', '0.426 (-0.041)']
    """
    metric, chosen = report.metric, report.of(report.chosen)
    rows: list[Row] = []
    for protocol in ordered(report.protocols):
        if protocol.name in chosen.scores:
            row = _estimate_row(chosen.scores[protocol.name][metric], metric)
            if rows:
                fall = row["value"] - rows[-1]["value"]
                row["said"] += f" ({round(fall, 3) + 0.0:+.3f})"
            rows.append({
                "judged on": protocol.stands_for,
                "held out": protocol.held_out,
                "is_random": protocol.name == "random",
                **row,
            })  # fmt: skip
    highest = max(row["high"] if row["high"] is not None else row["value"] for row in rows)
    # The room for labels at the right is no place for values: no metric has more than 1.
    axis = {"tickCount": 5, "labelExpr": "datum.value > 1 ? '' : datum.label"}
    x = quantity("value", METRIC_NAMES[metric], axis=axis,
                 scale={"domain": [min(0.0, *(r["value"] for r in rows)), 1.6 * highest],
                        "nice": False})  # fmt: skip
    y = level("judged on", axis=names_axis(), sort=[row["judged on"] for row in rows])
    tooltip = tips(("judged on", "judged on"), ("held out", "held out together"),
                   ("said", METRIC_NAMES[metric]))  # fmt: skip
    where = {"y": y, "tooltip": tooltip}
    layers = [
        mark("bar", style, {"x": x, **where}, transform=[{"filter": f"datum.is_random == {is_so}"}])
        for style, is_so in (("other", "true"), ("main", "false"))
    ]
    layers += [
        mark("rule", "guide_over", {**between(x), **where}, strokeDash=[1, 0]),
        mark("text", "label", {"x": {**x, "field": "high"}, **where, "text": {"field": "said"}},
             align="left", dx=6),
    ]  # fmt: skip
    note = (
        "The same candidate, judged ever more strictly: what a split lets through from training "
        "to test makes the upper bars longer. In brackets, the fall from the bar above; lines "
        "are 95 % intervals."
    )
    return Figure("protocols", "What it is worth, by how it is judged", note,
                  chart(44 * len(rows), *layers, rows=rows))  # fmt: skip


def calibration_figure(report: Report) -> Figure | None:
    """Draw truth along the prediction, by protocol; None of a report without curves."""
    found = by_protocol(report)
    if not found:
        return None
    named = _named(report)
    is_hit = report.metric == "roc_auc"
    rows: list[Row] = [
        {
            "protocol": named[name],
            "predicted": b.predicted,
            "value": b.actual.value,
            "low": b.actual.low,
            "high": b.actual.high,
            "n_tracks": b.n_tracks,
        }
        for _, name, curves in found
        for b in curves.calibration.bins
    ]
    most = max(max(row["predicted"], row["high"]) for row in rows)
    what = "P(hit)" if is_hit else "tier" if report.target["name"] == "tier" else "popularity"
    ends = [0, 1.03 * most]
    style = {"format": ".0%"} if is_hit else {}
    x = quantity(
        "predicted", f"predicted {what}", scale={"domain": ends, "nice": False}, axis=style
    )
    y = quantity("value", f"true {what}", scale={"domain": ends, "nice": False}, axis=style)
    series = [said for name, said in named.items() if name in report.curves]
    color = {"field": "protocol", "type": "nominal", "title": None, "scale": {"domain": series},
             "legend": {"columns": 1, "labelLimit": 0}}  # fmt: skip
    digits = ".3f" if is_hit else ".1f"
    tooltip = tips(("protocol", "judged on"), ("predicted", "predicted"), ("value", "true"),
                   ("low", "from"), ("high", "to"), ("n_tracks", "tracks"), predicted=digits,
                   value=digits, low=digits, high=digits, n_tracks=",.0f")  # fmt: skip
    diagonal = [{"predicted": 0, "value": 0}, {"predicted": most, "value": most}]
    spec = chart(
        300,
        mark("line", "guide", {"x": x, "y": y}, diagonal),
        mark("line", "trend", {"x": x, "y": y, "color": color}, strokeWidth=1.4),
        mark("rule", "trend", {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"},
                               "color": color}, strokeWidth=1.6),
        mark("point", "hollow", {"x": x, "y": y, "color": color, "tooltip": tooltip}, size=50),
        rows=rows,
    )  # fmt: skip
    note = (
        "Tenths of the tracks, by what is predicted of them, with 95 % intervals: on the dashed "
        "line the mean of the truth is what was predicted."
    )
    return Figure("calibration", "Is the truth what was predicted?", note, spec)


def genres_figure(report: Report, protocol: str | None = None) -> Figure | None:
    """Draw the genres with the largest and the smallest errors; None where none are told.

    Parameters
    ----------
    protocol
        By default the strictest that tells of genres.
    """
    told = [p.name for p in ordered(report.protocols) if report.by_genre.get(p.name)]
    if not told:
        return None
    name = protocol if protocol in told else told[-1]
    groups = report.by_genre[name]
    metric = next(m for m in ("mae", "brier", "accuracy") if m in groups[0].scores)
    sign = -1 if metric == "accuracy" else 1
    far = sorted(groups, key=lambda g: (-sign * g.scores[metric].value, g.group))
    parted = len(far) > 2 * _MOST_GROUPS
    shown = [*far[:_MOST_GROUPS], *far[-_MOST_GROUPS:]] if parted else far
    rows = [_genre_row(g, metric, i, parted=parted) for i, g in enumerate(shown)]
    own = report.of(report.chosen).scores[name].get(metric)
    unit = ", points" if metric == "mae" else ""
    title = "mean absolute error" if metric == "mae" else METRIC_NAMES[metric]
    x = quantity("value", f"{title}{unit}", scale={"zero": True}, axis={"tickCount": 6})
    y = level("genre", axis=names_axis(), sort=[row["genre"] for row in rows])
    tooltip = tips(("genre", "genre"), ("value", title), ("low", "from"), ("high", "to"),
                   ("n_tracks", "tracks"), value=".3~f", low=".3~f", high=".3~f",
                   n_tracks=",.0f")  # fmt: skip
    where = {"y": y, "tooltip": tooltip}
    overall = [] if own is None else [{"all": own.value}]
    layers = [
        mark("rule", "guide", {"x": {**x, "field": "all"}}, overall),
        mark("rule", "guide", {"y": {**y, "bandPosition": 1}},
             transform=[{"filter": "datum.ends_worst == true"}]),
        mark("rule", "interval", {**between(x), **where}),
        mark("point", "point", {"x": x, **where}),
    ]  # fmt: skip
    what = "The largest and the smallest errors" if parted else "Errors"
    note = (
        f"{what} of {len(groups)} genres, judged on {_named(report)[name]}; lines are 95 % "
        "intervals, dashed down: all tracks."
    )
    return Figure("genres", "Where it errs", note, chart(22 * len(rows), *layers, rows=rows))


def _genre_row(group: GroupScore, metric: str, place: int, *, parted: bool) -> Row:
    return {
        "genre": group.group,
        "n_tracks": group.n_tracks,
        **_estimate_row(group.scores[metric], metric),
        "ends_worst": parted and place + 1 == _MOST_GROUPS,
    }


def coverage_figure(report: Report) -> Figure | None:
    """Draw what share of the truth intervals hold, beside their level; None where none are told."""
    chosen = report.of(report.chosen)
    named = {p: said for p, said in _named(report).items() if p in chosen.scores}
    levels = [n for n in _LEVELS if any(f"coverage_{n}" in chosen.scores[p] for p in named)]
    if not levels:
        return None
    rows = [
        {
            "interval": f"{n} % interval",
            "protocol": said,
            "level": n / 100,
            **_estimate_row(estimate, "coverage"),
            "said": f"{100 * estimate.value:.1f} %",
        }
        for n in levels
        for p, said in named.items()
        if (estimate := chosen.scores[p].get(f"coverage_{n}")) is not None
    ]
    scale = {"domain": [0.4, 1], "nice": False, "zero": False}
    x = quantity("value", "holds", scale=scale, axis={"format": ".0%", "tickCount": 6})
    spec = _dots(rows, "interval", x, list(named.values()))
    y = spec["layer"][0]["encoding"]["y"]
    aim = mark("tick", "whisker", {"x": {**x, "field": "level"}, "y": y},
               thickness=2, height={"band": 0.9}, orient="vertical")  # fmt: skip
    spec["layer"].insert(0, aim)
    note = "Dots: the share of tracks whose popularity was within; grey: what it should be."
    return Figure("coverage", "Do the intervals hold what they say?", note, spec)
