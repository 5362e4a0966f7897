"""The report of a training run as one HTML file that works offline."""

from __future__ import annotations

import math

import polars as pl

from trackoracle.rendering.charts import (
    by_protocol,
    calibration_charts,
    fitting_chart,
    learning_chart,
    ranking_charts,
)
from trackoracle.rendering.pages import render_page
from trackoracle.rendering.quality import quality_tables
from trackoracle.rendering.words import (
    METRIC_NAMES,
    SECOND_METRIC,
    TARGET_NAMES,
    difference_text,
    fitting_text,
    interval,
    number,
    verdict,
)
from trackoracle.schema import (
    AUDIT_NOTE,
    CandidateResult,
    Card,
    Confusion,
    GroupScore,
    Report,
    Scores,
)


def training_report(
    report: Report,
    card: Card,
    predictions: pl.DataFrame | None = None,
    names: list[str] | None = None,
) -> str:
    """Write the leaderboard, the catalog's card and some predictions as HTML.

    Parameters
    ----------
    report
        Of the training run.
    card
        Of its catalog.
    predictions, names
        (n, m) predictions to show, and the tracks' names; at most twenty.
    """
    return render_page(
        "training_report.html",
        report=report,
        audit_note=AUDIT_NOTE,
        card=card,
        target=TARGET_NAMES[report.target["name"]],
        metric=METRIC_NAMES[report.metric],
        second=METRIC_NAMES[SECOND_METRIC[report.metric]],
        verdict=verdict(report),
        kinds=_kinds(report),
        charts=[_chart(report, protocol.name) for protocol in report.protocols],
        bands=_groups(report.by_band),
        genres=_groups(report.by_genre),
        differences=_differences(report),
        series=[(series, name) for series, name, _ in by_protocol(report)],
        rankings=ranking_charts(report),
        calls=[
            (name, _calls(curves.confusion))
            for _, name, curves in by_protocol(report)
            if curves.confusion
        ],
        measures=_measures(report),
        calibrations=calibration_charts(report),
        coverages=_coverages(report),
        qualities=quality_tables(report),
        learning=learning_chart(report.learning) if report.learning else None,
        fitting_said=fitting_text(report.fitting) if report.fitting else "",
        fitting=fitting_chart(report.fitting) if report.fitting else None,
        rows=[] if predictions is None else _prediction_rows(predictions, names or []),
    )


def _chart(report: Report, protocol: str) -> dict[str, object]:
    """Place every candidate's score and interval on one axis, per cent of its width."""
    results = [*report.baselines, *report.candidates]
    low, high = _axis(report)
    return {
        "name": protocol,
        "low": f"{low:.1f}",
        "high": f"{high:.1f}",
        "rows": [
            _chart_row(report, result, protocol, low, high)
            for result in results
            if protocol in result.scores
        ],
    }


def _kinds(report: Report) -> dict[str, str]:
    kinds = {result.name: "candidate" for result in report.candidates}
    kinds |= {result.name: "baseline" for result in report.baselines}
    return kinds | {report.chosen: "chosen"}


def _axis(report: Report) -> tuple[float, float]:
    """Return the ends of the axis that all charts share, in tenths."""
    metric = report.metric
    results = [*report.baselines, *report.candidates]
    estimates = [scores[metric] for result in results for scores in result.scores.values()]
    low = min(0.5 if metric == "roc_auc" else 0.0, *(e.low for e in estimates))
    high = max(e.high for e in estimates)
    return math.floor(low * 10) / 10, min(1.0, math.ceil(high * 10) / 10)


def _chart_row(
    report: Report, result: CandidateResult, protocol: str, low: float, high: float
) -> dict[str, object]:
    metric, second = report.metric, SECOND_METRIC[report.metric]
    estimate = result.scores[protocol][metric]

    def place(value: float) -> str:
        return f"{100 * (value - low) / (high - low):.2f}"

    return {
        "name": result.name,
        "kind": _kinds(report)[result.name],
        "value": number(estimate.value, metric),
        "interval": interval(estimate, metric),
        "second": number(result.scores[protocol][second].value, second),
        "at": place(estimate.value),
        "from": place(estimate.low),
        "width": f"{100 * (estimate.high - estimate.low) / (high - low):.2f}",
    }


