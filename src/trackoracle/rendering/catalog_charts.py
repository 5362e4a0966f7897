"""Figures of single columns: distributions, groups, and the target along a column."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from trackoracle.rendering.reasons import label
from trackoracle.rendering.vega import Figure, Layer, Spec, chart, level, mark, quantity, tips

if TYPE_CHECKING:
    from trackoracle.exploration import (
        Along,
        Density,
        Feature,
        Group,
        Histogram,
        Levels,
        Summary,
        Target,
    )

Row = dict[str, Any]
_BOX = 11
"""Where a box plot stands above its histogram, in pixels from the top."""


def short(value: float, digits: int = 5) -> float:
    """Round to some significant digits, so that a page stays small."""
    return float(f"{value:.{digits}g}")


def named(column: str, unit: str = "") -> str:
    """Return what people call a column, with its unit."""
    return f"{label(column)}, {unit}" if unit else label(column)


def target_name(target: Target) -> str:
    """Return what the target's axis is called."""
    return "popularity" if target.name == "popularity" else "share of hits, %"


def bins(histogram: Histogram) -> list[Row]:
    """Return a row a bin: its ends, its count, and its share of what is drawn."""
    drawn = max(sum(histogram.counts), 1)
    ends = zip(histogram.edges, histogram.edges[1:], histogram.counts, strict=False)
    return [
        {"from": short(a), "to": short(b), "n": n, "share": short(n / drawn)} for a, b, n in ends
    ]


def counted(counts: Iterable[int]) -> Row:
    """Encode numbers of tracks as lengths, with room for what is written behind the longest."""
    most = max(counts, default=0) or 1
    scale = {"domain": [0, 1.22 * most], "nice": False}
    return quantity("n", "tracks", axis={"format": ",.0f", "tickCount": 5}, scale=scale)


def target_figures(target: Target) -> list[Figure]:
    """Draw the distribution of the target, and its bands."""
    if target.name == "hit":
        return []
    found = [
        Figure(
            "popularity",
            "Popularity",
            "Tracks by popularity; above, the box of the middle half, the median, and whiskers.",
            histogram_spec(target.histogram, target.summary, "popularity, points", 200),
            wide=True,
        )
    ]
    total = sum(n for _, n in target.bands)
    rows = [{"band": b, "n": n, "share": short(n / total)} for b, n in target.bands]
    x = counted(n for _, n in target.bands)
    y = level("band", "popularity")
    text = {**quantity("share"), "format": ".1%"}
    spec = chart(
        170,
        mark("bar", "main", {"tooltip": tips(("band", "popularity"), ("n", "tracks"),
                                              ("share", "share"), n=",.0f", share=".1%")}),
        mark("text", "label", {"text": text}, align="left", dx=5),
        rows=rows,
        encoding={"x": x, "y": y},
    )  # fmt: skip
    found.append(Figure("popularity-bands", "By band", "Tracks in each band of popularity.", spec))
    return found


def histogram_spec(histogram: Histogram, found: Summary, title: str, height: int) -> Spec:
    """Draw counts as bars, and the box plot above them on the same axis."""
    ends = [histogram.edges[0], histogram.edges[-1]]
    x = {**quantity("from", title), "scale": {"domain": ends, "nice": False, "zero": False}}
    binned = {**x, "bin": {"binned": True}, "axis": {"tickCount": 8}}
    counts = quantity(
        "n",
        "tracks",
        scale={"range": [height, 2 * _BOX + 8]},
        axis={"format": ",.0f", "tickCount": 4},
    )
    tooltip = tips(("from", "from"), ("to", "below"), ("n", "tracks"), n=",.0f")
    bars = mark(
        "bar",
        "main",
        {"x": binned, "x2": {"field": "to"}, "y": counts, "tooltip": tooltip},
        bins(histogram),
        binSpacing=0.6,
    )
    return chart(height, bars, *_box(found, x, ends, height))


