"""The index against brute force over every pair, and what it must never answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trackoracle as to
from trackoracle.errors import ConfigError, SourceError, UnknownNameError
from trackoracle.neighbours import FEATURES, Found, Neighbours, Wish, answer_similar

GENRES = ("pop", "rock", "folk", "opera")


def catalog_of(n: int, seed: int, *, missing: float = 0.0, releases: float = 0.2) -> to.Catalog:
    """Generate tracks, some of them releases of an earlier one, some with missing values."""
    random = np.random.default_rng(seed)
    columns: dict[str, object] = {name: random.random(n).round(4) for name in FEATURES[:8]}
    columns["loudness"] = random.uniform(-30, 0, n).round(2)
    columns["tempo"] = random.uniform(60, 200, n).round(1)
    columns["duration_ms"] = random.integers(90_000, 400_000, n).astype(float)
    columns["year"] = random.integers(1960, 2024, n)
    columns["genres"] = [[GENRES[i]] if i < 4 else None for i in random.integers(0, 5, n)]
    columns["track_id"] = [f"id{i}" for i in range(n)]
    own = np.arange(n)
    again = random.random(n) < releases
    own[again] = random.integers(0, n, again.sum())
    columns["track_name"] = [f"title {i}" for i in own]
    columns["artists"] = [[f"artist {i}"] for i in own]
    tracks = pl.DataFrame(columns)
    hidden = random.random((n, len(FEATURES))) < missing
    tracks = tracks.with_columns(
        pl.when(pl.lit(pl.Series(~hidden[:, j]))).then(pl.col(name)).alias(name)
        for j, name in enumerate(FEATURES)
    )
    return to.load_catalog(tracks)


def by_brute_force(
    index: Neighbours, track: pl.DataFrame, wish: Wish, recording: int | None
) -> list[tuple[float, int]]:
    """Compare with every track, one by one; (distance, row), each recording once."""
    own = index.scale.points(track)[0].astype(float)
    squares = []
    place = 0
    points = index.scale.points(index.tracks).astype(float)
    for name in index.scale.features:
        size = 2 if name == "tempo" else 1
        part = slice(place, place + size)
        squares.append(((points[:, part] - own[part]) ** 2).sum(axis=1))
        place += size
    known = ~np.isnan(np.array(squares))
    n_known = sum(not np.isnan(value) for value in index.scale.raw(track)[0])
    genres = set(track["genres"].to_list()[0] or [])
    year = track["year"][0]
    rows = []
    for row, facts in enumerate(index.tracks.iter_rows(named=True)):
        n_both = known[:, row].sum()
        shares = bool(genres & set(facts["genres"] or []))
        if n_both < max(1, n_known / 2) or index.recording[row] == recording:
            continue
        if wish.within_genre and not shares:
            continue
        squared = np.nansum([square[row] for square in squares]) / n_both
        if genres and not shares:
            squared += wish.genre_weight**2
        if wish.era_weight:
            squared += wish.era_weight**2 * ((facts["year"] - year) / 10) ** 2
        rows.append((float(np.sqrt(squared)), row))
    once: dict[int, tuple[float, int]] = {}
    for distance, row in sorted(rows):
        once.setdefault(int(index.recording[row]), (distance, row))
    return list(once.values())[: wish.k]


def same(found: Found, expected: list[tuple[float, int]]) -> bool:
    distances = [distance for distance, _ in expected]
    return len(found.rows) == len(expected) and np.allclose(found.distance, distances, atol=1e-5)


@settings(max_examples=25)
@given(
    n=st.integers(2, 400),
    seed=st.integers(0, 50),
    missing=st.sampled_from([0.0, 0.15]),
    wish=st.builds(
        Wish,
        k=st.integers(1, 40),
        within_genre=st.booleans(),
        genre_weight=st.sampled_from([0.0, 0.7]),
        era_weight=st.sampled_from([0.0, 0.5]),
    ),
)
def test_equals_brute_force(n: int, seed: int, missing: float, wish: Wish) -> None:
    catalog = catalog_of(n, seed, missing=missing)
    index = Neighbours.of(catalog)
    row = seed % n
    track = index.tracks[row : row + 1]
    if track["genres"][0] is None:
        wish = replace(wish, within_genre=False)
    if np.isnan(index.scale.points(track)).all():
        return
    found = index.near(track, wish, row=row)
    assert same(found, by_brute_force(index, track, wish, int(index.recording[row])))
    codes = index.recording[found.rows]
    assert index.recording[row] not in codes
    assert len(set(codes.tolist())) == len(codes)


def test_many_tracks_and_strange_ones_equal_brute_force() -> None:
    catalog = catalog_of(6_000, 1, missing=0.01)
    index = Neighbours.of(catalog)
    assert index.boxes.rows.shape[0] > 16
    assert len(index.partial) > 100
    points = index.scale.points(index.tracks).astype(float)
    random = np.random.default_rng(0)
    for track in index.tracks[random.integers(0, 6_000, 20)].drop("track_name").to_dicts():
        asked = {name: value for name, value in track.items() if random.random() < 0.8}
        asked |= {"energy": 3.0, "track_id": "strange"}  # farther out than any
        frame = pl.DataFrame([asked], schema_overrides={"genres": pl.List(pl.String)})
        found = index.near(frame, Wish(k=10))
        own = index.scale.points(frame)[0].astype(float)
        squared = (points - own) ** 2
        by_feature = np.add.reduceat(squared, index.scale.begins, axis=1)
        known = ~np.isnan(by_feature)
        mean = np.nansum(by_feature, axis=1) / known.sum(axis=1)
        mean[known.sum(axis=1) < known.any(axis=0).sum() / 2] = np.inf
        order = np.argsort(mean, kind="stable")
        first = np.unique(index.recording[order], return_index=True)[1]
        expected = np.sqrt(mean[order[np.sort(first)][:10]])
        assert np.allclose(found.distance, expected, atol=1e-4)


def test_a_recording_with_more_releases_than_are_kept_stands_once() -> None:
    tracks = catalog_of(600, 2, releases=0.0).tracks
    copies = pl.concat([tracks[:1]] * 400).with_columns(
        pl.Series("track_id", [f"copy{i}" for i in range(400)])
    )
    index = Neighbours.of(to.load_catalog(pl.concat([tracks, copies])))
    near_copies = tracks[:1].with_columns(
        pl.lit("other").alias("track_id"), pl.lit("other").alias("track_name"),
        (pl.col("energy") * 0.999 + 0.0001).alias("energy"),
    )  # fmt: skip
    found = index.near(near_copies, Wish(k=5))
    assert len(set(index.recording[found.rows].tolist())) == 5
    assert index.tracks["track_name"][int(found.rows[0])] == tracks["track_name"][0]
    assert len(index.near(tracks[1:2], Wish(k=5), row=1).rows) == 5


@pytest.mark.parametrize("by", ["id", "title", "audio"])
def test_a_track_from_elsewhere_never_gets_its_own_recording(by: str) -> None:
    catalog = catalog_of(300, 3)
    index = Neighbours.of(catalog)
    row = index.tracks[7:8]
    asked = {
        "id": row.with_columns(pl.lit("another title").alias("track_name"), energy=0.5),
        "title": row.with_columns(
            pl.lit("x").alias("track_id"), pl.col("track_name") + " - Remastered 2011", energy=0.5
        ),
        "audio": row.drop("track_id", "track_name"),
    }[by]
    found = index.near(asked, Wish(k=250))
    own = index.recording[7]
    assert own not in index.recording[found.rows]
    strange = asked.drop(set(asked.columns) - {"energy", "tempo", "valence"})
    assert own in index.recording[index.near(strange, Wish(k=300)).rows]


def test_missing_features_are_left_out_and_told() -> None:
    index = Neighbours.of(catalog_of(200, 4))
    told = answer_similar(index, pl.DataFrame({"energy": [0.5], "tempo": [120.0]}), Wish(k=3))
    assert set(told.missing) == set(FEATURES) - {"energy", "tempo"}
    assert "2 of 10 features" in told.notes[0]
    for track in told.tracks:
        assert {gap.feature for gap in track.gaps} == {"energy", "tempo"}
        mean = sum(gap.gap**2 for gap in track.gaps) / 2
        assert track.distance == pytest.approx(mean**0.5)
        assert sum(gap.share for gap in track.gaps) == pytest.approx(1)
        assert track.gaps[0].gap <= track.gaps[1].gap
    with pytest.raises(SourceError, match="any of danceability"):
        answer_similar(index, pl.DataFrame({"genres": [["pop"]]}), Wish())


def test_an_all_null_column_and_a_constant_one_are_not_compared_by() -> None:
    tracks = catalog_of(60, 5).tracks.with_columns(
        pl.lit(None, dtype=pl.Float64).alias("valence"), pl.lit(0.25).alias("liveness")
    )
    index = Neighbours.of(to.load_catalog(tracks))
    assert set(index.scale.features) == set(FEATURES) - {"valence", "liveness"}
    assert len(index.partial) == 0
    with pytest.raises(SourceError, match="audio features"):
        Neighbours.of(to.load_catalog([{"track_name": "a"}, {"track_name": "b"}]))


def test_genre_and_era_count_as_far_as_asked() -> None:
    index = Neighbours.of(catalog_of(2_000, 6))
    row = next(i for i, names in enumerate(index.tracks["genres"]) if names is not None)
    track = index.tracks[row : row + 1]

    def told(**asked: object) -> to.Similar:
        return answer_similar(index, track, Wish(k=30, **asked), row=row)  # type: ignore[arg-type]

    plain, weighed, within = told(), told(genre_weight=5.0), told(within_genre=True)
    assert not all(t.same_genre for t in plain.tracks)
    assert all(t.same_genre for t in weighed.tracks)
    assert [t.row for t in weighed.tracks] == [t.row for t in within.tracks]
    era = told(era_weight=3.0)
    assert max(t.years_apart or 0 for t in era.tracks) < max(
        t.years_apart or 0 for t in plain.tracks
    )
    for t in era.tracks:
        extra = 9 * ((index.years[t.row - 1] - index.years[row]) / 10) ** 2
        assert t.distance**2 == pytest.approx(t.audio_distance**2 + extra, abs=1e-4)


def test_no_genre_and_one_genre() -> None:
    tracks = catalog_of(50, 7).tracks
    none = Neighbours.of(to.load_catalog(tracks.drop("genres", "year")))
    told = answer_similar(none, tracks[:1], Wish(k=3, genre_weight=1, era_weight=1))
    assert [note.split(":")[0] for note in told.notes] == [
        "Genres do not count", "Eras do not count",
    ]  # fmt: skip
    with pytest.raises(UnknownNameError):
        none.near(tracks.with_columns(genres=pl.lit(["pop"]))[:1], Wish(within_genre=True))
    with pytest.raises(ConfigError, match="without"):
        none.near(tracks.drop("genres")[:1], Wish(within_genre=True))
    one = Neighbours.of(to.load_catalog(tracks.with_columns(genres=pl.lit(["pop"]))))
    assert len(one.near(one.tracks[:1], Wish(k=40, within_genre=True), row=0).rows) > 30


def test_ten_rows_and_impossible_wishes() -> None:
    index = Neighbours.of(catalog_of(10, 8, releases=0.0))
    told = answer_similar(index, index.tracks[:1], Wish(k=50), row=0)
    assert len(told.tracks) == 9
    assert "Only 9 of the 50" in told.notes[0]
    for wrong in ({"k": 0}, {"k": 10**6}, {"genre_weight": -1}, {"era_weight": float("nan")}):
        with pytest.raises(ConfigError):
            Wish(**wrong)  # type: ignore[arg-type]
    assert index.row_of("id3") == 3
    assert index.row_of("4") == 3
    with pytest.raises(SourceError, match="row from 1 to 10"):
        index.row_of("id99")