def _groups(by: dict[str, tuple[GroupScore, ...]]) -> dict[str, object] | None:
    """Return error, bias and coverage by group: a row a group, a column a protocol."""
    if not any(by.values()):
        return None
    widest = max(by.values(), key=lambda scored: sum(g.n_tracks for g in scored))
    metric = next(name for name in ("mae", "brier", "accuracy") if name in widest[0].scores)
    scores = {(p, g.group): g.scores for p, scored in by.items() for g in scored}
    rows = [
        (
            group.group,
            f"{group.n_tracks:,}",
            [_group_cell(scores.get((protocol, group.group)), metric) for protocol in by],
        )
        for group in widest
    ]
    return {"metric": METRIC_NAMES[metric], "protocols": list(by), "rows": rows}


def _group_cell(scores: Scores | None, metric: str) -> tuple[str, str, str]:
    if scores is None:
        return "-", "-", ""
    digits = 1 if metric == "mae" else 3
    held = f", {100 * scores['coverage_90'].value:.0f} %" if "coverage_90" in scores else ""
    return (
        number(scores[metric].value, metric),
        f"{scores['bias'].value:+.{digits}f}",
        held,
    )


def _differences(report: Report) -> list[tuple[str, str, list[tuple[str, bool]]]]:
    """Return each candidate's kind, name, and its difference to the chosen one by protocol."""
    rows = []
    for result in (*report.baselines, *report.candidates):
        if result.difference:
            found = [result.difference.get(protocol.name) for protocol in report.protocols]
            cells = [
                ("-", True) if d is None else (difference_text(d, report.metric), d.beyond_chance)
                for d in found
            ]
            rows.append((_kinds(report)[result.name], result.name, cells))
    return rows


_MEASURES = (
    "pr_auc",
    "brier",
    "precision",
    "recall",
    "f1",
    "balanced_accuracy",
    *(f"{kind}_at_{k}" for k in (1, 5, 10) for kind in ("precision", "lift")),
)


def _measures(report: Report) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the further metrics of the chosen candidate's hits: a row a metric."""
    scores = report.of(report.chosen).scores
    found = [scores.get(protocol.name, {}) for protocol in report.protocols]
    return [
        (
            METRIC_NAMES[name],
            [
                (number(s[name].value, name), interval(s[name], name)) if name in s else ("-", "")
                for s in found
            ],
        )
        for name in _MEASURES
        if any(name in s for s in found)
    ]


def _calls(calls: Confusion) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return a row a truth: its name, and for each call the count, its share and its shade."""
    rows = []
    for truth, counts in (
        ("hit", (calls.true_positive, calls.false_negative)),
        ("miss", (calls.false_positive, calls.true_negative)),
    ):
        total = sum(counts) or 1.0
        cells = [(f"{n:,.0f}", f"{100 * n / total:.1f} %", f"{45 * n / total:.0f}") for n in counts]
        rows.append((truth, cells))
    return rows


def _coverages(report: Report) -> list[tuple[str, list[dict[str, str]]]]:
    """Return by protocol what share of the truth each interval of the chosen one holds."""
    result = []
    for protocol in report.protocols:
        scores = report.of(report.chosen).scores.get(protocol.name, {})
        levels = [n.removeprefix("coverage_") for n in scores if n.startswith("coverage_")]
        rows = [_coverage_row(scores, level) for level in levels]
        if rows:
            result.append((protocol.name, rows))
    return result


def _coverage_row(scores: Scores, level: str) -> dict[str, str]:
    held, width = scores[f"coverage_{level}"], scores[f"width_{level}"]
    return {
        "level": level,
        "held": f"{100 * held.value:.1f} %",
        "interval": f"{100 * held.low:.1f} to {100 * held.high:.1f} %",
        "at": f"{100 * held.value:.2f}",
        "from": f"{100 * held.low:.2f}",
        "span": f"{100 * (held.high - held.low):.2f}",
        "width": number(width.value, f"width_{level}"),
    }


def _prediction_rows(predictions: pl.DataFrame, names: list[str]) -> list[dict[str, object]]:
    rows = predictions.head(20).to_dicts()
    for i, row in enumerate(rows):
        row["name"] = names[i] if i < len(names) else row["track_id"]
    return rows
