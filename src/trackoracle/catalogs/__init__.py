"""A source becomes a catalog: a checked table of tracks, its keys and its card."""

from trackoracle.catalogs.adapter import Adapter, OnInvalid
from trackoracle.catalogs.artists import ArtistTable, join_artists, load_artists
from trackoracle.catalogs.cleaning import INDEX_NAMES
from trackoracle.catalogs.loading import ADAPTERS, load_catalog, load_tracks, source_checksum
from trackoracle.catalogs.reading import TABLE_ENDINGS
from trackoracle.catalogs.recordings import LEAST_DISTINCT, find_keys
from trackoracle.catalogs.rows import SourceRows, load_rows
from trackoracle.catalogs.streaming import count_rows, stream_tracks
from trackoracle.catalogs.wanting import table_of, wanted_artists

__all__ = [
    "ADAPTERS",
    "INDEX_NAMES",
    "LEAST_DISTINCT",
    "TABLE_ENDINGS",
    "Adapter",
    "ArtistTable",
    "OnInvalid",
    "SourceRows",
    "count_rows",
    "find_keys",
    "join_artists",
    "load_artists",
    "load_catalog",
    "load_rows",
    "load_tracks",
    "source_checksum",
    "stream_tracks",
    "table_of",
    "wanted_artists",
]
