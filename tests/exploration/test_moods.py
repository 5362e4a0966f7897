"""Every track with valence and energy has one quadrant and one step of valence."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackoracle.errors import UnknownNameError
from trackoracle.exploration import MOODS, QUADRANTS, in_mood

_SHARES = st.floats(0, 1)


@given(_SHARES, _SHARES)
def test_moods_part_the_map_without_gap_or_overlap(valence: float, energy: float) -> None:
    point = pl.DataFrame({"valence": [valence], "energy": [energy]})
    for names in (QUADRANTS, MOODS):
        assert sum(int(in_mood(point, name)[0]) for name in names) == 1


@pytest.mark.parametrize(
    ("valence", "energy", "held"),
    [
        (0.5, 0.5, ("happy", "neutral")),
        (0.4999, 0.5, ("angry", "neutral")),
        (0.2, 0.4999, ("sad", "dark")),
        (1.0, 0.0, ("calm", "very bright")),
        (0.0, 1.0, ("angry", "very dark")),
    ],
)
def test_borders_belong_to_the_higher_side(
    valence: float, energy: float, held: tuple[str, str]
) -> None:
    point = pl.DataFrame({"valence": [valence], "energy": [energy]})
    assert tuple(n for n in (*QUADRANTS, *MOODS) if in_mood(point, n)[0]) == held


def test_missing_values_and_columns_have_no_mood() -> None:
    rows = pl.DataFrame({"valence": [None, 0.3], "energy": [0.2, None]})
    for name in QUADRANTS:
        assert not in_mood(rows, name).any()
    assert in_mood(rows, "dark").tolist() == [False, True]
    assert not any(in_mood(pl.DataFrame({"tempo": [1.0]}), name)[0] for name in MOODS)


def test_every_mood_of_the_map_is_one_of_the_names() -> None:
    grid = np.linspace(0, 1, 21)
    rows = pl.DataFrame({"valence": np.repeat(grid, 21), "energy": np.tile(grid, 21)})
    assert all(in_mood(rows, name).any() for name in (*QUADRANTS, *MOODS))


def test_an_unknown_mood_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="'happy'"):
        in_mood(pl.DataFrame({"valence": [0.5]}), "hapy")
