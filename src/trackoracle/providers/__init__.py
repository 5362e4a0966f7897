"""Live services and public data sets: what others know of tracks, with its provenance."""

from trackoracle.providers.artists import THRESHOLD, check_threshold
from trackoracle.providers.checksums import checksum_of
from trackoracle.providers.datasets import DATA_SETS, DataSet
from trackoracle.providers.fetching import fetch
from trackoracle.providers.hub import HUB_FILE, Hub, HubFile
from trackoracle.providers.hub_names import is_hub_name, is_pinned, parse_hub_name
from trackoracle.providers.links import is_link, parse_link
from trackoracle.providers.looking import ORDER, LiveServices, lookup

__all__ = [
    "DATA_SETS",
    "HUB_FILE",
    "ORDER",
    "THRESHOLD",
    "DataSet",
    "Hub",
    "HubFile",
    "LiveServices",
    "check_threshold",
    "checksum_of",
    "fetch",
    "is_hub_name",
    "is_link",
    "is_pinned",
    "lookup",
    "parse_hub_name",
    "parse_link",
]
