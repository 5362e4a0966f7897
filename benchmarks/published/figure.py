"""The waterfalls as one figure: from the published number to the honest one."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.published.plan import HEADLINES
from benchmarks.published.report import LABELS, Run
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
_INK, _QUIET = "#222222", "#666666"
_WIDTH_IN, _ROW_IN, _PANEL_IN = 11.0, 0.36, 1.25
_LABEL_CHARACTERS = 40


def draw(run: Run, stem: Path) -> None:
    """Write the figure as `stem`.svg and `stem`.png; nothing when no waterfall ran."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    lines = [(line, steps) for line, steps in run.lines if line in HEADLINES]
    if not lines:
        return
    heights = [len(steps) * _ROW_IN + _PANEL_IN for _, steps in lines]
    style = {"font.size": 10, "svg.fonttype": "none", "svg.hashsalt": "published"}
    with plt.rc_context(style):
        figure, panels = plt.subplots(
            len(lines), 1, figsize=(_WIDTH_IN, sum(heights) + 1.4), squeeze=False,
            height_ratios=heights, layout="constrained",
        )  # fmt: skip
        for axes, (line, steps) in zip(panels[:, 0], lines, strict=True):
            _panel(axes, line, steps)
        _head(figure, run, lines)
        for ending in (".svg", ".png"):
            path = stem.with_suffix(ending)
            with replacing(path) as temporary:
                extra = {"metadata": {"Date": None}} if ending == ".svg" else {"dpi": 130}
                figure.savefig(temporary, format=ending[1:], facecolor="white", **extra)
        plt.close(figure)


def _panel(axes: Axes, line: str, steps: list[Replayed]) -> None:
    metric = HEADLINES[line]
    scores = [r.outcome.scores[metric] for r in steps]
    places = range(len(steps))
    values = [score["value"] for score in scores]
    axes.barh(places, values, height=0.62, color=[_COLOURS[r.step.kind] for r in steps], zorder=2)
    for place, (replayed, score) in enumerate(zip(steps, scores, strict=True)):
        axes.plot([score["low"], score["high"]], [place] * 2, color=_INK, lw=1.4, zorder=3)
        published = replayed.step.published.get(metric)
        if published is not None:
            axes.plot(published, place, "D", ms=8, mfc="white", mec=_INK, mew=1.4, zorder=4)
        right = max(score["high"], published or 0, 0)
        axes.annotate(
            f"{score['value']:.2f}", (right, place), xytext=(9, 0), va="center",
            textcoords="offset points", color=_INK, weight="bold",
        )  # fmt: skip
    labels = [textwrap.shorten(r.step.name, _LABEL_CHARACTERS, placeholder="…") for r in steps]
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    axes.set_xlim(min(0, *(s["low"] for s in scores)) - 0.01, 1)
    axes.set_title(f"[{line[0]}]{line[2:]}", loc="left", weight="bold", color=_INK)
    axes.set_xlabel(f"{LABELS[metric]} of the test part (1 is perfect)", color=_QUIET)
    axes.axvline(_chance(metric), color=_QUIET, lw=1, ls=":", zorder=1)
    axes.grid(axis="x", color="#E5E5E5", zorder=0)
    axes.tick_params(length=0, colors=_INK)
    axes.spines[:].set_visible(False)


def _chance(metric: str) -> float:
    """Return what knowing nothing gives: a coin's accuracy and ranking, the mean's R2."""
    return {"accuracy": 0.5, "roc_auc": 0.5}.get(metric, 0.0)


def _head(figure: Any, run: Run, lines: list[tuple[str, list[Replayed]]]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    kinds = {r.step.kind for _, steps in lines for r in steps}
    marks: list[Any] = [
        Patch(color=_COLOURS[kind], label=_WORDS[kind]) for kind in _COLOURS if kind in kinds
    ]
    marks += [
        Line2D([], [], marker="D", ls="", ms=8, mfc="white", mec=_INK, label="published number"),
        Line2D([], [], color=_INK, lw=1.4, label="95 % interval of our replay"),
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=3, frameon=False)
    quick = "  ·  QUICK RUN, fewer trees" if run.quick else ""
    figure.suptitle(
        f"From the published number to the honest one{quick}", x=0.01, ha="left", size=15,
        weight="bold", color=_INK,
    )  # fmt: skip
