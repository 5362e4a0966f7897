"""The facade answers the same however it is asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.errors import (
    ConfigError,
    InputColumnsError,
    InvalidValuesError,
    NotEnoughDataError,
    SeenTracksError,
    SourceError,
)
from trackoracle.oracle import CHUNK, NO_INPUT, UNKNOWN_ARTIST


@pytest.fixture(scope="module")
def tracks(small_catalog: to.Catalog) -> pl.DataFrame:
    return small_catalog.tracks.drop("popularity").head(200)


def test_columns_are_those_of_the_interface(small_oracle: to.Oracle, tracks: pl.DataFrame) -> None:
    answer = small_oracle.predict(tracks)
    assert list(answer.columns) == [
        "track_id", "popularity", "popularity_median", "popularity_low", "popularity_high",
        "p_hit", "p_tier_0", "p_tier_1", "p_tier_2", "p_tier_3", "known", "estimated", "warning",
    ]  # fmt: skip
    assert answer["track_id"].to_list() == tracks["track_id"].to_list()
    sums = answer.select(pl.sum_horizontal("^p_tier_.*$")).to_series()
    np.testing.assert_allclose(sums, 1, atol=1e-12)


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_and_batches_change_nothing(small_oracle, tracks, random) -> None:
    whole = small_oracle.predict(tracks)
    order = list(range(len(tracks)))
    random.shuffle(order)
    names = tracks.columns.copy()
    random.shuffle(names)
    shuffled = small_oracle.predict(tracks[order].select(names))
    assert shuffled.equals(whole[order])
    start = random.randrange(len(tracks) - 1)
    size = random.randrange(1, 20)
    assert small_oracle.predict(tracks[start : start + size]).equals(whole[start : start + size])


def test_more_rows_than_a_chunk(small_oracle: to.Oracle, tracks: pl.DataFrame) -> None:
    many = pl.concat([tracks] * (CHUNK // len(tracks) + 2))
    answer = small_oracle.predict(many)
    assert len(answer) == len(many) > CHUNK
    assert answer[-len(tracks) :].equals(small_oracle.predict(tracks))


def test_frames_come_back_in_the_kind_that_went_in(small_oracle, tracks) -> None:
    expected = small_oracle.predict(tracks)
    frame = tracks.to_pandas()
    assert isinstance(small_oracle.predict(frame), pd.DataFrame)
    assert pl.from_pandas(small_oracle.predict(frame)).equals(expected)
    assert small_oracle.predict(tracks.lazy()).equals(expected)
    assert small_oracle.predict(tracks.to_dicts()).equals(expected)
    with pytest.raises(SourceError, match="expected a frame, a mapping or a list of mappings"):
        small_oracle.predict(3)


def test_synonyms_and_text_lists_are_understood(small_oracle, tracks) -> None:
    expected = small_oracle.predict(tracks)
    theirs = tracks.with_columns(
        pl.col("artists").list.join(";"), pl.col("genres").list.join(";")
    ).rename({"genres": "track_genre", "artists": "artist_name", "tempo": "BPM"})
    assert small_oracle.predict(theirs).equals(expected)


def test_saved_oracle_answers_the_same(small_oracle, small_bundle, tracks) -> None:
    loaded = to.load_oracle(small_bundle)
    assert loaded.predict(tracks).equals(small_oracle.predict(tracks))
    assert loaded.contract == small_oracle.contract
    assert loaded.card == small_oracle.card
    assert loaded.report.chosen == small_oracle.report.chosen


def test_missing_is_learned_and_never_zero(small_oracle, small_catalog, tracks) -> None:
    overall = float(np.mean(to.Popularity().values(small_catalog.tracks)))
    nothing = small_oracle.predict({"tempo": None})["popularity"].item()
    assert abs(nothing - overall) < 6
    audio = ("loudness", "danceability", "energy", "acousticness")
    missing = small_oracle.predict(
        tracks.with_columns(pl.lit(None, pl.Float64).alias(a) for a in audio)
    )
    zero = small_oracle.predict(tracks.with_columns(pl.lit(0.0).alias(a) for a in audio))
    assert not missing["popularity"].equals(zero["popularity"])
    everything = small_catalog.tracks
    for names in (["artists"], ["track_name", "album_name"], ["genres"], ["album_name"]):
        mean = small_oracle.predict(everything.drop(names))["popularity"].mean()
        assert abs(mean - overall) < 10


def test_known_groups_and_warnings(small_oracle: to.Oracle, tracks: pl.DataFrame) -> None:
    full = small_oracle.predict(tracks.head(1))
    assert full["known"].item() == "audio;genre;metadata;artist;release"
    stranger = small_oracle.predict({"artists": "Nobody At All", "tempo": 120})
    assert stranger["known"].item() == "audio"
    assert stranger["warning"].item() == UNKNOWN_ARTIST
    nothing = small_oracle.predict({"tempo": None})
    assert nothing["known"].item() == ""
    assert nothing["warning"].item() == NO_INPUT
    odd = small_oracle.predict({"genres": "no such genre", "energy": 0.5})
    assert odd["warning"].item() == (
        "genres no such genre was not seen in training and is taken as missing."
    )


def test_outside_the_seen_range_warns_and_outside_the_possible_fails(small_oracle) -> None:
    seen = small_oracle.contract["tempo"]
    far = small_oracle.predict({"tempo": 259.0})
    assert far["warning"].item() == (
        f"tempo 259.0 BPM is outside the range seen in training "
        f"({seen.seen_low:g} to {seen.seen_high:g})."
    )
    with pytest.raises(InvalidValuesError) as caught:
        small_oracle.predict({"tempo": 300})
    assert str(caught.value) == (
        "tempo: expected 20 to 260 BPM, got 1 of 1 values outside (row 1: 300). "
        "Correct them, or leave them empty: empty is taken as missing."
    )
    with pytest.raises(ConfigError, match="level: expected above 0 and below 1, got 1"):
        small_oracle.predict({"tempo": 120}, level=1)


def test_extra_columns_are_noted_or_refused(small_oracle: to.Oracle) -> None:
    assert len(small_oracle.predict({"tempo": 120, "mystery": 1})) == 1
    with pytest.raises(
        InputColumnsError, match="expected only columns of the contract, got mystery"
    ):
        small_oracle.predict({"tempo": 120, "mystery": 1}, refuse_extra=True)


def test_evaluation_refuses_what_was_seen(small_oracle, small_catalog) -> None:
    with pytest.raises(SeenTracksError) as caught:
        small_oracle.evaluate(small_catalog)
    n = len(small_catalog)
    assert str(caught.value) == (
        f"evaluate: expected tracks that the oracle has not seen, got {n:,} of {n:,} that it was "
        "trained on. Use another catalog."
    )
    with pytest.raises(NotEnoughDataError):
        small_oracle.evaluate([{"tempo": 120.0, "popularity": None}])


def test_evaluation_marks_seen_tracks_by_any_mark(small_oracle, small_catalog) -> None:
    new = to.load_catalog(generate_sample(400, seed=9), on_invalid="null").tracks
    new = new.with_columns(("other" + pl.col("track_id").str.slice(5)).alias("track_id"))
    seen = small_catalog.tracks.head(30).with_columns(pl.lit(None, pl.String).alias("track_id"))
    both = pl.concat([new, seen.select(new.columns)])
    result = small_oracle.evaluate(to.load_catalog(both), n_bootstrap=20)
    assert result.n_seen >= 30
    assert result.n_tracks > 200
    levels = {f"{kind}_{level}" for kind in ("coverage", "width") for level in (50, 80, 90)}
    assert set(result.overall) == set(result.baseline) == {"r2", "mae", "rmse", "spearman"} | levels
    assert result.to_dict()["overall"]["r2"]["value"] == result.overall["r2"].value


def test_shows_itself(small_oracle: to.Oracle) -> None:
    assert repr(small_oracle).startswith("Oracle(popularity, ")
    assert "Audited for leaks: " in small_oracle.card
    assert "| new_artist |" in small_oracle.card.replace("known_artist | ", "")
