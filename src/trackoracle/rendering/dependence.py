"""What predictions depend on, as terminal tables and a page of HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.rendering.charts import Axes, Chart, Line, Tick
from trackoracle.rendering.pages import render_page
from trackoracle.rendering.reasons import CAVEAT, label, shown_value
from trackoracle.rendering.words import METRIC_NAMES, number
from trackoracle.schema import Dependence, Estimate, FeatureImportance, Given, Importance

UNIT_NAMES = {
    "points": "points of popularity",
    "log-odds": "log-odds of a hit",
    "probability": "P(hit)",
    "tier": "expected tier",
}
WHY_ACCUMULATED = (
    "Where columns go together, as energy and loudness do, the mean over tracks (partial "
    "dependence) asks of tracks that do not exist. Accumulated local effects (ALE) only move a "
    "track within its own bin; trust them where the two differ."
)
VIEWS = (
    "Gain: share of what splits took off the loss in training. Contribution: mean size over these "
    "tracks. Lost: what a metric loses when the feature's values are dealt among the tracks anew; "
    "features that tell the same hide each other's loss."
)
_TITLES = {
    "track": "This track along {}",
    "partial": "Mean over {:,} tracks along {} (partial dependence)",
    "accumulated": "Local effects of {:,} tracks along {}, added up (ALE)",
}
_BAR = 20
_MOST_SHOWN, _MOST_NAMES = 30, 5
_DIGITS = {"points": 1, "log-odds": 2, "probability": 3, "tier": 2}


def importance_table(found: Importance) -> RenderableType:
    """Show three views of how much features weigh, side by side, groups below."""
    metrics = list(dict.fromkeys(name for f in found.features for name in f.permutation))
    table = Table(
        title=f"What weighs over {found.n_tracks:,} tracks",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title_style="bold",
        title_justify="left",
    )
    table.add_column("feature", overflow="fold", min_width=12)
    table.add_column("gain", justify="right", no_wrap=True)
    table.add_column(f"contribution, {found.unit}", justify="right")
    for metric in metrics:
        table.add_column(f"{METRIC_NAMES[metric]} lost", justify="right")
    for i, features in enumerate((found.features, found.groups)):
        for f in features:
            name = label(f.feature) if not i else f"all {f.feature}"
            table.add_row(escape(name), *_cells(f, metrics, found.unit), style="" if i else None)
        if not i:
            table.add_section()
    lines = [VIEWS, *found.notes, CAVEAT]
    if metrics:
        lines.insert(
            1,
            f"Lost over {found.n_permuted:,} tracks, none of which is known to be seen.",
        )
    return Group(table, *(Text(line, style="dim") for line in lines))


def _cells(f: FeatureImportance, metrics: Sequence[str], unit: str) -> list[str]:
    gain = "-" if f.gain is None else f"{100 * f.gain:.1f} %"
    lost = [_estimate(f.permutation[m], 3) if m in f.permutation else "-" for m in metrics]
    return [gain, _estimate(f.attribution, _DIGITS[unit]), *lost]


def _estimate(e: Estimate, digits: int) -> str:
    return (
        f"{_round(e.value, digits)} [dim]({_round(e.low, digits)} to {_round(e.high, digits)})[/]"
    )


def _round(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}"


def dependence_table(found: Dependence) -> RenderableType:
    """Show predictions along a column, with bars over their range."""
    digits = _DIGITS[found.unit]
    table = Table(
        title=title(found),
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title_style="bold",
        title_justify="left",
    )
    table.add_column(label(found.column), justify="right", overflow="fold")
    table.add_column(UNIT_NAMES[found.unit], justify="right", no_wrap=True)
    if found.low:
        table.add_column(_interval_name(found), justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    low, high = min(found.prediction), max(found.prediction)
    for i in _shown(found):
        share = (found.prediction[i] - low) / (high - low) if high > low else 0.0
        cells = [escape(shown_value(found.column, found.values[i]))]
        cells.append(_round(found.prediction[i], digits))
        if found.low:
            cells.append(f"{_round(found.low[i], digits)} to {_round(found.high[i], digits)}")
        table.add_row(*cells, f"[blue]{'█' * round(_BAR * share) or '▏'}[/]")
    lines = list(dependence_sentences(found))
    if len(found.values) > _MOST_SHOWN:
        lines.insert(0, f"The {_MOST_SHOWN} highest of {len(found.values)}; --json has all.")
    return Group(table, *(Text(line, style="dim") for line in lines))


def _shown(found: Dependence) -> list[int]:
    """Return the places of the values that are shown: of very many names the highest."""
    places = list(range(len(found.values)))
    if len(places) <= _MOST_SHOWN:
        return places
    return sorted(places, key=lambda i: (-found.prediction[i], i))[:_MOST_SHOWN]


def _interval_name(found: Dependence) -> str:
    return "interval" if found.kind == "track" else "95 % interval"


def title(found: Dependence) -> str:
    """Say what a dependence shows."""
    if found.kind == "track":
        return _TITLES["track"].format(label(found.column))
    return _TITLES[found.kind].format(found.n_tracks, label(found.column))


def dependence_sentences(found: Dependence) -> tuple[str, ...]:
    """Say how far predictions reach along a column, and whether that is more than doubt."""
    least, most = _ends(found)
    if found.prediction[most] == found.prediction[least]:
        return (_reach(found),)
    told = [_reach(found)]
    if found.kind == "track":
        if found.low:
            apart = found.low[most] > found.high[least]
            told.append(
                "The intervals at both do not overlap."
                if apart
                else "The intervals at both overlap: tracks that are alike differ by more."
            )
        own = shown_value(found.column, found.at)
        told.append(f"The track's own value: {own}. All else is as it is.")
    if found.kind != "track":
        told.append(WHY_ACCUMULATED)
    return tuple(told)


def _ends(found: Dependence) -> tuple[int, int]:
    """Return where the prediction is least, and where it is most."""
    places = range(len(found.values))
    return (
        min(places, key=lambda i: found.prediction[i]),
        max(places, key=lambda i: found.prediction[i]),
    )


def _reach(found: Dependence) -> str:
    least, most = _ends(found)
    if found.prediction[most] == found.prediction[least]:
        return f"The prediction is the same for every value of {label(found.column)}."
    first, last = (
        f"{_round(found.prediction[i], _DIGITS[found.unit])} at "
        f"{shown_value(found.column, found.values[i])}"
        for i in (least, most)
    )
    return f"From {first} to {last} ({UNIT_NAMES[found.unit]})."


def importance_report(
    found: Importance, dependences: Sequence[Dependence] = (), name: str = ""
) -> str:
    """Write the global views as one HTML file that works offline."""
    widest = max((f.attribution.high for f in found.features), default=1.0) or 1.0
    metrics = list(dict.fromkeys(m for f in found.features for m in f.permutation))
    return render_page(
        "importance_report.html",
        title=f"What weighs{' in ' + name if name else ''}",
        found=found,
        unit=UNIT_NAMES[found.unit],
        metrics=[METRIC_NAMES[m] for m in metrics],
        parts=[
            [_row(f, metrics, found.unit, widest) for f in found.features],
            [
                {
                    **_row(f, metrics, found.unit, widest),
                    "name": f"all {f.feature}",
                    "first": i == 0,
                }
                for i, f in enumerate(found.groups)
            ],
        ],
        charts=[dependence_chart(d) for d in dependences],
        views=VIEWS,
        why=WHY_ACCUMULATED,
        caveat=CAVEAT,
    )


def _row(
    f: FeatureImportance, metrics: Sequence[str], unit: str, widest: float
) -> dict[str, object]:
    def place(value: float) -> str:
        return f"{min(100.0, max(0.0, 100 * value / widest)):.2f}"

    size = f.attribution
    return {
        "name": label(f.feature),
        "first": False,
        "gain": "-" if f.gain is None else f"{100 * f.gain:.1f} %",
        "size": _round(size.value, _DIGITS[unit]),
        "width": place(size.value),
        "from": place(size.low),
        "span": f"{float(place(size.high)) - float(place(size.low)):.2f}",
        "lost": [
            (
                number(f.permutation[m].value, m),
                f"{number(f.permutation[m].low, m)} to {number(f.permutation[m].high, m)}",
            )
            if m in f.permutation
            else ("-", "")
            for m in metrics
        ],
    }


def dependence_chart(found: Dependence) -> Chart:
    """Draw predictions along a column: the line, its interval, and some tracks' own lines."""
    found = _by_height(found)
    xs = _places(found.values)
    heights = [
        *found.prediction,
        *found.low,
        *found.high,
        *(y for line in found.each for y in line),
    ]
    low, high = min(heights), max(heights)
    pad = max(high - low, 1e-6) * 0.05
    axes = Axes((min(xs), max(xs)), (low - pad, high + pad))
    x_ticks, y_ticks = axes.ticks(lambda v: f"{v:,.6g}")
    if _is_named(found):
        step = math.ceil(len(xs) / _MOST_NAMES)
        x_ticks = [Tick(axes.place_x(i), str(found.values[int(i)])[:9]) for i in xs[::step]]
    lines = [Line("ice", axes.line(xs, line)) for line in found.each]
    lines += [Line("guide", axes.line(xs, ys)) for ys in (found.low, found.high) if ys]
    return Chart(
        title(found),
        " ".join(dependence_sentences(found)[:2]) if found.kind == "track" else _reach(found),
        label(found.column) + (", by height" if _is_named(found) else ""),
        UNIT_NAMES[found.unit],
        x_ticks,
        y_ticks,
        [*lines, Line("own strong", axes.line(xs, found.prediction))],
    )


def _is_named(found: Dependence) -> bool:
    return not all(isinstance(v, int | float) for v in found.values)


def _by_height(found: Dependence) -> Dependence:
    """Put names, which have no order of their own, in that of their predictions."""
    if not _is_named(found):
        return found
    order = sorted(range(len(found.values)), key=lambda i: (found.prediction[i], i))

    def sorted_as(numbers: Sequence[float]) -> tuple[float, ...]:
        return tuple(numbers[i] for i in order) if numbers else ()

    return replace(
        found,
        values=tuple(found.values[i] for i in order),
        prediction=sorted_as(found.prediction),
        low=sorted_as(found.low),
        high=sorted_as(found.high),
        each=tuple(sorted_as(line) for line in found.each),
    )


def _places(values: Sequence[Given]) -> list[float]:
    """Return where values stand along an axis: numbers at themselves, names in their order."""
    if all(isinstance(v, int | float) for v in values):
        return [float(v) for v in values if isinstance(v, int | float)]
    return [float(i) for i in range(len(values))]
