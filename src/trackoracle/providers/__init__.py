"""Live services and public data sets: what others know of tracks, with its provenance."""

from trackoracle.providers.datasets import DATA_SETS, DataSet
from trackoracle.providers.fetching import fetch
from trackoracle.providers.links import is_link, parse_link
from trackoracle.providers.looking import ORDER, LiveServices, lookup

__all__ = [
    "DATA_SETS",
    "ORDER",
    "DataSet",
    "LiveServices",
    "fetch",
    "is_link",
    "lookup",
    "parse_link",
]
