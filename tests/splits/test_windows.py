"""Blocks of release days: even, whole days, rising in time."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import trackoracle as to
from trackoracle.splits.windows import UNDATED, date_blocks

EPOCH = np.datetime64("1970-01-01")


@given(
    st.lists(st.one_of(st.none(), st.integers(-20, 20)), min_size=1, max_size=80),
    st.integers(2, 6),
)
def test_blocks_rise_with_the_days_and_none_is_empty(
    offsets: list[int | None], n_blocks: int
) -> None:
    days = np.array([np.datetime64("NaT") if d is None else EPOCH + d for d in offsets], "M8[D]")
    block = date_blocks(days, n_blocks)
    dated = ~np.isnat(days)
    if len(np.unique(days[dated])) < n_blocks:
        assert block is None
        return
    assert (block[~dated] == UNDATED).all()
    assert set(block[dated].tolist()) == set(range(n_blocks))
    order = np.argsort(days[dated], kind="stable")
    assert (np.diff(block[dated][order]) >= 0).all()
    for day in np.unique(days[dated]):
        assert len(set(block[days == day].tolist())) == 1


def test_blocks_are_even_where_days_allow() -> None:
    days = EPOCH + np.random.default_rng(0).permutation(1000)
    assert np.bincount(date_blocks(days, 6)).tolist() == [167, 166, 167, 167, 166, 167]


@pytest.mark.parametrize(
    ("n_rows", "sizes"),
    [
        ([900, 1, 1, 1], [900, 1, 1, 1]),
        ([1, 1, 1, 900], [1, 1, 1, 900]),
        ([1, 900, 1, 1, 1], [1, 900, 1, 2]),
    ],
)
def test_a_day_of_most_releases_stays_whole(n_rows: list[int], sizes: list[int]) -> None:
    days = EPOCH + np.repeat(np.arange(len(n_rows)), n_rows)
    assert np.bincount(date_blocks(days, 4)).tolist() == sizes


def test_release_day_is_the_date_else_the_year() -> None:
    rows = [
        {"track_name": "a", "release_date": "2001-05-03", "year": 1999},
        {"track_name": "b", "release_date": None, "year": 1999},
        {"track_name": "c", "release_date": "2001-05", "year": None},
        {"track_name": "d", "release_date": None, "year": None},
    ]
    keys = to.load_catalog(rows).keys
    assert keys.released.astype(str).tolist() == ["2001-05-03", "1999-01-01", "2001-05-01", "NaT"]
    assert keys.has_dates
    assert keys.take(np.array([3, 1])).released.astype(str).tolist() == ["NaT", "1999-01-01"]
    assert not keys.take(np.array([3])).has_dates


def test_a_decade_is_no_date() -> None:
    rows = pl.DataFrame({"track_name": ["a", "b"], "decade": [1960, 1970]})
    assert not to.load_catalog(rows).keys.has_dates
