"""Find leaks in data and in protocols."""

from trackoracle.audit.confounding import ArtistConfounding, artist_confounding

__all__ = ["ArtistConfounding", "artist_confounding"]
