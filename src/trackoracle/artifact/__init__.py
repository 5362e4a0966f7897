"""An oracle as one file without executable content."""

from trackoracle.artifact.archive import FORMAT, MOST_BYTES
from trackoracle.artifact.bundle import Bundle, bundle_of, load_bundle, save_bundle
from trackoracle.artifact.card import model_card
from trackoracle.artifact.hub_card import hub_card, scores_told
from trackoracle.artifact.seen import Seen
from trackoracle.artifact.starter import STARTER

__all__ = [
    "FORMAT",
    "MOST_BYTES",
    "STARTER",
    "Bundle",
    "Seen",
    "bundle_of",
    "hub_card",
    "load_bundle",
    "model_card",
    "save_bundle",
    "scores_told",
]
