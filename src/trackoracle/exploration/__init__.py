"""A catalog looked at as a whole: its report as plain numbers, moods, playlists, triage."""

from trackoracle.exploration.effects import Comparison
from trackoracle.exploration.exploring import explore
from trackoracle.exploration.filtering import Sieve, TrackFilter
from trackoracle.exploration.moods import MOODS, QUADRANTS, in_mood, mood, quadrant
from trackoracle.exploration.playlists import PlaylistWish, make_playlist, playlist_of
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
from trackoracle.exploration.sections import SECTIONS, CatalogSection
from trackoracle.exploration.triaging import triage

__all__ = [
    "MOODS",
    "QUADRANTS",
    "SECTIONS",
    "Along",
    "CatalogReport",
    "CatalogSection",
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
    "PlaylistWish",
    "Sieve",
    "Summary",
    "Target",
    "Times",
    "TrackFilter",
    "explore",
    "in_mood",
    "make_playlist",
    "mood",
    "playlist_of",
    "quadrant",
    "triage",
]
