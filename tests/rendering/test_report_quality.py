"""The report says how good a distribution is, in the terminal as on the page."""

from __future__ import annotations

import dataclasses

import pytest
from rich.console import Console

import trackoracle as to
from trackoracle.rendering import leaderboard_table, training_report
from trackoracle.rendering.quality import quality_tables
from trackoracle.schema import (
    Estimate,
    GroupCoverage,
    HitQuality,
    IntervalQuality,
    Quality,
    Report,
)

SCORES = {name: Estimate(0.6, 0.5, 0.7) for name in ("r2", "mae", "coverage_90", "width_90")}
GENRES = (
    GroupCoverage("<b>ska</b>", 300, 80, 0.812, 0.001),
    GroupCoverage("[red]idm[/red]", 250, 90, 0.995, 0.03),
    GroupCoverage("jazz", 400, 120, 0.89, 1.0),
)
INTERVALS = IntervalQuality(90, Estimate(0.9, 0.88, 0.91), Estimate(30, 29, 31), 40.0, GENRES)
HITS = HitQuality(
    base_rate=0.0413,
    roc_auc=Estimate(0.931, 0.92, 0.94),
    pr_auc=Estimate(0.342, 0.31, 0.37),
    brier=Estimate(0.0321, 0.031, 0.033),
    reliability=0.0001,
    resolution=0.0076,
    uncertainty=0.0396,
    ece_by_weight=0.0031,
    ece_by_width=0.0042,
    isotonic=0.0323,
    over_isotonic=Estimate(-0.0002, -0.0003, 0.00001),
)


@pytest.fixture
def report(small_oracle: to.Oracle) -> Report:
    own = Quality("all", SCORES, INTERVALS, HITS)
    found = {p.name: (own,) for p in small_oracle.report.protocols}
    return dataclasses.replace(small_oracle.report, quality=found)


def _printed(report: Report) -> str:
    console = Console(width=110, force_terminal=False)
    with console.capture() as capture:
        console.print(leaderboard_table(report))
    return capture.get()


def test_both_show_every_figure(report: Report, small_oracle: to.Oracle) -> None:
    page = training_report(report, small_oracle.bundle.catalog)
    for text in (_printed(report), page):
        for figure in ("25.0 %", "2 of 3", "0.931", "0.342", "0.0321", "0.0396", "0.0076"):
            assert figure in text
        for figure in ("4.1 %", "0.0031", "0.0042", "-0.0002", "-0.0003 to +0.0000"):
            assert figure in text


def test_genres_that_are_off_are_named_the_farthest_first(report: Report) -> None:
    text = _printed(report)
    assert "new_artist: off are [red]idm[/red] 99.5 %, <b>ska</b> 81.2 %." in text
    assert "jazz" not in text


def test_names_of_strangers_are_escaped(report: Report, small_oracle: to.Oracle) -> None:
    page = training_report(report, small_oracle.bundle.catalog)
    assert "&lt;b&gt;ska&lt;/b&gt;" in page
    assert "<b>ska" not in page


def test_many_genres_are_counted_not_listed(report: Report) -> None:
    many = tuple(GroupCoverage(f"g{i}", 300, 80, 0.8, 0.001) for i in range(20))
    own = Quality("all", SCORES, dataclasses.replace(INTERVALS, groups=many))
    (table,) = quality_tables(dataclasses.replace(report, quality={"catalog": (own,)}))
    assert table.heads == ("catalog",)
    assert table.below[0].endswith(" and 12 more.")


def test_fewer_inputs_have_a_table_of_their_own(report: Report) -> None:
    assert len(quality_tables(report)) == 2
    own = (Quality("all", SCORES, INTERVALS), Quality("audio", SCORES))
    found = quality_tables(
        dataclasses.replace(report, quality={**report.quality, "new_artist": own})
    )
    assert [name for name, _ in found[-1].rows] == ["new_artist, all", "new_artist, audio"]
    assert found[-1].heads == ("R²", "MAE", "90 % holds", "width")


def test_a_report_without_quality_has_no_such_section(
    report: Report, small_oracle: to.Oracle
) -> None:
    bare = dataclasses.replace(report, quality={})
    for text in (_printed(bare), training_report(bare, small_oracle.bundle.catalog)):
        assert "P(hit) worth" not in text
        assert "right in every genre" not in text
