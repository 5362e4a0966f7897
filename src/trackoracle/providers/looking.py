"""Follow a link: ask the services in a stated order, and put together what they give."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from trackoracle.errors import ConfigError, LinkError, ServiceError, TrackOracleError
from trackoracle.providers import reccobeats, spotify
from trackoracle.providers.answers import NothingThereError
from trackoracle.providers.artist_journal import ArtistJournal
from trackoracle.providers.artists import THRESHOLD, ArtistSearch, Progress, check_threshold
from trackoracle.providers.caching import Cached, Store
from trackoracle.providers.limiting import Limited
from trackoracle.providers.links import parse_link
from trackoracle.providers.reading import FoundTrack, Notes, checked
from trackoracle.providers.reccobeats import ReccoBeats
from trackoracle.providers.requests import Deadline, Sender
from trackoracle.providers.retrying import Retrying
from trackoracle.providers.sending import HttpSender
from trackoracle.providers.spotify import FoundArtist, FoundTracks, Spotify
from trackoracle.providers.tokens import Authorised, Tokens, check_credentials
from trackoracle.schema import (
    LIVE_TERMS,
    TERMS_COLUMN,
    TRACK_COLUMNS,
    Enrichment,
    LookedUpTrack,
    Lookup,
    Provided,
    ServiceLink,
    WantedArtist,
    joined_terms,
)
from trackoracle.settings import ServiceSettings

MOST_ARTISTS = 20
"""Artists that are asked about in one lookup, one request each, in order of appearance."""
_FIRST_PART = 0.6
"""Of the time allowed, the most that Spotify may take before ReccoBeats is asked."""
_SECONDS_AN_ARTIST = 60.0
"""For one of many artists: who asks for thousands waits as long as the service asks to."""
_BOTH = ("isrc", "track_name", "artists", "duration_ms", "popularity")
_SPOTIFY_ONLY = ("album_id", "album_name", "release_date", "year", "explicit")
_OF_ARTISTS = ("genres", "artist_popularity", "artist_followers")
ORDER: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (_BOTH, (spotify.NAME, reccobeats.NAME)),
    (_SPOTIFY_ONLY, (spotify.NAME,)),
    (_OF_ARTISTS, (spotify.NAME,)),
    (reccobeats.FEATURES, (reccobeats.NAME,)),
)
"""Which columns come from whom: the first that has one gives it."""
COLUMNS = tuple(name for names, _ in ORDER for name in names)

_Fields = dict[str, Provided]


class LiveServices:
    """The services of this process: a connection, a token, a cache. Open it by `with`.

    Parameters
    ----------
    settings
        By default those of the environment.
    refresh
        Ask anew, whatever the cache holds.

    Examples
    --------
    >>> with LiveServices() as services:
    ...     services.lookup("spotify:episode:" + "0" * 22)
    Traceback (most recent call last):
    ...
    trackoracle.errors.LinkError: spotify:episode:0000000000000000000000: expected a track, ...
    """

    def __init__(self, settings: ServiceSettings | None = None, *, refresh: bool = False) -> None:
        self._settings = settings or ServiceSettings.from_environment()
        self._refresh = refresh

    def __enter__(self) -> Self:
        self._opened = ExitStack()
        settings = self._settings
        plain = Retrying(Limited(self._opened.enter_context(HttpSender())))
        store = Store(settings.cache / "answers", settings.cache_bytes)
        signed = Authorised(plain, Tokens(plain, settings))
        self._spotify: Sender = Cached(signed, store, refresh=self._refresh)
        self._reccobeats: Sender = Cached(plain, store, refresh=self._refresh)
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    def lookup(self, link: str | ServiceLink) -> Lookup:
        """Return what the services know of a link or id.

        Raises
        ------
        LinkError
            When it names nothing that can be looked up.
        ConfigError
            When only Spotify could answer and there are no credentials for it.
        ServiceError
            When no service answered.
        """
        link = parse_link(link) if isinstance(link, str) else link
        settings, notes, deadline = self._settings, Notes(), Deadline(self._settings.deadline)
        return _Looking(
            link,
            Spotify(self._spotify, settings.spotify, deadline.part(_FIRST_PART), notes),
            ReccoBeats(self._reccobeats, settings.reccobeats, deadline, notes),
            Spotify(self._spotify, settings.spotify, deadline, notes),
            notes,
        ).lookup()

    def find_artists(
        self,
        wanted: Sequence[WantedArtist],
        *,
        threshold: float = THRESHOLD,
        journal: Path | None = None,
        progress: Progress | None = None,
    ) -> Enrichment:
        """Look for artists by their names: one search for each, more where that does not tell.

        Parameters
        ----------
        threshold
            How alike names must be where none is equal: 1 less the share of letters to change.
        journal
            File of what was found: a later call goes on from it.
        progress
            Told of artists done, artists in all, and the one that is looked for.

        Raises
        ------
        ConfigError
            Without credentials for Spotify, or on a threshold that cannot be.
        ServiceError
            When it does not answer; the journal keeps what was found.
        """
        check_threshold(threshold)
        check_credentials(self._settings)
        notes, base = Notes(), self._settings.spotify
        seconds = max(self._settings.deadline, _SECONDS_AN_ARTIST)

        def spotify() -> Spotify:
            return Spotify(self._spotify, base, Deadline(seconds), notes)

        with ArtistJournal(journal, {"service": base, "threshold": threshold}) as kept:
            search = ArtistSearch(spotify, threshold, notes)
            return search.find_all(wanted, kept, progress or _silent)


def _silent(n_done: int, n_all: int, name: str) -> None:
    return None


def lookup(link: str, *, settings: ServiceSettings | None = None, refresh: bool = False) -> Lookup:
    """Look up a track, or the tracks of an album, artist or playlist, at live services.

    Spotify gives title, artists, album, date, length, explicit and ISRC, ReccoBeats the audio
    features; what neither has is missing. Without credentials for Spotify, ReccoBeats alone
    answers, of tracks only. Its `tracks` are rows that `oracle.predict` takes.

    Parameters
    ----------
    link
        A link, a URI or a 22-character id of Spotify.
    settings
        Addresses, credentials, cache and deadline; by default of the environment.
    refresh
        Ask anew, whatever the cache holds.

    Returns
    -------
    Lookup
        Every value with its provider and the time it was fetched.

    Raises
    ------
    LinkError
        When it names nothing that can be looked up.
    ConfigError
        When only Spotify could answer and there are no credentials for it.
    ServiceError
        When no service answered in time; of its kinds, `ServiceBusyError` tells when to come back.

    Examples
    --------
    >>> lookup("spotify:local:a:b:c:120")
    Traceback (most recent call last):
    ...
    trackoracle.errors.LinkError: spotify:local:a:b:c:120: expected a track, ...
    """
    with LiveServices(settings, refresh=refresh) as services:
        return services.lookup(link)


class _Looking:
    """One lookup: who was asked, what they gave, what went wrong."""

    def __init__(
        self,
        link: ServiceLink,
        spotify: Spotify,
        reccobeats: ReccoBeats,
        artists: Spotify,
        notes: Notes,
    ) -> None:
        self._link, self._notes = link, notes
        self._spotify, self._reccobeats, self._last = spotify, reccobeats, artists

    def lookup(self) -> Lookup:
        found, trouble = self._from_spotify()
        ids = [str(track.values.get("track_id", "")) for track in found.tracks]
        fields = checked(spotify.NAME, found.tracks, self._notes.add)
        nothing: list[_Fields] = [{} for _ in ids]
        features, about, failed = nothing, nothing, None
        try:
            features = self._by_id(ids, self._reccobeats.features(ids))
            if trouble:
                about = self._by_id(ids, self._reccobeats.tracks(ids))
        except ServiceError as error:
            failed = error
        if trouble and not any(features) and not any(about):
            if failed and isinstance(trouble, ConfigError):
                raise _without_credentials(failed, trouble)
            trouble.message = f"{trouble} {failed or 'ReccoBeats does not know it either.'}"
            raise trouble
        if trouble:
            self._notes.add(f"{trouble} ReccoBeats answered instead.")
        if failed:
            self._notes.add(str(failed))
        artists = self._artists(found.tracks)
        merged = [
            _merged(track_id, parts)
            for track_id, *parts in zip(ids, fields, artists, about, features, strict=True)
        ]
        given = {field.column for track in merged for field in track.fields}
        named = found.name or next((f.value for t in merged if (f := t.of("track_name"))), None)
        return Lookup(
            link=self._link,
            name=named,
            found=tuple(merged),
            missing=tuple(name for name in TRACK_COLUMNS if name in set(COLUMNS) - given),
            order=tuple((", ".join(names), providers) for names, providers in ORDER),
            notes=tuple(self._notes.said),
        )

    def _from_spotify(self) -> tuple[FoundTracks, TrackOracleError | None]:
        """Return Spotify's tracks; of one track that it does not give, the id and the reason."""
        try:
            found = self._spotify.find(self._link)
        except (ServiceError, ConfigError, LinkError) as error:
            if self._link.kind != "track":
                raise
            return FoundTracks(None, (FoundTrack({"track_id": self._link.id}, ""),)), error
        if not found.tracks:
            raise LinkError(
                f"{self._link.uri}: expected tracks, got none that can be looked up. "
                "Give the link of a track.",
                link=self._link.uri,
            )
        return found, None

    def _artists(self, tracks: Sequence[FoundTrack]) -> list[_Fields]:
        """Ask for genres and popularity of the artists of each track, of each artist once."""
        ids = list(dict.fromkeys(i for track in tracks for i in track.artist_ids))
        if len(ids) > MOST_ARTISTS:
            self._notes.add(
                f"Genres are asked for of the first {MOST_ARTISTS} of {len(ids)} artists."
            )
        known = {}
        for artist_id in ids[:MOST_ARTISTS]:
            try:
                known[artist_id] = self._last.artist(artist_id)
            except NothingThereError:
                continue
            except ServiceError as error:
                self._notes.add(f"Artists: {error}")
                break  # who is busy or late is not asked for the next
        rows = [_of_artists([known[i] for i in t.artist_ids if i in known]) for t in tracks]
        return checked(spotify.NAME, rows, self._notes.add)

    def _by_id(self, ids: Sequence[str], found: dict[str, FoundTrack]) -> list[_Fields]:
        nothing = FoundTrack({}, "")
        tracks = [found.get(track_id, nothing) for track_id in ids]
        return checked(reccobeats.NAME, tracks, self._notes.add)