def _box(found: Summary, x: Row, ends: list[float], height: int) -> list[Layer]:
    """Draw whiskers, middle half and median of one summary at the top of a view."""
    names = ("whisker_low", "q1", "median", "q3", "whisker_high")
    row: Row = {name: short(getattr(found, name)) for name in names}
    clipped = {f"c_{n}": min(max(v, ends[0]), ends[1]) for n, v in row.items()}
    at = {"value": _BOX}
    tooltip = tips(
        ("whisker_low", "lower whisker"), ("q1", "lower quartile"), ("median", "median"),
        ("q3", "upper quartile"), ("whisker_high", "upper whisker"),
    )  # fmt: skip

    def along(low: str, high: str | None = None) -> Row:
        place = {**x, "field": f"c_{low}"}
        upto = {"x2": {"field": f"c_{high}"}} if high else {}
        return {"x": place, **upto, "y": at, "tooltip": tooltip}

    rows = [{**row, **clipped}]
    return [
        mark("rule", "whisker", along("whisker_low", "whisker_high"), rows),
        mark("bar", "box", along("q1", "q3"), rows, size=13, orient="horizontal"),
        mark("tick", "median", along("median"), rows, size=15, orient="vertical"),
    ]


def feature_figures(feature: Feature, target: Target | None) -> list[Figure]:
    """Draw a column, and the same in each part of the tracks by the target."""
    name, title = label(feature.column), named(feature.column, feature.unit)
    outside = feature.histogram.n_below + feature.histogram.n_above
    beyond = f" {outside:,} values lie beyond the axis." if outside else ""
    found = [
        Figure(
            f"feature-{feature.column}",
            name.capitalize(),
            f"Tracks by {name}, with the box plot.{beyond}",
            histogram_spec(feature.histogram, feature.summary, title, 150),
        )
    ]
    if feature.by_target and target:
        ends = [feature.histogram.edges[0], feature.histogram.edges[-1]]
        by = "popularity" if target.name == "popularity" else "label"
        found.append(
            Figure(
                f"feature-{feature.column}-by-{target.name}",
                f"{name.capitalize()} by {by}",
                "Middle half, median and mean (diamond) in equal parts of the tracks, "
                "the most popular on top."
                if target.name == "popularity"
                else "Middle half, median and mean (diamond) of hits and misses.",
                groups_spec(feature.by_target[::-1], title, by, ends, 150),
            )
        )
    return found


def group_rows(groups: Sequence[Group]) -> list[Row]:
    """Return a row a group, with all that is told on pointing at it."""
    return [
        {
            "group": g.name,
            "n": g.n_tracks,
            "mean": short(g.mean.value),
            "mean_low": short(g.mean.low) if not math.isnan(g.mean.low) else None,
            "mean_high": short(g.mean.high) if not math.isnan(g.mean.high) else None,
            **{name: short(getattr(g, name)) for name in ("low", "q1", "median", "q3", "high")},
        }
        for g in groups
    ]


GROUP_TIPS = tips(
    ("group", "group"), ("n", "tracks"), ("mean", "mean"), ("q1", "lower quartile"),
    ("median", "median"), ("q3", "upper quartile"), n=",.0f", mean=",.4~g", q1=",.4~g",
    median=",.4~g", q3=",.4~g",
)  # fmt: skip


def groups_spec(
    groups: Sequence[Group],
    title: str,
    by: str,
    ends: Sequence[float],
    height: int,
    *,
    whiskers: bool = False,
) -> Spec:
    """Draw the middle half, the median and the mean of each group, one under the other."""
    scale = {"domain": list(ends), "nice": False, "zero": False, "clamp": True}
    y = level("group", by)

    def place(low: str, high: str | None = None) -> Row:
        upto = {"x2": {"field": high}} if high else {}
        return {"x": quantity(low, title, scale=scale), **upto, "y": y, "tooltip": GROUP_TIPS}

    layers = [
        mark("bar", "box", place("q1", "q3"), height={"band": 0.62}),
        mark("tick", "median", place("median"), height={"band": 0.62}),
        mark("point", "mean", place("mean")),
    ]
    if whiskers:
        layers.insert(0, mark("rule", "whisker", place("low", "high")))
    return chart(height, *layers, rows=group_rows(groups))


