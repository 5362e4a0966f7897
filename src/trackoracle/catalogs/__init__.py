"""A source becomes a catalog: a checked table of tracks, its keys and its card."""

from trackoracle.catalogs.adapter import Adapter, OnInvalid
from trackoracle.catalogs.artists import ArtistTable, join_artists, load_artists
from trackoracle.catalogs.loading import ADAPTERS, load_catalog, load_tracks

__all__ = [
    "ADAPTERS",
    "Adapter",
    "ArtistTable",
    "OnInvalid",
    "join_artists",
    "load_artists",
    "load_catalog",
    "load_tracks",
]
