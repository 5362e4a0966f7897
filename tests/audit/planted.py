"""Planted leaks: each takes an honest catalog of `worlds` and spoils it in one way.

Strengths are those at which a reviewer would speak of a leak. What a twin is judged by
is the same catalog without the flaw, or with the honest thing that looks like it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from tests.audit.worlds import _WORDS, Rng, _codes, _put, _titles

Plant = Callable[[pl.DataFrame, Rng], pl.DataFrame]

ID = {"genre file": "track_id", "hit file": "uri", "dated hits": "track_id"}
PROXY = ("target_copy", "golden_feature", "target_group_mean", "second_target")
GROUP_MEAN = ("target_group_mean", "golden_feature", "target_copy")
AFTER = ("collected_after_target", "golden_feature", "target_copy")
ORDER = ("row_order_tells",)
TOLD = (
    "golden_feature", "missing_values_tell", "target_copy", "artist_settles_label",
    "genre_settles_label", "album_settles_label",
    "album_predicts_target", "form_tells", "text_tells",
)  # fmt: skip
COPIES = ("oversampled_rows", "exact_duplicates", "repeated_ids", "identical_audio")


@dataclass(frozen=True)
class Planted:
    """A flaw, the style it is planted in, and the codes of which one must be found.

    `decoy` is what the clean twin gets in its place. `options` go to the audit.
    """

    name: str
    style: str
    plant: Plant
    codes: tuple[str, ...]
    n: int = 900
    decoy: Plant | None = None
    options: tuple[tuple[str, Any], ...] = ()


PLANTED: list[Planted] = []


def planted(
    style: str,
    codes: tuple[str, ...] | str,
    *,
    n: int = 900,
    decoy: Plant | None = None,
    name: str = "",
    **options: Any,
) -> Callable[[Plant], Plant]:
    """Enter a flaw in the list under its function's name."""

    def enter(plant: Plant) -> Plant:
        title = name or plant.__name__.replace("_", " ")
        wanted = (codes,) if isinstance(codes, str) else codes
        case = Planted(f"{title} [{style}]", style, plant, wanted, n, decoy, tuple(options.items()))
        PLANTED.append(case)
        return plant

    return enter


