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
from trackoracle.rendering.words import listed, number
from trackoracle.schema import Difference, Estimate, Report


def _printed(what: object, width: int = 100) -> str:
    console = Console(width=width, file=None, record=True, quiet=False, force_terminal=False)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def _with_baselines(report: Report, **changed: object) -> Report:
    """Change each baseline's facts, as the difference under every protocol."""
    baselines = tuple(dataclasses.replace(result, **changed) for result in report.baselines)
    return dataclasses.replace(report, baselines=baselines)


_PROTOCOLS = ("catalog", "known_artist", "new_artist")


def test_verdict_follows_what_is_marked(small_oracle: to.Oracle) -> None:
    chosen = small_oracle.report.chosen
    behind, level, ahead = (
        Difference(-0.2, -0.3, -0.1, 0.01, beyond_chance=True),
        Difference(-0.2, -0.3, -0.1, 0.2, beyond_chance=False),
        Difference(0.2, 0.1, 0.3, 0.01, beyond_chance=True),
    )
    for told, said in (
        ((behind, behind, behind), "beats every baseline beyond chance under catalog, "
         "known_artist and new_artist"),
        ((behind, level, level), "beats every baseline beyond chance under catalog, is not clear "
         "of the best baseline under known_artist and new_artist"),
        ((ahead, level, behind), "beats every baseline beyond chance under new_artist, is not "
         "clear of the best baseline under known_artist, is worse than the best baseline under "
         "catalog"),
    ):  # fmt: skip
        apart = dict(zip(_PROTOCOLS, told, strict=True))
        report = _with_baselines(small_oracle.report, difference=apart)
        assert verdict(report) == f"{chosen} {said}."


def test_a_mark_and_the_verdict_agree(small_oracle: to.Oracle) -> None:
    report = small_oracle.report
    marked = [
        p for p in _PROTOCOLS if any(not b.difference[p].beyond_chance for b in report.baselines)
    ]
    assert marked
    assert verdict(report).endswith(f"best baseline under {listed(marked)}.")


def test_verdict_of_a_report_without_differences_follows_the_intervals(
    small_oracle: to.Oracle,
) -> None:
    report = _with_baselines(small_oracle.report, difference={})
    scores = report.of(report.chosen).scores
    for value, said in ((-9.0, "beats every baseline beyond chance"), (9.0, "is worse than")):
        far = {p: {**scores[p], "r2": Estimate(value, value, value)} for p in _PROTOCOLS}
        assert (
            verdict(_with_baselines(report, scores=far))
            .split(f"{report.chosen} ")[1]
            .startswith(said)
        )
    assert "is not clear of" in verdict(_with_baselines(report, scores=scores))


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
