"""Four published systems replayed: as published, leaks included, then with each leak removed.

[H] classify-spotify-hits, [P] Spotify-Popularity-Prediction, [A] Spotify Track Analytics and
[N] the neural popularity classes of a million tracks (`systems.py` has their addresses),
on the real files that `TRACKORACLE_DATA` names. Each step changes one thing; the last steps
are TrackOracle's own pipeline under the same protocol and target. What the publications do
not say was read in their public notebooks (jamwung/classify-spotify-hits,
Sirpi-57/Spotify-Popularity-Prediction, YShutko/CI_spotify_track_analysis); where those are
silent too, the library's default stands and the step's note says so.
"""
