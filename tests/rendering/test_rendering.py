"""What people see says what the numbers say, and escapes what strangers wrote."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest
from rich.console import Console

import trackoracle as to
from trackoracle.rendering import (
    catalog_table,
    leaderboard_table,
    oracle_table,
    predictions_table,
    to_json,
    training_report,
    verdict,
)
from trackoracle.rendering.words import number
from trackoracle.schema import Estimate, Report


def _printed(what: object, width: int = 100) -> str:
    console = Console(width=width, file=None, record=True, quiet=False, force_terminal=False)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def _with_score(report: Report, name: str, protocol: str, estimate: Estimate) -> Report:
    def changed(result):
        if result.name != name:
            return result
        scores = {**result.scores, protocol: {**result.scores[protocol], "r2": estimate}}
        return dataclasses.replace(result, scores=scores)

    return dataclasses.replace(
        report,
        candidates=tuple(map(changed, report.candidates)),
        baselines=tuple(map(changed, report.baselines)),
    )


def test_verdict_follows_the_intervals(small_oracle: to.Oracle) -> None:
    report = small_oracle.report
    for protocol in ("catalog", "known_artist", "new_artist"):
        report = _with_score(report, report.chosen, protocol, Estimate(0.9, 0.85, 0.95))
    chosen = report.chosen
    assert verdict(report) == (
        f"{chosen} beats every baseline under catalog, known_artist and new_artist "
        "(95 % intervals)."
    )
    report = _with_score(report, "genre_mean", "new_artist", Estimate(0.8, 0.7, 0.86))
    assert verdict(report) == (
        f"{chosen} beats every baseline under catalog and known_artist, is not clear of the best "
        "baseline under new_artist (95 % intervals)."
    )


def test_leaderboard_shows_every_candidate_and_protocol(small_oracle: to.Oracle) -> None:
    text = _printed(leaderboard_table(small_oracle.report))
    for name in ("median", "genre_mean", "artist_mean", "tree", "lightgbm", "new_artist"):
        assert name in text
    score = small_oracle.report.of("tree").scores["new_artist"]["r2"]
    assert number(score.value, "r2") in text
    assert "Audited for leaks: " in text


def test_markup_of_strangers_is_shown_as_text(small_oracle: to.Oracle) -> None:
    import polars as pl

    answers = small_oracle.predict([{"tempo": 120}, {"tempo": 90}])
    names = pl.Series(["[red]loud[/red]", "<script>alert(1)</script>"])
    assert "[red]loud[/red]" in _printed(predictions_table(answers, names))
    card = small_oracle.bundle.catalog
    page = training_report(small_oracle.report, card, answers, names.to_list())
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_model_card_and_catalog_render_narrow(small_oracle: to.Oracle, small_catalog) -> None:
    for width in (60, 140):
        assert "danceability" in _printed(oracle_table(small_oracle), width)
        assert "merged" in _printed(catalog_table(small_catalog.card), width)


def test_json_has_no_nan() -> None:
    facts = {"a": math.nan, "b": [math.inf, 1.5], "c": {"d": None}}
    assert json.loads(to_json(facts)) == {"a": None, "b": [None, 1.5], "c": {"d": None}}


@pytest.mark.parametrize(
    ("value", "metric", "shown"),
    [(-0.0001, "r2", "0.000"), (0.5, "mae", "0.50"), (math.nan, "r2", "-")],
)
def test_numbers_are_written_for_people(value: float, metric: str, shown: str) -> None:
    assert number(value, metric) == shown
