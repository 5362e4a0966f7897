"""Results as tables for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.rendering.quality import QualityTable, quality_tables
from trackoracle.rendering.words import (
    METRIC_NAMES,
    SECOND_METRIC,
    TARGET_NAMES,
    WITHIN_CHANCE,
    fitting_text,
    interval,
    number,
    verdict,
)
from trackoracle.schema import (
    AUDIT_NOTE,
    CandidateResult,
    Card,
    Estimate,
    LearningCurve,
    Report,
    Scores,
)

if TYPE_CHECKING:
    from trackoracle.oracle import Evaluation, Oracle

_MOST_ROWS = 20
_MOST_WARNINGS = 5


def _table(title: str, *columns: str, caption: str = "") -> Table:
    table = Table(
        title=title,
        caption=caption or None,
        box=box.SIMPLE_HEAD,
        title_style="bold",
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
    )
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def catalog_table(card: Card) -> RenderableType:
    """Show what was read, what was wrong, and what was done about it."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column()
    rows = [
        ("file", card.file),
        ("format", card.adapter),
        ("source", card.source),
        ("licence", card.licence),
        ("snapshot", card.snapshot or "not known"),
        ("sha256", card.checksum[:16] + "..."),
        ("rows read", f"{card.n_rows_read:,}"),
        ("tracks", f"{card.n_tracks:,}"),
        ("recordings", f"{card.n_recordings:,}"),
        ("artists", f"{card.n_artists:,}"),
        ("albums", f"{card.n_albums:,}" if card.n_albums else "none named"),
    ]
    if card.unused_columns:
        rows.append(("not used", ", ".join(card.unused_columns)))
    for name, value in rows:
        facts.add_row(name, escape(value))
    parts: list[RenderableType] = [Text(f"Catalog {card.name}", style="bold")]
    if card.synthetic:
        parts.append(Text("Synthetic: no real tracks, artists or popularity.", style="yellow"))
    parts += [facts, Text()]
    if not card.findings:
        return Group(*parts, Text("Nothing was wrong.", style="green"))
    table = _table("What was found")
    table.add_column("n", justify="right")
    table.add_column("action")
    table.add_column("what", overflow="fold")
    styles = {"dropped": "red", "nulled": "yellow", "repaired": "yellow", "merged": "cyan"}
    for finding in card.findings:
        examples = f" [dim]({escape(', '.join(finding.examples))})[/]" if finding.examples else ""
        style = styles.get(finding.action, "dim")
        table.add_row(
            f"{finding.n:,}", f"[{style}]{finding.action}[/]", escape(finding.what) + examples
        )
    return Group(*parts, table)


def leaderboard_table(report: Report, *, synthetic: bool = False) -> RenderableType:
    """Show every candidate beside the baselines, a column a protocol."""
    metric, second = report.metric, SECOND_METRIC[report.metric]
    scores = f"{METRIC_NAMES[metric]} with its 95 % interval, and {METRIC_NAMES[second]}"
    title = f"{TARGET_NAMES[report.target['name']]}: {scores}"
    table = _table(title, "candidate")
    for protocol in report.protocols:
        table.add_column(protocol.name, justify="right", no_wrap=True)
    table.add_column("seconds", justify="right")
    names = [protocol.name for protocol in report.protocols]
    for i, result in enumerate(report.baselines):
        end = i == len(report.baselines) - 1
        _add_candidate(table, result, names, metric, second, "dim", "baseline", end_section=end)
    for result in report.candidates:
        chosen = result.name == report.chosen
        style, note = ("bold green", "chosen") if chosen else ("", "")
        _add_candidate(table, result, names, metric, second, style, note)
    lines = [Text(verdict(report))]
    if any(not d.beyond_chance for r in report.candidates for d in r.difference.values()):
        lines.append(Text(f"~ {WITHIN_CHANCE.format(chosen=report.chosen)}", style="dim"))
    if synthetic:
        lines.append(Text("Synthetic catalog: the scores say nothing of real music.", "yellow"))
    lines.append(Text(report.audit_said, style="dim" if report.audited else "yellow"))
    lines += [
        Text(note, style="yellow" if note.startswith(AUDIT_NOTE) else "dim")
        for note in report.notes
    ]
    lines += [
        Text.assemble(
            (protocol.name, "bold"),
            (f"  {protocol.stands_for}; held out together: {protocol.held_out}; ", "dim"),
            (f"{protocol.n_folds} folds, {protocol.n_purged:,} rows purged in all", "dim"),
        )
        for protocol in report.protocols
    ]
    lines.append(Text(f"Chosen: {report.rule}.", style="dim"))
    if report.fitting:
        told = fitting_text(report.fitting)
        lines.append(Text(f"How {report.chosen} learned from all tracks: {told}", style="dim"))
    parts: list[RenderableType] = [table, *lines]
    for quality in quality_tables(report):
        parts += [Text(), _quality_table(quality)]
    if report.learning:
        parts += [Text(), _learning_table(report.learning)]
    return Group(*parts)


