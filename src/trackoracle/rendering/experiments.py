"""An experiment as a table for a terminal: both views side by side, candidate by candidate."""

from __future__ import annotations

import math

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trackoracle.experiments import Cell, CellResult, Experiment
from trackoracle.schema import Estimate

_MAIN = "pr_auc"
_BALANCED = (
    ("accuracy", "as if\naccu-\nracy"),
    ("precision", "50/50\npreci-\nsion"),
    ("f1", "\n\nF1"),
)
_TRUE = (
    ("precision", "at\npreci-\nsion"),
    ("f1", "the\n\nF1"),
    ("precision_at_5", "true\ntop\n5 %"),
    ("lift_at_5", "rate\nits\nlift"),
)
"""Metrics and heads; the first lines read across: as if 50/50, at the true rate."""


def experiment_table(experiment: Experiment, *, synthetic: bool = False) -> RenderableType:
    """Show every cell, those of the best candidate first, the best cell of each on top."""
    rate = _per_cent(experiment.hit_rate)
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
    for _, head in _BALANCED:
        _add_column(table, head, "cyan")
    for _, head in _TRUE:
        _add_column(table, head)
    for head in ("\nPR-AUC\n95 % interval", "\nvs\nplain ", "\n\nBrier"):
        _add_column(table, head)
    for head in ("\nBrier\nas is", "\n\nsec."):
        _add_column(table, head, "dim")
    for results in _by_candidate(experiment):
        table.add_row("", Text(results[0].cell.candidate, style="bold"))
        for result in results:
            is_best = result.cell.key == experiment.best
            is_last = result is results[-1]
            style = "bold green" if is_best else ""
            table.add_row(*_cells(result, is_best), style=style, end_section=is_last)
    return Group(table, *_lines(experiment, rate, synthetic))


def _add_column(table: Table, head: str, style: str = "") -> None:
    table.add_column(head, justify="right", no_wrap=True, style=style)


def _by_candidate(experiment: Experiment) -> list[list[CellResult]]:
    def reached(result: CellResult) -> float:
        value = result.true_rate[_MAIN].value
        return -math.inf if math.isnan(value) else value

    groups: dict[str, list[CellResult]] = {}
    for result in sorted(experiment.cells, key=reached, reverse=True):
        groups.setdefault(result.cell.candidate, []).append(result)
    return list(groups.values())


def _cells(result: CellResult, is_best: bool) -> list[RenderableType]:
    main = result.true_rate[_MAIN]
    return [
        ">" if is_best else "",
        Padding(Text(arm_words(result.cell)), (0, 0, 0, 1)),
        *(_short(result.balanced[name].value) for name, _ in _BALANCED),
        *(
            f"{result.true_rate[name].value:.2f}"
            if name.startswith("lift")
            else _short(result.true_rate[name].value)
            for name, _ in _TRUE
        ),
        f"{_short(main.value)} [dim not bold]{_short(main.low)}-{_short(main.high)}[/]",
        _gain(result),
        _short(result.true_rate["brier"].value),
        _short(result.true_rate["brier_raw"].value),
        f"{result.seconds:.1f}",
    ]


def arm_words(cell: Cell) -> str:
    """Say an arm in words; nothing done is "plain".

    Examples
    --------
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


def _lines(experiment: Experiment, rate: str, synthetic: bool) -> list[Text]:
    protocol = experiment.protocol
    lines = [
        Text(f"Best: {_name(experiment.of(experiment.best))}, by the {experiment.rule}."),
        Text(_flattery(experiment, rate)),
    ]
    if synthetic:
        lines.append(Text("Synthetic catalog: the scores say nothing of real music.", "yellow"))
    lines += [Text(note, style="yellow") for note in experiment.notes]
    dim = [
        f"50/50: as if hits were half of the tracks, as balanced test sets are reported; true: as "
        f"they are, {rate} hits.",
        "Accuracy, precision and F1 are of the calls at the threshold: "
        f"{experiment.threshold_rule}.",
        "vs plain: PR-AUC less that of the same candidate with nothing done; * where its paired "
        "interval leaves out 0.",
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
