"""Curves become drawings: lines and marks placed in the unit of an SVG, for a template to write."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from trackoracle.rendering.words import METRIC_NAMES, number
from trackoracle.schema import Curves, FittingCurve, LearningCurve, Report

LEFT, RIGHT, TOP, BOTTOM = 52, 328, 10, 236
"""The frame of the plot in the template's drawing of 340 by 280."""
Point = tuple[float, float]
_FITTING_LINES = ("rows held back", "rows learned from")


@dataclass(frozen=True)
class Line:
    """One line of a drawing; `kind` is its class in the style sheet."""

    kind: str
    points: str
    name: str = ""


@dataclass(frozen=True)
class Mark:
    """A dot with the ends of its interval, and what it says on hovering."""

    x: str
    y: str
    low: str
    high: str
    says: str


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: str
    label: str


@dataclass(frozen=True)
class Chart:
    """A drawing with its titles, axes, lines and marks."""

    title: str
    note: str
    x_label: str
    y_label: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    lines: list[Line] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True)
class Axes:
    """The values at the ends of both axes."""

    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)

    def place_x(self, value: float) -> str:
        """Return where a value stands from the left."""
        return _between(value, self.x, LEFT, RIGHT)

    def place_y(self, value: float) -> str:
        """Return where a value stands from the top."""
        return _between(value, self.y, BOTTOM, TOP)

    def line(self, xs: Sequence[float], ys: Sequence[float]) -> str:
        """Return the points of a line."""
        pairs = zip(xs, ys, strict=True)
        return " ".join(f"{self.place_x(x)},{self.place_y(y)}" for x, y in pairs)

    def ticks(self, say: Callable[[float], str]) -> tuple[list[Tick], list[Tick]]:
        """Return some five round places on each axis."""
        return (
            [Tick(self.place_x(v), say(v)) for v in round_places(*self.x)],
            [Tick(self.place_y(v), say(v)) for v in round_places(*self.y)],
        )


def _between(value: float, ends: tuple[float, float], start: int, stop: int) -> str:
    low, high = ends
    share = (value - low) / (high - low) if high > low else 0.5
    return f"{start + (stop - start) * min(max(share, 0.0), 1.0):.1f}"


