"""The waterfalls as one figure: from the published number to the honest one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.published.agreement import LABELS
from benchmarks.published.plan import HEADLINES
from benchmarks.published.report import Run
from trackoracle.atomic import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from benchmarks.published.running import Replayed

# Okabe and Ito's palette, told apart with any colour vision (jfly.uni-koeln.de/color).
_COLOURS = {
    "as published": "#D55E00",
    "leak removed": "#56B4E9",
    "beside": "#BBBBBB",
    "TrackOracle": "#009E73",
}
_WORDS = {
    "as published": "as published, leaks included",
    "leak removed": "the same model, one more leak removed",
    "beside": "beside the chain",
    "TrackOracle": "TrackOracle on the same rows",
}
_TITLES = {
    "H: gradient boosting": "hit or flop, 2010s: gradient boosting",
    "P: random forest, popularity >= 51": "popularity of 51 and more: random forest",
    "P: final claim": "popularity of 71 and more: the final claim",
    "A: random forest": "popularity in points: random forest",
    "A: XGBoost": "popularity in points: XGBoost",
    "A: linear": "popularity in points: linear model",
    "N: popularity in four classes": "popularity in four classes: network",
    "N: popularity in eleven classes": "popularity in eleven classes: network",
}
_INK, _QUIET = "#222222", "#666666"
_ROW_IN, _HEAD_IN, _FOOT_IN = 0.34, 0.5, 0.75
"""Heights: of a bar, of a panel's title, of its axis."""
_LABELS_IN, _PLOT_IN, _VALUES_IN = 3.5, 3.7, 1.4
"""Widths: of the labels, of the bars, of the values beside them."""
_CHANCE = {"accuracy": 0.5, "roc_auc": 0.5, "r2": 0.0}
"""What knowing nothing gives; for F1 it depends on the share of hits."""
_TOP_IN, _LEGEND_IN = 0.6, 0.7

Lines = list[tuple[str, "list[Replayed]"]]


def draw(run: Run, stem: Path) -> None:
    """Write the figure as `stem`.svg and `stem`.png; nothing when no waterfall ran."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    lines = [(line, steps) for line, steps in run.lines if line in HEADLINES]
    columns = [c for c in (_of(lines, "HP"), _of(lines, "AN")) if c]
    if not columns:
        return
    width = len(columns) * (_LABELS_IN + _PLOT_IN + _VALUES_IN)
    height = max(sum(map(_height, column)) for column in columns) + _TOP_IN + _LEGEND_IN
    with plt.rc_context({"font.size": 10, "svg.fonttype": "none", "svg.hashsalt": "published"}):
        figure = plt.figure(figsize=(width, height))
        for place, column in enumerate(columns):
            left = place * (_LABELS_IN + _PLOT_IN + _VALUES_IN) + _LABELS_IN
            top = height - _TOP_IN
            for line, steps in column:
                tall = len(steps) * _ROW_IN
                bottom = top - _HEAD_IN - tall
                box = (left / width, bottom / height, _PLOT_IN / width, tall / height)
                _panel(figure.add_axes(box), line, steps)
                top = bottom - _FOOT_IN
        _head(figure, run, lines)
        for ending in (".svg", ".png"):
            with replacing(stem.with_suffix(ending)) as temporary:
                extra = {"metadata": {"Date": None}} if ending == ".svg" else {"dpi": 120}
                figure.savefig(temporary, format=ending[1:], facecolor="white", **extra)
        plt.close(figure)


def _of(lines: Lines, systems: str) -> Lines:
    return [(line, steps) for line, steps in lines if line[0] in systems]


def _height(panel: tuple[str, list[Replayed]]) -> float:
    return len(panel[1]) * _ROW_IN + _HEAD_IN + _FOOT_IN


def _panel(axes: Axes, line: str, steps: list[Replayed]) -> None:
    from matplotlib.ticker import MultipleLocator

    metric = HEADLINES[line]
    for place, replayed in enumerate(steps):
        _bar(axes, place, replayed, metric)
    lowest = min(r.outcome.scores[metric]["low"] for r in steps)
    axes.set_xlim(min(0.0, lowest - 0.02), 1)
    axes.set_ylim(len(steps) - 0.5, -0.5)
    axes.set_yticks(range(len(steps)), [r.step.name for r in steps])
    axes.set_title(f"[{line[0]}] {_TITLES[line]}", loc="left", weight="bold", color=_INK, pad=8)
    axes.set_xlabel(f"{LABELS[metric]} (1 is perfect)", color=_QUIET)
    # Of several classes it depends on their shares: the majority class stands beside.
    if metric in _CHANCE and not line.startswith("N"):
        axes.axvline(_CHANCE[metric], color=_QUIET, lw=1, ls=":", zorder=3)
    axes.xaxis.set_major_locator(MultipleLocator(0.2))
    axes.grid(axis="x", color="#E5E5E5", zorder=0)
    axes.tick_params(length=0, colors=_INK)
    axes.spines[:].set_visible(False)


def _bar(axes: Axes, place: int, replayed: Replayed, metric: str) -> None:
    score, published = replayed.outcome.scores[metric], replayed.step.published.get(metric)
    axes.barh(place, score["value"], 0.62, color=_COLOURS[replayed.step.kind], zorder=2)
    axes.plot([score["low"], score["high"]], [place] * 2, color=_INK, lw=1.6, zorder=4)
    beside = {"va": "center", "clip_on": False, "transform": axes.get_yaxis_transform()}
    axes.text(1.03, place, f"{score['value']:.2f}", color=_INK, weight="bold", **beside)
    if published is not None:
        axes.plot(published, place, "D", ms=8, mfc="white", mec=_INK, mew=1.4, zorder=5)
        axes.text(1.15, place, f"said {published:.2f}", color=_QUIET, **beside)


def _head(figure: Any, run: Run, lines: Lines) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    kinds = {r.step.kind for _, steps in lines for r in steps}
    marks: list[Any] = [
        Patch(color=_COLOURS[kind], label=_WORDS[kind]) for kind in _COLOURS if kind in kinds
    ]
    marks += [
        Line2D([], [], marker="D", ls="", ms=8, mfc="white", mec=_INK, label="published number"),
        Line2D([], [], color=_INK, lw=1.6, label="95 % interval of our replay"),
        Line2D([], [], color=_QUIET, lw=1, ls=":", label="knowing nothing"),
    ]
    figure.legend(handles=marks, loc="lower left", bbox_to_anchor=(0.01, 0), ncols=3, frameon=False)
    title = "From the published number to the honest one"
    title += "  ·  QUICK RUN, fewer trees" if run.quick else ""
    top = 1 - 0.2 / figure.get_figheight()
    figure.text(0.012, top, title, size=15, weight="bold", color=_INK, va="top")
