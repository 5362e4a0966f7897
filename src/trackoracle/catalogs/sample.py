"""The sample catalog: synthetic tracks in the published format of the 114k file.

Nothing in it is real. The rows are drawn from aggregates per genre
(`sample_profile.json`, rebuilt by `tools/build_sample_profile.py`). Within a
genre a Gaussian copula (Nelsen 2006, An Introduction to Copulas) ties the audio
features to popularity, in parts that artist, album and track explain. The flaws
of the published file are there too, at about their published rates, so that
loading and auditing have something to find.
"""

from __future__ import annotations

import json
import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.errors import ConfigError
from trackoracle.schema import CREDIT_SEPARATOR

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]

NOTICE = "synthetic: generated from per-genre statistics, no real tracks"
ID_PREFIX = "synthetic"
LEAST_TRACKS, MOST_TRACKS = 100, 1_000_000
COLUMNS = (
    "track_id", "artists", "album_name", "track_name", "popularity", "duration_ms", "explicit",
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo", "time_signature", "track_genre",
)  # fmt: skip

# With fewer tracks a genre, few artists of it would have other tracks to learn from.
_TRACKS_PER_GENRE = 110
_LEAST_GENRES = 4
_LARGEST_ARTIST = 1 / 4
_MOST_BORROWED = 0.25
_LEAST_SHARED = 1e-4
_LEAST_FLAWS = 3
_REMASTERED = 0.04
_REMASTER_GAIN_DB = 0.5
_DECIMALS = {"loudness": 3, "tempo": 3, "duration_ms": 0}
# How often a track is what its artist's other tracks are: live, compiled, released again.
_ALIKE = 0.75
# Where no beat was found, the published files hold zeros in all of these.
_WITHOUT_BEAT = ("danceability", "speechiness", "valence", "tempo", "time_signature")

_ID_LETTERS = string.digits + string.ascii_letters
_ID_LENGTH, _ID_COUNTER = 22, 4
_SYLLABLES = (
    "bal", "bor", "cas", "cel", "dan", "dor", "fen", "fir", "gal", "gor", "hal", "hol", "jor",
    "kal", "kir", "lan", "lor", "mar", "mel", "nor", "pel", "quin", "ral", "rin", "sol", "tam",
    "tir", "vel", "ven", "win", "wyn", "zor",
)  # fmt: skip
_OPENINGS = ("", "", "", "", "My ", "Your ", "The ", "No ", "One ", "Every ")
_ADJECTIVES = (
    "Amber", "Blue", "Bright", "Broken", "Burning", "Cold", "Crooked", "Distant", "Electric",
    "Empty", "Endless", "Falling", "Frozen", "Gentle", "Golden", "Hidden", "Hollow", "Little",
    "Lonely", "Lost", "Midnight", "Paper", "Quiet", "Rising", "Secret", "Silver", "Slow", "Wild",
)  # fmt: skip
_NOUNS = (
    "Answer", "Bridge", "Candle", "Circle", "City", "Compass", "Dancer", "Door", "Echo", "Engine",
    "Fire", "Garden", "Harbour", "Heart", "Highway", "Horizon", "Island", "Lantern", "Letter",
    "Machine", "Mirror", "Moon", "Mountain", "Night", "Ocean", "River", "Signal", "Window",
)  # fmt: skip
_CLOSINGS = ("", "", "", "", "", " Again", " Tonight", " and Me", " Blues", " of Glass")
_ALBUMS = ("Sessions", "Nights", "Letters", "Tales", "Rooms", "Colours", "Diaries", "Signals")
_SUFFIXES = {
    "plain": ("", "", "", ""),
    "christmas": (" at Christmas", " (Christmas Song)", " for Christmas", " - Christmas Version"),
    "feat": ("", "", "", ""),
    "live": (" - Live", " (Live)", " - Live in Concert", " - Live Session"),
    "remix": (" (Remix)", " - Remix", " - Club Remix", " (Extended Remix)"),
    "remaster": (" - Remastered 2011", " - 2009 Remaster", " - Remastered", " - 2015 Remaster"),
    "acoustic": (" - Acoustic", " (Acoustic)", " - Acoustic Version", " - Acoustic"),
    "radio_edit": (" - Radio Edit", " (Radio Edit)", " - Radio Edit", " - Radio Edit"),
    "instrumental": (" - Instrumental", " (Instrumental)", " - Instrumental", " (Instrumental)"),
}


