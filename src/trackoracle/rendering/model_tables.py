"""What an oracle tells of itself, as frames of texts and numbers for pages to show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from trackoracle.rendering.controls import GROUP_NAMES
from trackoracle.rendering.model_figures import ordered
from trackoracle.rendering.plain_words import called, proved
from trackoracle.rendering.quality import Cell, QualityTable
from trackoracle.rendering.reasons import label, shown_value
from trackoracle.rendering.words import (
    METRIC_NAMES,
    SECOND_METRIC,
    TARGET_NAMES,
    interval,
    number,
)
from trackoracle.schema import (
    CandidateResult,
    Contract,
    ContractColumn,
    Hit,
    Importance,
    Popularity,
    Report,
    Target,
    hit_name,
    tier_names,
)

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle

Row = dict[str, Any]
FACT = "what is told"
"""The column of facts where oracles stand side by side."""
_DIGITS = 12
"""Of a file's hash, by which people tell files apart."""
_COUNTED = 8
"""Levels that are named; more are counted."""


def target_text(target: Target) -> str:
    """Say what is predicted.

    Examples
    --------
    >>> target_text(Popularity()), target_text(Hit())
    ('Popularity, 0 to 100 points', 'Hit or miss')
    """
    if isinstance(target, Popularity):
        return "Popularity, 0 to 100 points"
    if isinstance(target, Hit):
        # "a hit" alone says nothing that "Hit or miss" does not.
        _, _, above = hit_name(target).partition(", ")
        return f"{TARGET_NAMES['hit']}{f': {above}' if above else ''}"
    return f"{TARGET_NAMES['tier']}: {', '.join(tier_names(target))}"


def leaderboard_rows(report: Report) -> pl.DataFrame:
    """Return a row a candidate or baseline and protocol: main and second metric, with intervals.

    Examples
    --------
    >>> import trackoracle as to
    >>> rows = leaderboard_rows(to.load_oracle().report)
    >>> rows.columns
    ['candidate', 'kind', 'judged on', 'R²', 'from', 'to', 'MAE']
    """
    kinds = [(each, "candidate") for each in report.candidates]
    kinds += [(each, "baseline") for each in report.baselines]
    chosen = [(each, "chosen") for each, _ in kinds if each.name == report.chosen]
    others = [(each, kind) for each, kind in kinds if each.name != report.chosen]
    rows = [row for each, kind in chosen + others for row in _results(report, each, kind)]
    return pl.DataFrame(rows, infer_schema_length=None)


def _results(report: Report, result: CandidateResult, kind: str) -> list[Row]:
    metric, second = report.metric, SECOND_METRIC[report.metric]
    rows = []
    for protocol in report.protocols:
        if protocol.name not in result.scores:
            continue
        scores = result.scores[protocol.name]
        rows.append(
            {
                "candidate": called(result.name),
                "kind": kind,
                "judged on": protocol.stands_for,
                METRIC_NAMES[metric]: scores[metric].value,
                "from": scores[metric].low,
                "to": scores[metric].high,
                METRIC_NAMES[second]: scores[second].value if second in scores else None,
            }
        )
    return rows


def genre_rows(report: Report, protocol: str) -> pl.DataFrame:
    """Return a row a genre: its tracks, and each metric that is told of genres.

    Parameters
    ----------
    protocol
        A name of `report.by_genre`.
    """
    return pl.DataFrame(
        [
            {
                "genre": group.group,
                "tracks": group.n_tracks,
                **{METRIC_NAMES[name]: score.value for name, score in group.scores.items()},
            }
            for group in report.by_genre[protocol]
        ],
        infer_schema_length=None,
    )


def importance_rows(found: Importance) -> pl.DataFrame:
    """Return a row a feature, and a row an input group: what it weighs, by each view."""
    parts = (("feature", found.features), ("all of a group", found.groups))
    return pl.DataFrame(
        [
            {
                "feature": label(f.feature) if kind == "feature" else f.feature,
                "kind": kind,
                "contribution": f.attribution.value,
                "from": f.attribution.low,
                "to": f.attribution.high,
                "share of gain": f.gain,
                **{f"{METRIC_NAMES[m]} lost": lost.value for m, lost in f.permutation.items()},
            }
            for kind, features in parts
            for f in features
        ],
        infer_schema_length=None,
    )


