"""How good a distribution is, as tables that the terminal and the page both draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from trackoracle.rendering.words import METRIC_NAMES, interval, number
from trackoracle.schema import Estimate, HitQuality, IntervalQuality, Quality, Report

_T = TypeVar("_T")
_MOST_NAMED = 8
FEWER_INPUTS = "What fewer inputs cost"
"""Title of the table of hidden inputs."""

Cell = tuple[str, str]
"""What a cell says, and what stands small below it."""


@dataclass(frozen=True)
class QualityTable:
    """A titled table: a row a measure, or a set of inputs; notes stand below."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    below: tuple[str, ...] = ()


def quality_tables(report: Report) -> list[QualityTable]:
    """Return the tables of intervals, of P(hit) and of fewer inputs, as far as there are any."""
    found = {p.name: report.quality.get(p.name, ()) for p in report.protocols}
    whole = {name: qualities[0] for name, qualities in found.items() if qualities}
    intervals = {name: q.intervals for name, q in whole.items() if q.intervals}
    hits = {name: q.hits for name, q in whole.items() if q.hits}
    tables = []
    if intervals:
        tables.append(_interval_table(intervals))
    if hits:
        tables.append(_hit_table(hits, report.target.get("hit_above")))
    if any(len(qualities) > 1 for qualities in found.values()):
        tables.append(_inputs_table(found))
    return tables


def _interval_table(found: dict[str, IntervalQuality]) -> QualityTable:
    level = next(iter(found.values())).level
    coverage, width = f"coverage_{level}", f"width_{level}"
    rows: dict[str, Callable[[IntervalQuality], Cell]] = {
        METRIC_NAMES[coverage]: lambda q: _shares(q.coverage),
        "says it holds": lambda q: ("-" if q.stated is None else _percent(q.stated), ""),
        "mean width, points": lambda q: (
            number(q.width.value, width),
            interval(q.width, width),
        ),
        "constant width": lambda q: (number(q.constant_width, width), ""),
        "narrower by": lambda q: (_percent(q.saved), ""),
        "genres off": lambda q: (_of_genres(q, len(q.off)), ""),
        "off what it says": lambda q: (_of_genres(q, len(q.false), told=q.stated is not None), ""),
    }
    return QualityTable(
        f"{level} % intervals: narrow, and right in every genre?",
        "Constant width: what intervals of one width about the mean or the median, whichever is "
        "narrower, need to hold as many. A genre of at least 200 tracks is off when what is held "
        f"differs from {level} % beyond chance (whole artists drawn, two-sided, Holm over genres). "
        f"Where 0 points are nearly sure, no interval holds only {level} %: it says how much it "
        "holds, and genres are held to that too.",
        tuple(found),
        _by_protocol(rows, found.values()),
        tuple(f"{name}: {_named(q)}." for name, q in found.items() if q.off),
    )


def _of_genres(quality: IntervalQuality, n: int, *, told: bool = True) -> str:
    return f"{n} of {len(quality.groups)}" if quality.groups and told else "-"


def _named(quality: IntervalQuality) -> str:
    """Name the genres that are off, the farthest first."""
    far = sorted(quality.off, key=lambda g: -abs(g.coverage - quality.level / 100))
    named = ", ".join(f"{g.group} {_percent(g.coverage)}" for g in far[:_MOST_NAMED])
    more = len(far) - _MOST_NAMED
    return f"off are {named}{f' and {more} more' if more > 0 else ''}"


def _hit_table(found: dict[str, HitQuality], above: float | None) -> QualityTable:
    rows: dict[str, Callable[[HitQuality], Cell]] = {
        "hits": lambda q: (_percent(q.base_rate), ""),
        "ROC-AUC": lambda q: _scored(q.roc_auc, "roc_auc"),
        "PR-AUC": lambda q: _scored(q.pr_auc, "pr_auc"),
        "Brier": lambda q: (_fine(q.brier.value), _fine_ends(q.brier)),
        "Brier of the base rate": lambda q: (_fine(q.uncertainty), ""),
        "Brier of isotonic": lambda q: (_fine(q.isotonic), ""),
        "own less isotonic": lambda q: (
            f"{q.over_isotonic.value:+.4f}",
            f"{q.over_isotonic.low:+.4f} to {q.over_isotonic.high:+.4f}",
        ),
        "resolution": lambda q: (_fine(q.resolution), ""),
        "reliability": lambda q: (_fine(q.reliability), ""),
        "calibration error": lambda q: (_fine(q.ece_by_weight), ""),
        "the same, bins of equal width": lambda q: (_fine(q.ece_by_width), ""),
    }
    hit = "" if above is None else f" A hit has more than {above:g} points."
    return QualityTable(
        "What is P(hit) worth?",
        "Brier = reliability - resolution + that of the base rate, whose resolution is 0 (Murphy). "
        "Isotonic: regression of hits on the raw answer over the other folds. Calibration error: "
        f"mean |predicted - true| over 15 bins of equal weight, less is better.{hit}",
        tuple(found),
        _by_protocol(rows, found.values()),
    )


def _by_protocol(
    rows: dict[str, Callable[[_T], Cell]], found: Iterable[_T]
) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    columns = tuple(found)
    return tuple((name, tuple(map(cell, columns))) for name, cell in rows.items())


_OF_INPUTS = {
    "r2": "R²",
    "mae": "MAE",
    "coverage_90": "90 % holds",
    "width_90": "width",
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC",
    "brier": "Brier",
    "rpss": "RPS skill",
    "accuracy": "accuracy",
    "log_loss": "log loss",
}
"""What is told of each set of inputs, as far as the target has it."""


def _inputs_table(found: dict[str, tuple[Quality, ...]]) -> QualityTable:
    listed = {
        f"{name}, {quality.inputs}": quality.scores
        for name, qualities in found.items()
        for quality in qualities
        if len(qualities) > 1
    }
    told = [metric for metric in _OF_INPUTS if all(metric in scores for scores in listed.values())]
    rows = tuple(
        (name, tuple(_scored(scores[metric], metric) for metric in told))
        for name, scores in listed.items()
    )
    heads = tuple(_OF_INPUTS[metric] for metric in told)
    note = "One oracle, judged with whole groups of inputs hidden; 95 % intervals below."
    return QualityTable(FEWER_INPUTS, note, heads, rows)


def _scored(estimate: Estimate, metric: str) -> Cell:
    if metric.startswith("coverage"):
        return _shares(estimate)
    return number(estimate.value, metric), interval(estimate, metric)


def _shares(estimate: Estimate) -> Cell:
    ends = f"{100 * estimate.low:.1f} to {100 * estimate.high:.1f}"
    return _percent(estimate.value), ends


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _fine(value: float) -> str:
    # Adding zero turns a rounded -0.0 into 0.0.
    return f"{round(value, 4) + 0.0:.4f}"


def _fine_ends(estimate: Estimate) -> str:
    return f"{_fine(estimate.low)} to {_fine(estimate.high)}"