def means_spec(groups: Sequence[Group], title: str, by: str, height: int) -> Spec:
    """Draw the mean of each group with its interval."""
    x = quantity("mean", title, scale={"zero": False, "nice": True}, axis={"tickCount": 5})
    y = level("group", by)
    tooltip = [*GROUP_TIPS[:2], *tips(("mean", "mean"), ("mean_low", "from"), ("mean_high", "to"),
                                      mean=".2f", mean_low=".2f", mean_high=".2f")]  # fmt: skip
    ends = {**x, "field": "mean_low"}
    return chart(
        height,
        mark(
            "rule",
            "interval",
            {"x": ends, "x2": {"field": "mean_high"}, "y": y, "tooltip": tooltip},
        ),
        mark("point", "point", {"x": x, "y": y, "tooltip": tooltip}),
        rows=group_rows(groups),
    )


def level_figures(levels: Levels, target: Target | None) -> list[Figure]:
    """Draw how many tracks have each level, and the mean of the target in it."""
    name = label(levels.column)
    total = sum(n for _, n in levels.counts)
    rows = [{"level": text, "n": n, "share": short(n / total)} for text, n in levels.counts]
    height = max(70, 22 * len(rows))
    y = level("level", name)
    spec = chart(
        height,
        mark("bar", "main", {
            "x": counted(n for _, n in levels.counts),
            "tooltip": tips(("level", name), ("n", "tracks"), ("share", "share"), n=",.0f",
                            share=".1%"),
        }),
        mark("text", "label", {"x": quantity("n"), "text": {**quantity("share"), "format": ".1%"}},
             align="left", dx=5),
        rows=rows, encoding={"y": y},
    )  # fmt: skip
    found = [Figure(f"levels-{levels.column}", name.capitalize(), f"Tracks by {name}.", spec)]
    if target and levels.target:
        found.append(
            Figure(
                f"levels-{levels.column}-by-{target.name}",
                f"{target_name(target).split(',')[0].capitalize()} by {name}",
                "Mean with its 95 % interval.",
                means_spec(levels.target, f"mean {target_name(target)}", name, height),
            )
        )
    return found


def along_figures(along: Along, target: Target) -> list[Figure]:
    """Draw the mean of the target along a column with its interval, and the middle half."""
    edges = along.edges
    starts = {f"{a:.4g} to {b:.4g}": (a, b) for a, b in pairwise(edges)}
    rows = [
        {**row, "x": short(sum(starts[row["group"]]) / 2), "from": starts[row["group"]][0],
         "to": starts[row["group"]][1]}
        for row in group_rows(along.groups)
    ]  # fmt: skip
    x = quantity("x", named(along.column, along.unit), scale={"zero": False})
    y = quantity("mean", target_name(target), scale={"zero": True})
    # Of hits and misses the middle half is all or nothing.
    middle = target.name == "popularity"
    band = mark("area", "band", {"x": x, "y": {**y, "field": "q1"}, "y2": {"field": "q3"}})
    spec = chart(
        230,
        *([band] if middle else []),
        mark(
            "rule",
            "interval",
            {"x": x, "y": {**y, "field": "mean_low"}, "y2": {"field": "mean_high"}},
        ),
        mark("line", "line", {"x": x, "y": y}),
        mark("point", "point", {"x": x, "y": y, "tooltip": GROUP_TIPS}),
        rows=rows,
    )
    name = label(along.column)
    what = target_name(target).split(",")[0]
    return [
        Figure(
            f"along-{along.column}",
            f"{what.capitalize()} along {name}",
            "Mean with its 95 % interval"
            + ("; the band holds the middle half of the tracks." if middle else "."),
            spec,
        )
    ]


def density_rows(density: Density) -> list[Row]:
    """Return a row a cell that has any track."""
    found = []
    for j, row in enumerate(density.counts):
        for i, n in enumerate(row):
            if n:
                cell: Row = {
                    "x": short(density.x_edges[i]), "x2": short(density.x_edges[i + 1]),
                    "y": short(density.y_edges[j]), "y2": short(density.y_edges[j + 1]), "n": n,
                }  # fmt: skip
                if density.target:
                    cell["mean"] = density.target[j][i]
                found.append(cell)
    return found