def contract_rows(contract: Contract) -> pl.DataFrame:
    """Return a row an input: unit, what is possible, what was seen in training.

    Examples
    --------
    >>> import trackoracle as to
    >>> rows = contract_rows(to.load_oracle().contract)
    >>> rows.filter(pl.col("column") == "tempo").select("input", "unit").row(0)
    ('Tempo', 'BPM')
    """
    return pl.DataFrame(
        [
            {
                "input": label(column.name).capitalize(),
                "group": GROUP_NAMES[column.group],
                "unit": column.unit,
                "possible": _possible(column),
                "seen in training": _seen(column),
                "typical": "" if column.median is None else shown_value(column.name, column.median),
                "what it is": column.meaning,
                "column": column.name,
            }
            for column in contract.columns
        ]
    )


def _possible(column: ContractColumn) -> str:
    low, high = column.low, column.high
    if low is not None and high is not None:
        return f"{low:,.10g} to {high:,.10g}"
    if low is not None:
        return f"from {low:,.10g}"
    return "" if high is None else f"to {high:,.10g}"


def _seen(column: ContractColumn) -> str:
    if column.seen_low is not None and column.seen_high is not None:
        return column.seen
    n = len(column.levels)
    if not n:
        return "text" if column.role not in ("date", "number") else column.role
    return f"{n:,} levels" if n > _COUNTED else ", ".join(column.levels)


def quality_rows(table: QualityTable) -> pl.DataFrame:
    """Return a table of qualities as a frame of texts, intervals in brackets."""
    return pl.DataFrame(
        [
            {"measure": name, **dict(zip(table.heads, map(_cell_text, cells), strict=True))}
            for name, cells in table.rows
        ]
    )


def _cell_text(cell: Cell) -> str:
    value, ends = cell
    return f"{value} ({ends})" if ends else value


def oracle_facts(oracle: Oracle) -> dict[str, str]:
    """Say what an oracle is, by what is told: its target, tracks, source, date and licence."""
    catalog, report, checksum = oracle.bundle.catalog, oracle.report, oracle.bundle.checksum
    notice = " (synthetic: no real tracks)" if catalog.synthetic else ""
    return {
        "Predicts": target_text(oracle.target),
        "Model": called(report.chosen),
        "Learned from": f"{catalog.n_tracks:,} tracks of {catalog.n_artists:,} artists",
        "Catalog": f"{catalog.name}{notice}",
        "Source": catalog.source,
        "As of": catalog.snapshot or "not known",
        "Licence": catalog.licence,
        "Inputs": f"{len(oracle.contract.columns):,}",
        "File": f"sha256 {checksum[:_DIGITS]}…" if checksum else "not saved yet",
    }


def comparison_rows(oracles: Mapping[str, Oracle]) -> pl.DataFrame:
    """Return oracles side by side: a column each, a row a fact, then a row a protocol.

    Parameters
    ----------
    oracles
        By name, which has no blanks: so that none is called as the column of facts.

    Examples
    --------
    >>> import trackoracle as to
    >>> told = comparison_rows({"starter": to.load_oracle()})
    >>> told.filter(pl.col(FACT) == "on a debut")["starter"][0]
    'explains 43 % of the differences in popularity (R² 0.426, 0.402 to 0.450)'
    """
    columns = {name: {**oracle_facts(o), **_proved(o.report)} for name, o in oracles.items()}
    facts = [fact for o in list(oracles.values())[:1] for fact in oracle_facts(o)]
    # An oracle may lack a protocol that another was judged by.
    protocols = ordered([p for o in oracles.values() for p in o.report.protocols])
    facts += dict.fromkeys(f"on {p.stands_for}" for p in protocols)
    return pl.DataFrame(
        {
            FACT: facts,
            **{
                name: [column.get(fact, "not measured") for fact in facts]
                for name, column in columns.items()
            },
        }
    )


def are_comparable(oracles: Mapping[str, Oracle]) -> bool:
    """Tell whether the numbers of oracles compare: one target, judged on one catalog."""
    kinds = {
        (str(sorted(o.report.target.items(), key=str)), o.bundle.catalog.checksum)
        for o in oracles.values()
    }
    return len(kinds) <= 1


def _proved(report: Report) -> Row:
    chosen, metric = report.of(report.chosen), report.metric
    return {
        f"on {p.stands_for}": f"{proved(metric, score.value)} "
        f"({METRIC_NAMES[metric]} {number(score.value, metric)}, {interval(score, metric)})"
        for p in report.protocols
        if (score := chosen.scores.get(p.name, {}).get(metric)) is not None
    }
