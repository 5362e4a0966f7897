"""What the tags of a recording say: title, artists, album, year, genres, ISRC."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trackoracle.audio.decoding.containers import opened_file
from trackoracle.audio.decoding.genre_numbers import named_genres
from trackoracle.audio.decoding.id3 import read_id3
from trackoracle.audio.decoding.pyav_reader import open_container
from trackoracle.audio.decoding.reading import DecodingError

_MOST_CHARACTERS = 300
_MOST_VALUES = 20
_NAMES_OF = {
    "title": ("title", "name"),
    "artists": ("artists", "artist", "author", "album_artist", "albumartist"),
    "album": ("album",),
    "year": ("date", "year", "tyer", "originaldate", "originalyear"),
    "genres": ("genre",),
    "isrc": ("isrc", "tsrc"),
}
"""Keys by which the containers name a field, better ones first."""
_NOBODY = {"unknown", "<unknown>", "unknown artist", "unknown album", "various artists"}
_BETWEEN_ARTISTS = re.compile(r"[;\0]| / ")
_BETWEEN_GENRES = re.compile(r"[;,|\0](?!\s*(?:&|and\b))| / ")
_DAY_IN_ONE = re.compile(r"(\d{4})(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])$")
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
_CYRILLIC_SHARE, _LEAST_LETTERS = 0.8, 4
"""Share of letters from À to ÿ that no western text has; below so many letters nothing is told."""

Fields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Tags:
    """What the tags say, None or empty where they are silent.

    Parameters
    ----------
    track_name, album_name
        Titles.
    artists
        In the order given.
    year
        Of the release date.
    genres
        Names, also where a number was written.
    isrc
        Twelve characters, only if it is one.
    """

    track_name: str | None = None
    artists: tuple[str, ...] = ()
    album_name: str | None = None
    year: int | None = None
    genres: tuple[str, ...] = ()
    isrc: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "track_name": self.track_name,
            "artists": list(self.artists),
            "album_name": self.album_name,
            "year": self.year,
            "genres": list(self.genres),
            "isrc": self.isrc,
        }


def read_tags(path: str | Path) -> Tags:
    """Read the tags of a recording; an odd tag, or a file that has none, gives none.

    Of ID3, Vorbis comments, MP4, APE, RIFF, AIFF, ASF and Matroska. Texts in a wrong
    encoding are set right where that can be told.

    Raises
    ------
    RecordingError
        When it is no regular file.
    SourceNotFoundError
        When nothing is there.
    MissingExtraError
        Without the extra `audio`.
    """
    with opened_file(path) as descriptor:
        fields = {**_by_ffmpeg(descriptor), **read_id3(descriptor)}
    return tags_of(fields)


def tags_of(fields: Fields) -> Tags:
    """Make tags of raw fields, by key in small letters.

    Examples
    --------
    >>> tags_of({"artist": ("AC/DC; BjÃ¶rk",), "date": ("20080301",), "genre": ("(17)",)})
    Tags(track_name=None, artists=('AC/DC', 'Björk'), album_name=None, year=2008, \
genres=('Rock',), isrc=None)
    """
    texts = {key: tuple(map(repaired, values)) for key, values in fields.items()}
    genres = _parts(_raw(texts, "genres"), _BETWEEN_GENRES)
    return Tags(
        track_name=next(iter(_cleaned(_raw(texts, "title"))), None),
        artists=_first_filled(texts, "artists"),
        album_name=next(iter(_cleaned(_raw(texts, "album"))), None),
        year=next(filter(None, map(year_of, _all(texts, "year"))), None),
        genres=_few(name for genre in genres for name in named_genres(genre)),
        isrc=next(filter(None, map(isrc_of, _all(texts, "isrc"))), None),
    )


def repaired(text: str) -> str:
    r"""Return a text whose bytes were read in the wrong encoding as it was meant.

    UTF-8 taken for Latin-1, bytes that are no UTF-8, and Cyrillic of Windows taken for
    Latin-1: the three that real collections are full of.

    Examples
    --------
    >>> repaired("BjÃ¶rk"), repaired("Bj\udcf6rk"), repaired("Çåìôèðà"), repaired("Sigur Rós")
    ('Björk', 'Björk', 'Земфира', 'Sigur Rós')
    """
    if any("\udc80" <= letter <= "\udcff" for letter in text):
        raw = text.encode("utf-8", "surrogateescape")
        return raw.decode("cp1252", "replace").replace("\ufffd", "")
    for encoding in ("latin-1", "cp1252"):
        try:
            raw = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            if encoding == "latin-1" and _is_cyrillic(text):
                return raw.decode("cp1251", "replace")
    return text


def year_of(text: str) -> int | None:
    """Return the year of a date in whatever form.

    Examples
    --------
    >>> year_of("2008-03-01T00:00:00"), year_of("20080301"), year_of("3/1/1999"), year_of("NA")
    (2008, 2008, 1999, None)
    """
    day = _DAY_IN_ONE.match(text.strip())
    found = _YEAR.search(day[1] if day else text)
    return int(found[1]) if found else None


def isrc_of(text: str) -> str | None:
    """Return a recording code without its hyphens, or None if it is none.

    Examples
    --------
    >>> isrc_of("us-rc1-76-07839"), isrc_of("12345")
    ('USRC17607839', None)
    """
    code = re.sub(r"[^A-Z0-9]", "", text.upper()).removeprefix("ISRC")
    return code if _ISRC.fullmatch(code) and code.isascii() else None


def _by_ffmpeg(descriptor: int) -> dict[str, tuple[str, ...]]:
    """Return the fields of the container and of its streams, where Ogg has them."""
    try:
        container = open_container(descriptor)
    except DecodingError:
        return {}
    with container:
        found = [stream.metadata for stream in container.streams.audio] + [container.metadata]
        return {key.lower(): (value,) for fields in found for key, value in fields.items()}


def _all(texts: Fields, field: str) -> list[str]:
    return [value for key in _NAMES_OF[field] for value in texts.get(key, ())]


def _raw(texts: Fields, field: str) -> tuple[str, ...]:
    return next((texts[key] for key in _NAMES_OF[field] if any(texts.get(key, ()))), ())


def _first_filled(texts: Fields, field: str) -> tuple[str, ...]:
    for key in _NAMES_OF[field]:
        parts = _parts(texts.get(key, ()), _BETWEEN_ARTISTS)
        if parts:
            return _few(parts)
    return ()


def _parts(values: Iterable[str], between: re.Pattern[str]) -> list[str]:
    return _cleaned(part for value in values for part in between.split(html.unescape(value)))


def _cleaned(values: Iterable[str]) -> list[str]:
    """Return values on one line each, without what cannot be printed, and not too long."""
    cleaned = []
    for value in values:
        shown = "".join(letter if letter.isprintable() else " " for letter in value)
        text = " ".join(shown.split())[:_MOST_CHARACTERS].strip()
        if text and text.lower() not in _NOBODY:
            cleaned.append(text)
    return cleaned


def _few(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:_MOST_VALUES]


def _is_cyrillic(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    high = sum("À" <= letter <= "ÿ" for letter in letters)
    return len(letters) >= _LEAST_LETTERS and high >= _CYRILLIC_SHARE * len(letters)
