"""What is said of dependence and importance is what the figures are."""

from __future__ import annotations

import re
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from trackoracle.rendering import dependence_table, importance_report, importance_table
from trackoracle.rendering.dependence import dependence_chart, dependence_sentences
from trackoracle.schema import Dependence, Estimate, FeatureImportance, Importance

POINTS = st.lists(st.floats(0, 100), min_size=2, max_size=40)


@st.composite
def dependences(draw: st.DrawFn) -> Dependence:
    told = draw(POINTS)
    kind = draw(st.sampled_from(["track", "partial", "accumulated"]))
    named = kind != "accumulated" and draw(st.booleans())
    half = draw(st.floats(0, 20))
    return Dependence(
        column="genres" if named else "loudness",
        unit="points",
        kind=kind,
        values=tuple(f"g{i}" if named else -30.0 + i for i in range(len(told))),
        prediction=tuple(told),
        low=tuple(v - half for v in told),
        high=tuple(v + half for v in told),
        n_tracks=30,
        each=(tuple(told[::-1]),) if kind == "partial" else (),
    )


@given(found=dependences())
def test_the_reach_and_the_doubt_are_as_said(found: Dependence) -> None:
    sentences = dependence_sentences(found)
    least, most = min(found.prediction), max(found.prediction)
    if least == most:
        assert sentences == (sentences[0],)
        assert "the same for every value" in sentences[0]
        return
    low, high = re.findall(r"(-?[\d.]+) at", sentences[0])
    assert (float(low), float(high)) == (round(least, 1), round(most, 1))
    if found.kind == "track":
        high_of_least = found.high[found.prediction.index(least)]
        low_of_most = found.low[found.prediction.index(most)]
        assert ("do not overlap" in sentences[1]) == (low_of_most > high_of_least)
    else:
        assert not any("overlap" in sentence for sentence in sentences)


@given(found=dependences())
def test_drawings_stay_within_their_frame(found: Dependence) -> None:
    chart = dependence_chart(found)
    for line in chart.lines:
        for pair in line.points.split():
            x, y = map(float, pair.split(","))
            assert 51.9 <= x <= 328.1
            assert 9.9 <= y <= 236.1
    if found.column == "genres":
        heights = [float(p.split(",")[1]) for p in chart.lines[-1].points.split()]
        assert heights == sorted(heights, reverse=True)
    console = Console(width=100, record=True, file=StringIO())
    console.print(dependence_table(found))
    assert ("highest of" in console.export_text()) == (len(found.values) > 30)


def test_views_stand_side_by_side() -> None:
    of = Estimate(2.0, 1.5, 2.5)
    lost = {"r2": Estimate(0.1, 0.05, 0.2), "mae": Estimate(0.5, -0.1, 0.9)}
    found = Importance(
        "points",
        1000,
        400,
        (
            FeatureImportance("genres", 0.6, of, lost),
            FeatureImportance("energy x valence", 0.1, of),
        ),
        (FeatureImportance("genre", None, of, lost),),
        ("5 tracks seen in training are not permuted.",),
    )
    console = Console(width=120, record=True, file=StringIO())
    console.print(importance_table(found))
    page = importance_report(found, name="<b>x")
    for text in (console.export_text(), page):
        for said in ("60.0 %", "all genre", "R² lost", "MAE lost", "0.100", "5 tracks seen"):
            assert said in text
    assert "&lt;b&gt;x" in page
    bare = Importance("tier", 50, 0, (FeatureImportance("tempo", None, of),), ())
    console.print(importance_table(bare))
    assert "lost" not in importance_report(bare).split("</style>")[1].split("<table")[1]
