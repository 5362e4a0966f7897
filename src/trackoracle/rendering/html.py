"""The report of a training run as one HTML file that works offline."""

from __future__ import annotations

import math
from importlib.resources import files

import polars as pl

from trackoracle.rendering.words import METRIC_NAMES, SECOND_METRIC, interval, number, verdict
from trackoracle.schema import CandidateResult, Card, Report, Scores


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
    from jinja2 import Environment, StrictUndefined

    template = files("trackoracle.rendering").joinpath("training_report.html").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(template).render(
        report=report,
        card=card,
        metric=METRIC_NAMES[report.metric],
        second=METRIC_NAMES[SECOND_METRIC[report.metric]],
        verdict=verdict(report),
        kinds=_kinds(report),
        charts=[_chart(report, protocol.name) for protocol in report.protocols],
        bands=_bands(report),
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
    low = min(0.0 if metric == "r2" else 0.5, *(e.low for e in estimates))
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


def _bands(report: Report) -> dict[str, object] | None:
    """Return errors by band of true popularity: a row a band, a column a protocol."""
    if not report.by_band:
        return None
    protocols = list(report.by_band)
    groups = max(report.by_band.values(), key=lambda scored: sum(g.n_tracks for g in scored))
    metric = next(iter(groups[0].scores))
    scores = {(p, g.group): g.scores for p, scored in report.by_band.items() for g in scored}
    rows = []
    for group in groups:
        cells = [_band_cell(scores.get((protocol, group.group)), metric) for protocol in protocols]
        rows.append((group.group, f"{group.n_tracks:,}", cells))
    return {"metric": METRIC_NAMES[metric], "protocols": protocols, "rows": rows}


def _band_cell(scores: Scores | None, metric: str) -> tuple[str, str]:
    if scores is None:
        return "-", "-"
    return number(scores[metric].value, metric), f"{scores['bias'].value:+.1f}"


def _prediction_rows(predictions: pl.DataFrame, names: list[str]) -> list[dict[str, object]]:
    rows = predictions.head(20).to_dicts()
    for i, row in enumerate(rows):
        row["name"] = names[i] if i < len(names) else row["track_id"]
    return rows
