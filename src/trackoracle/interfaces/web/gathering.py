"""Several tracks at once: from recordings, links, a table or the sample to a lot to be ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

import trackoracle
from trackoracle.errors import TrackOracleError, UploadError
from trackoracle.interfaces.web.hearing import heard_note, heard_row, heard_title
from trackoracle.interfaces.web.jobs import Progress
from trackoracle.interfaces.web.sample import sample_catalog
from trackoracle.interfaces.web.session import InHand, Origin, session
from trackoracle.interfaces.web.uploads import Uploads
from trackoracle.rendering import GENRES, lookup_notes
from trackoracle.schema import TARGET_COLUMNS, Contract, Heard, Together, as_polars, heard_rows

MOST_LINKS = 100
_LEAST_OF_ALBUM = 6
_MADE_UP = "Made-up tracks of the synthetic sample: no artist has them."


@dataclass(frozen=True, eq=False)
class Lot:
    """Tracks that are to be ordered.

    Parameters
    ----------
    title
        Where they are from.
    tracks
        (n, k) as `Oracle.rank` takes them; empty where none could be had.
    names
        What people call each.
    origin
        Where they came from.
    together
        Whether they are all of one artist or album, as far as that can be guessed.
    notes
        What is to be known of them.
    troubles
        What could not be had, a sentence each.
    heard
        What was heard, of recordings, one a row.
    genre_of
        A genre that the user told, and of which rows.
    """

    title: str
    tracks: pl.DataFrame
    names: tuple[str | None, ...]
    origin: Origin
    together: Together | None = None
    notes: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    heard: tuple[Heard, ...] = ()
    genre_of: tuple[str, frozenset[int]] | None = None

    def without_genre(self, contract: Contract) -> frozenset[int]:
        """Return the rows of which an oracle that takes genres knows none, from 0."""
        if GENRES not in contract.names:
            return frozenset()
        if GENRES not in self.tracks.columns:
            return frozenset(range(len(self.tracks)))
        seen, given = contract[GENRES], self.tracks[GENRES].to_list()
        known = [any(seen.meant(level) in seen.levels for level in one or ()) for one in given]
        return frozenset(i for i, is_known in enumerate(known) if not is_known)

    def with_genre(self, genre: str, rows: frozenset[int]) -> Lot:
        """Return the lot with a genre that the user told of some rows."""
        before = [None] * len(self.tracks)
        if GENRES in self.tracks.columns:
            before = self.tracks[GENRES].to_list()
        told = [[genre] if i in rows else one for i, one in enumerate(before)]
        tracks = self.tracks.with_columns(pl.Series(GENRES, told, pl.List(pl.String)))
        return replace(self, tracks=tracks, genre_of=(genre, rows))

    def take(self, row: int) -> InHand:
        """Put one of the tracks, by its row from 0, in hand."""
        title = self.names[row] or f"Track {row + 1:,} of {self.title}"
        if self.heard:
            one = self.heard[row]
            notes = (heard_note(one), *one.warnings)
            asked = heard_row(one)
            if self.genre_of and row in self.genre_of[1]:
                asked |= {GENRES: [self.genre_of[0]]}
            return session().take(title, self.origin, asked, heard=one, notes=notes)
        given = self.tracks.row(row, named=True)
        asked = {
            name: value
            for name, value in given.items()
            if name not in TARGET_COLUMNS and value is not None
        }
        return session().take(title, self.origin, asked, notes=self.notes)


def lot_of_recordings(heard: Sequence[Heard]) -> Lot:
    """Return recordings that were dropped together; they are taken for an album."""
    rows = heard_rows(heard)
    given = [name for name in rows.columns if rows[name].null_count() < len(rows)]
    names = tuple(map(heard_title, heard))
    title = f"{len(heard):,} recordings" if len(heard) > 1 else "One recording"
    notes = tuple(f"{heard_title(one)}: {text}" for one in heard for text in one.warnings)
    return Lot(title, rows.select(given), names, "recording", "album", notes, heard=tuple(heard))


def lot_of_sample() -> Lot:
    """Return the first album of the sample that has several tracks."""
    tracks = sample_catalog().tracks
    sizes = tracks["album_name"].value_counts(sort=True)
    large = sizes.filter(pl.col("count") >= _LEAST_OF_ALBUM)["album_name"].implode()
    first = tracks.filter(pl.col("album_name").is_in(large))["album_name"][0]
    album = tracks.filter(pl.col("album_name") == first)
    return Lot("A made-up album", album.drop(TARGET_COLUMNS, strict=False), _named(album),
               "sample", "album", (_MADE_UP,))  # fmt: skip


def read_lot(uploads: Uploads, progress: Progress) -> Lot:
    """Read a table that was dropped, and delete it."""
    with uploads:
        file = uploads.files[0]
        progress(0, 0, file.name)
        try:
            tracks = trackoracle.load_tracks(file.path)
        except TrackOracleError as error:
            error.message = uploads.told(error.message)
            raise
    return Lot(file.name, tracks, _named(tracks), "catalog")


def lot_of_catalog(title: str, tracks: pl.DataFrame) -> Lot:
    """Return tracks of an open catalog, which need not be read again."""
    return Lot(title, tracks, _named(tracks), "catalog")


def links_of(text: str) -> list[str]:
    r"""Return the links of a text, one a line.

    Raises
    ------
    UploadError
        When there are none, or too many.

    Examples
    --------
    >>> links_of(" spotify:track:one \n\n spotify:track:two ")
    ['spotify:track:one', 'spotify:track:two']
    """
    links = [line.strip() for line in text.splitlines() if line.strip()]
    if not 1 <= len(links) <= MOST_LINKS:
        got = f"{len(links):,}" if links else "none"
        raise UploadError(
            f"links: expected 1 to {MOST_LINKS:,}, one a line, got {got}. Paste them again."
        )
    return links


def look_up_lot(links: Sequence[str], progress: Progress) -> Lot:
    """Ask live services about links, one after the other; what went wrong is told in the lot."""
    tables, notes, troubles = [], dict[str, None](), list[str]()
    for i, link in enumerate(links):
        progress(i, len(links), link)
        try:
            found = trackoracle.lookup(link)
        except TrackOracleError as error:
            line = f"Line {i + 1:,}: " if len(links) > 1 else ""
            troubles.append(line + error.message)
        else:
            tables.append(as_polars(found.tracks)[0])
            notes |= dict.fromkeys(lookup_notes(found))
    tracks = pl.concat(tables, how="diagonal_relaxed") if tables else pl.DataFrame()
    title = f"{len(tracks):,} tracks of {len(links):,} link{'s' if len(links) > 1 else ''}"
    return Lot(title, tracks, _named(tracks), "link", notes=tuple(notes), troubles=tuple(troubles))


def _named(tracks: pl.DataFrame) -> tuple[str | None, ...]:
    if "track_name" not in tracks.columns:
        return (None,) * len(tracks)
    names: list[Any] = tracks["track_name"].cast(pl.String).to_list()
    return tuple(names)
