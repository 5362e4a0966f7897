"""Whatever comes in, the contract answers with typed columns, warnings or a clear error."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from trackoracle.errors import TrackOracleError
from trackoracle.schema import Contract, Ragged, check_tracks, fit_contract

CONTRACT = fit_contract(
    pl.DataFrame(
        {
            "tempo": [80.0, 160.0],
            "key": [-1.0, 11.0],
            "energy": [0.1, 0.9],
            "genres": [["pop"], ["rock", "metal"]],
            "track_name": ["a", "b"],
            "artists": [["x"], ["y"]],
        }
    )
)
_ANY = st.one_of(st.none(), st.integers(-500, 500), st.floats(), st.text(max_size=6), st.booleans())


@given(st.lists(st.dictionaries(st.sampled_from([*CONTRACT.names, "odd"]), _ANY), min_size=1))
def test_any_rows_are_checked_or_refused(rows: list[dict[str, object]]) -> None:
    frame = pl.DataFrame(rows, infer_schema_length=None, strict=False)
    if not frame.columns:
        return
    try:
        checked = check_tracks(frame, CONTRACT)
    except TrackOracleError as error:
        assert ": expected " in error.message  # noqa: PT017
        json.dumps(error.to_dict(), default=str)
        return
    assert set(CONTRACT.names) <= set(checked.tracks.columns)
    assert len(checked.tracks) == len(checked.warnings) == len(frame)
    assert checked.warnings.null_count() == 0
    tempo = checked.tracks["tempo"].drop_nulls()
    assert tempo.is_between(20, 260).all()
    levels = set(checked.tracks["genres"].explode().drop_nulls())
    assert levels <= {"pop", "rock", "metal"}


@given(st.lists(st.floats(20, 260), min_size=1, max_size=20))
def test_warnings_are_exactly_outside_the_seen_range(tempos: list[float]) -> None:
    checked = check_tracks(pl.DataFrame({"tempo": tempos}), CONTRACT)
    outside = [not 80 <= tempo <= 160 for tempo in tempos]
    assert [bool(warning) for warning in checked.warnings] == outside


def test_contract_survives_json() -> None:
    assert Contract.from_dict(json.loads(json.dumps(CONTRACT.to_dict()))) == CONTRACT


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=12), st.data())
def test_ragged_lists_behave_as_lists(lists: list[list[int]], data: st.DataObject) -> None:
    flat = np.array([value for one in lists for value in one], np.int64)
    ragged = Ragged.of(flat, pl.Series([len(one) for one in lists]))
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=12))
    taken = ragged.take(np.array(rows, np.int64))
    assert taken.values.tolist() == [value for row in rows for value in lists[row]]
    assert taken.lengths.tolist() == [len(lists[row]) for row in rows]
    sums = ragged.reduce(np.add, flat.astype(float))
    for one, total in zip(lists, sums, strict=True):
        assert np.isnan(total) if not one else total == sum(one)