class _Profile:
    """The aggregates; those of the genres drawn as arrays (g, ...)."""

    def __init__(self, facts: dict[str, Any], n_tracks: int) -> None:
        names = sorted(facts["genres"], key=lambda name: _usual_popularity(facts["genres"][name]))
        n = min(max(n_tracks // _TRACKS_PER_GENRE, _LEAST_GENRES), len(names))
        places = np.linspace(0, len(names) - 1, n).round().astype(int)
        self.facts = facts
        self.genres = sorted(names[place] for place in places)

    def __getitem__(self, name: str) -> Any:
        return self.facts[name]

    def each(self, name: str) -> Reals:
        """Return one entry of every genre drawn."""
        return np.array([self.facts["genres"][genre][name] for genre in self.genres], np.float64)

    def shared(self) -> Reals:
        """Share of a genre's rows that it takes from each other genre: (g, g)."""
        known = self.facts["genres"]
        shares = np.array(
            [[known[one]["shared"].get(other, 0) for other in self.genres] for one in self.genres]
        )
        # Any pair may share a track, so that a few genres without partners do so too.
        shares = np.maximum(shares, _LEAST_SHARED * (1 - np.eye(len(shares))))
        # Both of a pair take, hence the half; those drawn stand in for those not drawn.
        shares *= 0.5 * len(known) / len(self.genres)
        totals = shares.sum(axis=1, keepdims=True)
        return np.asarray(
            shares * np.minimum(1, _MOST_BORROWED / np.maximum(totals, _LEAST_SHARED))
        )


def _usual_popularity(genre: dict[str, Any]) -> float:
    return float((1 - genre["zeros"]) * np.median(genre["popularity"]))


@dataclass(frozen=True)
class _Plan:
    """Who made which track on which album; the tracks of an artist, and of a genre, adjoin.

    Parameters
    ----------
    genre, artist, album
        (n,) codes.
    base
        (n,) the track that a re-release repeats, else the track itself.
    kind
        (n,) place of the title kind in the profile; one past the last for a plain title.
    several
        (n,) whether more than one artist is credited.
    compilation
        (n,) whether the album gathers many artists.
    remastered
        (n,) whether a re-release is a remaster, so not quite the same audio.
    """

    genre: Whole
    artist: Whole
    album: Whole
    base: Whole
    kind: Whole
    several: Flags
    compilation: Flags
    remastered: Flags

    def __len__(self) -> int:
        return len(self.genre)

    @property
    def again(self) -> Flags:
        """Whether each track is a re-release."""
        return np.asarray(self.base != np.arange(len(self)))


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
    profile = _Profile(_facts(), n_tracks)
    shared = profile.shared()
    n_borrowed, n_repeated, n_own = _counts(profile, shared, n_tracks)
    plan = _planned(rng, profile, n_own)
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


@cache
def _facts() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("sample_profile.json").read_text("utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


def _counts(profile: _Profile, shared: Reals, n_tracks: int) -> tuple[Whole, Whole, Whole]:
    """Rows of each genre that it borrows, that it repeats, and that are its own: (g,) each."""
    n_genres, parts = len(shared), shared.sum(axis=1)
    n_twice = max(_LEAST_FLAWS, round(n_tracks * profile["duplicate_rows"]))
    repeated = np.bincount(np.arange(n_twice) % n_genres, minlength=n_genres)
    n_rows = int(np.ceil((n_tracks + n_twice + n_genres) / (1 - parts).sum()))
    borrowed = np.floor(n_rows * parts).clip(1).astype(np.int64)
    return borrowed, repeated, n_rows - borrowed - repeated


def _planned(rng: np.random.Generator, profile: _Profile, n_own: Whole) -> _Plan:
    genre = np.repeat(np.arange(len(n_own)), n_own)
    n = len(genre)
    artist = _artists(rng, profile, n_own)
    base = _bases(rng, artist, profile.each("rerelease")[genre])
    again = base != np.arange(n)
    compilation = _alike(rng, artist) < profile.each("compilation")[genre, again.astype(np.int64)]
    kind = _drawn(_alike(rng, artist), profile.each("title_kinds")[genre])[base]
    several = _alike(rng, artist) < profile.each("several_credits")[genre]
    return _Plan(
        genre=genre,
        artist=artist,
        album=_albums(rng, profile, genre, artist, compilation),
        base=base,
        kind=kind,
        several=several[base] | (kind == profile["title_kinds"].index("feat")),
        compilation=compilation,
        remastered=again & (rng.random(n) < _REMASTERED),
    )


def _artists(rng: np.random.Generator, profile: _Profile, n_own: Whole) -> Whole:
    codes: list[Whole] = []
    for sizes, n in zip(profile.each("tracks_per_artist"), n_own.tolist(), strict=True):
        first = codes[-1][-1] + 1 if codes else 0
        codes.append(first + _runs(rng, profile, sizes, n, int(n * _LARGEST_ARTIST)))
    return np.concatenate(codes)


def _runs(rng: np.random.Generator, profile: _Profile, sizes: Reals, n: int, most: int) -> Whole:
    """Codes of n things in adjoining groups, whose sizes follow the quantiles: (n,)."""
    drawn = np.interp(rng.random(n), profile["size_probabilities"], sizes).round()
    return np.repeat(np.arange(n), drawn.clip(1, most).astype(np.int64))[:n]


def _bases(rng: np.random.Generator, artist: Whole, share: Reals) -> Whole:
    n = len(artist)
    earlier = np.arange(n) - np.searchsorted(artist, artist)
    # An artist's first track has none to repeat; the others make up for it.
    again = _alike(rng, artist) < np.minimum(0.9, share / (earlier > 0).mean())
    steps = 1 + (rng.random(n) * earlier).astype(np.int64)
    base = np.arange(n) - np.where(again & (earlier > 0), steps, 0)
    while (base[base] != base).any():
        base = base[base]
    return base


def _albums(
    rng: np.random.Generator, profile: _Profile, genre: Whole, artist: Whole, compilation: Flags
) -> Whole:
    n = len(genre)
    own = _runs(rng, profile, np.array(profile["tracks_per_album"]), n, n)
    gathered = np.bincount(genre[compilation], minlength=int(genre[-1]) + 1)
    n_albums = (gathered / profile["tracks_per_compilation"]).round().clip(1)
    place = np.where(compilation, rng.random(n) * n_albums[genre], own).astype(np.int64)
    # Owners below zero keep compilations apart from the albums of artists.
    owner = np.where(compilation, -1 - genre, artist)
    return np.unique(owner * (n + 1) + place, return_inverse=True)[1].astype(np.int64)


def _alike(rng: np.random.Generator, artist: Whole) -> Reals:
    """Uniform draws (n,), often the same for the tracks of an artist."""
    n = len(artist)
    own, common = rng.random(n), rng.random(int(artist[-1]) + 1)[artist]
    return np.where(rng.random(n) < _ALIKE, common, own)


def _drawn(uniform: Reals, shares: Reals) -> Whole:
    """One place for each row of shares (n, k); k where the shares leave something over."""
    return np.asarray((uniform[:, None] >= shares.cumsum(axis=1)).sum(axis=1))


def _tracks(rng: np.random.Generator, profile: _Profile, plan: _Plan) -> pl.DataFrame:
    """One row a track id, in the order of the plan."""
    scores = pl.DataFrame(_scores(rng, profile, plan), schema=profile["latent"])
    place = (pl.exclude("genre").rank("ordinal").over("genre") - 0.5) / pl.len().over("genre")
    places = scores.with_columns(genre=plan.genre).select(place)
    popularity = _popularity(profile, plan, places["popularity"].to_numpy())
    return pl.DataFrame(
        {
            "track_id": _ids(rng, len(plan)),
            **_names(rng, profile, plan),
            "popularity": popularity,
            **_measured(rng, profile, plan, places),
        }
    ).with_columns(pl.col("duration_ms").cast(pl.Int64))


def _scores(rng: np.random.Generator, profile: _Profile, plan: _Plan) -> Reals:
    """Draw normal scores of the latent columns: (n, k)."""
    kinds = [plan.kind == place for place in range(len(profile["title_kinds"]))]
    marks = np.stack([*kinds, plan.several, plan.compilation, plan.again], axis=1)
    scores = marks @ np.array([profile["shifts"][mark] for mark in profile["marks"]])
    codes = {"artist": plan.artist, "album": plan.album, "track": np.arange(len(plan))}
    for level, code in codes.items():
        root = np.linalg.cholesky(np.array(profile["covariances"][level]))
        scores += (rng.standard_normal((int(code.max()) + 1, len(root))) @ root.T)[code]
    return np.asarray(scores)


def _quantile(profile: _Profile, table: Reals, place: Reals) -> Reals:
    """Value at each place within 0 to 1, by the row's own quantiles (n, q)."""
    known = np.array(profile["probabilities"])
    place = place.clip(known[0], known[-1])
    left = (np.searchsorted(known, place, "right") - 1).clip(0, len(known) - 2)
    part = (place - known[left]) / (known[left + 1] - known[left])
    row = np.arange(len(place))
    # Between known quantiles most features rise ever faster, which cube roots straighten.
    root = np.cbrt(table)
    return np.asarray((root[row, left] * (1 - part) + root[row, left + 1] * part) ** 3)


def _popularity(profile: _Profile, plan: _Plan, place: Reals) -> Whole:
    zeros = profile.each("zeros")[plan.genre]
    table = profile.each("popularity")[plan.genre]
    points = _quantile(profile, table, (place - zeros) / (1 - zeros)).round()
    return np.where(place < zeros, 0, points).astype(np.int64)


def _measured(
    rng: np.random.Generator, profile: _Profile, plan: _Plan, places: pl.DataFrame
) -> dict[str, Any]:
    """Everything measured on the recording; a re-release repeats its base."""
    quantiles = profile.each("quantiles")[plan.genre]
    beats = np.array([*profile["time_signatures"], 4])
    columns = {
        "explicit": places["explicit"].to_numpy() > 1 - profile.each("explicit")[plan.genre],
        "key": _drawn(rng.random(len(plan)), profile.each("key")[plan.genre]).clip(max=11),
        "mode": (rng.random(len(plan)) < profile.each("major")[plan.genre]).astype(np.int64),
        "time_signature": beats[
            _drawn(rng.random(len(plan)), profile.each("time_signature")[plan.genre])
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


def _no_beat(rng: np.random.Generator, profile: _Profile, plan: _Plan) -> Whole:
    shares = profile.each("no_beat")[plan.genre] + 1e-4
    n = max(_LEAST_FLAWS, round(len(plan) * float(shares.mean())))
    chances = np.where(plan.again, 0, shares)
    return rng.choice(len(plan), n, replace=False, p=chances / chances.sum())


def _ids(rng: np.random.Generator, n: int) -> pl.Series:
    """Ids like the published ones, told apart by a counter in their last letters."""
    base = len(_ID_LETTERS)
    counter = np.arange(n)[:, None] // base ** np.arange(_ID_COUNTER) % base
    noise = rng.integers(0, base, (n, _ID_LENGTH - len(ID_PREFIX) - _ID_COUNTER))
    return ID_PREFIX + _joined(_ID_LETTERS, np.concatenate([noise, counter], axis=1))


def _joined(words: Sequence[str], places: Whole) -> pl.Series:
    """Words at places (n, k), joined along each row: (n,)."""
    known = pl.Series(list(words))
    columns = [known.gather(column).alias(str(i)) for i, column in enumerate(places.T)]
    return pl.select(pl.concat_str(columns)).to_series()


def _names(rng: np.random.Generator, profile: _Profile, plan: _Plan) -> dict[str, pl.Series]:
    artists = _artist_names(rng, int(plan.artist[-1]) + 1)
    others = _guests(rng, plan)
    first, second, third = (artists.gather(code) for code in (plan.artist, *others.T))
    three = plan.several & (rng.random(len(plan)) < profile["three_of_several_credits"])[plan.base]
    credits = first + _where(plan.several, CREDIT_SEPARATOR + second)
    return {
        "artists": credits + _where(three, CREDIT_SEPARATOR + third),
        "album_name": _album_names(profile, plan),
        "track_name": _titles(rng, profile, plan, second),
    }


def _where(condition: Flags, text: pl.Series) -> pl.Series:
    return pl.select(pl.when(pl.Series(condition)).then(text).otherwise(pl.lit(""))).to_series()


def _artist_names(rng: np.random.Generator, n: int) -> pl.Series:
    base = len(_SYLLABLES)
    places = rng.choice(base**4, n, replace=False)[:, None] // base ** np.arange(4) % base
    given, family = (_joined(_SYLLABLES, pair) for pair in (places[:, :2], places[:, 2:]))
    return (given + " " + family).str.to_titlecase()


def _guests(rng: np.random.Generator, plan: _Plan) -> Whole:
    """Codes of two more artists of the genre for each recording: (n, 2)."""
    first = np.searchsorted(plan.genre, plan.genre)
    lowest = plan.artist[first]
    last = np.searchsorted(plan.genre, plan.genre, "right") - 1
    n_artists = plan.artist[last] - lowest + 1
    step = 1 + (rng.random(len(plan)) * (n_artists - 2)).astype(np.int64)[plan.base]
    places = (plan.artist - lowest)[:, None] + step[:, None] + np.arange(2)
    return np.asarray(lowest[:, None] + places % n_artists[:, None])


def _album_names(profile: _Profile, plan: _Plan) -> pl.Series:
    of_artist = _joined(_ALBUMS, plan.album[:, None] % len(_ALBUMS))
    number = pl.Series(plan.album // len(_ALBUMS) + 1).cast(pl.String)
    genre = _joined([name.title() for name in profile.genres], plan.genre[:, None])
    volume = pl.Series(plan.album + 1).cast(pl.String)
    gathered = genre + " Hits, Vol. " + volume
    own = of_artist + " " + number
    return "Synthetic " + _where(plan.compilation, gathered) + _where(~plan.compilation, own)


def _titles(
    rng: np.random.Generator, profile: _Profile, plan: _Plan, guest: pl.Series
) -> pl.Series:
    words = (_OPENINGS, _ADJECTIVES, (" ",), _NOUNS, _CLOSINGS)
    n = len(plan)
    title = pl.Series([""]).new_from_index(0, n)
    for choices in words:
        title = title + _joined(choices, rng.integers(0, len(choices), (n, 1))[plan.base])
    suffixes = [text for kind in (*profile["title_kinds"], "plain") for text in _SUFFIXES[kind]]
    variant = rng.integers(0, 4, n)
    place = plan.kind * 4 + variant[plan.base]
    title = title + _joined(suffixes, place[:, None])
    is_feat = plan.kind == profile["title_kinds"].index("feat")
    title = title + _where(is_feat, " (feat. " + guest + ")")
    return title + _where(plan.remastered, _joined(_SUFFIXES["remaster"], variant[:, None]))


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


def _in_genres(profile: _Profile, tracks: pl.DataFrame, row: Whole, genre: Whole) -> pl.DataFrame:
    return tracks[row].with_columns(_joined(profile.genres, genre[:, None]).alias("track_genre"))


def _counted_again(rng: np.random.Generator, profile: _Profile, rows: pl.DataFrame) -> pl.DataFrame:
    """Move some rows one popularity point, as if read on another day."""
    n = max(_LEAST_FLAWS, round(len(rows) * profile["two_popularities"]))
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
