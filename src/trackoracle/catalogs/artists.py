"""Add what is known of artists to a catalog, from a table of artists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from trackoracle.catalogs.reading import TABLE_ENDINGS, ending, read_table
from trackoracle.errors import MissingColumnError, SourceError
from trackoracle.schema import (
    TERMS_COLUMN,
    TRACK_COLUMNS,
    Card,
    Catalog,
    Finding,
    artist_keys,
    joined_terms,
    normal,
    typed,
)

_NAME_SPELLINGS = ("artist_name", "artist", "artists", "name")
_VALUES = {
    "artist_popularity": ("artist_popularity", "popularity"),
    "artist_followers": ("artist_followers", "followers"),
}


@dataclass(frozen=True)
class ArtistTable:
    """Artists by normalised name, and what was found on the way.

    Parameters
    ----------
    artists
        `artist`, and any of `artist_popularity`, `artist_followers`, `genres`.
    terms
        Of a live service, where the values came from one.
    """

    artists: pl.DataFrame
    findings: tuple[Finding, ...]
    terms: str = ""


def load_artists(source: str | Path) -> ArtistTable:
    """Read one table of artists, or every table of a folder.

    A name that stands in several rows keeps its first value; names whose values
    differ are reported, since one of them may be another artist.

    Parameters
    ----------
    source
        A file or folder with a name column and popularity and/or followers.

    Raises
    ------
    MissingColumnError
        When no name or no value column is there.
    """
    source = Path(source)
    paths = [source]
    if source.is_dir():
        paths = sorted(path for path in source.iterdir() if ending(path) in TABLE_ENDINGS)
        if not paths:
            raise SourceError(f"{source}: expected tables of artists, got none in the folder.")
    rows = pl.concat([_known_columns(path) for path in paths], how="diagonal_relaxed")
    values = [name for name in _VALUES if name in rows.columns]
    rows = rows.drop_nulls("artist")
    grouped = rows.group_by("artist", maintain_order=True).agg(
        pl.len().alias("n"),
        *(pl.col(name).drop_nulls().first() for name in values),
        *(pl.col(name).drop_nulls().n_unique().alias(f"{name}_n") for name in values),
    )
    conflicting = pl.any_horizontal(pl.col(f"{name}_n") > 1 for name in values)
    conflicts = grouped.filter(conflicting)
    findings = (
        Finding(
            "artist_names_repeated",
            grouped.filter(pl.col("n") > 1).height,
            "artist name in several rows: first value used",
            "merged",
        ),
        Finding(
            "artist_names_conflicting",
            len(conflicts),
            "artist name with different values: first value used, may be another artist",
            "repaired",
        ),
    )
    return ArtistTable(grouped.select("artist", *values), tuple(f for f in findings if f.n))


def _known_columns(path: Path) -> pl.DataFrame:
    rows = read_table(path).rows
    spelled = {name.strip().lower(): name for name in rows.columns}
    name = next((spelled[s] for s in _NAME_SPELLINGS if s in spelled), None)
    values = {
        ours: spelled[theirs]
        for ours, spellings in _VALUES.items()
        for theirs in spellings
        if theirs in spelled
    }
    if name is None or not values:
        raise MissingColumnError(
            f"{path}: expected a column artist_name and popularity or followers, got "
            f"{', '.join(rows.columns)}. Rename them.",
            columns=rows.columns,
        )
    columns = [normal(rows[name].cast(pl.String)).alias("artist")]
    for ours, theirs in values.items():
        result = typed(rows[theirs], TRACK_COLUMNS[ours])
        error = result.error(include_not_measured=False, advice="Correct the artist table.")
        if error:
            raise error
        columns.append(result.values.alias(ours))
    return pl.DataFrame(columns)


def join_artists(catalog: Catalog, table: ArtistTable) -> Catalog:
    """Add artist popularity and followers, those of the best-known credited artist, and genres.

    Genres are those of the first credit that has any. Values that the catalog already has stay.

    Parameters
    ----------
    catalog
        Tracks with `artists`.
    table
        From `load_artists`.

    Raises
    ------
    MissingColumnError
        When the catalog names no artists.
    """
    check_has_artists(catalog)
    credits = pl.DataFrame(
        {"row": np.arange(len(catalog)), "artist": artist_keys(catalog.tracks)}
    ).explode("artist")
    values = [name for name in table.artists.columns if name != "artist"]
    joined = (
        credits.join(table.artists, on="artist", how="left", maintain_order="left")
        .group_by("row")
        .agg(pl.col(n).drop_nulls().first() if n == "genres" else pl.col(n).max() for n in values)
        .sort("row")
    )
    tracks, nothing = catalog.tracks, pl.Series([None] * len(catalog))
    is_new = pl.Series([False] * len(catalog))
    for name in values:
        have = [tracks[name]] if name in tracks.columns else []
        is_new |= joined[name].is_not_null() & (have or [nothing])[0].is_null()
        tracks = tracks.with_columns(pl.coalesce(*have, joined[name]).alias(name))
    n_matched = int(joined.select(pl.any_horizontal(pl.col(values).is_not_null())).sum().item())
    card = replace(
        catalog.card,
        findings=(
            *catalog.card.findings,
            *table.findings,
            *_not_in_table(len(catalog) - n_matched),
        ),
    )
    if table.terms:
        tracks, card = _under_terms(tracks, card, is_new, table.terms)
    return Catalog(tracks, catalog.keys, card, catalog.other)


def check_has_artists(catalog: Catalog) -> None:
    """Refuse a catalog that names no artists.

    Raises
    ------
    MissingColumnError
        Saying how to map a column.
    """
    if not catalog.keys.has_artists:
        raise MissingColumnError(
            "artists: expected a column of artist names to join on, got none. "
            "Map one with --map artists=THEIR_COLUMN.",
            column="artists",
        )


def _not_in_table(n: int) -> list[Finding]:
    said = "track none of whose artists is in the artist table: artist columns missing"
    return [Finding("artists_not_in_table", n, said, "kept")] if n else []


def _under_terms(
    tracks: pl.DataFrame, card: Card, is_new: pl.Series, terms: str
) -> tuple[pl.DataFrame, Card]:
    """Let the tracks that got something, and the card, carry the terms it came under."""
    if not is_new.any():
        return tracks, card
    have = pl.Series(TERMS_COLUMN, [None] * len(tracks), pl.String)
    have = tracks[TERMS_COLUMN] if TERMS_COLUMN in tracks.columns else have
    both = [
        joined_terms([*([own] if own else []), terms]) if new else own
        for own, new in zip(have.to_list(), is_new.to_list(), strict=True)
    ]
    said = f"from a live service: {terms}"
    findings = (*card.findings, Finding("live_service", int(is_new.sum()), said, "kept"))
    carried = pl.Series(TERMS_COLUMN, both, pl.String)
    licence = joined_terms([card.licence, terms])
    return tracks.with_columns(carried), replace(card, licence=licence, findings=findings)
