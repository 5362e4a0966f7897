"""`enrich`: what is known of a catalog's artists, from a table or from live services."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from trackoracle.errors import ConfigError
from trackoracle.interfaces.cli.catalog_commands import (
    CatalogArgument,
    EncodingOption,
    InvalidOption,
    JsonOption,
    MapOption,
    QuietOption,
)
from trackoracle.interfaces.cli.console import Screen, check_outputs, column_map, write_text
from trackoracle.rendering import to_json
from trackoracle.schema import Catalog, check_table_path, write_table

_SIDECAR = ".artists.json"


def enrich(
    catalog: CatalogArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="The enriched catalog.")],
    artists: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            help="Table (or folder of tables) of artist names with popularity; left out, Spotify "
            "is asked.",
        ),
    ] = None,
    threshold: Annotated[
        float,
        typer.Option(
            help="How alike names must be where none is equal: .9 allows one letter in ten, 1 "
            "takes equal names only."
        ),
    ] = 0.9,
    most: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--most", metavar="N", help="Ask about the N artists of most tracks only."),
    ] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask anew, whatever the cache holds.")
    ] = False,
    json: JsonOption = None,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Add popularity, followers and genres of artists, from a table of artists or from Spotify.

    Of a table, artists are joined by their names, in any spelling of case and accents.

    Without one Spotify is asked (SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET), once for each artist;
    after Ctrl-C the same command goes on. Of several artists of one name, nobody is taken unless
    a track of the catalog tells which. Beside the output, OUTPUT.artists.json says how each was
    found, who gave which value, and when. The terms allow predictions, not training:
    docs/sources.md.

    Examples:

        trackoracle enrich spotify_data.csv --artists artist_pop.csv -o enriched.parquet

        trackoracle enrich mine.csv -o enriched.parquet

        trackoracle enrich mine.csv --most 500 --threshold 1 -o enriched.csv
    """
    from trackoracle.catalogs import join_artists, load_artists, load_catalog
    from trackoracle.rendering import catalog_table

    screen = Screen(quiet=quiet)
    check_table_path(output)
    check_outputs((output, json), () if catalog == "sample" else (catalog,))
    if artists and json:
        raise ConfigError("--json: expected Spotify to be asked, got --artists. Leave one out.")
    loaded = load_catalog(
        catalog, columns=column_map(columns), on_invalid=on_invalid, encoding=encoding
    )
    journal = output.with_name(f".{output.name}.artists")
    if artists:
        enriched = join_artists(loaded, load_artists(artists))
        screen.answer(catalog_table(enriched.card))
    else:
        options = {"threshold": threshold, "most_artists": most, "refresh": refresh}
        enriched = _from_services(screen, loaded, output, json, journal, options)
    write_table(enriched.tracks, output)
    if not artists:
        journal.unlink(missing_ok=True)
    screen.note(f"wrote {len(enriched):,} tracks to {output}")


def _from_services(
    screen: Screen,
    loaded: Catalog,
    output: Path,
    json: str | None,
    journal: Path,
    options: Mapping[str, Any],
) -> Catalog:
    """Ask Spotify, and write who said what beside the output."""
    import trackoracle
    from trackoracle.rendering import enrichment_table

    try:
        with screen.progress("asking") as progress:
            enriched = trackoracle.enrich(loaded, journal=journal, progress=progress, **options)
    except KeyboardInterrupt:
        if not journal.exists():
            raise
        screen.note("Stopped. Artists found so far are kept; the same command goes on.")
        raise typer.Exit(1) from None
    told = enriched.enrichment
    for text in told.notes:
        screen.note(text)
    sidecar = output.with_name(output.name + _SIDECAR)
    write_text(sidecar, to_json(told.to_dict()) + "\n")
    if json:
        screen.json(told.to_dict(), json)
    if json != "-":
        screen.answer(enrichment_table(told))
    screen.note(f"wrote who said what to {sidecar}")
    return enriched.catalog
