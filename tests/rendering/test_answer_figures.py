"""Figures of answers: their rows are the answer's numbers, and they draw whole."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import pairwise

import numpy as np
import pytest

import trackoracle as to
from trackoracle.distributions import Distribution
from trackoracle.rendering import (
    Figure,
    distribution_figure,
    effect_figure,
    figure_csv,
    figure_png,
    figure_rows,
    figure_svg,
    ranking_figure,
    scenarios_figure,
    tiers_figure,
    waterfall_figure,
)
from trackoracle.schema import Hit, Popularity

LONG = "A title that goes on for so long that no column of names would ever hold all of it"
TRACK = {
    "genre": "pop", "tempo": 121.0, "energy": 0.8, "danceability": 0.7, "duration_ms": 201_000,
    "key": 4, "track_name": LONG,
}  # fmt: skip


@pytest.fixture(scope="module")
def starter() -> to.Oracle:
    return to.load_oracle()


def with_zero(probability: float) -> Distribution:
    """Make a distribution that gives 0 points a probability, and the others the same each."""
    mass = np.full((1, 101), (1 - probability) / 100)
    mass[0, 0] = probability
    return Distribution(np.arange(101.0), np.cumsum(mass, axis=1), np.array([True]))


def drawn(figure: Figure) -> str:
    """Draw a figure, and see that nothing in it is without a place, nor coloured by itself."""
    assert "#" not in json.dumps({**figure.spec, "data": {}, "$schema": ""})
    svg = figure_svg(figure).decode()
    assert "NaN" not in svg
    assert "undefined" not in svg
    return " ".join(re.findall(r"<(?:text|tspan)[^>]*>([^<]+)<", svg)).replace("&lt;", "<")


@pytest.mark.parametrize("threshold", [0, 1, 23, 70, 70.5, 75, 99])
def test_bars_hold_the_distribution_and_part_it_at_the_threshold(
    starter: to.Oracle, threshold: float
) -> None:
    told = starter.distribution([{"genre": "jazz"}, TRACK])
    rows = figure_rows(distribution_figure(told, 1, threshold=threshold))
    assert sum(r["probability"] for r in rows) == pytest.approx(1)
    for row in rows:
        held = told.mass[1, row["from"] : row["to"] + 1].sum()
        assert row["probability"] == pytest.approx(held)
    bars = distribution_figure(told, 1, threshold=threshold).spec["data"]["values"]
    above = sum(r["probability"] for r in bars if r["is_above"])
    assert above == pytest.approx(told.above(threshold)[1])
    assert not any(r["from"] <= threshold < r["to"] and r["is_above"] for r in bars)


def test_what_is_said_of_a_distribution_is_what_predict_answers(starter: to.Oracle) -> None:
    answer = starter.predict([TRACK], level=0.8).row(0, named=True)
    figure = distribution_figure(starter.distribution(TRACK), threshold=70, level=0.8)
    assert f"{answer['popularity']:.1f} points are expected" in figure.note
    low, high = answer["popularity_low"], answer["popularity_high"]
    assert f"80 % probability it gets {low:.0f} to {high:.0f}" in figure.note
    assert f"80 %: {low:.0f} to {high:.0f}" in drawn(figure)
    assert figure.described["description"].startswith("How popular it may be. ")


def test_a_bar_of_zero_is_cut_where_it_would_hide_the_others_and_this_is_said() -> None:
    cut = distribution_figure(with_zero(0.6), threshold=70)
    assert "is cut: it stands for 60 %" in cut.note
    assert "0 points: 60 %" in drawn(cut)
    for probability, said in ((0.04, "4.0 %"), (0.95, "95 %")):
        whole = distribution_figure(with_zero(probability), threshold=70)
        assert f"of 0 points alone: {said}." in whole.note
        assert "0 points: " not in drawn(whole)


def test_tiers_are_named_and_the_most_likely_is_said(starter: to.Oracle) -> None:
    answer = starter.predict([TRACK]).row(0, named=True)
    figure = tiers_figure(answer, Popularity(tiers=(25.0, 50.0, 75.0)))
    rows = figure_rows(figure)
    names = ["up to 25", "above 25 to 50", "above 50 to 75", "above 75"]
    assert [r["tier"] for r in rows] == names
    assert [r["probability"] for r in rows] == [answer[f"p_tier_{i}"] for i in range(4)]
    likely = max(rows, key=lambda r: r["probability"])["tier"]
    assert figure.note.startswith(f"Most likely: {likely} points")
    assert all(name in drawn(figure) for name in names)
    hit = tiers_figure({"p_hit": 0.3}, Hit(above=40))
    assert [(r["tier"], r["probability"]) for r in figure_rows(hit)] == [
        ("a hit, above 40 points", 0.3),
        ("no hit", 0.7),
    ]


def test_a_waterfall_goes_from_the_start_to_the_prediction(starter: to.Oracle) -> None:
    told = starter.explain(TRACK)
    figure = waterfall_figure(told, most=4)
    rows = figure_rows(figure)
    assert [r["what"] for r in (rows[0], rows[-1])] == ["start: any track", "prediction"]
    assert rows[0]["from"] == told.baseline
    assert rows[-1]["from"] == told.prediction
    for before, after in pairwise(rows[:-1]):
        assert after["from"] == before["to"]
    assert rows[-2]["to"] == pytest.approx(told.prediction)
    named = [r["what"] for r in rows[1:5]]
    assert named[0] == "genre: pop"
    assert rows[5]["what"].endswith(" others")
    text = drawn(figure)
    assert "start: any track" in text
    assert f"{told.prediction:.1f}" in text


def test_a_waterfall_of_hits_tells_probabilities(small_hit_oracle: to.Oracle) -> None:
    told = small_hit_oracle.explain(TRACK)
    rows = waterfall_figure(told).spec["data"]["values"]
    assert rows[-1]["said"].endswith("%)")
    share = 1 / (1 + np.exp(-told.prediction))
    assert told.answer["p_hit"] == pytest.approx(share)


def test_effects_mark_the_tracks_own_value(starter: to.Oracle) -> None:
    along = effect_figure(starter.dependence(TRACK, "tempo", values=[80.0, 121.0, 160.0]))
    assert [r["shown"] for r in figure_rows(along)] == ["80 BPM", "121 BPM", "160 BPM"]
    assert "as it is" in drawn(along)
    assert re.search(r"\d:\d\d", drawn(effect_figure(starter.dependence(TRACK, "duration_ms"))))
    keys = effect_figure(starter.dependence(TRACK, "key"))
    own = [r["shown"] for r in keys.spec["data"]["values"] if r["is_own"]]
    assert own == ["E"]
    genres = effect_figure(starter.dependence({**TRACK, "genre": "iranian"}, "genres"))
    shown = [r["shown"] for r in figure_rows(genres)]
    assert len(shown) == 31
    assert shown[-1] == "iranian"
    assert genres.note.startswith("The 30 highest of ")


def test_a_ranking_is_drawn_in_its_order_with_long_and_equal_names(starter: to.Oracle) -> None:
    tracks = [{**TRACK, "tempo": 80.0 + 10 * i} for i in range(6)] + [{"genre": "iranian"}]
    ranking = starter.rank(tracks, together="album")
    names = [LONG, "Twice", "Twice", None, "E", "F", "G"]
    figure = ranking_figure(ranking, names)
    rows = figure_rows(figure)
    assert [r["expected"] for r in rows] == [t.prediction for t in ranking.tracks]
    assert [r["p_best"] for r in rows] == [t.p_best for t in ranking.tracks]
    assert {r["track"] for r in rows} == {LONG, "Twice", "track 4", "E", "F", "G"}
    text = drawn(figure)
    assert text.count("Twice") == 2
    assert "best of all" in text
    placed = [text.index(f" {t.rank}. ") for t in ranking.tracks[1:]]
    assert placed == sorted(placed)


def test_a_long_ranking_says_how_much_of_it_is_drawn(starter: to.Oracle) -> None:
    figure = ranking_figure(starter.rank([{"tempo": 60.0 + i} for i in range(60)]))
    assert len(figure_rows(figure)) == 50
    assert figure.note.endswith("The first 50 of 60.")


def test_scenarios_stand_beside_the_first(
    starter: to.Oracle, small_hit_oracle: to.Oracle, small_tier_oracle: to.Oracle
) -> None:
    for oracle in (starter, small_hit_oracle, small_tier_oracle):
        answers = oracle.predict([TRACK, {**TRACK, "genre": "jazz"}]).rows(named=True)
        figure = scenarios_figure([("as it is", answers[0]), ("as it is", answers[1])])
        rows = figure_rows(figure)
        ranked = oracle.rank([TRACK, {**TRACK, "genre": "jazz"}]).tracks
        expected = {t.row: t.prediction for t in ranked}
        assert [r["expected"] for r in rows] == pytest.approx([expected[1], expected[2]])
        assert drawn(figure).count("as it is") == 2
        second = figure.spec["data"]["values"][1]["said"]
        assert re.search(r"\([+-]\d+\.\d+\)$", second)


def test_rows_are_a_table_that_no_spreadsheet_runs(starter: to.Oracle) -> None:
    ranking = starter.rank([TRACK, {"genre": "jazz"}])
    figure = ranking_figure(ranking, ['=HYPERLINK("http://x")', "@b; 'c'\n\"d\""])
    read = list(csv.DictReader(io.StringIO(figure_csv(figure).decode())))
    assert {r["track"][:2] for r in read} == {"'=", "'@"}
    assert [float(r["expected"]) for r in read] == [t.prediction for t in ranking.tracks]
    assert list(read[0]) == [
        "track", "expected", "low", "high", "p_best", "p_above_next", "group"
    ]  # fmt: skip
    assert figure_png(figure).startswith(b"\x89PNG")
