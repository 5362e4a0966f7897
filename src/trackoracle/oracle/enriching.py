"""A catalog with what live services know of its artists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trackoracle.catalogs import join_artists, load_catalog, table_of, wanted_artists
from trackoracle.errors import ConfigError, SourceError
from trackoracle.providers import THRESHOLD, LiveServices, check_threshold
from trackoracle.schema import Catalog, Enrichment, Rows, Shown
from trackoracle.settings import ServiceSettings


@dataclass(frozen=True)
class Enriched(Shown):
    """A catalog with more known of its artists, and who said what.

    Parameters
    ----------
    catalog
        Tracks that got something carry the terms it came under.
    enrichment
        Every artist that was asked about: how it was found, and each value with its provider
        and time.
    """

    catalog: Catalog
    enrichment: Enrichment


def enrich(
    catalog: Catalog | str | Path | Rows,
    *,
    threshold: float = THRESHOLD,
    most_artists: int | None = None,
    journal: str | Path | None = None,
    settings: ServiceSettings | None = None,
    refresh: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
) -> Enriched:
    """Add popularity, followers and genres of artists, as Spotify knows them today.

    Each artist is searched for once, by its name. Who is alone at being of exactly that name is
    taken; of several, the one whom the service credits with a track of the catalog, by its id or
    its title; where nobody is of that name, who is alone at being of nearly that name. Where that
    does not tell, nobody is taken. Values that the catalog has stay.

    Parameters
    ----------
    catalog
        A catalog, or what `load_catalog` takes.
    threshold
        How alike names must be where none is equal: 1 less the share of letters to change; 1
        takes equal names only.
    most_artists
        Ask about so many, those of most tracks first; by default about all.
    journal
        File of what was found so far, made, or gone on with after an interrupt.
    settings
        Where Spotify is, and the credentials; by default of the environment.
    refresh
        Ask anew, whatever the cache holds.
    progress
        Told of artists done, artists in all, and the one that is looked for.

    Returns
    -------
    Enriched

    Raises
    ------
    MissingColumnError
        When the catalog names no artists.
    ConfigError
        Without credentials, or on a threshold or number that cannot be.
    ServiceError
        When Spotify does not answer; the journal keeps what was found.

    Examples
    --------
    >>> enrich("sample")
    Traceback (most recent call last):
    ...
    trackoracle.errors.SourceError: sample: expected artists that a live service may know, ...
    """
    check_threshold(threshold)
    if most_artists is not None and most_artists < 1:
        raise ConfigError(f"artists: expected at least 1 to ask about, got {most_artists}.")
    if not isinstance(catalog, Catalog):
        catalog = load_catalog(catalog)
    if catalog.card.synthetic:
        raise SourceError(
            f"{catalog.card.file}: expected artists that a live service may know, got a synthetic "
            "catalog, whose names are made up. Name a catalog of your own."
        )
    wanted = wanted_artists(catalog)[:most_artists]
    with LiveServices(settings, refresh=refresh) as services:
        enrichment = services.find_artists(
            wanted,
            threshold=threshold,
            journal=Path(journal) if journal else None,
            progress=progress,
        )
    return Enriched(join_artists(catalog, table_of(enrichment)), enrichment)