def _quality_table(quality: QualityTable) -> RenderableType:
    """Show what a distribution is worth; the note explains the measures below."""
    table = _table(quality.title)
    table.add_column("", overflow="fold")
    for head in quality.heads:
        table.add_column(head, justify="right", no_wrap=True)
    for name, cells in quality.rows:
        table.add_row(
            name, *(f"{value}\n[dim]{ends}[/]" if ends else value for value, ends in cells)
        )
    below = [Text(line, style="yellow") for line in quality.below]
    return Group(table, *below, Text(quality.note, style="dim"))


def _learning_table(curve: LearningCurve) -> Table:
    """Show what more tracks bring, a row a share."""
    title = f"{curve.candidate} under {curve.protocol}, trained on growing shares of {curve.groups}"
    table = _table(title)
    for head in ("tracks", curve.groups, METRIC_NAMES[curve.metric], "95 % interval"):
        table.add_column(head, justify="right", no_wrap=True)
    for point in curve.points:
        table.add_row(
            f"{point.n_tracks:,}",
            f"{point.n_groups:,}",
            f"[bold]{number(point.score.value, curve.metric)}[/]",
            interval(point.score, curve.metric),
        )
    return table


def _add_candidate(
    table: Table,
    result: CandidateResult,
    protocols: Sequence[str],
    metric: str,
    second: str,
    style: str,
    note: str,
    *,
    end_section: bool = False,
) -> None:
    cells = []
    for protocol in protocols:
        scores = result.scores.get(protocol)
        if scores is None:
            cells.append("-")
            continue
        main = scores[metric]
        apart = result.difference.get(protocol)
        mark = "" if apart is None or apart.beyond_chance else "~"
        value, beside = number(main.value, metric), number(scores[second].value, second)
        cells.append(
            f"{mark}{value}  [not bold]{beside}[/]\n[dim not bold]{interval(main, metric)}[/]"
        )
    seconds = "" if result.seconds is None else f"{result.seconds:.1f}"
    name = f"{result.name}\n[dim]{note}[/]"
    table.add_row(name, *cells, seconds, style=style, end_section=end_section)


def predictions_table(
    predictions: pl.DataFrame, names: pl.Series | None = None, *, warn: bool = True
) -> RenderableType:
    """Show predictions, one row a track, the first twenty of many, and their warnings below.

    Parameters
    ----------
    names
        (n,) what people call the tracks.
    warn
        Whether to show the warnings; the column `warning` has them in any case.
    """
    shown = predictions.head(_MOST_ROWS)
    heads, cells = next(answer for column, answer in _ANSWERS.items() if column in shown.columns)
    table = _table("Predictions")
    table.add_column("track", no_wrap=True, max_width=36)
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("known", overflow="fold", min_width=14)
    for i, row in enumerate(shown.iter_rows(named=True)):
        name = names[i] if names is not None and names[i] is not None else row["track_id"]
        table.add_row(
            escape(str(name)),
            *cells(row),
            _known(row),
        )
    lines = [f"{n:,} x {warning}" for warning, n in _warnings(predictions) if warn]
    if (shown["estimated"] != "").any():
        lines.insert(
            0, "~ audio features estimated from the sound; the intervals hold their errors"
        )
    if len(predictions) > _MOST_ROWS:
        rest = f"... and {len(predictions) - _MOST_ROWS:,} more tracks; -o F.csv writes all"
        lines.insert(0, rest)
    return Group(table, *(Text(line, style="yellow" if " x " in line else "dim") for line in lines))


def _known(row: dict[str, Any]) -> str:
    """Name the input groups that are known; ~ before one of which some was estimated."""
    groups = row["known"].split(";") if row["known"] else ["nothing"]
    estimated = bool(row["estimated"])
    return " ".join(f"~{g}" if g == "audio" and estimated else g for g in groups)


def _popularity_cells(row: dict[str, Any]) -> list[str]:
    interval_text = f"{row['popularity_low']:.0f} to {row['popularity_high']:.0f}"
    median, p_hit = f"{row['popularity_median']:.0f}", f"{row['p_hit']:.2f}"
    return [f"[bold]{row['popularity']:.0f}[/]", interval_text, median, p_hit]


