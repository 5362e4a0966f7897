"""The sample catalog: synthetic tracks in the published format of the 114k file.

Nothing in it is real. The rows are drawn from aggregates per genre
(`sample_profile.json`, rebuilt by `tools/build_sample_profile.py`). Within a
genre a Gaussian copula (Nelsen 2006, An Introduction to Copulas) ties the audio
features to popularity, in parts that artist, album and track explain. The flaws
of the published file are there too, at about their published rates, so that
loading and auditing have something to find.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from trackoracle.catalogs.sample_names import ID_PREFIX, joined_words, track_ids, track_texts
from trackoracle.catalogs.sample_plan import (
    LEAST_FLAWS,
    Plan,
    Profile,
    Reals,
    Whole,
    drawn,
    planned_tracks,
    profile_facts,
    row_counts,
)
from trackoracle.errors import ConfigError

__all__ = ["COLUMNS", "ID_PREFIX", "LEAST_TRACKS", "MOST_TRACKS", "NOTICE", "generate_sample"]

NOTICE = "synthetic: generated from per-genre statistics, no real tracks"
LEAST_TRACKS, MOST_TRACKS = 100, 1_000_000
COLUMNS = (
    "track_id", "artists", "album_name", "track_name", "popularity", "duration_ms", "explicit",
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo", "time_signature", "track_genre",
)  # fmt: skip
_REMASTER_GAIN_DB = 0.5
_DECIMALS = {"loudness": 3, "tempo": 3, "duration_ms": 0}
# Where no beat was found, the published files hold zeros in all of these.
_WITHOUT_BEAT = ("danceability", "speechiness", "valence", "tempo", "time_signature")  # fmt: skip


def generate_sample(n_tracks: int = 6000, seed: int = 0) -> pl.DataFrame:
    """Generate synthetic rows in the published 114k format, flaws included.

    Genres are taken evenly from the published list ordered by popularity, one
    for about 110 tracks, each with the same number of rows.

    Parameters
    ----------
    n_tracks
        Least number of distinct track ids. There are more rows, as some tracks
        stand under several genres.
    seed
        The same seed gives the same rows.

    Returns
    -------
    (n, 20) rows, sorted by genre

    Raises
    ------
    ConfigError
        When `n_tracks` is not between 100 and 1,000,000.

    Examples
    --------
    >>> rows = generate_sample(n_tracks=400, seed=1)
    >>> rows["track_id"].n_unique() >= 400, rows["track_genre"].n_unique()
    (True, 4)
    >>> rows["track_id"][0][:9]
    'synthetic'
    """
    if not LEAST_TRACKS <= n_tracks <= MOST_TRACKS:
        raise ConfigError(
            f"n_tracks: expected {LEAST_TRACKS:,} to {MOST_TRACKS:,}, got {n_tracks:,}. "
            "Choose a size in that range."
        )
    rng = np.random.default_rng(seed)
    profile = Profile(profile_facts(), n_tracks)
    shared = profile.shared()
    n_borrowed, n_repeated, n_own = row_counts(profile, shared, n_tracks)
    plan = planned_tracks(rng, profile, n_own)
    tracks = _tracks(rng, profile, plan)
    borrowed = _taken(rng, plan.genre, shared, n_borrowed)
    repeated = _taken(rng, plan.genre, np.eye(len(shared)), n_repeated)
    rows = pl.concat(
        [
            _in_genres(profile, tracks, np.arange(len(plan)), plan.genre),
            _counted_again(rng, profile, _in_genres(profile, tracks, *borrowed)),
            _in_genres(profile, tracks, *repeated),
        ]
    )
    shuffled = rows[rng.permutation(len(rows))].sort("track_genre", maintain_order=True)
    return _one_without_names(shuffled).select(COLUMNS)


def _tracks(rng: np.random.Generator, profile: Profile, plan: Plan) -> pl.DataFrame:
    """One row a track id, in the order of the plan."""
    scores = pl.DataFrame(_scores(rng, profile, plan), schema=profile["latent"])
    place = (pl.exclude("genre").rank("ordinal").over("genre") - 0.5) / pl.len().over("genre")
    places = scores.with_columns(genre=plan.genre).select(place)
    popularity = _popularity(profile, plan, places["popularity"].to_numpy())
    return pl.DataFrame(
        {
            "track_id": track_ids(rng, len(plan)),
            **track_texts(rng, profile, plan),
            "popularity": popularity,
            **_measured(rng, profile, plan, places),
        }
    ).with_columns(pl.col("duration_ms").cast(pl.Int64))


def _scores(rng: np.random.Generator, profile: Profile, plan: Plan) -> Reals:
    """Draw normal scores of the latent columns: (n, k)."""
    kinds = [plan.kind == place for place in range(len(profile["title_kinds"]))]
    marks = np.stack([*kinds, plan.several, plan.compilation, plan.again], axis=1)
    scores = marks @ np.array([profile["shifts"][mark] for mark in profile["marks"]])
    codes = {"artist": plan.artist, "album": plan.album, "track": np.arange(len(plan))}
    for level, code in codes.items():
        root = np.linalg.cholesky(np.array(profile["covariances"][level]))
        scores += (rng.standard_normal((int(code.max()) + 1, len(root))) @ root.T)[code]
    return np.asarray(scores)


def _quantile(profile: Profile, table: Reals, place: Reals) -> Reals:
    """Value at each place within 0 to 1, by the row's own quantiles (n, q)."""
    known = np.array(profile["probabilities"])
    place = place.clip(known[0], known[-1])
    left = (np.searchsorted(known, place, "right") - 1).clip(0, len(known) - 2)
    part = (place - known[left]) / (known[left + 1] - known[left])
    row = np.arange(len(place))
    # Between known quantiles most features rise ever faster, which cube roots straighten.
    root = np.cbrt(table)
    return np.asarray((root[row, left] * (1 - part) + root[row, left + 1] * part) ** 3)


