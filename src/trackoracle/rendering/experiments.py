"""An experiment as a table for a terminal: both views side by side, candidate by candidate."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trackoracle.schema import Estimate

if TYPE_CHECKING:
    from trackoracle.experiments import Cell, CellResult, Experiment

_MAIN = "pr_auc"
_WIDE = 112
"""Columns of the screen below which fewer numbers are shown."""
_LIKE_BALANCED = (0.4, 0.6)
_BALANCED_SET = (
    "{rate} of hits is the rate of this set, which looks balanced by hand, not that of released "
    "music: there, precision is lower."
)


@dataclass(frozen=True)
class _Column:
    """One number of a cell: under which view and head, how written, and whether room is short."""

    view: str
    head: str
    write: Callable[[CellResult], str]
    style: str = ""
    narrow: bool = False


def experiment_table(experiment: Experiment, *, synthetic: bool = False) -> RenderableType:
    """Show every cell, those of the best candidate first, the best cell of each on top."""
    return _ExperimentTable(experiment, synthetic)


@dataclass(frozen=True)
class _ExperimentTable:
    """Drawn when the width is known: a narrow screen gets fewer numbers."""

    experiment: Experiment
    synthetic: bool

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= _WIDE
        rate = _per_cent(self.experiment.hit_rate)
        columns = [column for column in _COLUMNS if wide or column.narrow]
        yield _table(self.experiment, rate, columns)
        yield from _lines(self.experiment, rate, self.synthetic)
        if not wide:
            yield Text(f"More numbers from {_WIDE} columns on, and by --json or -o.", style="dim")


def _table(experiment: Experiment, rate: str, columns: list[_Column]) -> Table:
    above = experiment.target["above"]
    hit = "Hit as labelled" if above is None else f"Hit, popularity above {above:g}"
    table = Table(
        title=f"{hit}: {rate} of the tracks under {experiment.protocol.name}",
        box=box.SIMPLE_HEAD,
        title_style="bold",
        title_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("")
    table.add_column("\n\narm", overflow="fold")
    for column, view in zip(columns, _spread(columns), strict=True):
        table.add_column(
            f"{view}\n{column.head}", justify="right", no_wrap=True, style=column.style
        )
    for results in _by_candidate(experiment):
        table.add_row("", Text(results[0].cell.candidate, style="bold"))
        for result in results:
            is_best = result.cell.key == experiment.best
            table.add_row(
                ">" if is_best else "",
                Padding(Text(arm_words(result.cell)), (0, 0, 0, 1)),
                *(column.write(result) for column in columns),
                style="bold green" if is_best else "",
                end_section=result is results[-1],
            )
    return table


def _spread(columns: list[_Column]) -> list[str]:
    """Write the view over its first columns, a word over each, so that it reads across."""
    words = {view: view.split() for view in (_BALANCED, _TRUE, "")}
    return [words[column.view].pop(0) if words[column.view] else "" for column in columns]


def _by_candidate(experiment: Experiment) -> list[list[CellResult]]:
    def reached(result: CellResult) -> float:
        value = result.true_rate[_MAIN].value
        return -math.inf if math.isnan(value) else value

    groups: dict[str, list[CellResult]] = {}
    for result in sorted(experiment.cells, key=reached, reverse=True):
        groups.setdefault(result.cell.candidate, []).append(result)
    return list(groups.values())


def arm_words(cell: Cell) -> str:
    """Say an arm in words; nothing done is "plain".

    Examples
    --------
    >>> from trackoracle.experiments import Cell
    >>> arm_words(Cell("tree", "smote", "iqr_capping")), arm_words(Cell("tree"))
    ('smote, iqr_capping', 'plain')
    """
    return ", ".join(step for step in cell.arm if step != "none") or "plain"


def _short(value: float) -> str:
    """Write a share with three digits, without the zero before the point."""
    return "-" if math.isnan(value) else f"{value:.3f}".removeprefix("0")


def _per_cent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.01 else f"{100 * share:.2g} %"


def _gain(result: CellResult) -> str:
    if result.gain is None:
        return ""
    value = f"{result.gain.value:+.3f}".replace("0.", ".", 1)
    if not _is_clear(result.gain):
        return f"[dim]{value} [/]"
    return f"[{'green' if result.gain.value > 0 else 'red'}]{value}*[/]"


def _is_clear(gain: Estimate) -> bool:
    return gain.low > 0 or gain.high < 0


def _balanced(name: str) -> Callable[[CellResult], str]:
    return lambda result: _short(result.balanced[name].value)


def _true(name: str) -> Callable[[CellResult], str]:
    return lambda result: _short(result.true_rate[name].value)


def _interval(result: CellResult) -> str:
    main = result.true_rate[_MAIN]
    return f"[dim not bold]{_short(main.low)}-{_short(main.high)}[/]"


_BALANCED, _TRUE = "at 50/50", "at the true rate"
_COLUMNS = (
    _Column(_BALANCED, "preci-\nsion", _balanced("precision"), "cyan", narrow=True),
    _Column(_BALANCED, "\nF1", _balanced("f1"), "cyan", narrow=True),
    _Column(_BALANCED, "accu-\nracy", _balanced("accuracy"), "cyan"),
    _Column(_TRUE, "preci-\nsion", _true("precision"), narrow=True),
    _Column(_TRUE, "\nF1", _true("f1"), narrow=True),
    _Column(_TRUE, "top\n5 %", _true("precision_at_5"), narrow=True),
    _Column(_TRUE, "its\nlift", lambda result: f"{result.true_rate['lift_at_5'].value:.2f}"),
    _Column(_TRUE, "PR-\nAUC", _true(_MAIN), narrow=True),
    _Column("", "95 %\ninterval", _interval),
    _Column("", "vs\nplain ", _gain, narrow=True),
    _Column("", "\nBrier", _true("brier"), narrow=True),
    _Column("", "Brier\nas is", _true("brier_raw"), "dim"),
    _Column("", "\nsec.", lambda result: f"{result.seconds:.1f}", "dim"),
)


def _lines(experiment: Experiment, rate: str, synthetic: bool) -> list[Text]:
    protocol = experiment.protocol
    lines = [
        Text(f"Best: {_name(experiment.of(experiment.best))}, by the {experiment.rule}."),
        Text(_flattery(experiment, rate)),
    ]
    gains = [result.gain for result in experiment.cells if result.gain]
    if gains:
        lines.append(Text(_verdict(gains)))
    low, high = _LIKE_BALANCED
    if low < experiment.hit_rate < high:
        lines.append(Text(_BALANCED_SET.format(rate=rate), "yellow"))
    if synthetic:
        lines.append(Text("Synthetic catalog: the scores say nothing of real music.", "yellow"))
    lines += [Text(note, style="yellow") for note in experiment.notes]
    dim = [
        f"At 50/50: as if hits were half of the tracks, as balanced test sets are reported; at the "
        f"true rate: as they are, {rate} hits.",
        "Accuracy, precision and F1 are of the calls at the threshold: "
        f"{experiment.threshold_rule}.",
        "vs plain: PR-AUC less that of the same candidate with nothing done; * where its paired "
        "interval (other tracks, the same fitted models) leaves out 0.",
        "Brier: after calibration on that part; as is: of the model's own answer, which resampling "
        "shifts.",
    ]
    lines += [Text(line, style="dim") for line in dim]
    lines.append(
        Text.assemble(
            (protocol.name, "bold"),
            (f"  {protocol.stands_for}; held out together: {protocol.held_out}; ", "dim"),
            (f"{protocol.n_tracks:,} tracks, {protocol.n_folds} folds, ", "dim"),
            (f"{protocol.n_purged:,} rows purged", "dim"),
        )
    )
    return lines


def _name(result: CellResult) -> str:
    return f"{result.cell.candidate}, {arm_words(result.cell)}"


def _verdict(gains: list[Estimate]) -> str:
    n_better = sum(gain.low > 0 for gain in gains)
    n_worse = sum(gain.high < 0 for gain in gains)
    return (
        f"Of {len(gains)} cells set beside plain, {n_better} gain and {n_worse} lose PR-AUC beyond "
        "their intervals."
    )


def _flattery(experiment: Experiment, rate: str) -> str:
    """Say what the balanced view makes of the best cell, and which cell it would choose."""
    best = experiment.of(experiment.best)
    flattered = max(experiment.cells, key=lambda result: result.balanced["f1"].value)
    told = (
        f"Its precision reads {_short(best.balanced['precision'].value)} as if hits were half, "
        f"and is {_short(best.true_rate['precision'].value)} at the true rate of {rate}."
    )
    if flattered.cell.key == best.cell.key:
        return told
    return (
        f"{told} By F1 of the balanced view {_name(flattered)} would win, "
        f"whose PR-AUC is {_short(flattered.true_rate[_MAIN].value)}."
    )