def _without_credentials(failed: ServiceError, trouble: ConfigError) -> ServiceError:
    """Return what failed, with why Spotify was not asked: for a track that need not be."""
    missing = trouble.facts.get("missing")
    named = " and ".join(missing) if isinstance(missing, list) else "credentials"
    failed.message = (
        f"{failed} Spotify was not asked, for want of {named}: optional for a single track."
    )
    return failed


def _of_artists(credited: Sequence[FoundArtist]) -> FoundTrack:
    """Return the genres of the first credit that has any, and the best-known one's figures."""
    values: dict[str, Any] = {}
    for artist in credited:
        if "genres" in artist.values:
            values.setdefault("genres", artist.values["genres"])
    for name in ("artist_popularity", "artist_followers"):
        numbers = [artist.values[name] for artist in credited if name in artist.values]
        if numbers:
            values[name] = max(numbers)
    return FoundTrack(values, min((artist.fetched for artist in credited), default=""))


def _merged(track_id: str, parts: Sequence[_Fields]) -> LookedUpTrack:
    """Put together what was given of a track: the first who has a column gives it."""
    fields: _Fields = {}
    for part in parts:
        fields = {**part, **fields}
    given = [field for field in fields.values() if field.fetched]
    givers = {field.provider for field in given}
    providers = [provider for provider in LIVE_TERMS if provider in givers]
    first = min((field.fetched for field in given), default="")
    asked = fields.get("track_id")
    if track_id and (asked is None or not asked.fetched):
        fields["track_id"] = Provided("track_id", track_id, "link", first)
    terms = joined_terms([LIVE_TERMS[provider] for provider in providers])
    fields[TERMS_COLUMN] = Provided(TERMS_COLUMN, terms, " and ".join(providers), first)
    return LookedUpTrack(tuple(fields[name] for name in TRACK_COLUMNS if name in fields))
