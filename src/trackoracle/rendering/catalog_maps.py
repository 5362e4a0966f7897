"""Figures of two columns: correlations, the pair plot, the map of moods, duration and tempo."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trackoracle.rendering.catalog_charts import (
    Row,
    density_rows,
    means_spec,
    named,
    target_name,
)
from trackoracle.rendering.reasons import label
from trackoracle.rendering.vega import Figure, Layer, Spec, chart, level, mark, quantity, tips

if TYPE_CHECKING:
    from trackoracle.exploration import CatalogReport, Correlations, Density, Feature, Moods, Target

_STRONG = 0.55
"""A coefficient at least as large is written on a strong colour."""
_COUNTS = {"type": "sqrt", "zero": True}
"""Half the shade is a quarter of the tracks: sparse cells stay visible."""


def correlation_figures(report: CatalogReport) -> list[Figure]:
    """Draw both matrices and the pair plot."""
    found = report.correlations
    if found is None:
        return []
    note = "Alike columns stand together (average linkage of 1 - |Spearman|)."
    result = [
        Figure(
            kind,
            f"{kind.capitalize()}'s correlation",
            f"{about} {note}",
            _matrix(found, matrix),
            wide=True,
            least=44 * len(found.columns) + 130,
        )
        for kind, about, matrix in (
            ("spearman", "Of ranks: whatever rises together.", found.spearman),
            ("pearson", "Of values: along a straight line.", found.pearson),
        )
    ]
    if report.pairs:
        result.append(_pair_figure(report))
    return result


def _matrix(found: Correlations, matrix: tuple[tuple[float, ...], ...]) -> Spec:
    names = [label(column) for column in found.columns]
    rows = [
        {"a": a, "b": b, "r": None if math.isnan(r) else round(r, 3), "strong": abs(r) >= _STRONG}
        for a, line in zip(names, matrix, strict=True)
        for b, r in zip(names, line, strict=True)
        if a != b
    ]
    x = level("b", axis={"labelAngle": -50, "domain": False, "ticks": False}, sort=names)
    y = level("a", axis={"domain": False, "ticks": False}, sort=names)
    colour = quantity(
        "r",
        "coefficient",
        scale={"domain": [-1, 1], "domainMid": 0, "interpolate": "rgb"},
        legend={"format": ".1f"},
    )
    written = {"text": {**quantity("r"), "format": ".2f"}}
    return chart(
        30 * len(names),
        mark("rect", "cell", {"color": colour, "tooltip": tips(("a", "one"), ("b", "other"),
                                                               ("r", "coefficient"), r=".3f")}),
        mark("text", "on_strong", written, transform=[{"filter": "datum.strong"}]),
        mark("text", "on_weak", written, transform=[{"filter": "!datum.strong"}]),
        rows=rows, encoding={"x": x, "y": y},
    )  # fmt: skip


def _pair_figure(report: CatalogReport) -> Figure:
    """Draw densities of each two columns below the diagonal, coefficients above it."""
    names = list(dict.fromkeys(density.y for density in report.pairs))
    n = len(names)
    rows: list[Row] = []
    texts: list[Row] = []
    heads: list[Row] = []
    for density in report.pairs:
        i, j = names.index(density.x), names.index(density.y)
        if i == j:
            rows += _diagonal(density, i, n)
            ends = f"{density.x_edges[0]:.3g} to {density.x_edges[-1]:.3g}"
            heads.append({"x": i + 0.5, "y": n - i - 0.01, "text": label(density.x), "ends": ends})
        else:
            rows += _cells(density, i, n - 1 - j)
    assert report.correlations is not None  # pairs are chosen by them
    own = report.correlations
    for i, one in enumerate(names):
        for j in range(i):
            r = own.spearman[own.columns.index(one)][own.columns.index(names[j])]
            texts.append({"x": i + 0.5, "y": n - j - 0.5, "r": round(r, 2)})
    scale = {"domain": [0, n], "nice": False, "zero": False}
    x, y = quantity("x", axis=None, scale=scale), quantity("y", axis=None, scale=scale)
    cells = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
    told = tips(("pair", "columns"), ("at", "values"), ("n", "tracks"), n=",.0f")
    spec = chart(
        105 * n,
        mark(
            "rect",
            "cell",
            {**cells, "color": quantity("shade", legend=None, scale={"domain": [0, 1]}),
             "tooltip": told},
            rows,
            transform=[{"filter": "!datum.bar"}],
        ),
        mark("rect", "main", {**cells, "tooltip": told}, rows, transform=[{"filter": "datum.bar"}]),
        mark("text", "heading", {"x": x, "y": y, "text": level("text")}, heads, baseline="top",
             dy=2),
        mark("text", "label", {"x": x, "y": y, "text": level("ends")}, heads, baseline="top", dy=18,
             fontSize=10.5),
        mark("text", "label", {"x": x, "y": y, "text": {**quantity("r"), "format": ".2f"},
                               "tooltip": tips(("r", "Spearman"), r=".2f")}, texts, fontSize=14),
    )  # fmt: skip
    return Figure(
        "pairs",
        "Pairs",
        "Below the diagonal each column against each other: the stronger the shade, the more "
        "tracks (densities of all tracks, on a scale of logarithms). On it each column alone, "
        "with the range drawn. Above it Spearman's coefficient.",
        spec,
        wide=True,
        least=640,
    )


_GAP = 0.06


def _cells(density: Density, column: int, line: int) -> list[Row]:
    across, up = len(density.x_edges) - 1, len(density.y_edges) - 1
    most = math.log1p(max(max(row) for row in density.counts))
    pair = f"{label(density.x)} and {label(density.y)}"
    rows = []
    for j, counts in enumerate(density.counts):
        for i, n in enumerate(counts):
            if n:
                (a, b), (c, d) = _spot(i, across, column), _spot(j, up, line)
                at = f"{density.x_edges[i]:.3g}, {density.y_edges[j]:.3g}"
                rows.append({"x": a, "x2": b, "y": c, "y2": d, "n": n, "pair": pair, "at": at,
                             "shade": round(math.log1p(n) / most, 3)})  # fmt: skip
    return rows


def _spot(place: int, n: int, at: int) -> tuple[float, float]:
    scale = (1 - _GAP) / n
    return round(at + place * scale, 4), round(at + (place + 1) * scale, 4)


def _diagonal(density: Density, place: int, n_columns: int) -> list[Row]:
    counts = [sum(row) for row in zip(*density.counts, strict=True)]
    line, most = n_columns - 1 - place, max(counts)
    rows = []
    for i, n in enumerate(counts):
        a, b = _spot(i, len(counts), place)
        at = f"from {density.x_edges[i]:.3g}"
        # The upper third is left to the column's name.
        rows.append({"x": a, "x2": b, "y": line, "y2": round(line + 0.6 * n / most, 4), "n": n,
                     "pair": label(density.x), "at": at, "bar": True})  # fmt: skip
    return rows


def against_figures(report: CatalogReport) -> list[Figure]:
    """Draw popularity over duration and tempo."""
    shown = {feature.column: feature for feature in report.features}
    return [_against(density, shown[density.x]) for density in report.against]


def mood_figures(moods: Moods, target: Target | None) -> list[Figure]:
    """Draw the map of moods, and what the target is in each."""
    tracks = quantity("n", "tracks", scale=_COUNTS, legend={"format": ",.0f", "tickCount": 2})
    found = [
        Figure(
            "moods",
            "Map of moods",
            "Where the tracks are; the shade is the root of their number.",
            _mood_map(moods.density, tracks),
        )
    ]
    if target is None:
        return found
    if any(value is not None for row in moods.density.target for value in row):
        mean = quantity("mean", f"mean {target_name(target)}", legend={"tickCount": 4})
        found.append(
            Figure(
                f"moods-by-{target.name}",
                f"{target_name(target).split(',')[0].capitalize()} over the map",
                "Mean in each cell of at least 20 tracks.",
                _mood_map(moods.density, mean),
            )
        )
    ends = [name for name, _ in target.groups]
    for which, density, name in (
        ("least", moods.lowest, ends[0]),
        ("most", moods.highest, ends[-1]),
    ):
        if density:
            found.append(
                Figure(
                    f"moods-{which}-popular",
                    f"The {which} popular part"
                    if target.name == "popularity"
                    else f"Only the {'hits' if name == 'hit' else 'misses'}",
                    f"Where the tracks of popularity {name} are."
                    if target.name == "popularity"
                    else f"Where each {name} is.",
                    _mood_map(density, tracks),
                )
            )
    title = f"mean {target_name(target)}"
    for code, groups, what, by in (
        ("quadrants", moods.quadrant_target, "quadrant", "quadrant"),
        ("valence-moods", moods.mood_target, "mood", "fifth of valence"),
    ):
        if groups:
            found.append(
                Figure(
                    code,
                    f"By {what}",
                    "Mean with its 95 % interval.",
                    means_spec(groups, title, by, 34 * len(groups)),
                )
            )
    return found


def _mood_map(density: Density, colour: dict[str, Any]) -> Spec:
    scale = {"domain": [0, 1], "nice": False}
    x = quantity("x", "valence", scale=scale, axis={"grid": False, "tickCount": 5})
    y = quantity("y", "energy", scale=scale, axis={"grid": False, "tickCount": 5})
    told = [("x", "valence from"), ("y", "energy from"), ("n", "tracks")]
    formats = {"x": ".2f", "y": ".2f", "n": ",.0f"}
    if colour["field"] == "mean":
        told, formats = [*told, ("mean", "mean")], {**formats, "mean": ".1f"}
    rows = [row for row in density_rows(density) if row.get(colour["field"]) is not None]
    corners = [
        {"x": 0.02, "y": 0.97, "text": "angry, tense", "side": "left"},
        {"x": 0.98, "y": 0.97, "text": "happy, excited", "side": "right"},
        {"x": 0.02, "y": 0.03, "text": "sad, dark", "side": "left"},
        {"x": 0.98, "y": 0.03, "text": "calm, content", "side": "right"},
    ]
    half = {"datum": 0.5}
    labels: list[Layer] = [
        mark("text", style, {"x": x, "y": y, "text": level("text")}, corners, align=side,
             transform=[{"filter": f"datum.side === '{side}'"}])
        for style in ("halo", "over")
        for side in ("left", "right")
    ]  # fmt: skip
    return chart(
        330,
        mark("rect", "cell", {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"},
                              "color": colour, "tooltip": tips(*told, **formats)}, rows),
        *(
            mark("rule", style, {axis: half}, [{}])
            for style in ("under", "guide_over")
            for axis in ("x", "y")
        ),
        *labels,
    )  # fmt: skip


def _against(density: Density, feature: Feature) -> Figure:
    name = label(density.x)
    ends = [density.x_edges[0], density.x_edges[-1]]
    x = quantity("x", named(density.x, feature.unit), scale={"domain": ends, "nice": False,
                                                               "zero": False})  # fmt: skip
    y = quantity("y", "popularity", scale={"domain": [0, 100], "nice": False})
    told = tips(("x", f"{name} from"), ("y", "popularity from"), ("n", "tracks"), n=",.0f")
    spec = chart(
        230,
        mark(
            "rect",
            "cell",
            {
                "x": x,
                "x2": {"field": "x2"},
                "y": y,
                "y2": {"field": "y2"},
                "color": quantity(
                    "n", "tracks", scale=_COUNTS, legend={"format": ",.0f", "tickCount": 2}
                ),
                "tooltip": told,
            },
            density_rows(density),
        ),
    )
    note = "All tracks; the shade is the root of their number. What lies beyond stands at the edge."
    return Figure(f"against-{density.x}", f"Popularity and {name}", note, spec)