def _popularity(profile: Profile, plan: Plan, place: Reals) -> Whole:
    zeros = profile.each("zeros")[plan.genre]
    table = profile.each("popularity")[plan.genre]
    points = _quantile(profile, table, (place - zeros) / (1 - zeros)).round()
    return np.where(place < zeros, 0, points).astype(np.int64)


def _measured(
    rng: np.random.Generator, profile: Profile, plan: Plan, places: pl.DataFrame
) -> dict[str, Any]:
    """Everything measured on the recording; a re-release repeats its base."""
    quantiles = profile.each("quantiles")[plan.genre]
    beats = np.array([*profile["time_signatures"], 4])
    columns = {
        "explicit": places["explicit"].to_numpy() > 1 - profile.each("explicit")[plan.genre],
        "key": drawn(rng.random(len(plan)), profile.each("key")[plan.genre]).clip(max=11),
        "mode": (rng.random(len(plan)) < profile.each("major")[plan.genre]).astype(np.int64),
        "time_signature": beats[
            drawn(rng.random(len(plan)), profile.each("time_signature")[plan.genre])
        ],
    }
    for i, name in enumerate(profile["numbers"]):
        values = pl.Series(_quantile(profile, quantiles[:, i], places[name].to_numpy()))
        decimals = _DECIMALS.get(name)
        rounded = values.round_sig_figs(3) if decimals is None else values.round(decimals)
        columns[name] = rounded.to_numpy(writable=True)
    no_beat = _no_beat(rng, profile, plan)
    for name in _WITHOUT_BEAT:
        columns[name][no_beat] = 0
    measured = {name: values[plan.base] for name, values in columns.items()}
    louder = measured["loudness"] + np.where(plan.remastered, _REMASTER_GAIN_DB, 0)
    return measured | {"loudness": louder.round(3)}


def _no_beat(rng: np.random.Generator, profile: Profile, plan: Plan) -> Whole:
    shares = profile.each("no_beat")[plan.genre] + 1e-4
    n = max(LEAST_FLAWS, round(len(plan) * float(shares.mean())))
    chances = np.where(plan.again, 0, shares)
    return rng.choice(len(plan), n, replace=False, p=chances / chances.sum())


def _taken(
    rng: np.random.Generator, genre: Whole, weights: Reals, n_taken: Whole
) -> tuple[Whole, Whole]:
    """Tracks that stand once more, and under which genre, by weights of genres (g, g)."""
    n_own = np.bincount(genre)
    picked = [
        rng.choice(len(genre), n, replace=False, p=(weight / weight.sum() / n_own)[genre])
        for weight, n in zip(weights, n_taken.tolist(), strict=True)
    ]
    return np.concatenate(picked), np.repeat(np.arange(len(n_own)), n_taken)


def _in_genres(profile: Profile, tracks: pl.DataFrame, row: Whole, genre: Whole) -> pl.DataFrame:
    return tracks[row].with_columns(
        joined_words(profile.genres, genre[:, None]).alias("track_genre")
    )


def _counted_again(rng: np.random.Generator, profile: Profile, rows: pl.DataFrame) -> pl.DataFrame:
    """Move some rows one popularity point, as if read on another day."""
    n = max(LEAST_FLAWS, round(len(rows) * profile["two_popularities"]))
    popularity = rows["popularity"].to_numpy(writable=True)
    picked = rng.choice(len(rows), n, replace=False)
    popularity[picked] = np.abs(popularity[picked] - 1)
    return rows.with_columns(pl.Series("popularity", popularity))


def _one_without_names(rows: pl.DataFrame) -> pl.DataFrame:
    """Take names and length from one row, as in the published file."""
    alone = ~pl.col("track_id").is_duplicated()
    least = rows.select(pl.when(alone).then("popularity").arg_min()).item()
    blank = pl.int_range(pl.len()) == least
    return rows.with_columns(
        pl.when(~blank).then(pl.col("artists", "album_name", "track_name")),
        pl.when(~blank).then(pl.col("popularity", "duration_ms")).otherwise(0),
    )
