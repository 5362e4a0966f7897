"""Edits in the words of who makes music: sizes, directions, codes, and what each is worth."""

from __future__ import annotations

import pytest

import trackoracle as to
from trackoracle.rendering import edits_sentence, figure_rows, gain, levers_figure, rarity
from trackoracle.schema import Change, Typical

WIDE = {"energy": Typical(0.5, 0.0, 1.0)}
TRACK = {"genre": "pop", "tempo": 120.0, "energy": 0.5, "valence": 0.2, "duration_ms": 400_000.0}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change("energy", 0.5, 0.55), "Raise energy a little"),
        (Change("energy", 0.5, 0.2), "Lower energy"),
        (Change("energy", 0.1, 0.9), "Raise energy a lot"),
        (Change("valence", 0.1, 0.9), "Raise valence"),
        (Change("tempo", 120.0, 98.0, "BPM"), "Slow down to 98 BPM"),
        (Change("duration_ms", 180_000.0, 200_000.0, "ms"), "Lengthen to 3:20"),
        (Change("loudness", -12.0, -8.5, "dB"), "Make it louder, at -8.5 dB"),
        (Change("key", 0, 9), "Move to the key of A"),
        (Change("mode", 1, 0), "Turn to minor"),
        (Change("time_signature", 4, 3, "beats"), "Count in 3/4"),
        (Change("explicit", 1, 0), "Set explicit to no"),
        (Change("genres", "pop", "rock"), "Make it rock"),
    ],
)
def test_an_edit_is_said_as_what_is_to_be_done(change: Change, said: str) -> None:
    assert edits_sentence([change], WIDE) == said


@pytest.mark.parametrize("goal", ["best", 90.0, "p_hit=0.9", "tier=3"])
def test_what_a_change_is_worth_is_about_the_goal(small_oracle: to.Oracle, goal: str) -> None:
    told = small_oracle.counterfactuals(TRACK, goal=goal, n=1, most_edits=1)
    (found,) = told.counterfactuals
    number, what = gain(told, found)
    if goal in ("best", 90.0):
        assert number == f"{found.goal_value - told.goal_value:+.1f}"
        assert f"{found.answer['popularity_low']:.0f} to" in what
    else:
        assert number.endswith("%")
        assert "now" in what
    assert told.compared_with in rarity(found, told.compared_with)


def test_levers_are_drawn_in_their_order_and_what_gains_nothing_is_named(
    small_oracle: to.Oracle,
) -> None:
    told = small_oracle.counterfactuals(TRACK, n=1, most_edits=1)
    figure = levers_figure(told)
    rows = figure.spec["data"]["values"]
    assert [row["more"] for row in rows] == sorted((row["more"] for row in rows), reverse=True)
    best = told.levers[0].goal_value - told.goal_value
    assert rows[0]["more"] == pytest.approx(best, abs=0.05)
    for lever in told.levers:
        drawn = any(row["line"].startswith(lever.feature[:5]) for row in rows)
        assert drawn or lever.feature.removesuffix("_ms").replace("_", " ") in figure.note
    assert len(figure_rows(figure)) == len(rows)
