"""Figures of a report: what it holds, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

import trackoracle as to
from trackoracle.rendering import (
    calibration_figure,
    called,
    coverage_figure,
    figure_rows,
    figure_svg,
    genres_figure,
    importance_figure,
    leaderboard_figure,
    protocols_figure,
)
from trackoracle.schema import Estimate, FeatureImportance, Importance, ProtocolResult, Report


@pytest.fixture(scope="module")
def report() -> Report:
    return to.load_oracle().report


def test_the_leaderboard_holds_every_score_the_chosen_first(report: Report) -> None:
    rows = figure_rows(leaderboard_figure(report))
    told = {
        (p.stands_for, e.value, e.low, e.high)
        for r in (*report.candidates, *report.baselines)
        for p in report.protocols
        for e in [r.scores[p.name][report.metric]]
    }
    assert {(r["protocol"], r["value"], r["low"], r["high"]) for r in rows} == told
    assert rows[0]["candidate"] == f"{called(report.chosen)}, chosen"
    assert {r["candidate"] for r in rows if r["candidate"].endswith("baseline")} == {
        f"{called(b.name)}, baseline" for b in report.baselines
    }


def test_protocols_fall_from_what_is_published_to_what_is_honest(report: Report) -> None:
    random = ProtocolResult("random", "row", "what is usually published", 5, 10, 0, "row")
    chosen = report.of(report.chosen)
    scores = {**chosen.scores, "random": {report.metric: Estimate(0.7, 0.69, 0.71)}}
    better = replace(
        report,
        protocols=(*report.protocols, random),
        candidates=tuple(
            replace(c, scores=scores) if c.name == chosen.name else c for c in report.candidates
        ),
    )
    figure = protocols_figure(better)
    rows = figure.spec["data"]["values"]
    assert [r["judged on"] for r in rows] == [
        "what is usually published",
        *(p.stands_for for p in report.protocols),
    ]
    assert rows[0]["is_random"]
    assert rows[0]["said"] == "0.700"
    fall = rows[1]["value"] - 0.7
    assert rows[1]["said"].endswith(f"({fall:+.3f})")
    assert [r["value"] for r in rows[1:]] == [
        chosen.scores[p.name][report.metric].value for p in report.protocols
    ]


def test_calibration_coverage_and_genres_are_the_reports(report: Report) -> None:
    calibration = calibration_figure(report)
    assert calibration is not None
    bins = {b.predicted for c in report.curves.values() for b in c.calibration.bins}
    assert {r["predicted"] for r in figure_rows(calibration)} == bins
    coverage = coverage_figure(report)
    assert coverage is not None
    own = report.of(report.chosen).scores
    assert [r["value"] for r in figure_rows(coverage)] == [
        own[p.name][f"coverage_{n}"].value for n in (50, 80, 90) for p in report.protocols
    ]
    genres = genres_figure(report)
    assert genres is not None
    errors = sorted((g.scores["mae"].value for g in report.by_genre["new_artist"]), reverse=True)
    assert [r["value"] for r in figure_rows(genres)] == [*errors[:8], *errors[-8:]]
    assert "judged on a debut" in genres.note
    by_catalog = genres_figure(report, "catalog")
    assert by_catalog is not None
    assert by_catalog.spec != genres.spec


def test_what_a_report_does_not_hold_is_not_drawn(report: Report) -> None:
    bare = replace(report, curves={}, by_genre={})
    assert calibration_figure(bare) is None
    assert genres_figure(bare) is None


@pytest.mark.parametrize("target", ["popularity", "hit", "tier"])
def test_every_figure_draws_for_every_target(
    target: str,
    small_oracle: to.Oracle,
    small_hit_oracle: to.Oracle,
    small_tier_oracle: to.Oracle,
) -> None:
    by_target = {"popularity": small_oracle, "hit": small_hit_oracle, "tier": small_tier_oracle}
    found = by_target[target].report
    figures = [
        leaderboard_figure(found),
        protocols_figure(found),
        calibration_figure(found),
        genres_figure(found),
        coverage_figure(found),
    ]
    assert (figures[-1] is None) == (target != "popularity")
    for figure in figures:
        if figure is not None:
            svg = figure_svg(figure).decode()
            assert figure.title in svg
            assert "NaN" not in svg
            assert figure_rows(figure)


def test_importance_names_the_largest() -> None:
    features = tuple(
        FeatureImportance(name, None, Estimate(float(size), size - 0.5, size + 0.5), {})
        for size, name in ((4, "genres"), (3, "energy x valence"), (2, "duration_ms"))
    )
    figure = importance_figure(Importance("points", 100, 50, features, ()), most=2)
    assert [r["feature"] for r in figure_rows(figure)] == ["genre", "energy with valence"]
    assert figure.note.endswith("The 2 largest of 3.")
    assert "genre" in figure_svg(figure).decode()
