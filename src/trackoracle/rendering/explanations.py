"""Explanations as a terminal table with bars, and as a page of HTML with waterfalls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.rendering.charts import round_places
from trackoracle.rendering.dependence import dependence_chart
from trackoracle.rendering.pages import render_page
from trackoracle.rendering.reasons import (
    CAVEAT,
    amount,
    answer_sentence,
    label,
    named,
    reasons,
    shown_value,
    signed,
)
from trackoracle.schema import CALIBRATION, Attribution, Dependence, Explanation

_MOST_BARS, _MOST_INPUTS, _MOST_DRIVERS = 12, 40, 3
_NARROW = 76
_UNIT_NAMES = {"points": "points of popularity", "log-odds": "log-odds of a hit", "tier": "tiers"}


@dataclass(frozen=True)
class Bar:
    """One step from the baseline to the prediction."""

    name: str
    value: str
    contribution: float
    error: float | None = None


def bars(told: Explanation, most: int = _MOST_BARS) -> list[Bar]:
    """Return the largest contributions, what the others come to, and the calibration."""
    own = [a for a in told.attributions if a.feature != CALIBRATION]
    shown, rest = own[:most], own[most:]
    found = [_bar(a) for a in shown]
    if rest:
        found.append(Bar(f"{len(rest)} others", "", sum(a.contribution for a in rest)))
    return found + [_bar(a) for a in told.attributions if a.feature == CALIBRATION]


def _bar(a: Attribution) -> Bar:
    return Bar(label(a.feature), shown_value(a.feature, a.value), a.contribution, a.error)


@dataclass(frozen=True)
class _Waterfall:
    """The table of one explanation, as wide as the terminal."""

    told: Explanation

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        told, narrow = self.told, options.max_width < _NARROW
        steps = bars(told)
        half = max(4, min(18, (options.max_width - (38 if narrow else 66)) // 2))
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column("feature", overflow="fold", max_width=18 if narrow else 28)
        if not narrow:
            table.add_column("value", overflow="ellipsis", no_wrap=True, max_width=22)
        table.add_column(told.unit, justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        most = max((abs(step.contribution) for step in steps), default=1.0) or 1.0

        def add(name: str, value: str, number: str, bar: str, style: str = "") -> None:
            cells = [escape(name), number, bar] if narrow else [
                escape(name), escape(value), number, bar
            ]  # fmt: skip
            table.add_row(*cells, style=style)

        add("starting point", "", amount(told.baseline, told.unit), "", "dim")
        for step in steps:
            number = signed(step.contribution, told.unit)
            if step.error is not None and not narrow:
                number += f" ± {step.error:.1g}"
            add(step.name, step.value, number, _drawn(step.contribution / most, half))
        add("prediction", "", amount(told.prediction, told.unit), "", "bold")
        yield table


def _drawn(share: float, half: int) -> str:
    """Draw a bar from the middle, to the right for more."""
    n = round(abs(share) * half)
    mark = "█" * n if n else "▏" if share > 0 else "▕" if share < 0 else ""
    if share >= 0:
        return f"{' ' * half}[blue]{mark}[/]"
    return f"{' ' * (half - len(mark))}[yellow]{mark}[/]"


def explanation_table(told: Explanation, *, inputs: bool = False) -> RenderableType:
    """Show one track's explanation: bars, and what they say; with its inputs for experts."""
    sentences = reasons(told)
    parts: list[RenderableType] = [
        Text(f"{told.name or told.track_id}", style="bold"),
        Text(sentences[0]),
        Text(),
        _Waterfall(told),
        Text(),
        *(Text(sentence) for sentence in sentences[1:-1]),
    ]
    if inputs:
        parts += [Text(), _input_table(told)]
    if told.answer.get("warning"):
        parts.append(Text(str(told.answer["warning"]), style="yellow"))
    return Group(*parts, Text(CAVEAT, style="dim"))


def _input_table(told: Explanation) -> Table:
    table = _table(f"Inputs of the model ({_UNIT_NAMES[told.unit]})")
    table.add_column("input", overflow="fold")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column(told.unit, justify="right", no_wrap=True)
    for a in told.inputs[:_MOST_INPUTS]:
        value = "missing" if a.value is None else f"{a.value:.4g}"
        table.add_row(escape(a.feature), value, f"{a.contribution:+.3f}")
    rest = told.inputs[_MOST_INPUTS:]
    if rest:
        total = sum(a.contribution for a in rest)
        table.add_row(f"{len(rest)} others", "", f"{total:+.3f}", style="dim")
    return table


