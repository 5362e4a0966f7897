"""Playlists: tracks that meet conditions, chosen with variety, in a smooth order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.catalogs import load_catalog
from trackoracle.errors import ConfigError
from trackoracle.exploration.conditions import Ends, filters_of, kept
from trackoracle.exploration.moods import numbers
from trackoracle.exploration.paths import path_cost, smooth_order, step_costs, tempo_ratio
from trackoracle.neighbours import Neighbours
from trackoracle.schema import Catalog, Playlist, PlaylistTrack, Rows

Places = NDArray[np.int64]
Values = NDArray[np.float64]

MOST_WANTED = 500
FEWER = (
    "Only {n:,} of the {wanted:,} tracks wanted: {left:,} recordings meet the conditions, and at "
    "most {most} of an artist may be taken."
)
SEEDS_OUT = "Left out, since they do not meet the conditions: {names}, of the seed tracks."


@dataclass(frozen=True)
class PlaylistWish:
    """What a playlist is to be like.

    Parameters
    ----------
    n
        Tracks wanted, at most 500.
    mood
        One of the moods' names.
    genre
        A genre that every track has.
    min_popularity
        The least popularity.
    ranges
        By column, the least and the most that a track may have; None for no end.
    seeds
        Ids, or numbers of rows, of tracks that it is to sound like.
    most_of_artist
        How many tracks anyone credited may have in it.
    seed
        None takes the most popular tracks that meet the conditions; a number draws among them.
    """

    n: int = 15
    mood: str | None = None
    genre: str | None = None
    min_popularity: float | None = None
    ranges: Mapping[str, Ends] = field(default_factory=dict)
    seeds: Sequence[str] = ()
    most_of_artist: int = 1
    seed: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.n <= MOST_WANTED:
            raise ConfigError(f"n: expected 1 to {MOST_WANTED} tracks, got {self.n:,}. Try 15.")
        if self.most_of_artist < 1:
            raise ConfigError(
                f"most_of_artist: expected at least 1, got {self.most_of_artist}. Try 1."
            )


def make_playlist(
    catalog: Catalog | str | Path | Rows,
    wish: PlaylistWish | None = None,
    *,
    index: Neighbours | None = None,
) -> Playlist:
    """Choose tracks of a catalog and bring them into an order.

    Those that meet every condition are taken in turn: by likeness to the nearest seed track, else
    by popularity, else by chance; no recording twice, and of anyone credited no more than asked.
    The order keeps the steps of tempo (half and double time are near) and energy small.

    Parameters
    ----------
    catalog
        A catalog, or what `load_catalog` takes.
    wish
        What it is to be like.
    index
        Of the catalog, where it is at hand; only seed tracks need one.

    Raises
    ------
    NoTracksError
        When no track meets every condition.
    MissingColumnError
        When the catalog does not tell what a condition asks for.
    UnknownNameError
        On a mood, genre or column that there is not.
    ConfigError
        On wishes that cannot be.
    SourceError
        On a seed track that the catalog does not have.

    Examples
    --------
    >>> import trackoracle as to
    >>> made = to.make_playlist("sample", to.PlaylistWish(n=5, mood="happy"))
    >>> len(made.tracks), made.roughness <= made.unordered_roughness
    (5, True)
    """
    wish = wish or PlaylistWish()
    if not isinstance(catalog, Catalog):
        catalog = load_catalog(catalog)
    tracks = catalog.tracks
    filters = filters_of(
        tracks,
        mood=wish.mood,
        genre=wish.genre,
        min_popularity=wish.min_popularity,
        ranges=wish.ranges,
    )
    rows = np.flatnonzero(kept(len(tracks), filters)).astype(np.int64)
    rows, seeds = _preferred(catalog, rows, wish, index)
    chosen = _chosen(catalog, rows, wish)
    costs, order = _orders(tracks[chosen])
    n_steps = max(len(chosen) - 1, 1)
    n_candidates = len(np.unique(catalog.keys.recording[rows]))
    return Playlist(
        tracks=_told(catalog, chosen[order]),
        conditions=tuple(one.told for one in filters),
        n_candidates=n_candidates,
        n_wanted=wish.n,
        most_of_artist=wish.most_of_artist,
        seeds=tuple(wish.seeds),
        roughness=path_cost(costs, order) / n_steps,
        unordered_roughness=path_cost(costs, np.arange(len(chosen))) / n_steps,
        notes=_notes(catalog, wish, seeds, rows, chosen, n_candidates),
    )


def playlist_of(catalog: Catalog, rows: Sequence[int], *, smooth: bool = False) -> Playlist:
    """Return tracks that someone chose as a playlist.

    Parameters
    ----------
    catalog
        Theirs.
    rows
        Of the catalog, from 0, in the order of the playlist; at most 500.
    smooth
        Whether to bring them into an order that keeps the steps of tempo and energy small.

    Raises
    ------
    ConfigError
        On too many tracks, or one that the catalog does not have.

    Examples
    --------
    >>> import trackoracle as to
    >>> made = playlist_of(to.load_catalog("sample"), [7, 3])
    >>> [track.row for track in made.tracks]
    [8, 4]
    """
    if len(rows) > MOST_WANTED:
        raise ConfigError(
            f"playlist: expected at most {MOST_WANTED} tracks, got {len(rows):,}. Take some out."
        )
    n = len(catalog)
    if any(not 0 <= row < n for row in rows):
        raise ConfigError(f"playlist: expected rows from 0 to {n - 1:,}, got others. Correct them.")
    chosen = np.array(rows, np.int64)
    given = np.arange(len(chosen))
    costs, order = _orders(catalog.tracks[chosen])
    n_steps = max(len(chosen) - 1, 1)
    return Playlist(
        tracks=_told(catalog, chosen[order] if smooth else chosen),
        conditions=(),
        n_candidates=len(np.unique(catalog.keys.recording[chosen])),
        n_wanted=len(chosen),
        most_of_artist=MOST_WANTED,
        seeds=(),
        roughness=path_cost(costs, order if smooth else given) / n_steps,
        unordered_roughness=path_cost(costs, given) / n_steps,
    )


def _orders(tracks: pl.DataFrame) -> tuple[Values, Places]:
    """Return what steps between tracks cost, (n, n), and an order of small ones, (n,)."""
    tempo, energy = (numbers(tracks, name) for name in ("tempo", "energy"))
    tempo = np.where(tempo > 0, tempo, np.nan)
    return step_costs(tempo, energy), smooth_order(tempo, energy)


def _preferred(
    catalog: Catalog, rows: Places, wish: PlaylistWish, index: Neighbours | None
) -> tuple[Places, list[int]]:
    """Return candidate rows, the preferred first, and the rows of the seed tracks."""
    drawn = np.random.default_rng(wish.seed or 0).random(len(catalog))[rows]
    if wish.seeds:
        index = index or Neighbours.of(catalog)
        seeds = [index.row_of(name) for name in wish.seeds]
        away = np.min([index.distances(seed, rows) for seed in seeds], axis=0)
        order = np.lexsort((rows, away))
        return rows[order][: int((away < np.inf).sum())], seeds
    if wish.seed is not None:
        return rows[np.argsort(drawn, kind="stable")], []
    popularity = numbers(catalog.tracks, "popularity")[rows]
    return rows[np.lexsort((drawn, -np.nan_to_num(popularity, nan=-1.0)))], []


def _chosen(catalog: Catalog, rows: Places, wish: PlaylistWish) -> Places:
    """Take rows in turn, each recording once, nobody credited more often than asked: (m,)."""
    keys = catalog.keys
    once = np.sort(np.unique(keys.recording[rows], return_index=True)[1])
    times: dict[int, int] = {}
    taken: list[int] = []
    for row in rows[once].tolist():
        begin, end = keys.artists.offsets[row], keys.artists.offsets[row + 1]
        credited = set(keys.artists.values[begin:end].tolist())
        if all(times.get(artist, 0) < wish.most_of_artist for artist in credited):
            taken.append(row)
            for artist in credited:
                times[artist] = times.get(artist, 0) + 1
            if len(taken) == wish.n:
                break
    return np.array(taken, np.int64)


def _told(catalog: Catalog, rows: Places) -> tuple[PlaylistTrack, ...]:
    facts = catalog.tracks[rows].to_dicts()
    steps = [(None, None), *(_step(*pair) for pair in pairwise(facts))][: len(facts)]
    return tuple(
        PlaylistTrack(
            place=i + 1,
            row=int(row) + 1,
            track=str(row + 1 if one.get("track_id") is None else one["track_id"]),
            track_name=one.get("track_name"),
            artists=tuple(one.get("artists") or ()),
            genres=tuple(one.get("genres") or ()),
            duration_ms=one.get("duration_ms"),
            tempo=one.get("tempo"),
            energy=one.get("energy"),
            valence=one.get("valence"),
            popularity=one.get("popularity"),
            tempo_step=step[0],
            energy_step=step[1],
        )
        for i, (row, one, step) in enumerate(zip(rows, facts, steps, strict=True))
    )


def _step(before: dict[str, Any], after: dict[str, Any]) -> tuple[float | None, float | None]:
    slow, fast = before.get("tempo"), after.get("tempo")
    low, high = before.get("energy"), after.get("energy")
    return (
        tempo_ratio(slow, fast) if slow and fast else None,
        None if low is None or high is None else high - low,
    )


def _notes(
    catalog: Catalog,
    wish: PlaylistWish,
    seeds: list[int],
    rows: Places,
    chosen: Places,
    n_candidates: int,
) -> tuple[str, ...]:
    said = []
    if len(chosen) < wish.n:
        said.append(
            FEWER.format(n=len(chosen), wanted=wish.n, left=n_candidates, most=wish.most_of_artist)
        )
    met = set(catalog.keys.recording[rows].tolist())
    out = [
        name
        for name, row in zip(wish.seeds, seeds, strict=bool(seeds))
        if int(catalog.keys.recording[row]) not in met
    ]
    if out:
        said.append(SEEDS_OUT.format(names=", ".join(out)))
    return tuple(said)
