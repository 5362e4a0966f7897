"""A filter leaves just the tracks that meet all of it, and a chosen playlist keeps its order."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.neighbours.test_neighbours import catalog_of

import trackoracle as to
from trackoracle.errors import ConfigError, UnknownNameError
from trackoracle.exploration import Sieve, TrackFilter, playlist_of
from trackoracle.features import family

_WORDS = ("Çà", "ca", "été", "Lune", "rouge")


def _catalog(n: int = 80, seed: int = 0) -> to.Catalog:
    random = np.random.default_rng(seed)
    tracks = catalog_of(n, seed, missing=0.1).tracks.with_columns(
        track_name=pl.Series([f"{_WORDS[i % 5]} {i}" for i in range(n)]),
        artists=pl.Series([[f"{_WORDS[i % 3]} band", f"a{i % 7}"] for i in range(n)]),
        genres=pl.Series([[["metal", "pop", "techno", "black-metal"][i % 4]] for i in range(n)]),
        explicit=pl.Series([[0.0, 1.0, None][i % 3] for i in range(n)]),
        year=pl.Series([1970 + i if i % 5 else None for i in range(n)], dtype=pl.Float64),
        popularity=pl.Series(random.integers(0, 101, n), dtype=pl.Float64),
    )
    return to.load_catalog(tracks)


_CATALOG = _catalog()
_SIEVE = Sieve(_CATALOG)
_ENDS = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda two: (min(two), max(two)))


@settings(max_examples=40, deadline=None)
@given(
    ends=st.none() | _ENDS,
    years=st.none() | st.tuples(st.integers(1970, 2000), st.integers(2000, 2060)),
    families=st.lists(st.sampled_from(["metal", "pop"]), max_size=2),
    genres=st.lists(st.sampled_from(["metal", "pop", "techno"]), max_size=2),
    explicit=st.sampled_from([None, True, False]),
    text=st.sampled_from(["", "CA", "ca lune", "ete", "a3", "nothing has this"]),
)
def test_a_filter_leaves_what_a_plain_loop_leaves(ends, years, families, genres, explicit, text):
    ranges = ({"energy": ends} if ends else {}) | ({"year": years} if years else {})
    wanted = TrackFilter(text, families, genres, explicit, ranges)
    rows = []
    for i, track in enumerate(_CATALOG.tracks.iter_rows(named=True)):
        names = " ".join([track["track_name"], *track["artists"]])
        for accented, plain in (("Ç", "C"), ("à", "a"), ("é", "e")):
            names = names.replace(accented, plain)
        met = [
            all(word.lower() in names.lower() for word in text.split()),
            not families or any(family(genre) in families for genre in track["genres"]),
            not genres or any(genre in genres for genre in track["genres"]),
            explicit is None or track["explicit"] == explicit,
            ends is None or (track["energy"] is not None and ends[0] <= track["energy"] <= ends[1]),
            years is None or (track["year"] is not None and years[0] <= track["year"] <= years[1]),
        ]
        if all(met):
            rows.append(i)
    assert _SIEVE.rows(wanted).tolist() == rows


def test_a_range_of_no_column_and_one_upside_down_are_refused():
    with pytest.raises(UnknownNameError, match="enrgy"):
        _SIEVE.rows(TrackFilter(ranges={"enrgy": (0, 1)}))
    with pytest.raises(ConfigError, match="energy: expected a lower end below"):
        _SIEVE.rows(TrackFilter(ranges={"energy": (1, 0)}))


def test_a_catalog_without_names_genres_and_dates_answers_too():
    bare = Sieve(to.load_catalog(pl.DataFrame({"energy": [0.1, 0.9], "tempo": [90.0, 120.0]})))
    assert bare.rows(TrackFilter()).tolist() == [0, 1]
    assert bare.rows(TrackFilter("word")).tolist() == []
    assert bare.rows(TrackFilter(genres=["pop"])).tolist() == []
    assert bare.rows(TrackFilter(ranges={"year": (2000, None)})).tolist() == []
    assert bare.genres == {}


def test_a_chosen_playlist_keeps_its_order_and_a_smooth_one_is_smoother():
    rows = [7, 3, 60, 22, 41, 5]
    chosen = playlist_of(_CATALOG, rows)
    smooth = playlist_of(_CATALOG, rows, smooth=True)
    assert [track.row - 1 for track in chosen.tracks] == rows
    assert sorted(track.row - 1 for track in smooth.tracks) == sorted(rows)
    assert smooth.roughness <= chosen.roughness == smooth.unordered_roughness
    assert playlist_of(_CATALOG, []).tracks == ()
    with pytest.raises(ConfigError, match="at most 500"):
        playlist_of(_CATALOG, [0] * 501)
    with pytest.raises(ConfigError, match="rows from 0 to 79"):
        playlist_of(_CATALOG, [80])