def round_places(low: float, high: float) -> list[float]:
    """Return some five round numbers between two."""
    step = _round_step((high - low) / 4)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def _round_step(step: float) -> float:
    """Return the next of 1, 2, 2.5, 5, 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step)) if step > 0 else 1.0
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= step * (1 - 1e-9))


def _share(value: float) -> str:
    return f"{100 * value:g} %"


def ranking_charts(report: Report) -> list[Chart]:
    """Draw the ROC and the precision-recall curves of all protocols; none without hits."""
    drawn = [
        (series, name, curves.roc, curves.precision_recall)
        for series, name, curves in by_protocol(report)
        if curves.roc and curves.precision_recall
    ]
    if not drawn:
        return []
    axes = Axes()
    x_ticks, y_ticks = axes.ticks(_share)
    roc = Chart(
        "ROC",
        "Dashed: ranking by chance.",
        "misses called hits",
        "hits found",
        x_ticks,
        y_ticks,
        [Line("guide", axes.line((0, 1), (0, 1)))],
    )
    ranked = Chart(
        "Precision and recall",
        "Dashed: the base rate, what ranking by chance gives.",
        "hits found (recall)",
        "hits among the called (precision)",
        x_ticks,
        y_ticks,
    )
    for series, name, own, pr in drawn:
        points = axes.line(own.false_positive_rate, own.true_positive_rate)
        roc.lines.append(Line(series, points, name))
        rate = pr.base_rate
        ranked.lines.append(Line("guide", axes.line((0, 1), (rate, rate)), f"base rate of {name}"))
        ranked.lines.append(Line(series, axes.line(pr.recall, pr.precision), name))
    return [roc, ranked]


def calibration_charts(report: Report) -> list[Chart]:
    """Draw truth against prediction, a chart a protocol, all on the same axes."""
    ends = _calibration_ends(report)
    axes = Axes(ends, ends)
    binary = report.metric == "roc_auc"
    unit = "tier" if report.target["name"] == "tier" else "points"
    x_ticks, y_ticks = axes.ticks(_share if binary else lambda value: f"{value:g}")
    charts = []

    def say(value: float) -> str:
        return f"{100 * value:.1f} %" if binary else f"{value:.1f}"

    for _, name, curves in by_protocol(report):
        bins = curves.calibration.bins
        chart = Chart(
            name,
            "",
            "predicted P(hit)" if binary else f"predicted mean, {unit}",
            "share of hits" if binary else f"true mean, {unit}",
            x_ticks,
            y_ticks,
            [Line("guide", axes.line(ends, ends))],
        )
        chart.lines.append(
            Line("own", axes.line([b.predicted for b in bins], [b.actual.value for b in bins]))
        )
        chart.marks.extend(
            Mark(
                axes.place_x(b.predicted),
                axes.place_y(b.actual.value),
                axes.place_y(b.actual.low),
                axes.place_y(b.actual.high),
                f"{b.n_tracks:,} tracks: predicted {say(b.predicted)}, true {say(b.actual.value)} "
                f"({say(b.actual.low)} to {say(b.actual.high)})",
            )
            for b in bins
        )
        charts.append(chart)
    return charts


def _calibration_ends(report: Report) -> tuple[float, float]:
    if report.metric == "roc_auc":
        return 0.0, 1.0
    bins = [b for curves in report.curves.values() for b in curves.calibration.bins]
    highest = max((max(b.predicted, b.actual.high) for b in bins), default=100.0)
    if report.target["name"] == "tier":
        return 0.0, float(math.ceil(highest))
    return 0.0, 10.0 * math.ceil(highest / 10) or 10.0


def learning_chart(curve: LearningCurve) -> Chart | None:
    """Draw the main metric along the number of training tracks."""
    if not curve.points:
        return None
    scores = [p.score for p in curve.points]
    low, high = min(s.low for s in scores), max(s.high for s in scores)
    step = _round_step(max(high - low, 0.02) / 4)
    first = math.floor(low / step)
    axes = Axes(
        (0.0, 1.02 * max(p.n_tracks for p in curve.points)),
        (step * first, step * max(math.ceil(high / step), first + 1)),
    )
    x_ticks, _ = axes.ticks(lambda value: f"{value:,.0f}")
    _, y_ticks = axes.ticks(lambda value: f"{value:.3g}")
    metric = METRIC_NAMES[curve.metric]
    line = axes.line([p.n_tracks for p in curve.points], [s.value for s in scores])
    marks = [
        Mark(
            axes.place_x(p.n_tracks),
            axes.place_y(p.score.value),
            axes.place_y(p.score.low),
            axes.place_y(p.score.high),
            f"{_share(p.share)}, {p.n_tracks:,} tracks of {p.n_groups:,} {curve.groups}s: "
            f"{metric} {number(p.score.value, curve.metric)}",
        )
        for p in curve.points
    ]
    return Chart(
        f"{curve.candidate} under {curve.protocol}",
        "",
        "training tracks in a fold",
        metric,
        x_ticks,
        y_ticks,
        [Line("own", line)],
        marks,
    )


def fitting_chart(curve: FittingCurve) -> Chart:
    """Draw the loss along the passes, and mark the pass whose weights were kept."""
    losses = [*curve.learned, *curve.held]
    low, high = min(losses), max(losses)
    step = _round_step(max(high - low, 1e-3 * abs(high), 1e-9) / 4)
    first = math.floor(low / step)
    axes = Axes(
        (0.0, float(len(curve.learned))),
        (step * first, step * max(math.ceil(high / step), first + 1)),
    )
    x_ticks, _ = axes.ticks(lambda value: f"{value:g}")
    _, y_ticks = axes.ticks(lambda value: f"{value:.4g}")
    passes = [float(i) for i in range(1, len(curve.learned) + 1)]
    lines = [Line("s1", axes.line(passes, curve.learned), _FITTING_LINES[1])]
    told = curve.held or curve.learned
    if curve.held:
        lines.insert(0, Line("s0", axes.line(passes, curve.held), _FITTING_LINES[0]))
    y = axes.place_y(told[curve.kept - 1])
    says = f"pass {curve.kept}, {curve.loss} {told[curve.kept - 1]:.4g}: its weights were kept"
    kept = Mark(axes.place_x(curve.kept), y, y, y, says)
    return Chart(
        "loss by pass", "", "passes over the rows", curve.loss, x_ticks, y_ticks, lines, [kept]
    )


def by_protocol(report: Report) -> list[tuple[str, str, Curves]]:
    """Return the class of the series, the name and the curves of each protocol that has any."""
    return [
        (f"s{i % 5}", protocol.name, report.curves[protocol.name])
        for i, protocol in enumerate(report.protocols)
        if protocol.name in report.curves
    ]
