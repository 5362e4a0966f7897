"""Every track with valence and energy has one quadrant and one step of valence."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackoracle.errors import UnknownNameError
from trackoracle.exploration import QUADRANTS, VALENCE_MOODS, mood_codes
from trackoracle.exploration.moods import mood_named

_SHARES = st.floats(0, 1)


@given(_SHARES, _SHARES)
def test_moods_part_the_map_without_gap_or_overlap(valence: float, energy: float) -> None:
    point = np.array([valence]), np.array([energy])
    for moods in (QUADRANTS, VALENCE_MOODS):
        assert sum(int(mood.holds(*point)[0]) for mood in moods) == 1


def test_borders_belong_to_the_mood_above() -> None:
    rows = pl.DataFrame({"valence": [0.5, 0.4999, 0.2, 1.0], "energy": [0.5, 0.5, 0.4999, 0.0]})
    named = [QUADRANTS[i].name for i in mood_codes(rows)]
    assert named == ["happy", "tense", "sad", "calm"]
    assert [VALENCE_MOODS[i].name for i in mood_codes(rows, VALENCE_MOODS)] == [
        "neutral", "neutral", "melancholic", "euphoric",
    ]  # fmt: skip


def test_missing_values_and_columns_have_no_mood() -> None:
    rows = pl.DataFrame({"valence": [None, 0.3], "energy": [0.2, None]})
    assert mood_codes(rows).tolist() == [-1, -1]
    assert mood_codes(rows, VALENCE_MOODS).tolist() == [-1, 1]
    assert mood_codes(pl.DataFrame({"tempo": [1.0]})).tolist() == [-1]


def test_an_unknown_mood_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="'happy'"):
        mood_named("hapy")
