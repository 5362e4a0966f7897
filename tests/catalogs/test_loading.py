"""Loading: what real files hold equals an independent count; keys join what they should."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import trackoracle as to
from trackoracle.catalogs import load_tracks
from trackoracle.catalogs.recordings import find_keys


def _findings(catalog: to.Catalog) -> dict[str, int]:
    return {finding.code: finding.n for finding in catalog.card.findings}


@pytest.fixture(scope="module")
def raw(tracks_114k) -> pl.DataFrame:
    return pl.read_csv(tracks_114k)


@pytest.fixture(scope="module")
def catalog(tracks_114k) -> to.Catalog:
    return to.load_catalog(tracks_114k)


@pytest.mark.real
class TestReal114k:
    def test_counts_equal_an_independent_count(self, raw, catalog) -> None:
        found = _findings(catalog)
        ids = raw.group_by("track_id").agg(pl.len(), pl.col("popularity").n_unique())
        named = raw.filter(pl.col("artists").is_not_null())
        assert catalog.card.adapter == "tracks_114k"
        assert catalog.card.n_rows_read == len(raw)
        assert len(catalog) == named["track_id"].n_unique()
        assert found["ids_in_several_rows"] == ids.filter(pl.col("len") > 1).height
        several = ids.filter(pl.col("popularity") > 1).height
        assert found["ids_with_several_popularity_values"] == several
        rows = raw.drop(raw.columns[0])
        assert found["exact_duplicate_rows"] == len(rows) - rows.n_unique()
        assert found["not_measured_tempo"] == raw.filter(pl.col("tempo") == 0).height
        assert found["nameless"] == 1
        first = named.unique("track_id", keep="first")
        assert found["popularity_zero"] == first.filter(pl.col("popularity") == 0).height

    def test_genres_are_joined_and_first_values_kept(self, raw, catalog) -> None:
        merged = catalog.tracks.select("track_id", "genres", "popularity")
        expected = (
            raw.filter(pl.col("artists").is_not_null())
            .group_by("track_id", maintain_order=True)
            .agg(pl.col("track_genre").unique(maintain_order=True), pl.col("popularity").first())
        )
        assert merged["genres"].to_list() == expected["track_genre"].to_list()
        assert merged["popularity"].to_list() == expected["popularity"].to_list()

    def test_recordings_equal_a_walk_over_neighbours(self, catalog) -> None:
        few = catalog.tracks.head(4000)
        assert _partition(find_keys(few).recording) == _partition(_walk(few))


def _partition(codes) -> set[frozenset[int]]:
    groups: dict[int, set[int]] = {}
    for row, code in enumerate(codes):
        groups.setdefault(int(code), set()).add(row)
    return {frozenset(group) for group in groups.values()}


def _walk(tracks: pl.DataFrame) -> list[int]:
    """Join rows by their marks, the slow and plain way."""
    from trackoracle.schema import recording_marks

    marks = recording_marks(tracks).rows()
    holders: dict[tuple[int, str], list[int]] = {}
    for row, values in enumerate(marks):
        for kind, value in enumerate(values):
            if value is not None:
                holders.setdefault((kind, value), []).append(row)
    code = [-1] * len(marks)
    for start in range(len(marks)):
        if code[start] >= 0:
            continue
        waiting = [start]
        while waiting:
            row = waiting.pop()
            if code[row] < 0:
                code[row] = start
                for kind, value in enumerate(marks[row]):
                    if value is not None:
                        waiting += holders.pop((kind, value), [])
    return code


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"), st.sampled_from("xyz"), st.sampled_from([1.0, 2.0, None])
        ),
        min_size=1,
        max_size=25,
    )
)
def test_recordings_are_connected_components(rows) -> None:
    tracks = pl.DataFrame(
        {
            "track_id": pl.Series([r[0] for r in rows], dtype=pl.String),
            "track_name": [r[1] for r in rows],
            "artists": [["one"]] * len(rows),
        }
    )
    assert _partition(find_keys(tracks).recording) == _partition(_walk(tracks))


def test_constant_audio_joins_nothing() -> None:
    audio = dict.fromkeys(("energy", "valence", "liveness", "speechiness", "danceability"), 0.5)
    catalog = to.load_catalog([{"track_name": f"t{i}", "artists": "a", **audio} for i in range(40)])
    assert catalog.card.n_recordings == 40
    assert _findings(catalog)["constant_energy"] == 40


@pytest.mark.real
def test_hit_predictor_keeps_the_decade(hit_predictor) -> None:
    catalog = to.load_catalog(hit_predictor)
    files = {path: pl.read_csv(path) for path in sorted(hit_predictor.glob("*.csv"))}
    assert catalog.card.adapter == "hit_predictor"
    assert catalog.card.n_rows_read == sum(map(len, files.values()))
    everything = pl.concat(files.values())
    labels = everything.group_by("uri").agg(pl.col("target").n_unique())
    contradictory = labels.filter(pl.col("target") > 1).height
    assert _findings(catalog)["ids_with_several_hit_values"] == contradictory
    decades = set(catalog.tracks["decade"].unique())
    assert decades == {1960.0, 1970.0, 1980.0, 1990.0, 2000.0, 2010.0}
    one = to.load_catalog(next(path for path in files if "80s" in path.name))
    assert one.tracks["decade"].unique().to_list() == [1980.0]


@pytest.mark.real
def test_artist_table_reports_conflicts_and_joins_by_name(
    million_sample, artist_popularity
) -> None:
    table = to.load_artists(artist_popularity)
    found = {finding.code: finding.n for finding in table.findings}
    assert found["artist_names_conflicting"] >= 408
    catalog = to.join_artists(to.load_catalog(million_sample), table)
    known = catalog.tracks["artist_popularity"].drop_nulls()
    assert 0.8 * len(catalog) < len(known) < len(catalog)
    assert _findings(catalog)["artists_not_in_table"] == len(catalog) - len(known)


def test_best_known_credit_counts() -> None:
    catalog = to.load_catalog([{"track_name": "t", "artists": "Small; Beyoncé"}])
    table = to.catalogs.ArtistTable(
        pl.DataFrame({"artist": ["small", "beyonce"], "artist_popularity": [3.0, 90.0]}), ()
    )
    assert to.join_artists(catalog, table).tracks["artist_popularity"].to_list() == [90.0]


def test_known_formats_read_as_themselves_and_sample_says_synthetic() -> None:
    card = to.load_catalog("sample").card
    assert card.synthetic
    assert card.source.startswith("synthetic")
    assert card.n_tracks >= 5000


def test_own_columns_become_inputs_of_group_other() -> None:
    rows = [
        {"tempo": 100 + i, "plays": i, "theme": "love;war" if i % 2 else "war"} for i in range(60)
    ]
    catalog = to.load_catalog(rows, columns={"playlists": "plays", "themes": "theme"})
    assert catalog.other == ("playlists", "themes")
    tracks = catalog.tracks.with_columns((pl.col("playlists") * 1.0).alias("popularity"))
    config = to.TrainingConfig(candidates=("tree",), protocols=("catalog",), n_folds=2)
    oracle = to.train(to.Catalog(tracks, catalog.keys, catalog.card, catalog.other), config=config)
    groups = {column.name: (column.role, column.group) for column in oracle.contract.columns}
    assert groups["playlists"] == ("number", "other")
    assert groups["themes"] == ("category", "other")
    assert oracle.predict({"playlists": 50.0})["known"].item() == "other"


def test_input_rows_keep_their_order_and_number() -> None:
    rows = [
        {"track_id": "b", "tempo": 1e2},
        {"track_id": "a", "tempo": 0},
        {"track_id": "b", "tempo": 90},
    ]
    tracks = load_tracks(rows, on_invalid="null")
    assert tracks["track_id"].to_list() == ["b", "a", "b"]
    assert tracks["tempo"].to_list() == [100.0, None, 90.0]


def test_checksum_follows_the_bytes(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("tempo,energy\n100,0.5\n")
    first = to.load_catalog(path).card.checksum
    path.write_text("tempo,energy\n101,0.5\n")
    assert to.load_catalog(path).card.checksum != first


def test_release_dates_of_any_precision() -> None:
    rows = [
        {"track_name": str(i), "released": d}
        for i, d in enumerate(["1999", "2001-05", "2020-02-29"])
    ]
    dates = to.load_catalog(rows).tracks["release_date"].cast(pl.String).to_list()
    assert dates == ["1999-01-01", "2001-05-01", "2020-02-29"]


def test_take_keeps_keys_with_their_rows(small_catalog: to.Catalog) -> None:
    rows = np.array([5, 3, 3, 100])
    part = small_catalog.take(rows)
    assert part.tracks.equals(small_catalog.tracks[rows])
    for i, row in enumerate(rows):
        own = small_catalog.keys.artists.take(np.array([row])).values
        assert part.keys.artists.take(np.array([i])).values.tolist() == own.tolist()
