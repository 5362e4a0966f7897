"""Values are read the same whether they are few or many."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trackoracle.schema import TRACK_COLUMNS, typed

LINK = "https://open.spotify.com/intl-de/track/4uLU6hMCjMI75M1A2tKUQC?si=1"
TEXT = st.text(max_size=10) | st.sampled_from(
    ["", " ", "A; b ;;", "\x1c a\x1c", "\u3000Été\xa0", "ΟΔΟΣ", "İstanbul", LINK, "NA"]
)
MANY = 1_000


def assert_few_as_many(rows: list[Any], name: str, dtype: Any) -> None:
    column = TRACK_COLUMNS[name]
    few = typed(pl.Series(rows, dtype=dtype), column)
    many = typed(pl.Series(rows * MANY, dtype=dtype), column)
    assert few.values.to_list() == many.values.head(len(rows)).to_list()
    assert few.values.dtype == many.values.dtype
    assert few.invalid.tolist() == many.invalid[: len(rows)].tolist()


@pytest.mark.parametrize("name", ["track_name", "track_id", "artists", "genres"])
@given(rows=st.lists(st.none() | TEXT, min_size=1, max_size=6))
def test_text_few_as_many(name: str, rows: list[str | None]) -> None:
    assert_few_as_many(rows, name, pl.String)


@pytest.mark.parametrize("name", ["artists", "genres", "track_name"])
@given(rows=st.lists(st.none() | st.lists(st.none() | TEXT, max_size=4), min_size=1, max_size=5))
@example(rows=[["", None, " "], [], None, ["a", " B "]])
def test_lists_few_as_many(name: str, rows: list[list[str | None] | None]) -> None:
    assert_few_as_many(rows, name, pl.List(pl.String))


@pytest.mark.parametrize("rows", [[1, 2, None], [b"x", None], [{"a": 1}, None], [[["a"]], None]])
@pytest.mark.parametrize("name", ["track_name", "artists", "tempo", "release_date"])
def test_other_types_few_as_many(name: str, rows: list[Any]) -> None:
    assert_few_as_many(rows, name, pl.Series(rows).dtype)


def test_a_link_is_read_as_the_id_in_it() -> None:
    assert typed(pl.Series([LINK, " x "]), TRACK_COLUMNS["track_id"]).values.to_list() == [
        "4uLU6hMCjMI75M1A2tKUQC",
        "x",
    ]
