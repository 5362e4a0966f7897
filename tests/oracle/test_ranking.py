"""Ranking through the facade: any album works, or what is wrong is said."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

import trackoracle as to
from trackoracle.errors import ConfigError, SourceError
from trackoracle.oracle import Oracle
from trackoracle.oracle.ranking import INDEPENDENT, NO_ARTISTS
from trackoracle.rendering import ranking_rows, single_case
from trackoracle.schema import PairCurve, Ranking, Shared, SharedBy, Sharing


@pytest.fixture(scope="module")
def oracle(small_oracle: to.Oracle) -> Oracle:
    curve = PairCurve((0.5, 0.6, 1.0), (0.5, 0.55, 0.9))
    by = SharedBy(Shared(0.2), Shared(0.5, curve))
    sharing = Sharing(known=by, new=by)
    return Oracle(dataclasses.replace(small_oracle.bundle, sharing=sharing))


@pytest.fixture(scope="module")
def tracks(small_catalog: to.Catalog) -> pl.DataFrame:
    return small_catalog.tracks.drop("popularity")


def check(oracle: Oracle, tracks: pl.DataFrame, ranking: Ranking) -> None:
    """Hold a ranking against `predict`."""
    predicted = oracle.predict(tracks, level=ranking.level)
    assert [t.rank for t in ranking.tracks] == list(range(1, len(tracks) + 1))
    assert sorted(t.row for t in ranking.tracks) == list(range(1, len(tracks) + 1))
    for track in ranking.tracks:
        row = predicted.row(track.row - 1, named=True)
        assert track.answer == {name: row[name] for name in track.answer}
        assert (track.track, track.known) == (row["track_id"], row["known"])
    values = [t.prediction for t in ranking.tracks]
    assert values == sorted(values, reverse=True)
    above = [t.p_above_next for t in ranking.tracks]
    assert above[-1] is None
    assert all(0 <= p <= 1 for p in above[:-1])
    assert sum(t.p_best for t in ranking.tracks) == pytest.approx(1)
    assert [t for group in ranking.groups for t in group] == list(ranking.tracks)


def test_an_album_is_ordered_as_predicted_and_told_as_such_orders_proved(oracle, tracks) -> None:
    album = tracks[40:52].drop("artists", "album_name")
    apart = oracle.rank(album)
    check(oracle, album, apart)
    assert [t.prediction for t in apart.tracks] == sorted(
        oracle.predict(album)["popularity"], reverse=True
    )
    by_artist, together = (
        oracle.rank(album, together="artist"),
        oracle.rank(album, together="album"),
    )
    for ranking, relation in ((apart, "strangers"), (by_artist, "artist"), (together, "album")):
        assert [t.row for t in ranking.tracks] == [t.row for t in apart.tracks]
        assert ranking.n_pairs == {"album": 0, "artist": 0, "strangers": 0} | {relation: 11}
    for loose, closer in zip(apart.tracks[:-1], by_artist.tracks[:-1], strict=True):
        # What is shared makes an order surer.
        assert abs(closer.p_above_next - 0.5) >= abs(loose.p_above_next - 0.5) - 1e-9
    assert all(t.p_above_next <= 0.9 for t in together.tracks[:-1])
    assert oracle.rank(album, together="album") == together


def test_artists_and_albums_are_found_in_the_tracks(oracle, tracks) -> None:
    named = tracks[:6].with_columns(
        pl.Series("artists", [["A", "B"], ["a"], ["Z"], ["Y"], None, ["X"]]),
        pl.Series("album_name", ["One", "one", "One", None, "One", None]),
    )
    assert NO_ARTISTS in oracle.rank(named).notes
    assert oracle.rank(named[:2]).n_pairs["album"] == 1
    assert oracle.rank(named[:2].drop("album_name")).n_pairs["artist"] == 1
    assert oracle.rank(named[2:4]).n_pairs == {"album": 0, "artist": 0, "strangers": 1}
    # An oracle that uses neither still tells who belongs together.
    starter = Oracle(dataclasses.replace(to.load_oracle().bundle, sharing=oracle.bundle.sharing))
    assert starter.rank(named[:2]).n_pairs["album"] == 1


def test_best_of_two_is_above_the_other(oracle, tracks) -> None:
    ranking = oracle.rank(tracks[7:9], together="album")
    first, second = ranking.tracks
    assert first.p_best == pytest.approx(first.p_above_next)
    assert second.p_best == pytest.approx(1 - first.p_above_next)


def test_one_track_and_copies_and_none(oracle, tracks) -> None:
    (only,) = oracle.rank(tracks[0]).tracks
    assert (only.rank, only.p_above_next, only.p_best, only.group) == (1, None, 1.0, 1)
    copies = pl.concat([tracks[:2], tracks[:1]])
    ranking = oracle.rank(copies)
    check(oracle, copies, ranking)
    assert "The same recording as an earlier row: 1 of 3 (row 3)." in ranking.notes
    pair = [t for t in ranking.tracks if t.row in (1, 3)]
    assert pair[0].p_above_next == pytest.approx(0.5, abs=1e-9)
    assert pair[0].group == pair[1].group
    with pytest.raises(
        SourceError, match="rank: expected 1 to 10,000 tracks, as of an album, got 0"
    ):
        oracle.rank(tracks[:0])
    with pytest.raises(SourceError, match=r"got 10,001\. Predict a catalog instead"):
        oracle.rank([{"tempo": 100.0}] * 10_001)


def test_five_hundred_tracks_of_one_album(oracle, tracks) -> None:
    album = tracks[:500]
    check(oracle, album, oracle.rank(album, together="album"))


def test_missing_groups_widen_and_nothing_known_is_the_prior(oracle, tracks) -> None:
    rows = [{"tempo": 100.0}, {"genres": tracks["genres"][0].to_list()}, {"artists": "Nobody"}]
    ranking = oracle.rank(rows)
    known = {track.row: track for track in ranking.tracks}
    assert (known[1].known, known[2].known, known[3].known) == ("audio", "genre", "")
    nothing = oracle.rank([{"tempo": None}, {"tempo": 120.0}])
    unknown = next(t for t in nothing.tracks if t.row == 1)
    assert unknown.known == ""
    assert unknown.prediction == pytest.approx(unknown.answer["popularity"])


def test_other_targets_are_ordered_by_what_they_predict(
    small_hit_oracle, small_tier_oracle, tracks
) -> None:
    ranking = small_hit_oracle.rank(tracks[:9])
    check(small_hit_oracle, tracks[:9], ranking)
    assert all(t.prediction == t.answer["p_hit"] for t in ranking.tracks)
    rare = small_hit_oracle.rank(tracks[:9], base_rate=0.01)
    assert rare.tracks[0].prediction < ranking.tracks[0].prediction
    check(small_tier_oracle, tracks[:9], small_tier_oracle.rank(tracks[:9]))


def test_an_older_oracle_takes_tracks_for_independent(oracle, tracks) -> None:
    older = Oracle(dataclasses.replace(oracle.bundle, sharing=None))
    ranking = older.rank(tracks[:5], together="album")
    assert INDEPENDENT in ranking.notes
    loose = oracle.rank(tracks[:5])
    np.testing.assert_allclose(
        [t.prediction for t in ranking.tracks], [t.prediction for t in loose.tracks]
    )


def test_what_cannot_be_is_refused(oracle, tracks) -> None:
    with pytest.raises(ConfigError, match="level: expected above 0 and below 1, got 0"):
        oracle.rank(tracks[:2], level=0)
    with pytest.raises(ConfigError, match="together: expected 'artist' or 'album', got 'label'"):
        oracle.rank(tracks[:2], together="label")
    with pytest.raises(ConfigError, match="base_rate: expected an oracle of hits"):
        oracle.rank(tracks[:2], base_rate=0.1)


def test_titles_stand_in_the_order_and_a_track_without_one_keeps_its_id(oracle, tracks) -> None:
    few = tracks.head(3).with_columns(track_name=pl.Series(["A", None, "C"]))
    found = oracle.rank(few)
    assert {t.row: t.name for t in found.tracks} == {1: "A", 2: None, 3: "C"}
    told = single_case(found) + str(ranking_rows(found)["track"].to_list())
    assert f"track {few['track_id'][1]}" in told
    assert "'A'" in told
    assert [t["name"] for t in found.to_dict()["tracks"]] == [t.name for t in found.tracks]
