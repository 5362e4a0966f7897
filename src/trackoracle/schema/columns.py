"""The track columns: name, meaning, unit, range, role and input group.

One table serves loading, training, prediction and every interface. Ranges of
the audio features follow the Spotify Web API reference; a range says what is
possible, the contract of an oracle what was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["id", "text", "credits", "category", "date", "number"]
InputGroup = Literal["audio", "genre", "metadata", "artist", "release", "other"]
INPUT_GROUPS: tuple[InputGroup, ...] = ("audio", "genre", "metadata", "artist", "release", "other")


@dataclass(frozen=True)
class Column:
    """One column of the track table.

    Parameters
    ----------
    name
        Published name of the field, snake_case.
    role
        What kind of value it holds. `credits` and `category` columns are lists of text.
    group
        The input group it belongs to; None for ids and targets.
    meaning
        One sentence for people.
    unit
        Unit of a number, as printed.
    low, high
        What is possible, in `unit`; None where unbounded.
    whole
        True where only whole numbers are possible.
    not_measured
        The value by which published files say "not measured".
    synonyms
        Other spellings, mapped once, when a source is read.
    """

    name: str
    role: Role
    group: InputGroup | None
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    whole: bool = False
    not_measured: float | None = None
    synonyms: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """Say which values are possible, for a message."""
        if self.role == "date":
            return "dates as 2001-12-31, 2001-12 or 2001"
        if self.role != "number":
            return "text"
        kind = "whole numbers" if self.whole else "numbers"
        unit = f" {self.unit}" if self.unit else ""
        if self.low is not None and self.high is not None:
            return f"{self.low:,.10g} to {self.high:,.10g}{unit}"
        if self.low is not None:
            return f"{kind} of at least {self.low:,.10g}{unit}"
        return kind + unit


def _share(name: str, meaning: str, *synonyms: str) -> Column:
    return Column(name, "number", "audio", meaning, "", 0.0, 1.0, synonyms=synonyms)


ESTIMATED = (
    "acousticness", "danceability", "energy", "instrumentalness", "liveness", "speechiness",
    "valence",
)  # fmt: skip
"""The audio features that a recording does not show and that are estimated from it."""
ERROR_LEVEL = 0.9
"""Probability that the true value of an estimated feature lies between its bounds."""


def bounds(name: str) -> tuple[str, str]:
    """Return the columns of the least and the most that an estimated feature may be."""
    return f"{name}_low", f"{name}_high"


def _share_told(name: str, meaning: str) -> Column:
    return Column(name, "number", None, meaning, "", 0.0, 1.0)


def _bound(name: str, of: str, which: str) -> Column:
    meaning = f"{which} that {of} may be, where it was estimated from a recording."
    return Column(name, "number", None, meaning, "", 0.0, 1.0)


_COLUMNS = (
    Column("track_id", "id", None, "Identifier of one release of a recording.",
           synonyms=("uri", "id", "spotify_id", "track_uri", "file")),
    Column("isrc", "id", None, "International Standard Recording Code."),
    Column("album_id", "id", None, "Identifier of the album.", synonyms=("track_album_id",)),
    Column("track_name", "text", "metadata", "Title.", synonyms=("track", "title", "song", "name")),
    Column("artists", "credits", "artist", "Everyone credited, first artist first.",
           synonyms=("artist", "artist_name", "track_artist", "artist_names")),
    Column("album_name", "text", "release", "Title of the album.",
           synonyms=("album", "track_album_name")),
    Column("genres", "category", "genre", "Genres of the track or its artist.",
           synonyms=("genre", "track_genre", "artist_genres")),
    Column("release_date", "date", "release", "Release date; year or year-month also serve.",
           synonyms=("album_release_date", "track_album_release_date", "released")),
    Column("year", "number", "release", "Year of release.", "", 1860, 2100, whole=True,
           synonyms=("release_year",)),
    Column("decade", "number", "release", "First year of the decade of release.", "", 1860, 2100,
           whole=True),
    Column("explicit", "number", "metadata", "1 when the lyrics are marked explicit, else 0.", "",
           0, 1, whole=True, synonyms=("track_explicit", "is_explicit")),
    Column("duration_ms", "number", "audio", "Length.", "ms", 1, 86_400_000,
           synonyms=("duration", "track_duration", "track_duration_ms")),
    _share("danceability", "How suitable for dancing: tempo, rhythm stability, beat strength."),
    _share("energy", "Perceived intensity and activity."),
    Column("key", "number", "audio", "Pitch class of the key, 0 = C; -1 when none was found.", "",
           -1, 11, whole=True),
    Column("loudness", "number", "audio", "Average loudness.", "dB", -60, 10),
    Column("mode", "number", "audio", "1 for major, 0 for minor.", "", 0, 1, whole=True),
    _share("speechiness", "Presence of spoken words."),
    _share("acousticness", "Confidence that the track is acoustic."),
    _share("instrumentalness", "Confidence that the track has no vocals."),
    _share("liveness", "Presence of an audience."),
    _share("valence", "Musical positiveness."),
    Column("tempo", "number", "audio", "Beats per minute.", "BPM", 20, 260, not_measured=0.0,
           synonyms=("bpm",)),
    Column("time_signature", "number", "audio", "Beats per bar.", "beats", 1, 7, whole=True,
           not_measured=0.0),
    Column("chorus_hit", "number", "audio", "Estimated start of the chorus.", "s", 0, 86_400),
    Column("sections", "number", "audio", "Number of sections.", "", 0, 10_000, whole=True),
    Column("artist_popularity", "number", "artist", "Popularity of the best-known credited artist.",
           "", 0, 100),
    Column("artist_followers", "number", "artist", "Followers of the best-known credited artist.",
           "", 0, None),
    *(
        _bound(column, name, which)
        for name in ESTIMATED
        for column, which in zip(bounds(name), ("Least", "Most"), strict=True)
    ),
    Column("file_hash", "id", None, "Hash of the recording that was heard."),
    Column("loudness_lufs", "number", None, "Integrated loudness by EBU R128.", "LUFS", -100, 20),
    Column("loudness_range", "number", None, "Loudness range by EBU Tech 3342.", "LU", 0, 150),
    Column("peak_db", "number", None, "Largest sample.", "dBFS", -200, 60),
    _share_told("silence", "Share of the recording that is silent."),
    _share_told("tempo_confidence", "Chance that the next 15 s have the same tempo, octave aside."),
    _share_told("key_confidence", "How often such a key and mode were right, in labelled songs."),
    Column("warning", "text", None, "What is to be known of a row."),
    Column("provider_terms", "text", None,
           "Terms under which a live service gave the track; see docs/sources.md."),
    Column("popularity", "number", None, "Popularity at the snapshot date.", "points", 0, 100,
           synonyms=("track_popularity",)),
    Column("hit", "number", None, "1 for a hit, 0 for a miss.", "", 0, 1, whole=True,
           synonyms=("target", "is_hit")),
)  # fmt: skip

TRACK_COLUMNS: dict[str, Column] = {column.name: column for column in _COLUMNS}
TARGET_COLUMNS = ("popularity", "hit")
AUDIO_VECTOR = (
    "danceability", "energy", "loudness", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo",
)  # fmt: skip
"""The measured descriptors that together tell one recording from another."""


def _spelling(name: str) -> str:
    return name.strip().lstrip("\ufeff").lower().replace(" ", "_").replace("-", "_")


_BY_SPELLING = {
    spelling: column.name for column in _COLUMNS for spelling in (column.name, *column.synonyms)
}


def published_name(name: str) -> str | None:
    """Return the track column that a source's column name means, or None.

    Examples
    --------
    >>> published_name("Track Genre"), published_name("mystery")
    ('genres', None)
    """
    return _BY_SPELLING.get(_spelling(name))
