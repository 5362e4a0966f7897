"""The 114k tracks: 114 genres of 1,000 rows each, with popularity.

A track listed under several genres stands in several rows; popularity may
differ between them, and the first row's value is used, as the published
systems do.
"""

from trackoracle.catalogs.adapter import Adapter

ADAPTER = Adapter(
    name="tracks_114k",
    title="Spotify tracks, 114 genres",
    source="Hugging Face hub and Kaggle: maharshipandya, spotify-tracks-dataset",
    licence="'bsd' on the hub page; the values come from the Spotify Web API",
    snapshot="2022-10",
    header=frozenset(
        {"track_id", "artists", "album_name", "track_name", "popularity", "track_genre", "explicit"}
    ),
)
