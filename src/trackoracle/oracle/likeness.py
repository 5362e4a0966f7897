"""Similar tracks of a catalog: its index, kept beside it, and what is asked of it."""

from __future__ import annotations

import hashlib
import json
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from trackoracle.catalogs import OnInvalid, load_catalog, load_tracks, source_checksum
from trackoracle.errors import IndexFileError, SourceError
from trackoracle.neighbours import (
    Neighbours,
    Wish,
    answer_similar,
    index_path,
    load_index,
    save_index,
)
from trackoracle.schema import Catalog, Rows, Similar, SimilarTrack, as_polars

LEAST_KEPT = 20_000
"""Of smaller catalogs an index is built as soon as it is read: no file is kept."""
MOST_ASKED = 10_000
STALE = "{path} is of another state of the catalog, or of other options: built anew"
UNKEPT = "The index is not kept: {reason}"
Progress = Callable[[int, int, str], None]
Note = Callable[[str], None]

# Of the catalog that was asked last, so that asking again costs a search only.
_last: list[tuple[weakref.ref[Catalog], Neighbours]] = []


def open_index(
    source: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    on_invalid: OnInvalid | None = None,
    encoding: str = "utf-8",
    keep: bool = True,
    progress: Progress | None = None,
    note: Note | None = None,
) -> Neighbours:
    """Return the index of a catalog's file or folder, kept as CATALOG.index beside it.

    It is built on first use, and anew when the catalog or the options have changed or the file is
    damaged. A catalog of fewer than 20,000 tracks needs no file.

    Parameters
    ----------
    source, columns, on_invalid, encoding
        As of `load_catalog`.
    keep
        Whether to read and write the file; where it cannot be written, a note says so.
    progress
        Called with the steps done, all steps, and what is being done.
    note
        Called with what else is to be known.

    Raises
    ------
    IndexFileError
        When another kind of file stands where the index should.
    SourceError
        As of `load_catalog`, or when no audio feature tells its tracks apart.

    Examples
    --------
    >>> index = open_index("sample")
    >>> similar(index, index.tracks["track_id"][0], k=2).tracks[0].rank
    1
    """
    told = note or _silent
    path = index_path(source)
    keep = keep and source != "sample" and Path(source).exists()
    fingerprint = ""
    if keep:
        fingerprint = _fingerprint(source, columns, on_invalid, encoding)
        kept = _kept(path, fingerprint, told)
        if kept is not None:
            return kept
    catalog = load_catalog(source, columns=columns, on_invalid=on_invalid, encoding=encoding)
    index = Neighbours.of(catalog, progress)
    if keep and len(index) >= LEAST_KEPT:
        try:
            save_index(path, index, fingerprint)
        except (OSError, SourceError, ValueError) as error:  # a full disk, or a folder of others
            told(UNKEPT.format(reason=error))
        else:
            told(f"wrote {path}")
    return index


def _fingerprint(
    source: str | Path,
    columns: Mapping[str, str] | None,
    on_invalid: OnInvalid | None,
    encoding: str,
) -> str:
    """Tell the bytes of a catalog, and how they are read."""
    facts = [source_checksum(source), sorted((columns or {}).items()), on_invalid, encoding]
    return hashlib.sha256(json.dumps([*facts, version("trackoracle")]).encode()).hexdigest()


def _kept(path: Path, fingerprint: str, told: Note) -> Neighbours | None:
    if not path.is_file():
        return None
    try:
        index = load_index(path, fingerprint)
    except IndexFileError as error:
        if not error.facts["ours"]:
            raise
        told(error.message)
        return None
    if index is None:
        told(STALE.format(path=path))
    return index


