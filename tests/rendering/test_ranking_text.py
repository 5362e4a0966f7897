"""The case for a single states only figures of the ranking, and never contradicts them."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from trackoracle.rendering import ranking_table, single_case
from trackoracle.schema import RankedTrack, Ranking

CAUSAL = re.compile(r"\b(cause|because|due to|leads? to|boosts?)\b", re.IGNORECASE)


def ranking(groups: list[int], p_next: list[float]) -> Ranking:
    n = len(groups)
    tracks = tuple(
        RankedTrack(
            rank=i + 1,
            row=n - i,
            track=f"id{i}",
            answer={"popularity": 50.0 - i, "popularity_low": 20.0, "popularity_high": 70.0,
                    "p_hit": 0.05},
            prediction=50.0 - i,
            p_above_next=p_next[i] if i + 1 < n else None,
            p_best=1 / n,
            group=group,
            known="audio",
        )
        for i, group in enumerate(groups)
    )  # fmt: skip
    pairs = {"album": n - 1, "artist": 0, "strangers": 0}
    return Ranking("popularity", "points", 0.9, 2 / 3, tracks, pairs, ("A note.",))


@given(st.lists(st.booleans(), max_size=12), st.lists(st.floats(0, 1), min_size=12, max_size=12))
def test_sentences_follow_their_figures(steps: list[bool], p_next: list[float]) -> None:
    groups = [1]
    for step in steps:
        groups.append(groups[-1] + step)
    if len(groups) > 1:  # a group begins where its first is told from the next
        p_next[0] = min(p_next[0], 0.66) if groups[1] == 1 else max(p_next[0], 0.67)
    told = ranking(groups, p_next)
    names = [f"Song {i}" for i in range(len(groups))]
    said = single_case(told, names)
    assert not CAUSAL.search(said)
    assert said.startswith(names[-1])
    n_close = groups.count(1) - 1
    if len(groups) == 1:
        assert said == "Song 0 is the only track: there is nothing to compare it with."
        return
    assert f"with a probability of {p_next[0]:.2f}, which is" in said
    assert ("too close to call" in said) == (n_close > 0)
    assert ("better than two to one" in said) == (n_close == 0)
    assert ("choose among them by ear" in said) == (n_close > 1)
    assert ("No track stands apart" in said) == (n_close + 1 == len(groups))
    close = re.search(r"So it is with each of (.*): choose", said)
    if close:
        named = re.findall(r"Song \d+", close[1])
        more = re.search(r"(\d+) more", close[1])
        assert len(named) + (int(more[1]) if more else 0) == n_close
    assert f"chance would be {1 / len(groups):.2f}" in said


@pytest.mark.parametrize("width", [60, 120])
def test_the_table_fits_the_terminal(width: int) -> None:
    out = io.StringIO()
    told = ranking([1, 1, 2], [0.55, 0.8])
    names = ["A very long title that goes on and on and on and on", "[b]x[/b]", None]
    Console(file=out, width=width).print(ranking_table(told, names))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "~0.55" in out.getvalue()
    assert "[b]x[/b]" in out.getvalue()
    assert "track id0" in out.getvalue()
    assert "Neighbours: 2 of one album." in out.getvalue().replace("\n", " ")
    assert sum("──" in line for line in lines) >= 1


def test_long_rankings_say_that_there_is_more() -> None:
    out = io.StringIO()
    Console(file=out, width=100).print(ranking_table(ranking([1] * 60, [0.5] * 60)))
    assert "... and 10 more tracks; --json F writes all" in out.getvalue()
