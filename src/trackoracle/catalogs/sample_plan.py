"""The plan of the sample: who made which track on which album, drawn from the profile."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]

# With fewer tracks a genre, few artists of it would have other tracks to learn from.
_TRACKS_PER_GENRE = 110
_LEAST_GENRES = 4
_LARGEST_ARTIST = 1 / 4
_MOST_BORROWED = 0.25
_LEAST_SHARED = 1e-4
LEAST_FLAWS = 3
_REMASTERED = 0.04
# How often a track is what its artist's other tracks are: live, compiled, released again.
_ALIKE = 0.75


class Profile:
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
class Plan:
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


@cache
def profile_facts() -> dict[str, Any]:
    """Read the committed aggregates."""
    text = resources.files(__package__).joinpath("sample_profile.json").read_text("utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


def row_counts(profile: Profile, shared: Reals, n_tracks: int) -> tuple[Whole, Whole, Whole]:
    """Rows of each genre that it borrows, that it repeats, and that are its own: (g,) each."""
    n_genres, parts = len(shared), shared.sum(axis=1)
    n_twice = max(LEAST_FLAWS, round(n_tracks * profile["duplicate_rows"]))
    repeated = np.bincount(np.arange(n_twice) % n_genres, minlength=n_genres)
    n_rows = int(np.ceil((n_tracks + n_twice + n_genres) / (1 - parts).sum()))
    borrowed = np.floor(n_rows * parts).clip(1).astype(np.int64)
    return borrowed, repeated, n_rows - borrowed - repeated


def planned_tracks(rng: np.random.Generator, profile: Profile, n_own: Whole) -> Plan:
    """Draw artists, albums, re-releases and kinds of titles for the tracks of each genre."""
    genre = np.repeat(np.arange(len(n_own)), n_own)
    n = len(genre)
    artist = _artists(rng, profile, n_own)
    base = _bases(rng, artist, profile.each("rerelease")[genre])
    again = base != np.arange(n)
    compilation = _alike(rng, artist) < profile.each("compilation")[genre, again.astype(np.int64)]
    kind = drawn(_alike(rng, artist), profile.each("title_kinds")[genre])[base]
    several = _alike(rng, artist) < profile.each("several_credits")[genre]
    return Plan(
        genre=genre,
        artist=artist,
        album=_albums(rng, profile, genre, artist, compilation),
        base=base,
        kind=kind,
        several=several[base] | (kind == profile["title_kinds"].index("feat")),
        compilation=compilation,
        remastered=again & (rng.random(n) < _REMASTERED),
    )


def _artists(rng: np.random.Generator, profile: Profile, n_own: Whole) -> Whole:
    codes: list[Whole] = []
    for sizes, n in zip(profile.each("tracks_per_artist"), n_own.tolist(), strict=True):
        first = codes[-1][-1] + 1 if codes else 0
        codes.append(first + _runs(rng, profile, sizes, n, int(n * _LARGEST_ARTIST)))
    return np.concatenate(codes)


def _runs(rng: np.random.Generator, profile: Profile, sizes: Reals, n: int, most: int) -> Whole:
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
    rng: np.random.Generator, profile: Profile, genre: Whole, artist: Whole, compilation: Flags
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


def drawn(uniform: Reals, shares: Reals) -> Whole:
    """One place for each row of shares (n, k); k where the shares leave something over."""
    return np.asarray((uniform[:, None] >= shares.cumsum(axis=1)).sum(axis=1))
