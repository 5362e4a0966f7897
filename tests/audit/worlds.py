"""Honest music catalogs: generated worlds without a leak, in the shapes that people share.

Artists, genres, albums and years move popularity as they do in public files; live versions,
remixes, covers and compilations are there because they are legitimate.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

Rng = np.random.Generator

GENRES = (
    "pop", "dance pop", "hip hop", "trap", "rock", "indie", "metal", "jazz", "classical",
    "country", "house", "latin",
)  # fmt: skip
_WORDS = tuple(
    """
    night river gold fever summer ghost mirror paper velvet thunder silver highway echo garden
    winter signal orbit marble lantern harbor tiger copper meadow crystal shadow ember canyon
    violet static hollow ocean diamond rebel stranger morning midnight heart fire rain dream road
    city light blue wild young lonely broken holy electric sugar honey smoke stone glass wolf
    angel devil queen king letter window train bridge island desert forest mountain star moon sun
    """.split()  # noqa: SIM905
)
_SYLLABLES = (
    "ka", "lo", "mi", "ren", "dor", "sa", "vel", "tho", "bri", "an", "el", "ju", "no", "ra",
    "fe", "xi", "pol", "mar", "ten", "gu", "da", "lin", "os",
)  # fmt: skip


def _artist_names(n: int, rng: Rng) -> np.ndarray:
    names: dict[str, None] = {}
    while len(names) < n:
        words = ["".join(rng.choice(_SYLLABLES, rng.integers(2, 4))).title() for _ in range(2)]
        names[" ".join(words)] = None
    return np.array(list(names))


def _titles(n: int, rng: Rng) -> list[str]:
    return [" ".join(rng.choice(_WORDS, rng.integers(2, 5))).title() for _ in range(n)]


def _codes(n: int, rng: Rng) -> np.ndarray:
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))
    return np.array(["".join(row) for row in rng.choice(letters, (n, 22))])


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _audio(genre: np.ndarray, artist: np.ndarray, rng: Rng) -> dict[str, np.ndarray]:
    """Return descriptors around the centre of their genre and artist, rounded as Spotify does."""
    n = len(genre)
    latent = (
        rng.normal(0, 0.8, (len(GENRES), 9))[genre]
        + rng.normal(0, 0.5, (artist.max() + 1, 9))[artist]
        + rng.normal(0, 0.8, (n, 9))
    )
    sung = rng.random(n) < 0.55
    return {
        "danceability": _sigmoid(latent[:, 0] * 0.7 + 0.3).round(3),
        "energy": _sigmoid(latent[:, 1] + 0.5).round(3),
        "key": rng.choice(12, n),
        "loudness": (-8 + 2.5 * latent[:, 1] + 1.5 * latent[:, 2]).clip(-40, 0).round(3),
        "mode": (rng.random(n) < 0.63).astype(int),
        "speechiness": _sigmoid(latent[:, 3] - 2.4).round(4),
        "acousticness": _sigmoid(1.4 * latent[:, 4] - latent[:, 1] - 0.8).round(4),
        "instrumentalness": np.where(sung, 0.0, _sigmoid(3 * latent[:, 5] - 3)).round(6),
        "liveness": _sigmoid(0.7 * latent[:, 6] - 1.5).round(4),
        "valence": _sigmoid(latent[:, 7]).round(3),
        "tempo": (120 + 26 * latent[:, 8]).clip(50, 215).round(3),
        "duration_ms": (np.exp(12.3 + 0.25 * rng.normal(size=n))).round().astype(int),
        "time_signature": rng.choice([3, 4, 5], n, p=[0.08, 0.9, 0.02]),
        "explicit": (_sigmoid(latent[:, 3] - 2) > rng.random(n)).astype(int),
    }


def honest_world(n: int, seed: int) -> pl.DataFrame:
    """Return n tracks with everything that a catalog may hold; styles choose columns from it."""
    rng = np.random.default_rng(seed)
    n_artists = max(n // 9, 20)
    share = (rng.pareto(1.3, n_artists) + 0.25).clip(max=6)
    artist = np.sort(rng.choice(n_artists, n, p=share / share.sum()))
    genre = np.where(
        rng.random(n) < 0.9,
        rng.integers(0, len(GENRES), n_artists)[artist],
        rng.integers(0, len(GENRES), n),
    )
    began = rng.integers(1975, 2018, n_artists)
    nth = np.arange(n) - np.searchsorted(artist, artist)
    album = artist * 1000 + nth // rng.integers(1, 13, n_artists)[artist]
    _, album = np.unique(album, return_inverse=True)
    album_year = began[artist] + rng.integers(0, 12, album.max() + 1)[album]
    year = np.minimum(album_year, 2023)
    day = rng.integers(0, 365, album.max() + 1)[album]
    audio = _audio(genre, artist, rng)

    artist_effect = rng.normal(0, 11, n_artists)
    latent = (
        44
        + rng.normal(0, 6, len(GENRES))[genre]
        + artist_effect[artist]
        + rng.normal(0, 5, album.max() + 1)[album]
        + 0.25 * (year - 2000)
        + 8 * (audio["danceability"] - 0.5)
        - 5 * (audio["instrumentalness"] > 0.5)
        + rng.normal(0, 10, n)
    )
    world = pl.DataFrame(
        {
            "track_id": _codes(n, rng),
            "artists": _artist_names(n_artists, rng)[artist],
            "album_name": np.array(_titles(album.max() + 1, rng))[album],
            "album_id": _codes(album.max() + 1, rng)[album],
            "track_name": _titles(n, rng),
            "genre": np.array(GENRES)[genre],
            "year": year,
            "release_date": (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + day,
            "popularity": latent.clip(0, 100).round().astype(int),
            "latent": latent,
            **audio,
            "label": np.array([f"{w} Records".title() for w in _titles(60, rng)])[
                rng.integers(0, 60, n_artists)[artist]
            ],
            "artist_popularity": (55 + 0.9 * artist_effect + rng.normal(0, 11, n_artists))
            .clip(0, 100)
            .round()
            .astype(int)[artist],
            "artist_followers": np.exp(11 + 0.08 * artist_effect + rng.normal(0, 1.5, n_artists))
            .round()
            .astype(int)[artist],
        }
    )
    for change in (_versions, _covers, _guests, _compilations, _zeros, _gaps):
        world = change(world, rng)
    titled = world.unique(["artists", "track_name"], keep="first", maintain_order=True)
    return titled.unique(["track_id"], keep="first", maintain_order=True)


def _put(rows: pl.DataFrame, at: np.ndarray, **columns: object) -> pl.DataFrame:
    """Return the rows with other values at some places."""
    for name, values in columns.items():
        changed = rows[name].to_list()
        for i, value in zip(at, np.asarray(values).tolist(), strict=True):
            changed[i] = value
        rows = rows.with_columns(pl.Series(name, changed, dtype=rows[name].dtype))
    return rows


def _versions(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Give one track in thirty a live version or a remix: another recording, less popular."""
    at = rng.choice(len(rows) - 1, len(rows) // 30, replace=False)
    same = (rows["artists"][at] == rows["artists"][at + 1]).to_numpy()
    of, to = at[same], at[same] + 1
    live = rng.random(len(of)) < 0.5
    titles = [
        f"{title} - Live" if is_live else f"{title} - {rng.choice(_SYLLABLES).title()} Remix"
        for title, is_live in zip(rows["track_name"][of], live, strict=True)
    ]
    return _put(
        rows,
        to,
        track_name=titles,
        liveness=np.where(live, 0.9, 0.15) + rng.normal(0, 0.02, len(of)).round(4),
    )


def _covers(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Let several artists record one title."""
    at = rng.choice(len(rows), len(rows) // 40, replace=False)
    return _put(rows, at, track_name=[f"{_WORDS[i % 12]} of {_WORDS[20]}".title() for i in at])


def _guests(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Credit a second artist on one track in twelve."""
    at = rng.choice(len(rows), len(rows) // 12, replace=False)
    guests = rng.choice(rows["artists"].unique(maintain_order=True).to_numpy(), len(at))
    own = rows["artists"][at].to_numpy()
    return _put(
        rows, at, artists=[a if a == g else f"{a};{g}" for a, g in zip(own, guests, strict=True)]
    )


def _compilations(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Put one track in fifty on an album of many artists."""
    at = rng.choice(len(rows), len(rows) // 50, replace=False)
    volume = rng.integers(0, max(len(at) // 10, 1), len(at))
    return _put(
        rows,
        at,
        album_name=[f"Best Of The Years {v}" for v in volume],
        album_id=[f"compilation{v:011d}" for v in volume],
    )


def _zeros(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    at = np.flatnonzero(rng.random(len(rows)) < 0.02)
    return _put(rows, at, popularity=np.zeros(len(at), int), latent=np.full(len(at), -20.0))


def _gaps(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Lose some values at random."""
    return rows.with_columns(
        pl.when(pl.Series(rng.random(len(rows)) < rate))
        .then(None)
        .otherwise(pl.col(name))
        .alias(name)
        for name, rate in (("explicit", 0.04), ("time_signature", 0.02), ("label", 0.05))
    )


def _hits(rows: pl.DataFrame, rng: Rng, rate: float) -> pl.Series:
    """Return 0 or 1 by the latent popularity and chance."""
    pull = rows["latent"].to_numpy() / 6 + rng.logistic(size=len(rows))
    return pl.Series("hit", (pull > np.quantile(pull, 1 - rate)).astype(int))


AUDIO = (
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo", "duration_ms", "time_signature",
)  # fmt: skip


def genre_file(n: int, seed: int) -> pl.DataFrame:
    """Return a file like the 114k tracks: sorted by genre, popularity 0 to 100."""
    rows = honest_world(n, seed).sort("genre", "track_id")
    names = ("track_id", "artists", "album_name", "track_name", "popularity", "explicit", *AUDIO)
    return rows.select(*names, pl.col("genre").alias("track_genre"))


def playlist_file(n: int, seed: int) -> pl.DataFrame:
    """Return a file like the TidyTuesday playlists, an honest playlist for every genre."""
    rng = np.random.default_rng(seed + 1)
    rows = honest_world(n, seed).sample(fraction=1, shuffle=True, seed=seed)
    lists = [
        f"{g} {w}" for g, w in zip(rows["genre"], rng.choice(_WORDS[:8], len(rows)), strict=True)
    ]
    return rows.select(
        "track_id",
        "track_name",
        pl.col("artists").alias("track_artist"),
        pl.col("popularity").alias("track_popularity"),
        pl.col("album_id").alias("track_album_id"),
        pl.col("album_name").alias("track_album_name"),
        pl.col("release_date").cast(pl.String).alias("track_album_release_date"),
        pl.Series("playlist_name", lists),
        pl.col("genre").alias("playlist_genre"),
        *(name for name in AUDIO if name != "time_signature"),
    )


def release_log(n: int, seed: int) -> pl.DataFrame:
    """Return a label's list by release date, with artist figures from elsewhere."""
    rows = honest_world(n, seed).sort("release_date", "track_id")
    return rows.select(
        "track_id", pl.col("track_name").alias("Title"), pl.col("artists").alias("Artist"),
        pl.col("album_name").alias("Album"), "release_date", "label", "genre",
        "artist_popularity", "artist_followers", "popularity", "explicit", *AUDIO,
    )  # fmt: skip


def hit_file(n: int, seed: int, rate: float = 0.12) -> pl.DataFrame:
    """Return a file like the hit predictor's, at a true rate of hits, sorted by artist."""
    rng = np.random.default_rng(seed + 2)
    rows = honest_world(n, seed)
    return rows.select(
        pl.col("track_name").alias("track"),
        pl.col("artists").alias("artist"),
        ("spotify:track:" + pl.col("track_id")).alias("uri"),
        *AUDIO,
        pl.Series("sections", rng.poisson(10, len(rows)) + 1),
        _hits(rows, rng, rate).alias("target"),
    )


def dated_hits(n: int, seed: int, rate: float = 0.08) -> pl.DataFrame:
    """Return hits and misses with year, genre, label and honest figures, in no order."""
    rng = np.random.default_rng(seed + 3)
    rows = honest_world(n, seed)
    rows = rows.with_columns(_hits(rows, rng, rate)).sample(fraction=1, shuffle=True, seed=seed)
    names = ("track_id", "track_name", "artists", "album_name", "year", "genre", "label")
    return rows.select(*names, "artist_followers", "explicit", *AUDIO, "hit")


def anonymous_file(n: int, seed: int) -> pl.DataFrame:
    """Return sounds and popularity only: no ids, titles, artists, albums or dates."""
    rows = honest_world(n, seed).sample(fraction=1, shuffle=True, seed=seed)
    theirs = {"duration_ms": "Duration", "tempo": "BPM"}
    return rows.select(
        *(pl.col(name).alias(theirs.get(name, name.title())) for name in AUDIO),
        pl.col("genre").alias("Top Genre"),
        pl.col("popularity").alias("Popularity"),
    )


STYLES: dict[str, Callable[[int, int], pl.DataFrame]] = {
    "genre file": genre_file,
    "playlists": playlist_file,
    "release log": release_log,
    "hit file": hit_file,
    "dated hits": dated_hits,
    "anonymous": anonymous_file,
}
