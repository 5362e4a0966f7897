"""A catalog looked at as a whole: similar tracks, moods, playlists, triage."""

from trackoracle.exploration.moods import MOODS, QUADRANTS, in_mood, mood, quadrant

__all__ = ["MOODS", "QUADRANTS", "in_mood", "mood", "quadrant"]
