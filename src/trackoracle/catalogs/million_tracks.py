"""The 1M tracks: one row a track, one artist, genre and year of release."""

from trackoracle.catalogs.adapter import Adapter

ADAPTER = Adapter(
    name="million_tracks",
    title="Spotify 1 million tracks, 2000 to 2023",
    source="Kaggle: amitanshjoshi, spotify-1million-tracks",
    licence="ODbL 1.0",
    snapshot="2023",
    header=frozenset({"artist_name", "track_name", "track_id", "popularity", "year", "genre"}),
)
