"""Look at a catalog as a whole: moods, playlists, triage."""

from trackoracle.exploration.moods import MOODS, QUADRANTS, VALENCE_MOODS, Mood, mood_codes

__all__ = ["MOODS", "QUADRANTS", "VALENCE_MOODS", "Mood", "mood_codes"]