def _more(rows: pl.DataFrame, added: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Return both, the added rows at random places and the order of the others kept."""
    place = np.concatenate([np.arange(len(rows)), rng.uniform(0, len(rows), len(added))])
    return pl.concat([rows, added.select(rows.columns)])[np.argsort(place, kind="stable")]


def _some(rows: pl.DataFrame, share: float, rng: Rng) -> pl.DataFrame:
    return rows[np.sort(rng.choice(len(rows), round(share * len(rows)), replace=False))]


def _new_ids(rows: pl.DataFrame, name: str, rng: Rng) -> pl.DataFrame:
    return rows.with_columns(pl.Series(name, _codes(len(rows), rng)))


def _shaken(rows: pl.DataFrame, share: float, rng: Rng, *names: str) -> pl.DataFrame:
    """Return the rows with numbers moved by a share of their size."""
    return rows.with_columns(
        (pl.col(name) * pl.Series(1 + rng.normal(0, share, len(rows)))).round(4) for name in names
    )


def _target(rows: pl.DataFrame) -> str:
    return next(c for c in rows.columns if c in TARGETS)


TARGETS = ("popularity", "track_popularity", "Popularity", "target", "hit")
MEASURED = ("danceability", "energy", "valence", "liveness", "speechiness", "acousticness")


# Duplicates


@planted("genre file", ("exact_duplicates", "oversampled_rows"))
@planted("hit file", ("exact_duplicates", "oversampled_rows"))
@planted("anonymous", ("exact_duplicates", "oversampled_rows"))
def exact_duplicate_rows(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return _more(rows, _some(rows, 0.06, rng), rng)


@planted("genre file", "repeated_ids")
def one_id_under_several_genres(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    again = _some(rows, 0.15, rng)
    return _more(rows, again.with_columns(pl.col("track_genre").shuffle(seed=1)), rng)


@planted("playlists", "repeated_ids")
def one_id_in_several_playlists(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    again = _some(rows, 0.12, rng)
    return _more(rows, again.with_columns(pl.col("playlist_name").shuffle(seed=2)), rng)


@planted("genre file", "ids_with_several_popularity_values")
def ids_with_other_popularity(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    again = _some(rows, 0.05, rng)
    moved = (again["popularity"].to_numpy() + rng.choice([-14, -8, 7, 12], len(again))).clip(0, 100)
    return _more(rows, again.with_columns(pl.Series("popularity", moved)), rng)


@planted("playlists", "same_title_and_credits")
def same_title_and_credits_under_new_ids(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    again = _shaken(_new_ids(_some(rows, 0.08, rng), "track_id", rng), 0.02, rng, *MEASURED)
    return _more(rows, again.with_columns(pl.lit("Greatest Hits").alias("track_album_name")), rng)


@planted("genre file", "identical_audio")
@planted("playlists", "identical_audio")
def identical_audio_under_other_names(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    again = _new_ids(_some(rows, 0.06, rng), "track_id", rng)
    artist = "artists" if "artists" in rows.columns else "track_artist"
    renamed = again.with_columns(
        pl.Series("track_name", _titles(len(again), rng)), pl.col(artist).shuffle(seed=3)
    )
    return _more(rows, renamed, rng)


@planted("genre file", ("near_duplicates", "same_title_and_credits"))
@planted("release log", ("near_duplicates", "same_title_and_credits"))
def rereleases_by_remaster_suffix(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    title = "track_name" if "track_name" in rows.columns else "Title"
    again = _shaken(_new_ids(_some(rows, 0.07, rng), "track_id", rng), 0.004, rng, *MEASURED)
    suffix = pl.Series(rng.choice([" - Remastered 2011", " (2009 Remaster)", " - Deluxe Edition"],
                                  len(again)))  # fmt: skip
    return _more(rows, again.with_columns(pl.col(title) + suffix), rng)


@planted("genre file", ("near_duplicates", "identical_audio"))
@planted("hit file", ("near_duplicates", "identical_audio"))
def audio_rounded_to_two_digits_under_another_title(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    title = "track_name" if "track_name" in rows.columns else "track"
    again = _new_ids(_some(rows, 0.07, rng), "uri" if "uri" in rows.columns else "track_id", rng)
    rounded = again.with_columns(
        pl.col(*MEASURED, "instrumentalness").round(2), pl.col("loudness", "tempo").round(2)
    )
    return _more(rows, rounded.with_columns(pl.Series(title, _titles(len(again), rng))), rng)


@planted("anonymous", ("near_duplicates", "identical_audio"))
def anonymous_audio_again_with_slight_error(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    again = _shaken(_some(rows, 0.08, rng), 0.002, rng, *(m.title() for m in MEASURED))
    return _more(rows, again, rng)


@planted("release log", ("near_duplicates", "same_title_and_credits"))
def singles_released_again_on_the_album(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """The title gains its guest, the audio is measured again, the plays count elsewhere."""
    again = _shaken(_new_ids(_some(rows, 0.08, rng), "track_id", rng), 0.003, rng, *MEASURED)
    return _more(
        rows,
        again.with_columns(
            pl.col("Title") + " (feat. Nobody Known)",
            (pl.col("popularity") - 5).clip(0),
            (pl.col("duration_ms") + 12),
        ),
        rng,
    )


# Labels


@planted("hit file", ("contradictory_labels", "ids_with_several_hit_values"))
def contradictory_labels_of_a_recording(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    again = _new_ids(_some(rows, 0.04, rng), "uri", rng)
    return _more(rows, again.with_columns((1 - pl.col("target")).alias("target")), rng)


@planted("dated hits", ("contradictory_labels", "ids_with_several_hit_values"))
def contradictory_labels_of_an_id(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return _more(rows, _some(rows, 0.03, rng).with_columns((1 - pl.col("hit")).alias("hit")), rng)


def _label_by(rows: pl.DataFrame, column: str, share: float, rng: Rng) -> pl.DataFrame:
    """Give every row of a group the same label: hits are groups drawn until the share is full.

    Credits count by their first artist.
    """
    group = pl.col(column).cast(pl.String).str.split(";").list.first().alias("group")
    groups = rows.group_by(group).len().sort("group").sample(fraction=1, shuffle=True, seed=5)
    chosen = groups.filter(pl.col("len").cum_sum() <= share * len(rows))["group"]
    return rows.with_columns(group.is_in(chosen.implode()).cast(pl.Int64).alias(_target(rows)))


@planted("hit file", ("artist_settles_label", "artist_predicts_target"))
@planted("dated hits", ("artist_settles_label", "artist_predicts_target"))
def artists_never_have_both_labels(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """The hit predictor's rule: no miss of an artist who ever had a hit."""
    artist = "artist" if "artist" in rows.columns else "artists"
    return _label_by(rows, artist, 0.3, rng)


@planted("hit file", ("artist_settles_label", "artist_predicts_target"),
         name="misses only of credits without a hit")  # fmt: skip
def _misses_of_others(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    hit_makers = rows.filter(pl.col("target") == 1)["artist"].unique()
    made = pl.col("artist").is_in(hit_makers.implode())
    return rows.filter((pl.col("target") == 1) | ~made)


@planted("dated hits", ("genre_settles_label",))
def genres_never_have_both_labels(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return _label_by(rows, "genre", 0.35, rng)


@planted("dated hits", ("golden_feature", "label_settles_label", "year_settles_label"))
def years_never_have_both_labels(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return _label_by(rows, "year", 0.25, rng)


@planted("release log", ("artist_settles_label", "artist_predicts_target", "artist_is_target"))
@planted("genre file", ("artist_settles_label", "artist_predicts_target", "artist_is_target"))
def popularity_is_the_artists_own(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    artist = "artists" if "artists" in rows.columns else "Artist"
    first = pl.col(artist).str.split(";").list.first()
    return rows.with_columns(pl.col("popularity").first().over(first))


# Copies of the target


@planted("genre file", PROXY)
@planted("hit file", PROXY)
def a_column_equal_to_the_target(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return rows.with_columns(pl.col(_target(rows)).alias("outcome"))


def _honest_number(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """An honest column that knows a little: a critic's grade from before the release."""
    y = rows[_target(rows)].to_numpy()
    return rows.with_columns(pl.Series("x1", (y + rng.normal(0, 2.5 * y.std(), len(y))).round(2)))


def _derived(name: str, expression: pl.Expr, style: str = "playlists") -> None:
    planted(style, PROXY, name=f"target {name}", decoy=_honest_number)(
        lambda rows, rng: rows.with_columns(expression.alias("x1"))
    )


_POINTS = pl.col("track_popularity")
_derived("rounded to tens", (_POINTS / 10).round() * 10)
_derived("scaled to one", _POINTS / 100)
_derived("in logarithms", (_POINTS + 1).log().round(3))
_derived("in ranks", _POINTS.rank("ordinal"))
_derived("turned round", 100 - _POINTS)
_derived("squared", _POINTS.cast(pl.Float64) ** 2)
_derived("in standard units", (_POINTS - _POINTS.mean()) / _POINTS.std())
_derived("by halves around the median", (_POINTS - _POINTS.median()).abs())
_derived("as tier text", pl.lit("tier ") + (_POINTS / 25).floor().cast(pl.Int64).cast(pl.String))
_derived("as text with a word", pl.format("{} points", _POINTS))
_derived("kept for nine rows of ten", pl.when(pl.int_range(pl.len()) % 10 > 0).then(_POINTS))


@planted("genre file", PROXY, decoy=_honest_number)
@planted("anonymous", PROXY, decoy=_honest_number)
def target_plus_small_noise(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    noise = pl.Series(rng.normal(0, 2, len(rows)))
    return rows.with_columns((pl.col(_target(rows)) + noise).round(2).alias("x1"))


@planted("dated hits", PROXY)
def popularity_kept_beside_the_hits_cut_from_it(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    points = rng.normal(45, 14, len(rows)).clip(0, 100).round()
    cut = np.quantile(points, 0.92)
    return rows.with_columns(
        pl.Series("hit", (points > cut).astype(int)), pl.Series("chart_score", points)
    )


@planted("release log", PROXY)
def two_columns_that_add_up_to_the_target(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    share = pl.Series(rng.uniform(0.55, 0.75, len(rows)))
    part = (pl.col("popularity") * share).round()
    return rows.with_columns(part.alias("streaming_points"),
                             (pl.col("popularity") - part).alias("radio_points"))  # fmt: skip


# Means of the target over groups


def _group(name: str, style: str, of: str, value: Callable[[pl.Expr, pl.Expr], pl.Expr],
           title: str = "feature_7", n: int = 900) -> None:  # fmt: skip
    """Plant a statistic of the target; the twin's is of another, related quantity."""

    def plant(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
        target = pl.col(_target(rows)).cast(pl.Float64)
        return rows.with_columns(value(target, pl.col(of)).alias(title))

    def decoy(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
        name = "Danceability" if "Danceability" in rows.columns else "danceability"
        return rows.with_columns(pl.col(name).mean().over(of).alias(title))

    planted(style, GROUP_MEAN, name=name, decoy=decoy, n=n)(plant)


def _loo(y: pl.Expr, g: pl.Expr) -> pl.Expr:
    return ((y.sum().over(g) - y) / (pl.len().over(g) - 1)).fill_nan(None)


def _smoothed(y: pl.Expr, g: pl.Expr) -> pl.Expr:
    return (y.sum().over(g) + 5 * y.mean()) / (pl.len().over(g) + 5)


_group("artist mean including itself", "genre file", "artists", lambda y, g: y.mean().over(g))
_group("artist mean rounded", "genre file", "artists", lambda y, g: y.mean().over(g).round())
_group("artist mean named as the service names its own", "genre file", "artists",
       lambda y, g: y.mean().over(g).round(1), title="artist_popularity")  # fmt: skip
_group("artist mean scaled to ten", "playlists", "track_artist",
       lambda y, g: (y.mean().over(g) / 10).round(1))  # fmt: skip
_group("album mean", "release log", "Album", lambda y, g: y.mean().over(g))
_group("album mean rounded", "playlists", "track_album_id", lambda y, g: y.mean().over(g).round())
_group("genre mean rounded", "genre file", "track_genre", lambda y, g: y.mean().over(g).round(1))
_group("genre mean", "anonymous", "Top Genre", lambda y, g: y.mean().over(g))
_group("leave-one-out artist mean over the whole file", "genre file", "artists", _loo)
_group("leave-one-out album mean over the whole file", "playlists", "track_album_id", _loo)
_group("smoothed artist mean", "genre file", "artists", _smoothed)
_group("artist median", "release log", "Artist", lambda y, g: y.median().over(g))
_group("artist maximum", "playlists", "track_artist", lambda y, g: y.max().over(g))
_group("artist sum", "genre file", "artists", lambda y, g: y.sum().over(g))
_group("label mean", "release log", "label", lambda y, g: y.mean().over(g).round(2))
_group("year mean", "dated hits", "year", lambda y, g: y.mean().over(g))
_group("artist hit rate", "hit file", "artist", lambda y, g: y.mean().over(g).round(3))
_group("artist hit count", "hit file", "artist", lambda y, g: y.sum().over(g))
_group("rank within the artist", "playlists", "track_artist",
       lambda y, g: y.rank("ordinal", descending=True).over(g))  # fmt: skip
_group("distance from the artist mean", "playlists", "track_artist",
       lambda y, g: (y - y.mean().over(g)).round(2))  # fmt: skip


# Collected after the target


def _streams(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    y = rows[_target(rows)].to_numpy()
    plays = np.exp(9 + 0.12 * y + rng.normal(0, 0.7, len(rows))).round()
    return rows.with_columns(pl.Series("streams", plays))


def _presaves(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Plays of the artist's earlier tracks before the release: honest, weaker."""
    y = rows[_target(rows)].to_numpy()
    return rows.with_columns(
        pl.Series("budget", np.exp(9 + 0.03 * y + rng.normal(0, 1.5, len(rows))).round())
    )


planted("genre file", AFTER, name="streams", decoy=_presaves)(_streams)
planted("anonymous", AFTER, name="streams", decoy=_presaves)(_streams)


@planted("playlists", AFTER, decoy=_presaves)
def views_and_likes_elsewhere(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    y = rows["track_popularity"].to_numpy()
    views = np.exp(8 + 0.1 * y + rng.normal(0, 0.9, len(rows))).round()
    return rows.with_columns(
        pl.Series("yt_views", views),
        pl.Series("yt_likes", (views * rng.uniform(0.005, 0.02, len(rows))).round()),
    )


@planted("dated hits", (*AFTER, "missing_values_tell"))
def weeks_on_chart(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return rows.with_columns((pl.col("hit") * pl.Series(rng.integers(1, 30, len(rows))))
                             .alias("weeks_on_chart"))  # fmt: skip


def _missing_at_random(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    grade = pl.Series(rng.integers(1, 101, len(rows)))
    kept = pl.Series(rng.random(len(rows)) < 0.15)
    return rows.with_columns(pl.when(kept).then(grade).alias("peak"))


@planted("hit file", ("missing_values_tell", *AFTER), decoy=_missing_at_random)
@planted("dated hits", ("missing_values_tell", *AFTER), decoy=_missing_at_random)
def a_column_missing_only_for_misses(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    grade = pl.Series(rng.integers(1, 101, len(rows)))
    return rows.with_columns(pl.when(pl.col(_target(rows)) == 1).then(grade).alias("peak"))


@planted("dated hits", ("missing_values_tell", *AFTER), decoy=_missing_at_random)
def a_column_missing_mostly_for_misses(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    chance = np.where(rows["hit"].to_numpy() == 1, 0.95, 0.1)
    known = pl.Series(rng.random(len(rows)) < chance)
    words = pl.Series(rng.choice(_WORDS, len(rows)))
    return rows.with_columns(pl.when(known).then(words).alias("lyrics_snippet"))


@planted("hit file", TOLD)
def a_constant_for_hits(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Hits were taken from one encoder, misses from everywhere."""
    elsewhere = pl.Series(rng.choice([96, 128, 192, 256, 320], len(rows)))
    return rows.with_columns(
        pl.when(pl.col("target") == 1).then(320).otherwise(elsewhere).alias("bitrate")
    )


# The order of the rows


@planted("genre file", ORDER)
@planted("playlists", ORDER)
def sorted_by_popularity(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return rows.sort(_target(rows), descending=True, maintain_order=True)


@planted("genre file", ORDER, name="sorted by popularity within the genre")
def _sorted_within(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return rows.sort("track_genre", "popularity", descending=[False, True], maintain_order=True)


@planted("hit file", ORDER)
@planted("dated hits", ORDER)
def hits_stacked_first(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return rows.sort(_target(rows), descending=True, maintain_order=True)


def _numbered(name: str) -> Plant:
    def plant(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
        """Number the rows while they are sorted by popularity, then shuffle them."""
        ranked = rows.sort(_target(rows), descending=True, maintain_order=True)
        return ranked.with_row_index(name).sample(fraction=1, shuffle=True, seed=4)

    return plant


def _numbered_as_they_stand(name: str) -> Plant:
    return lambda rows, rng: rows.with_row_index(name)


for _name in ("", "Unnamed: 0", "row_no"):
    planted("genre file", ("golden_feature", "row_order_tells", "target_copy", "index_tells"),
            name=f"index column {_name!r} that tells",
            decoy=_numbered_as_they_stand(_name))(_numbered(_name))  # fmt: skip


@planted("genre file", ("golden_feature", "row_order_tells", "target_copy", "id_tells"))
def ids_numbered_by_popularity(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    numbered = _numbered("nr")(rows, rng)
    return numbered.with_columns(
        ("T" + pl.col("nr").cast(pl.String).str.zfill(6)).alias("track_id")
    ).drop("nr")


@planted("dated hits", ("golden_feature", "id_tells", "hit_settles_label"))
def ids_of_hits_have_their_own_prefix(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    prefix = pl.when(pl.col("hit") == 1).then(pl.lit("H")).otherwise(pl.lit("N"))
    return rows.with_columns((prefix + pl.col("track_id").str.slice(1)).alias("track_id"))


# Balance and resampling


@planted("hit file", ("balanced_by_hand", "class_balance"), n=3000)
@planted("dated hits", ("balanced_by_hand", "class_balance"), n=3000)
def undersampled_to_half(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    target = pl.col(_target(rows))
    hits = rows.filter(target == 1)
    misses = rows.filter(target == 0).sample(len(hits), seed=1)
    return pl.concat([hits, misses]).sample(fraction=1, shuffle=True, seed=2)


@planted("dated hits", ("class_balance", "balanced_by_hand"), n=3000, base_rate=0.03)
def far_from_the_stated_base_rate(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    hits, misses = rows.filter(pl.col("hit") == 1), rows.filter(pl.col("hit") == 0)
    return _more(misses.sample(4 * len(hits), seed=1), hits, rng)


@planted("genre file", "popularity_zeros")
@planted("anonymous", "popularity_zeros")
def zeros_in_bulk(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    at = np.flatnonzero(rng.random(len(rows)) < 0.3)
    return _put(rows, at, **{_target(rows): np.zeros(len(at), int)})


@planted("hit file", COPIES)
@planted("dated hits", COPIES)
def random_oversampling(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    target = _target(rows)
    hits = rows.filter(pl.col(target) == 1)
    misses = rows.filter(pl.col(target) == 0)
    more = hits.sample(len(misses) - len(hits), with_replacement=True, seed=1)
    return pl.concat([rows, more]).sample(fraction=1, shuffle=True, seed=2)


@planted("hit file", COPIES, name="random oversampling, ids and names dropped")
def _oversampled_audio(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return random_oversampling(rows, rng).drop("uri", "track", "artist")


def _smote(rows: pl.DataFrame, names: list[str], rng: Rng) -> pl.DataFrame:
    """Return rows between a hit and one of its five nearest hits, until the classes are equal."""
    target = _target(rows)
    hits = rows.filter(pl.col(target) == 1)
    x = hits.select(names).to_numpy().astype(float)
    z = (x - x.mean(0)) / x.std(0)
    near = ((z[:, None] - z[None]) ** 2).sum(2).argsort(1)[:, 1:6]
    n = len(rows) - 2 * len(hits)
    base = rng.integers(0, len(hits), n)
    other = near[base, rng.integers(0, 5, n)]
    made = x[base] + rng.random((n, 1)) * (x[other] - x[base])
    return pl.DataFrame(dict(zip(names, made.T, strict=True))).with_columns(pl.lit(1).alias(target))


@planted("hit file", ("synthetic_rows",))
def smote_before_the_split(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    names = [*MEASURED, "key", "mode", "loudness", "instrumentalness", "tempo", "time_signature"]
    real = rows.select(*names, "target").drop_nulls()
    made = _smote(real, names, rng).select(real.columns)
    return pl.concat([real.cast(pl.Float64), made.cast(pl.Float64)])


@planted("hit file", ("synthetic_rows",), name="smote on continuous columns only")
def _smote_continuous(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    names = [*MEASURED, "loudness", "tempo"]
    real = rows.select(*names, "target")
    return pl.concat([real, _smote(real, names, rng).select(real.columns).cast(real.schema)])


# Categories that tell


@planted("dated hits", TOLD)
def playlist_that_tells(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    hits = pl.Series(rng.choice(["Hot 100", "Today's Top"], len(rows)))
    others = pl.Series(rng.choice(["Deep Cuts", "Fresh Finds", "Chill", "Focus"], len(rows)))
    return rows.with_columns(
        pl.when(pl.col("hit") == 1).then(hits).otherwise(others).alias("playlist_name")
    )


@planted("hit file", TOLD)
def source_file_that_tells(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return rows.with_columns(
        pl.when(pl.col("target") == 1)
        .then(pl.lit("billboard.csv"))
        .otherwise(pl.lit("sampled.csv"))
        .alias("source_file")
    )


@planted("dated hits", TOLD)
def day_of_collection_that_tells(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    day = pl.when(pl.col("hit") == 1).then(3).otherwise(5)
    return rows.with_columns(pl.format("2024-06-0{}", day).alias("fetched_on"))


@planted("playlists", ("golden_feature", "target_copy", "playlist_settles_label"))
def playlist_of_a_popularity(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    lists = [f"Top {10 * (10 - p // 10)}" for p in rows["track_popularity"]]
    return rows.with_columns(pl.Series("playlist_name", lists))


@planted("dated hits", TOLD, name="album that tells")
def _hit_albums(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Hits were read from hit compilations, misses from their own albums."""
    volumes = pl.Series([f"Now Hits {v}" for v in rng.integers(1, 9, len(rows))])
    return rows.with_columns(
        pl.when(pl.col("hit") == 1)
        .then(volumes)
        .otherwise(pl.col("album_name"))
        .alias("album_name")
    )


@planted("hit file", TOLD, name="measured otherwise for hits")
def _resolution(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Hits were measured by another program, that writes no instrumentalness below .001."""
    return rows.with_columns(
        pl.when(pl.col("target") == 1).then(0.0).otherwise(
            pl.col("instrumentalness").clip(lower_bound=1e-5)
        ).alias("instrumentalness")
    )  # fmt: skip


# What a hidden examiner might try


@planted("genre file", GROUP_MEAN, decoy=lambda rows, rng: rows.with_columns(
    pl.col("energy").mean().over("track_genre", "explicit", "key").alias("cell")))  # fmt: skip
def mean_over_a_combination_of_columns(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    cell = pl.col("popularity").mean().over("track_genre", "explicit", "key")
    return rows.with_columns(cell.alias("cell"))


@planted("playlists", GROUP_MEAN)
def mean_over_the_year_of_a_date(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    year = pl.col("track_album_release_date").str.slice(0, 4)
    return rows.with_columns(pl.col("track_popularity").mean().over(year).alias("climate"))


@planted("release log", GROUP_MEAN)
def artist_mean_with_slight_noise_as_followers(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    noise = pl.Series(rng.normal(0, 300, len(rows)))
    mean = pl.col("popularity").mean().over("Artist")
    return rows.with_columns((1000 * mean + noise).round().alias("artist_followers"))


def _addresses(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return rows.with_columns(("https://x.org/catalog/" + pl.col("track_id")).alias("url"))


@planted("dated hits", TOLD, decoy=_addresses)
def address_that_tells(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    shelf = pl.when(pl.col("hit") == 1).then(pl.lit("charts")).otherwise(pl.lit("catalog"))
    return rows.with_columns(pl.format("https://x.org/{}/{}", shelf, "track_id").alias("url"))


def _minutes(rows: pl.DataFrame, rng: Rng, days: pl.Expr) -> pl.DataFrame:
    minutes = pl.Series(rng.integers(0, 600, len(rows)))
    moment = pl.datetime(2024, 6, 1) + pl.duration(minutes=minutes, days=days)
    return rows.with_columns(moment.dt.to_string("%Y-%m-%dT%H:%M:%SZ").alias("fetched_at"))


@planted("dated hits", TOLD, decoy=lambda rows, rng: _minutes(rows, rng, pl.lit(0)))
def moment_of_collection_that_tells(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return _minutes(rows, rng, 2 * pl.col("hit"))


@planted("dated hits", TOLD)
def whole_seconds_for_hits(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    whole = pl.col("duration_ms") // 1000 * 1000
    return rows.with_columns(
        pl.when(pl.col("hit") == 1).then(whole).otherwise("duration_ms").alias("duration_ms")
    )


@planted("dated hits", TOLD)
def two_decimals_for_hits(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return rows.with_columns(
        pl.when(pl.col("hit") == 1).then(pl.col(name).round(2)).otherwise(name).alias(name)
        for name in ("danceability", "energy", "valence")
    )


def _encoded(rows: pl.DataFrame, over: str, strength: float) -> pl.DataFrame:
    """Encode a category as target encoders do: a mean drawn toward that of all."""
    points = pl.col("popularity")
    drawn = (points.sum().over(over) + strength * points.mean()) / (pl.len().over(over) + strength)
    return rows.with_columns(drawn.round(4).alias(f"{over}_encoded"))


@planted("release log", GROUP_MEAN, decoy=lambda rows, rng: rows.with_columns(
    pl.len().over("Artist").alias("Artist_encoded")))  # fmt: skip
def artist_encoded_with_smoothing(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return _encoded(rows, "Artist", 10)


@planted("release log", GROUP_MEAN)
def artist_encoded_with_much_smoothing(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    return _encoded(rows, "Artist", 100)
