"""An oracle as one file without executable content."""

from trackoracle.artifact.archive import FORMAT
from trackoracle.artifact.bundle import Bundle, bundle_of, load_bundle, save_bundle
from trackoracle.artifact.card import model_card
from trackoracle.artifact.seen import Seen
from trackoracle.artifact.starter import STARTER

__all__ = [
    "FORMAT",
    "STARTER",
    "Bundle",
    "Seen",
    "bundle_of",
    "load_bundle",
    "model_card",
    "save_bundle",
]