def similar(
    catalog: Neighbours | Catalog | str | Path | Rows,
    track: str | Rows,
    *,
    k: int = 10,
    within_genre: bool = False,
    genre_weight: float = 0.0,
    era_weight: float = 0.0,
) -> Similar:
    """Find the tracks of a catalog that sound most like one track, and say in what they do.

    The distance is the root mean square of the gaps in ten audio features, in standard deviations
    of the catalog; two random tracks are 1.41 apart. Shares of speech, of acoustic sound, of
    instruments alone and of an audience enter by their square roots, length by its logarithm, and
    tempo on a circle: half and double time are one. Features that either track misses are left
    out, and the mean is over the others; a track that knows less than half of the asked track's
    features is not compared.

    Parameters
    ----------
    catalog
        An index (`open_index`), a catalog, or what `load_catalog` takes. The index of a file is
        kept beside it.
    track
        The id, or the number of the row, of a track of the catalog; or one track: a mapping, a
        frame of one row, what was heard.
    k
        Tracks wanted.
    within_genre
        Only tracks that share a genre.
    genre_weight
        A track that shares no genre, or names none, counts as if every feature were so many
        standard deviations farther away, added in squares.
    era_weight
        The same for each decade between the releases.

    Returns
    -------
    Similar
        Never the same recording (by id, title with credits, or audio vector), nor one twice.

    Raises
    ------
    SourceError
        When there is no such track, or it knows no audio feature.
    ConfigError
        On wishes that cannot be met.
    UnknownNameError
        Within a genre that the catalog does not have.

    Examples
    --------
    >>> import trackoracle as to
    >>> told = to.similar("sample", {"energy": 0.9, "tempo": 174, "genre": "edm"}, k=3)
    >>> [track.rank for track in told.tracks], told.missing[0]
    ([1, 2, 3], 'danceability')
    """
    wish = Wish(k, within_genre, genre_weight, era_weight)
    index = index_of(catalog)
    if isinstance(track, str):
        row = index.row_of(track)
        return answer_similar(index, index.tracks[row : row + 1], wish, row=row)
    return answer_similar(index, _one(track), wish)


def similar_each(
    catalog: Neighbours | Catalog | str | Path | Rows,
    tracks: Rows,
    *,
    named: str | None = None,
    **asked: Any,
) -> list[Similar]:
    """Find similar tracks for each of several, in their order.

    Parameters
    ----------
    catalog, asked
        As of `similar`.
    tracks
        At most 10,000, none of the catalog's own: rows that are a recording of it are recognised.
    named
        Only the tracks of this id, or this row's number from 1.

    Examples
    --------
    >>> told = similar_each("sample", [{"energy": 0.2}, {"energy": 0.8, "track_id": "b"}], k=1)
    >>> [each.track for each in told]
    ['1', 'b']
    """
    rows, index, wish = load_tracks(tracks), index_of(catalog), Wish(**asked)
    if not 1 <= len(rows) <= MOST_ASKED:
        raise SourceError(
            f"similar: expected 1 to {MOST_ASKED:,} tracks, got {len(rows):,}. Ask in parts."
        )
    names = [str(number) for number in range(1, len(rows) + 1)]
    ids = rows["track_id"].to_list() if "track_id" in rows.columns else [None] * len(rows)
    chosen = list(range(len(rows)))
    if named is not None:
        chosen = [i for i, one in enumerate(ids) if one == named]
        chosen = chosen or [i for i, one in enumerate(names) if one == named]
        if not chosen:
            raise SourceError(
                f"--track: expected an id or a row from 1 to {len(rows):,}, got {named!r}. "
                "Give one of these."
            )
    return [answer_similar(index, rows[i : i + 1], wish, named=ids[i] or names[i]) for i in chosen]


def index_of(catalog: Neighbours | Catalog | str | Path | Rows) -> Neighbours:
    """Return the index of a catalog in any form; that of the last one is at hand."""
    if isinstance(catalog, Neighbours):
        return catalog
    if isinstance(catalog, str | Path):
        return open_index(catalog)
    if not isinstance(catalog, Catalog):
        catalog = load_catalog(catalog)
    for known, index in _last:
        if known() is catalog:
            return index
    index = Neighbours.of(catalog)
    _last[:] = [(weakref.ref(catalog), index)]
    return index


def with_predictions(
    told: Similar, own: Rows, catalog: Catalog, predict: Callable[[pl.DataFrame], pl.DataFrame]
) -> Similar:
    """Put an oracle's answers beside the track that was asked about and those found."""
    rows = np.array([track.row - 1 for track in told.tracks], np.int64)
    others = predict(catalog.tracks[rows]) if len(rows) else pl.DataFrame()
    tracks: list[SimilarTrack] = [
        replace(track, prediction=_numbers(facts))
        for track, facts in zip(told.tracks, others.to_dicts(), strict=True)
    ]
    itself = _numbers(predict(as_polars(own)[0]).row(0, named=True))
    return replace(told, tracks=tuple(tracks), prediction=itself)


def _numbers(facts: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in facts.items() if not isinstance(value, str)}


def _one(track: Rows) -> pl.DataFrame:
    rows = load_tracks(track)
    if len(rows) != 1:
        raise SourceError(f"track: expected one, got {len(rows):,}. Give a mapping, or one row.")
    return rows


def _silent(_: str) -> None:
    return None
