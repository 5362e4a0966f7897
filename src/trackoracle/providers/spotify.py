"""Spotify's Web API as it answers today: one at a time, and fields may be absent.

Asking for several at once, audio features, recommendations, related artists and top tracks are
gone for apps in development mode, so they are never asked for. Popularity and followers come to
apps of extended quota only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from trackoracle.errors import LinkError, ServiceAccessError
from trackoracle.providers.answers import NothingThereError, facts_of
from trackoracle.providers.reading import (
    FoundTrack,
    Notes,
    flag_of,
    number_of,
    object_of,
    objects_of,
    present,
    text_of,
    texts_of,
)
from trackoracle.providers.requests import Deadline, Request, Sender
from trackoracle.schema import LinkKind, ServiceLink

NAME = "Spotify"
MOST_TRACKS = 200
"""Of an album or playlist."""
_PAGE = 50
_SEARCHED = 10
_MOST_SEARCHED = 100
"""Letters of a name or title: longer searches are refused."""
_DAY = 86_400.0
FRESH_FOR = {"tracks": _DAY, "albums": _DAY, "artists": _DAY, "playlists": 600.0, "search": _DAY}
"""Seconds for which an answer may be given again, by what was asked."""


@dataclass(frozen=True)
class FoundTracks:
    """What a link leads to: its name and its tracks, in order."""

    name: str | None
    tracks: tuple[FoundTrack, ...]


@dataclass(frozen=True)
class FoundArtist:
    """What is known of an artist: a name, and values by track column."""

    name: str | None
    values: dict[str, Any]
    fetched: str
    id: str = ""


class Spotify:
    """Endpoints, one request each; `find` follows a link to its tracks.

    Parameters
    ----------
    sender
        Carries requests, token included.
    base
        Address that endpoints are under.
    deadline
        By which all must be done.
    """

    def __init__(self, sender: Sender, base: str, deadline: Deadline, notes: Notes) -> None:
        self._sender, self._base, self._deadline = sender, base.rstrip("/"), deadline
        self._notes = notes

    def find(self, link: ServiceLink) -> FoundTracks:
        """Return the tracks of a link.

        Raises
        ------
        LinkError
            When nothing is there.
        ServiceError
            When the service does not answer as it should.
        """
        try:
            match link.kind:
                case "track":
                    track = self.track(link.id)
                    return FoundTracks(track.values.get("track_name"), (track,))
                case "album":
                    return self.album(link.id)
                case "playlist":
                    return self.playlist(link.id)
                case "artist":
                    return self.of_artist(link.id)
        except NothingThereError as error:
            raise _dead(link) from error

    def track(self, track_id: str) -> FoundTrack:
        """Return one track."""
        facts, fetched = self._ask("tracks", track_id)
        return _track(facts, object_of(facts.get("album")), fetched, track_id)

    def album(self, album_id: str) -> FoundTracks:
        """Return the tracks of an album; their ISRCs are not among what is told of them."""
        album, fetched = self._ask("albums", album_id)
        tracks = object_of(album.get("tracks"))
        pages = self._pages(("albums", album_id, "tracks"), (tracks, fetched))
        named = text_of(album.get("name"))
        return FoundTracks(named, tuple(_track(t, album, when) for t, when in pages))

    def playlist(self, playlist_id: str) -> FoundTracks:
        """Return the tracks of a playlist that the app may read; the rest of it is noted."""
        try:
            about, _ = self._ask("playlists", playlist_id, query=(("fields", "name"),))
            entries = list(self._pages(("playlists", playlist_id, "items")))
        except ServiceAccessError as error:
            raise ServiceAccessError(
                f"{error} Spotify shows the tracks of a playlist to its owner and collaborators "
                "only. Give the links of its tracks or albums instead.",
                **error.facts,
            ) from error
        items = [(object_of(e.get("item", e.get("track"))), when) for e, when in entries]
        known = [(item, when) for item, when in items if _is_track(item)]
        if len(known) < len(items):
            n = len(items) - len(known)
            self._notes.add(
                f"{n} of {len(items)} entries of the playlist are episodes, local files or gone: "
                "left out."
            )
        tracks = (_track(item, object_of(item.get("album")), when) for item, when in known)
        return FoundTracks(text_of(about.get("name")), tuple(tracks))

    def of_artist(self, artist_id: str) -> FoundTracks:
        """Return tracks that a search finds for an artist: there is no list of the best known."""
        artist = self.artist(artist_id)
        if artist.name is None:
            return FoundTracks(None, ())
        query = (
            ("q", f'artist:"{_quoted(artist.name)}"'),
            ("type", "track"),
            ("limit", str(_SEARCHED)),
        )
        facts, fetched = self._ask("search", query=query)
        items = objects_of(object_of(facts.get("tracks")).get("items"))
        tracks = [_track(item, object_of(item.get("album")), fetched) for item in items]
        own = tuple(track for track in tracks if artist_id in track.artist_ids)
        self._notes.add(
            f"Tracks of an artist are those that a search finds, {_SEARCHED} at most; Spotify "
            "lists the best known no more."
        )
        return FoundTracks(artist.name, own)

    def artist(self, artist_id: str) -> FoundArtist:
        """Return what is known of one artist; each field may be absent."""
        facts, fetched = self._ask("artists", artist_id)
        return _artist({**facts, "id": artist_id}, fetched)

    def search_artists(self, name: str) -> tuple[FoundArtist, ...]:
        """Return whom a search finds by a name, of whatever name they are."""
        query = (("q", f'artist:"{_quoted(name)}"'), ("type", "artist"), ("limit", str(_SEARCHED)))
        facts, fetched = self._ask("search", query=query)
        items = objects_of(object_of(facts.get("artists")).get("items"))
        return tuple(_artist(item, fetched) for item in items)

    def search_tracks(
        self, title: str, artist: str
    ) -> tuple[tuple[str | None, tuple[FoundArtist, ...]], ...]:
        """Return titles that a search finds, and who is credited with each."""
        words = f'track:"{_quoted(title)}" artist:"{_quoted(artist)}"'
        query = (("q", words), ("type", "track"), ("limit", str(_SEARCHED)))
        facts, fetched = self._ask("search", query=query)
        items = objects_of(object_of(facts.get("tracks")).get("items"))
        return tuple((text_of(item.get("name")), _credited(item, fetched)) for item in items)

    def credited(self, track_id: str) -> tuple[FoundArtist, ...]:
        """Return who is credited with a track, without what else is known of them."""
        return _credited(*self._ask("tracks", track_id))

    def _ask(
        self, *path: str, query: tuple[tuple[str, str], ...] = ()
    ) -> tuple[dict[str, Any], str]:
        """Return the facts at an endpoint, and when they were fetched."""
        url = "/".join((self._base, *path))
        request = Request(NAME, url, query=query, fresh_for=FRESH_FOR[path[0]])
        answer = self._sender.send(request, self._deadline)
        return facts_of(request, answer), answer.fetched

    def _pages(
        self, path: tuple[str, ...], first: tuple[dict[str, Any], str] | None = None
    ) -> Iterator[tuple[dict[str, Any], str]]:
        """Go through pages by counting, not by the addresses that they name."""
        n = 0
        page, fetched = first or self._page(path, 0)
        while True:
            items = page.get("items")
            listed = items if isinstance(items, list) else []
            for item in listed[: MOST_TRACKS - n]:
                yield object_of(item), fetched
            n += len(listed)
            total = number_of(page.get("total")) or 0
            if n >= MOST_TRACKS and total > MOST_TRACKS:
                self._notes.add(f"The first {MOST_TRACKS} of {total:,} tracks are looked up.")
            if not listed or n >= min(total, MOST_TRACKS):
                return
            page, fetched = self._page(path, n)

    def _page(self, path: tuple[str, ...], offset: int) -> tuple[dict[str, Any], str]:
        return self._ask(*path, query=(("limit", str(_PAGE)), ("offset", str(offset))))


def _quoted(text: str) -> str:
    """Return what may stand between quotes of a search."""
    return text.replace('"', " ")[:_MOST_SEARCHED]


def _artist(facts: dict[str, Any], fetched: str) -> FoundArtist:
    values = {
        "genres": texts_of(facts.get("genres")),
        "artist_popularity": number_of(facts.get("popularity")),
        "artist_followers": number_of(object_of(facts.get("followers")).get("total")),
    }
    named, artist_id = text_of(facts.get("name")), text_of(facts.get("id"))
    return FoundArtist(named, present(values), fetched, artist_id or "")


def _credited(track: dict[str, Any], fetched: str) -> tuple[FoundArtist, ...]:
    return tuple(_artist(artist, fetched) for artist in objects_of(track.get("artists")))


def _dead(link: ServiceLink) -> LinkError:
    hint = (
        "Check it."
        if link.stated
        else "A bare id is taken as a track's; of an album say spotify:album:ID."
    )
    named: LinkKind = link.kind
    return LinkError(
        f"{link.uri}: expected {_article(named)} that Spotify knows, got none under that id. "
        f"{hint}",
        link=link.uri,
    )


def _article(kind: LinkKind) -> str:
    return f"an {kind}" if kind[0] == "a" else f"a {kind}"


def _is_track(item: dict[str, Any]) -> bool:
    return (
        bool(item.get("id")) and item.get("type", "track") == "track" and not item.get("is_local")
    )


def _names(artists: Iterable[dict[str, Any]]) -> tuple[str, ...] | None:
    return tuple(name for artist in artists if (name := text_of(artist.get("name")))) or None


def _track(
    facts: dict[str, Any], album: dict[str, Any], fetched: str, asked: str | None = None
) -> FoundTrack:
    """Read a track; of another id than asked for where Spotify links one release to another."""
    artists = objects_of(facts.get("artists"))
    released = text_of(album.get("release_date"))
    if released and released.startswith("0000"):  # how a date that is not known is told
        released = None
    year = released[:4] if released else ""
    values = {
        "track_id": asked or text_of(facts.get("id")),
        "isrc": text_of(object_of(facts.get("external_ids")).get("isrc")),
        "album_id": text_of(album.get("id")),
        "track_name": text_of(facts.get("name")),
        "artists": _names(artists),
        "album_name": text_of(album.get("name")),
        "release_date": released,
        "year": int(year) if year.isdecimal() else None,
        "explicit": flag_of(facts.get("explicit")),
        "duration_ms": number_of(facts.get("duration_ms")),
        "popularity": number_of(facts.get("popularity")),
    }
    ids = tuple(i for artist in artists if (i := text_of(artist.get("id"))))
    return FoundTrack(present(values), fetched, ids)
