"""The published systems that are replayed: what their letters stand for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class System:
    """A published system.

    Parameters
    ----------
    title
        As it calls itself.
    what
        What it learns, from what, and how.
    address
        Where it is published.
    """

    title: str
    what: str
    address: str


SYSTEMS = {
    "H": System(
        "classify-spotify-hits",
        "hit or flop of the hit predictor's 2010s, from nine audio columns; gradient boosting, "
        "chosen by grid search",
        "https://github.com/jamwung/classify-spotify-hits",
    ),
    "P": System(
        "Spotify-Popularity-Prediction",
        "popularity of 51 and more, and of 71 and more, in the 114k tracks; six models times "
        "four ways of resampling, and a network stacked with a forest",
        "https://github.com/Sirpi-57/Spotify-Popularity-Prediction",
    ),
    "A": System(
        "Spotify Track Analytics",
        "popularity in points of the 114k tracks, from audio, broad genre and the artist's mean "
        "popularity; linear model, random forest, XGBoost",
        "https://github.com/YShutko/CI_spotify_track_analysis",
    ),
    "N": System(
        "Neural Network Model for Song Popularity Prediction",
        "popularity in four or eleven classes of a million tracks, from audio, genre and the "
        "artist's popularity; a network of 80-80-80",
        "https://github.com/luisherranv/Project4",
    ),
}
"""By letter, in the order of the tables."""
