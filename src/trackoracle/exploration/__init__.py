"""What a catalog is like, as plain numbers."""

from trackoracle.exploration.effects import Comparison
from trackoracle.exploration.exploring import explore
from trackoracle.exploration.moods import MOODS, QUADRANTS, mood, quadrant
from trackoracle.exploration.results import (
    Along,
    CatalogReport,
    Correlations,
    Density,
    Feature,
    Genre,
    Genres,
    Group,
    Histogram,
    Levels,
    Moods,
    Summary,
    Target,
    Times,
)

__all__ = [
    "MOODS",
    "QUADRANTS",
    "Along",
    "CatalogReport",
    "Comparison",
    "Correlations",
    "Density",
    "Feature",
    "Genre",
    "Genres",
    "Group",
    "Histogram",
    "Levels",
    "Moods",
    "Summary",
    "Target",
    "Times",
    "explore",
    "mood",
    "quadrant",
]