def _hit_cells(row: dict[str, Any]) -> list[str]:
    return [f"[bold]{row['p_hit']:.2f}[/]", "yes" if row["is_hit"] else "no"]


def _tier_cells(row: dict[str, Any]) -> list[str]:
    shares = [value for name, value in row.items() if name.startswith("p_tier_")]
    return [f"[bold]{row['tier']}[/]", " ".join(f"{share:.2f}" for share in shares)]


_ANSWERS: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any]], list[str]]]] = {
    "popularity": (("popularity", "interval", "median", "P(hit)"), _popularity_cells),
    "is_hit": (("P(hit)", "hit"), _hit_cells),
    "tier": (("tier", "P(tier)"), _tier_cells),
}
"""By the column that tells of which target an answer is: its heads, and its cells."""


def _warnings(predictions: pl.DataFrame) -> list[tuple[str, int]]:
    """Count the commonest warnings."""
    warned = predictions.filter(pl.col("warning") != "")["warning"]
    counted = warned.value_counts(sort=True).sort(["count", "warning"], descending=[True, False])
    return list(counted.head(_MOST_WARNINGS).iter_rows())


def evaluation_table(evaluation: Evaluation) -> RenderableType:
    """Show the scores of an oracle on tracks it has not seen."""
    columns: list[tuple[str, Scores]] = [("all", evaluation.overall)]
    if evaluation.known_artists:
        columns.append(("known artists", evaluation.known_artists))
    if evaluation.new_artists:
        columns.append(("new artists", evaluation.new_artists))
    what = "Scores" if evaluation.caveat else "Scores on unseen tracks"
    table = _table(f"{what}, 95 % interval below", "metric")
    for name in (*(name for name, _ in columns), "baseline"):
        table.add_column(name, justify="right", no_wrap=True)
    for metric in evaluation.overall:
        table.add_row(
            METRIC_NAMES[metric],
            *(_estimate_cell(scores[metric], metric) for _, scores in columns),
            number(evaluation.baseline[metric].value, metric),
        )
    n_new = evaluation.n_tracks - evaluation.n_known_artists
    lines = [
        f"{evaluation.n_tracks:,} tracks: {evaluation.n_known_artists:,} by known artists, "
        f"{n_new:,} by new ones. The baseline answers the middle of these tracks.",
        f"Predicted on average {evaluation.mean_predicted:.3g}, true {evaluation.mean_true:.3g}."
        + (" MAE is of the median, the rest of the mean." if "mae" in evaluation.overall else ""),
    ]
    worse = _worse_than_baseline(evaluation)
    if worse:
        lines.append(worse)
    if evaluation.n_seen:
        lines.append(f"{evaluation.n_seen:,} tracks left out: the oracle was trained on them.")
    caveat = [Text(evaluation.caveat, style="yellow")] if evaluation.caveat else []
    return Group(table, *caveat, *(Text(line, style="dim") for line in lines))


def _worse_than_baseline(evaluation: Evaluation) -> str:
    metric = next(name for name in ("brier", "rps", "rmse") if name in evaluation.overall)
    own, naive = evaluation.overall[metric].value, evaluation.baseline[metric].value
    if own <= naive:
        return ""
    return (
        f"Worse than the baseline by {METRIC_NAMES[metric]}: the tracks differ from those of the "
        "training in level (snapshot date, scale) or in the columns that are there."
    )


def _estimate_cell(estimate: Estimate, metric: str) -> str:
    return f"{number(estimate.value, metric)}\n[dim]{interval(estimate, metric)}[/]"


def oracle_table(oracle: Oracle) -> RenderableType:
    """Show the model card: data, protocols, scores, contract."""
    bundle = oracle.bundle
    contract = _table("Inputs", "column", "group", "seen in training")
    contract.add_column("meaning", overflow="fold")
    for column in oracle.contract.columns:
        if column.seen_low is not None and column.seen_high is not None:
            seen = f"{column.seen} {column.unit}"
        else:
            seen = f"{len(column.levels)} levels" if column.levels else column.role
        contract.add_row(column.name, column.group, seen, column.meaning)
    versions = ", ".join(f"{name} {number}" for name, number in bundle.versions.items())
    return Group(
        Text(f"Oracle of {oracle.target.name}, {bundle.candidate}", style="bold"),
        Text(f"made with {versions}; seed {bundle.config['seed']}", style="dim"),
        Text(),
        catalog_table(bundle.catalog),
        leaderboard_table(bundle.report, synthetic=bundle.catalog.synthetic),
        Text(),
        Text("Limits", style="bold"),
        *(Text(limit, style="dim") for limit in bundle.limits),
        Text(),
        contract,
    )
