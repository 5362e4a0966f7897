"""The sentences of `change` state only figures of the result, and never contradict them."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from trackoracle.rendering import change_text, counterfactuals_table
from trackoracle.rendering.counterfactuals import value_text
from trackoracle.schema import Change, Counterfactual, Counterfactuals, Goal, Lever

CAUSAL = re.compile(
    r"\b(cause|because|due to|leads? to|raises?|boosts?|makes? it)\b", re.IGNORECASE
)
GOALS = {
    "points": Goal("popularity", 60.0, "an expected popularity of at least 60 points"),
    "p_hit": Goal("p_hit", 0.5, "a probability of a popularity above 70 of at least 0.5"),
    "best": Goal("best", None, "the best that can be reached"),
}


def result(
    goal: str, start: float, found: list[tuple[float, float]], levers: list[float | None]
) -> Counterfactuals:
    """Make a result of (goal value, P(better)) pairs and the levers' goal values."""
    asked = GOALS[goal]
    answer = {"popularity": 30.0, "popularity_low": 10.0, "popularity_high": 55.0, "p_hit": 0.01}
    least = asked.at_least
    met = least is not None and start >= least
    shown = tuple(
        Counterfactual(
            changes=(Change("tempo", 100.0, 120.0, "BPM"), Change("key", 0, 9)),
            answer=answer | {"popularity": value},
            prediction=value,
            goal_value=value,
            reaches=least is not None and value >= least,
            p_better=p,
            within_noise=p < 2 / 3,
            distance=1.5,
            plausibility=0.4,
        )
        for value, p in found
    )
    return Counterfactuals(
        track="7",
        target="popularity",
        unit="points",
        answer=answer,
        prediction=30.0,
        goal_value=start,
        goal=asked,
        feasible=met or any(s.reaches for s in shown) or (least is None and bool(shown)),
        met=met,
        counterfactuals=() if met else shown,
        levers=tuple(
            Lever(name, None if value is None else 0.5, value or start, value or start)
            for name, value in zip(("energy", "valence", "danceability"), levers, strict=False)
        ),
        compared_with="pop",
        locked=(),
        missing=(),
        most_edits=3,
        level=0.9,
        n_asked=100,
        notes=("Associations.",),
    )


VALUES = st.floats(0, 1).map(lambda x: round(x, 3))


@given(
    st.sampled_from(sorted(GOALS)),
    VALUES,
    st.lists(st.tuples(VALUES, VALUES), max_size=4),
    st.lists(st.none() | VALUES, max_size=3),
)
def test_sentences_follow_their_figures(goal, start, pairs, levers) -> None:
    scale = 1 if goal == "p_hit" else 100
    start = start * scale
    found = [(start + gain * scale + 1e-6, p) for gain, p in pairs]
    told = result(goal, start, found, [None if v is None else v * scale for v in levers])
    said = change_text(told)
    text = " ".join(said)
    assert not CAUSAL.search(text)
    assert ("is reached" in said[0]) == (told.goal.at_least is not None and told.feasible)
    assert ("reached as it is" in said[0]) == told.met
    assert ("No plausible change" in said[0]) == (
        (not told.met and not told.feasible) or (goal == "best" and not told.counterfactuals)
    )
    shown = told.counterfactuals
    assert ("All of it is within the noise" in text) == (
        bool(shown) and all(c.within_noise for c in shown)
    )
    assert ("Each is beyond the noise" in text) == (
        bool(shown) and not any(c.within_noise for c in shown)
    )
    worth = max((c.goal_value - start for c in shown), default=0) >= (0.005 if scale == 1 else 0.5)
    assert ("No change is worth" in text) == (bool(shown) and not worth)
    if shown and worth:
        digits = 1 if goal != "p_hit" else 3 if shown[0].goal_value < 0.1 else 2
        assert f"is {shown[0].goal_value:.{digits}f} instead of" in text
        assert "tempo 120 BPM instead of 100 BPM and key A instead of C" in text
    least = 0.005 if goal == "p_hit" else 0.5
    alone = {lever.feature: lever for lever in told.levers}
    helping = re.search(r"Alone, these go with most: (.*?)\.$", "\n".join(said), re.MULTILINE)
    named = set(re.findall(r"(\w+) at 0\.500", helping[1])) if helping else set()
    assert named == {
        name for name, lever in alone.items() if lever.after and lever.goal_value - start >= least
    }
    idle = re.search(r"worth less than .* value: (.*)\.", text)
    stuck = re.search(r"No other value is plausible alone: (.*)\.", text)
    for name, lever in alone.items():
        assert (bool(stuck) and name in stuck[1]) == (lever.after is None)
        if lever.after is not None and name not in named:
            assert idle
            assert name in idle[1]


def test_a_reached_goal_is_counted() -> None:
    said = change_text(result("points", 50.0, [(61.0, 0.7), (62.0, 0.5)], [55.0, 50.2, None]))
    assert said == [
        "Predicted: popularity 30.0, and with 90 % probability 10 to 55. The goal, an expected "
        "popularity of at least 60 points, is reached by 2 plausible changes.",
        "With tempo 120 BPM instead of 100 BPM and key A instead of C, the expected popularity is "
        "61.0 instead of 50.0.",
        "1 of 2 are within the noise, marked ~.",
        "Alone, these go with most: energy at 0.500 (55.0).",
        "Alone, worth less than 0.5 points at any plausible value: valence.",
        "No other value is plausible alone: danceability.",
    ]


@pytest.mark.parametrize("width", [60, 120])
def test_the_table_fits_the_terminal(width: int) -> None:
    told = result("p_hit", 0.1, [(0.6, 0.7), (0.3, 0.5)], [0.55])
    out = io.StringIO()
    Console(file=out, width=width).print(counterfactuals_table(told, "A [b]title[/b]"))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    text = out.getvalue()
    assert "A [b]title[/b]" in text
    assert "tempo 100" in text
    assert "~0.50" in text
    assert "0.70" in text
    assert "40 %" in text


def test_values_are_written_as_musicians_read_them() -> None:
    assert value_text("mode", 0) == "minor"
    assert value_text("time_signature", 4) == "4/4"
    assert value_text("key", -1) == "none found"
    assert value_text("energy", 0.1234) == "0.123"
    assert value_text("genres", "rock;pop") == "rock;pop"
    assert value_text("explicit", 1) == "yes"
    assert value_text("year", 1999) == "1999"
    assert value_text("tempo", None) == ""
