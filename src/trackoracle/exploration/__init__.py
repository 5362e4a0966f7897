"""A catalog looked at as a whole: moods, playlists, triage."""

from trackoracle.exploration.moods import MOODS, QUADRANTS, in_mood, mood, quadrant
from trackoracle.exploration.playlists import PlaylistWish, make_playlist
from trackoracle.exploration.triaging import triage

__all__ = [
    "MOODS",
    "QUADRANTS",
    "PlaylistWish",
    "in_mood",
    "make_playlist",
    "mood",
    "quadrant",
    "triage",
]
