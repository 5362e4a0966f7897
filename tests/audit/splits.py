"""Planted leaks across the border of a training file and a test file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from tests.audit.planted import MEASURED, _new_ids, _shaken, _smote, _some
from tests.audit.worlds import Rng, _put, _titles

Parts = tuple[pl.DataFrame, pl.DataFrame]
Cross = Callable[[pl.DataFrame, pl.DataFrame, Rng], Parts]


@dataclass(frozen=True)
class Crossing:
    """What crosses the border, planted in an honest split of a style."""

    name: str
    style: str
    words: tuple[str, ...]
    cross: Cross


CROSSINGS: list[Crossing] = []
ARTIST = {
    "genre file": "artists",
    "hit file": "artist",
    "release log": "Artist",
    "playlists": "track_artist",
}


def crossing(style: str, *words: str) -> Callable[[Cross], Cross]:
    """Enter a crossing: one finding's code must hold one of the words."""

    def enter(cross: Cross) -> Cross:
        name = f"{cross.__name__.replace('_', ' ')} [{style}]"
        CROSSINGS.append(Crossing(name, style, words, cross))
        return cross

    return enter


def honest_split(rows: pl.DataFrame, style: str) -> Parts:
    """Return three quarters and the rest, every credited artist on one side, tests later."""
    if style == "release log":
        rows = rows.sort("release_date")
    artist = pl.col(ARTIST[style])
    lone = rows.filter(~artist.str.contains(";"))
    names = lone[ARTIST[style]].unique(maintain_order=True)
    train = artist.is_in(names[: len(names) * 3 // 4].implode())
    if style != "release log":
        return lone.filter(train), lone.filter(~train)
    border = rows["release_date"][len(rows) * 3 // 4]
    old = lone.filter(pl.col("release_date") < border)
    new = lone.filter(pl.col("release_date") >= border)
    return old.filter(train), new.filter(~train)


def _into(train: pl.DataFrame, test: pl.DataFrame, rows: pl.DataFrame) -> Parts:
    return train, pl.concat([test, rows.select(test.columns)])


@crossing("genre file", "id")
@crossing("hit file", "id")
def shared_ids(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    return _into(train, test, _some(train, 0.05, rng))


@crossing("genre file", "recording", "title", "near")
def shared_recordings_under_new_ids(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    again = _shaken(_new_ids(_some(train, 0.05, rng), "track_id", rng), 0.01, rng, *MEASURED)
    return _into(train, test, again)


@crossing("genre file", "artist")
@crossing("hit file", "artist")
def shared_artists(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    both = pl.concat([train, test]).sample(fraction=1, shuffle=True, seed=3)
    return both[: len(train)], both[len(train) :]


@crossing("genre file", "audio", "vector", "identical")
def identical_vectors(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    again = _new_ids(_some(train, 0.05, rng), "track_id", rng)
    made = again.with_columns(
        pl.Series("track_name", _titles(len(again), rng)), pl.lit("Somebody Else").alias("artists")
    )
    return _into(train, test, made)


@crossing("genre file", "near")
def near_duplicates(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    again = _shaken(_new_ids(_some(train, 0.06, rng), "track_id", rng), 0.002, rng, *MEASURED)
    made = again.with_columns(
        pl.Series("track_name", _titles(len(again), rng)), pl.lit("Somebody Else").alias("artists")
    )
    return _into(train, test, made)


@crossing("hit file", "oversampled", "exact", "row", "identical", "audio")
def oversampled_copies_across(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    """Hits were multiplied before the rows were dealt, ids dropped."""
    both = pl.concat([train, test]).drop("uri", "track", "artist")
    hits = both.filter(pl.col("target") == 1)
    grown = pl.concat([both, *[hits] * 5]).sample(fraction=1, shuffle=True, seed=3)
    border = len(grown) * 3 // 4
    return grown[:border], grown[border:]


@crossing("release log", "time", "earlier", "date", "order", "later", "future")
def test_earlier_than_train(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    return test, train


@crossing("playlists", "album")
def shared_compilations(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    """A third of the test rows comes from albums of many artists that training has too."""
    at = rng.choice(len(test), len(test) // 3, replace=False)
    of = rng.choice(len(train), len(at))
    names = ("track_album_id", "track_album_name", "track_album_release_date")
    return train, _put(test, at, **{name: train[name][of] for name in names})


@crossing("hit file", "label", "balance", "rate", "shift", "prevalence", "target_differs")
def balanced_test_part(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    """The test part is half hits, the training part as the world is."""
    hits = test.filter(pl.col("target") == 1)
    misses = test.filter(pl.col("target") == 0)
    return train, pl.concat([hits, misses.sample(min(len(hits), len(misses)), seed=1)])


@crossing("hit file", "contradict", "label", "title", "recording")
def test_labels_contradict_train(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    again = _new_ids(_some(train, 0.05, rng), "uri", rng)
    return _into(train, test, again.with_columns((1 - pl.col("target")).alias("target")))


@crossing("release log", "target", "mean", "golden")
def artist_mean_of_both_parts(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    """A target encoding made before the rows were dealt."""
    mean = pl.col("popularity").mean().over("Artist").alias("level")
    return train.with_columns(mean), test.with_columns(mean)


@crossing("hit file", "target", "copy", "golden")
def a_copy_of_the_target_in_both_parts(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    copy = (3 * pl.col("target") + 1).alias("grade")
    return train.with_columns(copy), test.with_columns(copy)


@crossing("hit file", "synthetic", "near")
def interpolated_rows_on_both_sides(train: pl.DataFrame, test: pl.DataFrame, rng: Rng) -> Parts:
    names = [*MEASURED, "loudness", "tempo"]
    both = pl.concat([train, test]).select(*names, "target")
    made = _smote(both, names, rng).select(both.columns).cast(both.schema)
    grown = pl.concat([both, made]).sample(fraction=1, shuffle=True, seed=3)
    border = len(grown) * 3 // 4
    return grown[:border], grown[border:]
