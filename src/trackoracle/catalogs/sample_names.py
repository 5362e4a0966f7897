"""The names in the sample: ids, artists, albums and titles that nobody bears."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np
import polars as pl

from trackoracle.catalogs.sample_plan import Flags, Plan, Profile, Whole
from trackoracle.schema import CREDIT_SEPARATOR

ID_PREFIX = "synthetic"
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


def track_ids(rng: np.random.Generator, n: int) -> pl.Series:
    """Ids like the published ones, told apart by a counter in their last letters."""
    base = len(_ID_LETTERS)
    counter = np.arange(n)[:, None] // base ** np.arange(_ID_COUNTER) % base
    noise = rng.integers(0, base, (n, _ID_LENGTH - len(ID_PREFIX) - _ID_COUNTER))
    return ID_PREFIX + joined_words(_ID_LETTERS, np.concatenate([noise, counter], axis=1))


def joined_words(words: Sequence[str], places: Whole) -> pl.Series:
    """Words at places (n, k), joined along each row: (n,)."""
    known = pl.Series(list(words))
    columns = [known.gather(column).alias(str(i)) for i, column in enumerate(places.T)]
    return pl.select(pl.concat_str(columns)).to_series()


def track_texts(rng: np.random.Generator, profile: Profile, plan: Plan) -> dict[str, pl.Series]:
    """Name the artists, album and title of each track."""
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
    given, family = (joined_words(_SYLLABLES, pair) for pair in (places[:, :2], places[:, 2:]))
    return (given + " " + family).str.to_titlecase()


def _guests(rng: np.random.Generator, plan: Plan) -> Whole:
    """Codes of two more artists of the genre for each recording: (n, 2)."""
    first = np.searchsorted(plan.genre, plan.genre)
    lowest = plan.artist[first]
    last = np.searchsorted(plan.genre, plan.genre, "right") - 1
    n_artists = plan.artist[last] - lowest + 1
    step = 1 + (rng.random(len(plan)) * (n_artists - 2)).astype(np.int64)[plan.base]
    places = (plan.artist - lowest)[:, None] + step[:, None] + np.arange(2)
    return np.asarray(lowest[:, None] + places % n_artists[:, None])


def _album_names(profile: Profile, plan: Plan) -> pl.Series:
    of_artist = joined_words(_ALBUMS, plan.album[:, None] % len(_ALBUMS))
    number = pl.Series(plan.album // len(_ALBUMS) + 1).cast(pl.String)
    genre = joined_words([name.title() for name in profile.genres], plan.genre[:, None])
    volume = pl.Series(plan.album + 1).cast(pl.String)
    gathered = genre + " Hits, Vol. " + volume
    own = of_artist + " " + number
    return "Synthetic " + _where(plan.compilation, gathered) + _where(~plan.compilation, own)


def _titles(rng: np.random.Generator, profile: Profile, plan: Plan, guest: pl.Series) -> pl.Series:
    words = (_OPENINGS, _ADJECTIVES, (" ",), _NOUNS, _CLOSINGS)
    n = len(plan)
    title = pl.Series([""]).new_from_index(0, n)
    for choices in words:
        title = title + joined_words(choices, rng.integers(0, len(choices), (n, 1))[plan.base])
    suffixes = [text for kind in (*profile["title_kinds"], "plain") for text in _SUFFIXES[kind]]
    variant = rng.integers(0, 4, n)
    place = plan.kind * 4 + variant[plan.base]
    title = title + joined_words(suffixes, place[:, None])
    is_feat = plan.kind == profile["title_kinds"].index("feat")
    title = title + _where(is_feat, " (feat. " + guest + ")")
    return title + _where(plan.remastered, joined_words(_SUFFIXES["remaster"], variant[:, None]))
