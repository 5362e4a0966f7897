"""No sentence contradicts the figures it was made from."""

from __future__ import annotations

import re
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from trackoracle.rendering import explanation_report, explanation_table, reasons
from trackoracle.rendering.reasons import CAVEAT, LITTLE, amount, label
from trackoracle.schema import Attribution, Explanation, Interaction

NAMES = (
    "genres", "artists", "tempo", "energy x valence", "key", "duration_ms", "mode", "track_name",
    "artists x album_name", "loudness", "valence", "liveness",
)  # fmt: skip
NUMBERS = st.floats(-30, 30).filter(lambda x: x == 0 or abs(x) > 1e-9)
ATTRIBUTIONS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.booleans(), NUMBERS), unique_by=lambda x: x[0]
)


@st.composite
def explanations(draw: st.DrawFn) -> Explanation:
    unit = draw(st.sampled_from(["points", "log-odds", "tier"]))
    scale = {"points": 1.0, "log-odds": 0.1, "tier": 0.03}[unit]
    own = [
        Attribution(name, 0.5 if known else None, scale * told)
        for name, known, told in draw(ATTRIBUTIONS)
    ]
    own.sort(key=lambda a: (-abs(a.contribution), a.feature))
    moved = scale * draw(NUMBERS)
    baseline = scale * draw(st.floats(0, 60))
    total = baseline + sum(a.contribution for a in own)
    low = draw(st.integers(0, 99))
    answer = {
        "points": {"popularity_low": low, "popularity_high": draw(st.integers(low, 100))},
        "log-odds": {"p_hit": draw(st.floats(0, 1))},
        "tier": {"tier": 1, "p_tier_1": draw(st.floats(0, 1))},
    }[unit]
    pairs = draw(st.one_of(st.none(), st.lists(NUMBERS, max_size=4)))
    return Explanation(
        track_id="x",
        name="<b>Name</b> [red]",
        target="popularity",
        unit=unit,
        prediction=total + moved,
        baseline=baseline,
        attributions=(*own, Attribution("calibration", None, moved)),
        inputs=(Attribution("tempo", 120.0, 0.3), Attribution("key", None, -0.1)),
        exact=True,
        answer={**answer, "warning": ""},
        level=0.9,
        interactions=pairs
        and tuple(
            Interaction(("tempo", "key"), scale * v) for v in sorted(pairs, key=lambda v: -abs(v))
        ),
    )


@given(told=explanations())
def test_what_is_named_has_the_sign_and_size_that_is_said(told: Explanation) -> None:
    by_label = {label(a.feature): a for a in told.attributions}
    for way, sign in (("more", 1), ("less", -1)):
        (sentence,) = [s for s in reasons(told) if f"associated with {way}" in s.lower()]
        strong = [a for a in told.attributions[:-1] if sign * a.contribution >= LITTLE[told.unit]]
        assert sentence.startswith("Nothing") == (not strong)
        said = re.findall(
            r"([\w ']+?)(?: \([^)]*\)| not given)? ([+-][\d.]+)(?:,| and|\.)", sentence
        )
        for name, number in said:
            if name.strip() in by_label:
                own = by_label[name.strip()]
                assert own in strong
                assert float(number) == float(amount(own.contribution, told.unit))
        assert len(said) >= min(len(strong), 3)


@given(told=explanations())
def test_little_missing_and_moved_are_as_they_are(told: Explanation) -> None:
    sentences = reasons(told)
    text = " ".join(sentences)
    little = next((s for s in sentences if s.startswith("Of little weight")), "")
    missing = next((s for s in sentences if s.startswith("Not given")), "")
    for a in told.attributions[:-1]:
        named = re.search(rf"(?::|,| ) {re.escape(label(a.feature))}(,|\.| and)", little)
        if named:
            assert abs(a.contribution) < LITTLE[told.unit]
            assert a.value is not None
        if " x " not in a.feature:
            assert (label(a.feature) in missing.split(": ")[-1].rstrip(".").split(", ")) == (
                a.value is None
            )
    moved = told.raw - told.baseline
    assert ("what it is told adds" in text) == (moved >= 0)
    assert ("Calibration, fitted" in text) == (abs(told.calibration) >= LITTLE[told.unit])
    if told.unit == "points":
        inside = told.answer["popularity_low"] <= told.baseline <= told.answer["popularity_high"]
        assert ("still holds" in text) == inside
    assert sentences[-1] == CAVEAT
    lower = text.lower().replace(CAVEAT.lower(), "")
    assert not any(word in lower for word in ("because", "cause", "due to", "would", "effect"))


@given(told=explanations(), width=st.integers(44, 140))
def test_the_table_fits_and_tells_both_ends(told: Explanation, width: int) -> None:
    console = Console(width=width, record=True, file=StringIO())
    console.print(explanation_table(told, inputs=True))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= width
    shown = "\n".join(lines)
    assert "starting point" in shown
    assert "prediction" in shown
    assert "<b>Name</b> [red]" in shown


@given(told=explanations())
def test_the_page_is_escaped_and_whole(told: Explanation) -> None:
    page = explanation_report([told, told], 5)
    assert "<b>Name" not in page
    assert "&lt;b&gt;Name" in page
    assert "3 more tracks" in page
    assert "http" not in page
    for width in re.findall(r"width:(-?[\d.]+)%", page):
        assert 0 <= float(width) <= 100.001
    assert "nan" not in page
