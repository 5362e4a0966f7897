"""The report draws what the curves say, inside its frames, and only where there is something."""

from __future__ import annotations

import dataclasses
import json
import math
import re

import pytest
from rich.console import Console
from tests.conftest import QUICK

import trackoracle as to
from trackoracle.rendering import leaderboard_table, to_json, training_report
from trackoracle.rendering.charts import Axes, learning_chart, ranking_charts
from trackoracle.rendering.words import METRIC_NAMES, difference_text
from trackoracle.schema import Difference, Estimate, LearningCurve, LearningPoint, Report

HITS = ("ranks hits", "calls a hit", "Is P(hit) what it says?")
POPULARITY = ("Is the prediction what it says?", "Do the intervals hold what they promise?")


@pytest.fixture(scope="module")
def hits(small_catalog: to.Catalog) -> to.Oracle:
    config = dataclasses.replace(QUICK, candidates=("tree",))
    return to.train(small_catalog, target=to.Hit(above=45), config=config, curve=True, n_jobs=1)


def _page(oracle: to.Oracle, **changed: object) -> str:
    return training_report(dataclasses.replace(oracle.report, **changed), oracle.bundle.catalog)


def test_each_target_has_its_sections(hits: to.Oracle, small_oracle: to.Oracle) -> None:
    of_hits, of_popularity = _page(hits), _page(small_oracle)
    for title in HITS:
        assert title in of_hits
        assert title not in of_popularity
    for title in POPULARITY:
        assert title in of_popularity
        assert title not in of_hits
    assert "What more tracks bring" in of_hits
    assert "What more tracks bring" not in of_popularity


def test_a_report_without_curves_has_no_drawings(hits: to.Oracle) -> None:
    page = _page(hits, curves={}, learning=None)
    assert "<svg" not in page
    assert not any(title in page for title in HITS)


def test_everything_drawn_is_inside_its_frame(hits: to.Oracle, small_oracle: to.Oracle) -> None:
    for oracle in (hits, small_oracle):
        page = _page(oracle)
        assert not re.search(r"\bnan\b", page)
        points = re.findall(r'points="([^"]+)"', page)
        assert points
        for x, y in (pair.split(",") for line in points for pair in line.split()):
            assert 52 <= float(x) <= 328
            assert 10 <= float(y) <= 236


def test_the_page_fetches_nothing(hits: to.Oracle) -> None:
    assert not re.search(r"<script|<link|@import|url\(|src=", _page(hits))


def test_the_roc_line_goes_from_corner_to_corner(hits: to.Oracle) -> None:
    roc, ranked = ranking_charts(hits.report)
    for line in roc.lines:
        assert line.points.startswith("52.0,236.0 ")
        assert line.points.endswith(" 328.0,10.0")
    base_rate = hits.report.curves["catalog"].precision_recall.base_rate
    guide = next(line for line in ranked.lines if line.kind == "guide")
    y = Axes().place_y(base_rate)
    assert guide.points == f"52.0,{y} 328.0,{y}"


def test_counts_of_calls_are_shown(hits: to.Oracle) -> None:
    calls = hits.report.curves["catalog"].confusion
    page = _page(hits)
    for n in (calls.true_positive, calls.false_negative, calls.false_positive):
        assert f"<b>{n:,.0f}</b>" in page


def test_a_flat_or_empty_learning_curve() -> None:
    flat = Estimate(0.5, 0.5, 0.5)
    points = (LearningPoint(0.5, 60, 3, flat), LearningPoint(1.0, 120, 6, flat))
    chart = learning_chart(LearningCurve("tree", "catalog", "r2", "artist", points))
    assert chart is not None
    assert len({mark.y for mark in chart.marks}) == 1
    assert len(chart.y_ticks) >= 1
    assert learning_chart(LearningCurve("tree", "catalog", "r2", "artist", ())) is None


def _printed(report: Report) -> str:
    console = Console(width=120, force_terminal=False)
    with console.capture() as capture:
        console.print(leaderboard_table(report))
    return capture.get()


def test_the_table_marks_what_chance_explains(small_oracle: to.Oracle) -> None:
    report = small_oracle.report
    other = next(r for r in report.candidates if r.name != report.chosen)
    for beyond in (True, False):
        found = Difference(-0.01, -0.03, 0.01, 0.4, beyond)
        changed = dataclasses.replace(other, difference={"catalog": found})
        rest = [dataclasses.replace(r, difference={}) for r in report.candidates if r is not other]
        baselines = [dataclasses.replace(b, difference={}) for b in report.baselines]
        text = _printed(
            dataclasses.replace(report, candidates=(*rest, changed), baselines=tuple(baselines))
        )
        value = f"~{other.scores['catalog']['r2'].value:.3f}"
        assert (value in text) is not beyond
        assert ("not shown to differ" in text) is not beyond


def test_differences_are_written_for_people() -> None:
    assert difference_text(Difference(0.0004, -0.002, 0.0312, 0.0004, False), "r2") == (
        "0.000 (-0.002 to +0.031), p < 0.001"
    )
    assert difference_text(Difference(-1.5, -2, -1, None, True), "mae") == (
        "-1.50 (-2.00 to -1.00)"
    )


def test_every_metric_has_a_name_and_json_holds_the_curves(hits, small_oracle) -> None:
    for oracle in (hits, small_oracle):
        report = oracle.report
        names = {n for s in report.of(report.chosen).scores.values() for n in s}
        assert names <= set(METRIC_NAMES)
        facts = json.loads(to_json(report.to_dict()))
        assert set(facts["curves"]) == {p.name for p in report.protocols}
        chosen = next(c for c in facts["candidates"] if c["name"] == report.chosen)
        assert chosen["difference"] == {}
        found = facts["baselines"][0]["difference"]["catalog"]
        assert set(found) == {"value", "low", "high", "p", "beyond_chance"}
        assert not any(math.isnan(v) for v in (found["value"], found["low"], found["high"]))


def test_groups_say_error_bias_and_coverage(hits: to.Oracle, small_oracle: to.Oracle) -> None:
    group = small_oracle.report.by_band["catalog"][0]
    mae, bias, held = (group.scores[n].value for n in ("mae", "bias", "coverage_90"))
    cell = f'{mae:.2f} <span class="soft">({bias:+.1f}, {100 * held:.0f} %)</span>'
    assert cell in _page(small_oracle)
    group = hits.report.by_band["catalog"][0]
    brier, bias = (group.scores[n].value for n in ("brier", "bias"))
    assert f'{brier:.3f} <span class="soft">({bias:+.3f})</span>' in _page(hits)
    loaded = {
        protocol: tuple(
            dataclasses.replace(g, scores=dict(sorted(g.scores.items()))) for g in scored
        )
        for protocol, scored in small_oracle.report.by_band.items()
    }
    assert cell in _page(small_oracle, by_band=loaded)
