"""The replays as tables: terminal, Markdown and JSON. Aggregates only, no names."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.published import ahead
from benchmarks.published.agreement import (
    CLOSE,
    LABELS,
    agreement,
    far,
    gaps,
    note,
    number,
    signed,
    with_interval,
)
from benchmarks.published.plan import GRID, GRID_METRICS, HEADLINES, QUICK
from benchmarks.published.running import Replayed
from benchmarks.published.sources import FILES
from benchmarks.published.step import Outcome, Step
from benchmarks.published.systems import SYSTEMS
from trackoracle.atomic import replacing

_BESIDE = {
    "accuracy": ("roc_auc", "f1", "balanced_accuracy", "macro_f1"),
    "roc_auc": ("accuracy", "precision", "recall", "f1"),
    "f1": ("accuracy", "precision", "recall", "roc_auc"),
    "r2": ("mae", "rmse"),
}
"""Headline metric to what is shown beside it, where it was scored."""
_HOW = f"""
How to read it. Each row changes one thing and keeps what the rows above changed; *beside* is
not part of the chain. Brackets are 95 % bootstrap intervals that resample whole rows,
recordings, artists or genres, as the row's protocol groups them, so they hold the sampling of
the test part only. *Published* is the published number, *off* ours less theirs; where they
differ by more than {CLOSE:.2f}, the note says so. Every row counts alike in a score, as published.
Held-out recordings, artists and genres are those of TrackOracle's `catalog` and `new_artist`
protocols; what shares one with the test part is purged from training. "Genres held out too" asks
another question (a genre never heard) and is stricter than any honest use needs. TrackOracle's
rows train it (fast profile: `lightgbm_bins` for popularity, `lightgbm` for hits and classes; no
resampling) on the same training rows and answer for the same test rows, with every column of the
file, credits and titles included, a track's genres joined from all its rows. Recipe, model and
calibration know the target of training rows only, the calibration by folds among them. R² is of
the distribution's mean, MAE of its median.
"""
_AHEAD = """*Published* is the best figure published without resampling. *Same protocol* keeps the
published rows, split and target with their leaks; the last two columns are what the same recipe
reaches where a test track's recording, or all its artists, are unseen: the figures to expect. [H]'s
are too good even there, since names tell its labels: see its row of the sound alone.
"""
"""What the table of the published protocols means."""
_SYSTEMS = """Letters in brackets stand for published systems, here and on other pages. Each is
replayed as published, then with its leaks removed, one after the other. [P]'s and [N]'s
networks stand in [Candidates](candidates.md#two-published-networks).
"""


@dataclass(frozen=True)
class Run:
    """Everything one command replayed.

    Parameters
    ----------
    replayed
        In the order of the tables.
    quick
        Whether it ran with fewer trees and cells.
    wall_s
        What this command took; finished steps of earlier ones cost nothing.
    """

    replayed: tuple[Replayed, ...]
    quick: bool
    wall_s: float

    @property
    def lines(self) -> Iterator[tuple[str, list[Replayed]]]:
        """Waterfalls and the grid, by name."""
        for line, steps in groupby(self.replayed, key=lambda r: r.step.line):
            yield line, list(steps)

    @property
    def cpu_s(self) -> float:
        """Processor time of all distinct steps."""
        return sum({id_of(r): r.outcome.cpu_s for r in self.replayed}.values())

    def to_dict(self) -> dict[str, Any]:
        """Return all figures as plain data."""
        return {
            "quick": self.quick,
            "made": datetime.now(UTC).date().isoformat(),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "wall_s": round(self.wall_s, 1),
            "cpu_s": round(self.cpu_s, 1),
            "steps": [
                {
                    "system": r.step.system,
                    "line": r.step.line,
                    "step": r.step.name,
                    "kind": r.step.kind,
                    "settings": dict(r.step.settings),
                    "published": dict(r.step.published),
                    "note": note(r),
                    **r.outcome.to_dict(),
                }
                for r in self.replayed
            ],
        }


def id_of(replayed: Replayed) -> str:
    """Return what tells steps of different settings apart."""
    return json.dumps([replayed.step.system, dict(replayed.step.settings)], sort_keys=True)


def tables(run: Run) -> Iterator[Table]:
    """Return the tables for the terminal."""
    for line, steps in run.lines:
        yield _for_terminal(run, line, *_cells(line, steps))
    yield ahead_table(run)


def ahead_table(run: Run) -> Table:
    """Return the table of TrackOracle in the published protocols, for the terminal."""
    return _for_terminal(run, ahead.TITLE, ahead.COLUMNS, ahead.rows(run.replayed))


def _for_terminal(
    run: Run, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> Table:
    table = Table(title=f"{title}{' (quick run)' if run.quick else ''}", title_justify="left")
    for place, name in enumerate(columns):
        table.add_column(name, justify="left" if place in (0, len(columns) - 1) else "right")
    for row in rows:
        table.add_row(*row)
    return table


def write(run: Run, folder: Path) -> None:
    """Write published.json and published.md."""
    with replacing(folder / "published.json") as temporary:
        temporary.write_text(json.dumps(run.to_dict(), indent=1) + "\n")
    with replacing(folder / "published.md") as temporary:
        temporary.write_text(markdown(run), encoding="utf-8")


def read(folder: Path) -> Run:
    """Read what an earlier command wrote to published.json.

    Notes stand there as they were printed; of the file's rows nothing is kept.
    """
    facts = json.loads((folder / "published.json").read_text("utf-8"))
    replayed = [
        Replayed(
            Step(
                system=each["system"], line=each["line"], name=each["step"], kind=each["kind"],
                settings=each["settings"], published=each["published"], note=each["note"],
            ),
            Outcome(**{part.name: each[part.name] for part in fields(Outcome)}),
            n_rows=0,
        )
        for each in facts["steps"]
    ]  # fmt: skip
    return Run(tuple(replayed), quick=facts["quick"], wall_s=facts["wall_s"])


def markdown(run: Run) -> str:
    """Return the page for the docs."""
    quick = f"**Quick run**: {QUICK}.\n\n" if run.quick else ""
    files = ", ".join(sorted({str(FILES[r.step.system]) for r in run.replayed}))
    parts = [
        "# Published numbers, replayed and repaired\n",
        f"{quick}Made by `python -m benchmarks.published{' --quick' if run.quick else ''}` on "
        f"{datetime.now(UTC):%Y-%m-%d}, from {files} of `TRACKORACLE_DATA`; "
        f"{run.cpu_s:,.0f} s of one core. The same figures as plain numbers: "
        "[published.json](published.json).\n",
        "## The systems\n",
        _SYSTEMS,
        _table(
            ["label", "system", "what it is", "address"],
            [[f"[{s}]", each.title, each.what, _link(each.address)] for s, each in SYSTEMS.items()],
            numbers=False,
        ),
        "## In short\n",
        "![From the published number to the honest one](published-waterfall.svg)\n",
    ]
    parts.append(_in_short(run))
    parts.append(f"## {ahead.TITLE}\n")
    parts.append(_table(ahead.COLUMNS, ahead.rows(run.replayed)))
    parts.append(_AHEAD)
    for line, steps in run.lines:
        columns, rows = _cells(line, steps)
        parts.append(f"## [{line[0]}]{line[2:]}{' (quick run)' if run.quick else ''}\n")
        parts.append(_table(columns, rows))
        if line == GRID:
            parts.append(agreement(steps))
    return "\n".join(parts) + _HOW


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = True) -> str:
    rulers = _rulers(columns) if numbers else ["---"] * len(columns)
    return "\n".join([_row(columns), _row(rulers), *map(_row, rows)]) + "\n"


def _link(address: str) -> str:
    return f"[{address.removeprefix('https://github.com/')}]({address})"


def _in_short(run: Run) -> str:
    """Return one row a waterfall: published, replayed, honest, and TrackOracle."""
    rows = []
    for line, steps in run.lines:
        if line not in HEADLINES:
            continue
        metric = HEADLINES[line]
        artists = [r for r in steps if r.outcome.unit == "artists"]
        shown = [steps[0], *(_stands(artists, kind) for kind in ("leak removed", "TrackOracle"))]
        values = [with_interval(r.outcome.scores[metric]) if r else "" for r in shown]
        said = number(steps[0].step.published[metric])
        rows.append([f"[{line[0]}]{line[2:]}", LABELS[metric], said, *values])
    columns = ["system", "metric", "published", "replayed", "unseen artists"]
    return _table([*columns, "TrackOracle, unseen artists"], rows)


def _stands(steps: list[Replayed], kind: str) -> Replayed | None:
    """Return the end of a chain; of ours the first, which reads every column."""
    found = [r for r in steps if r.step.kind == kind]
    return found[0 if kind == "TrackOracle" else -1] if found else None


def _rulers(columns: Sequence[str]) -> list[str]:
    last = len(columns) - 1
    return ["---" if place in (0, last) else "---:" for place in range(last + 1)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(line: str, steps: list[Replayed]) -> tuple[list[str], list[list[str]]]:
    return _grid_cells(steps) if line == GRID else _waterfall_cells(HEADLINES[line], steps)


def _grid_cells(steps: list[Replayed]) -> tuple[list[str], list[list[str]]]:
    columns = ["model, sampling", *(f"{LABELS[m]} (published)" for m in GRID_METRICS)]
    rows = []
    for replayed in steps:
        scores, published = replayed.outcome.scores, replayed.step.published
        cells = [f"{number(scores[m]['value'])} ({number(published[m])})" for m in GRID_METRICS]
        worst = max(gaps(replayed).values(), key=abs)
        wide = ", ".join(LABELS[name] for name in far(replayed))
        told = f"{wide}: see below" if wide else ""
        rows.append([replayed.step.name, *cells, signed(worst), told])
    return [*columns, "largest off", "note"], rows


def _waterfall_cells(metric: str, steps: list[Replayed]) -> tuple[list[str], list[list[str]]]:
    beside = [m for m in _BESIDE[metric] if m in steps[0].outcome.scores]
    shares = steps[0].outcome.share is not None
    columns = ["step", LABELS[metric], "published", "off", *(LABELS[m] for m in beside)]
    columns += [*(["hits"] if shares else []), "learned from", "judged", "resampled", "note"]
    rows = []
    for replayed in steps:
        outcome, published = replayed.outcome, replayed.step.published
        found = outcome.scores[metric]
        value = with_interval(found)
        mark = {"beside": "*beside*: ", "TrackOracle": "**"}.get(replayed.step.kind, "")
        name = f"{mark}{replayed.step.name}{'**' if mark == '**' else ''}"
        theirs = [number(published[metric]) if metric in published else ""]
        theirs.append(signed(found["value"] - published[metric]) if metric in published else "")
        others = [_beside(outcome.scores[m]["value"], published.get(m)) for m in beside]
        share = [f"{100 * outcome.share:.1f} %"] if outcome.share is not None else []
        counts = [
            f"{outcome.n_train:,}",
            f"{outcome.n_test:,}",
            f"{outcome.n_clusters:,} {outcome.unit}",
        ]
        rows.append([name, value, *theirs, *others, *share, *counts, note(replayed)])
    return columns, rows


def _beside(value: float, published: float | None) -> str:
    return number(value) + (f" ({number(published)})" if published is not None else "")