def explanations_table(explained: Sequence[Explanation], n_tracks: int) -> RenderableType:
    """Show what weighs most in each of several tracks.

    Parameters
    ----------
    explained
        Those that are shown.
    n_tracks
        How many there are in all.
    """
    unit = explained[0].unit
    table = _table(f"What weighs most ({_UNIT_NAMES[unit]})")
    table.add_column("track", no_wrap=True, max_width=36, overflow="ellipsis")
    table.add_column("prediction", justify="right", no_wrap=True)
    table.add_column("largest contributions", overflow="fold", min_width=24)
    for told in explained:
        largest = [a for a in told.attributions if a.feature != CALIBRATION][:_MOST_DRIVERS]
        said = ", ".join(f"{named(a)} {signed(a.contribution, unit)}" for a in largest)
        number = f"[bold]{amount(told.prediction, unit)}[/]"
        table.add_row(escape(_about(told)), number, escape(said))
    lines = []
    if n_tracks > len(explained):
        lines.append(f"... and {n_tracks - len(explained):,} more tracks; -o F.csv writes all")
    return Group(table, *(Text(line, style="dim") for line in (*lines, CAVEAT)))


def _table(title: str) -> Table:
    return Table(
        title=title, box=box.SIMPLE_HEAD, pad_edge=False, title_style="bold", title_justify="left"
    )


def explanation_report(
    explained: Sequence[Explanation],
    n_tracks: int | None = None,
    dependences: Sequence[Dependence] = (),
) -> str:
    """Write explanations as one HTML file that works offline.

    Parameters
    ----------
    explained
        Those that are drawn.
    n_tracks
        How many there are in all, where not all are drawn.
    dependences
        Predictions along columns, of the one track that is explained.
    """
    title = (
        f"Why {_about(explained[0])}" if len(explained) == 1 else f"{len(explained)} explanations"
    )
    return render_page(
        "explanation_report.html",
        title=title,
        tracks=[_section(told) for told in explained],
        n_more=(n_tracks or len(explained)) - len(explained),
        charts=[dependence_chart(one) for one in dependences],
        caveat=CAVEAT,
    )


def _about(told: Explanation) -> str:
    return told.name or told.track_id


def _section(told: Explanation) -> dict[str, object]:
    """Place the steps from baseline to prediction on one axis, per cent of its width."""
    steps, at, ends = bars(told), told.baseline, [told.baseline]
    for step in steps:
        at += step.contribution
        ends.append(at)
    low, high = min(ends), max(ends)
    pad = max(high - low, 1e-9) * 0.06
    low, high = low - pad, high + pad

    def place(value: float) -> float:
        return 100 * (value - low) / (high - low)

    rows, before = [], told.baseline
    for step, after in zip(steps, ends[1:], strict=True):
        start, end = sorted((place(before), place(after)))
        rows.append(
            {
                "name": step.name,
                "value": step.value,
                "number": signed(step.contribution, told.unit),
                "error": "" if step.error is None else f"± {step.error:.1g}",
                "kind": "up" if step.contribution >= 0 else "down",
                "from": f"{start:.3f}",
                "width": f"{end - start:.3f}",
                "join": f"{place(after):.3f}",
            }
        )
        before = after
    return {
        "name": _about(told),
        "answer": answer_sentence(told),
        "sentences": reasons(told)[1:-1],
        "warning": told.answer.get("warning") or "",
        "unit": _UNIT_NAMES[told.unit],
        "rows": rows,
        "baseline": amount(told.baseline, told.unit),
        "baseline_at": f"{place(told.baseline):.3f}",
        "prediction": amount(told.prediction, told.unit),
        "prediction_at": f"{place(told.prediction):.3f}",
        "ticks": [(f"{tick:g}", f"{place(tick):.3f}") for tick in round_places(low, high)],
        "inputs": [
            (
                a.feature,
                "missing" if a.value is None else f"{a.value:.4g}",
                f"{a.contribution:+.4f}",
            )
            for a in told.inputs
        ],
    }
