"""What live services know of a link: values with their provenance, as rows that predict takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from trackoracle.schema.showing import Shown

LinkKind = Literal["track", "album", "artist", "playlist"]


@dataclass(frozen=True)
class ServiceLink:
    """What a link or id of Spotify names.

    Parameters
    ----------
    kind
        "track", "album", "artist" or "playlist".
    id
        The 22 characters that name it.
    stated
        Whether the text said the kind; a bare id is taken as a track's.
    """

    kind: LinkKind
    id: str
    stated: bool = True

    @property
    def uri(self) -> str:
        """The link in its shortest form, as "spotify:track:..."."""
        return f"spotify:{self.kind}:{self.id}"


@dataclass(frozen=True)
class Provided:
    """One value, who gave it, and when.

    Parameters
    ----------
    column
        The track column.
    value
        A text, a number, or a tuple of texts.
    provider
        Name of the service.
    fetched
        When the service gave it: UTC, as 2026-03-01T12:00:00+00:00.
    """

    column: str
    value: Any
    provider: str
    fetched: str


@dataclass(frozen=True)
class LookedUpTrack:
    """What was found of one track, in the order of the schema."""

    fields: tuple[Provided, ...]

    @property
    def row(self) -> dict[str, Any]:
        """The track as a row that predict takes; what nobody gave is not in it."""
        return {
            field.column: list(field.value) if isinstance(field.value, tuple) else field.value
            for field in self.fields
        }

    def of(self, column: str) -> Provided | None:
        """Return what was given for a column, or None."""
        return next((field for field in self.fields if field.column == column), None)


@dataclass(frozen=True)
class Lookup(Shown):
    """What live services know of a track, or of the tracks of an album, artist or playlist.

    Parameters
    ----------
    link
        What was asked for.
    name
        What people call it, where a service says.
    found
        The tracks, in the order of the album or playlist.
    missing
        Columns that a service could have given, and none did, of any track.
    order
        Who is asked for what, first to last: pairs of what and the services.
    notes
        What went wrong or was left out; a partial answer is an answer.

    Examples
    --------
    >>> title = Provided("track_name", "Night Train", "Spotify", "2026-03-01T12:00:00+00:00")
    >>> lookup = Lookup(ServiceLink("track", "0" * 22), "Night Train", (LookedUpTrack((title,)),))
    >>> lookup.tracks
    ({'track_name': 'Night Train'},)
    """

    link: ServiceLink
    name: str | None
    found: tuple[LookedUpTrack, ...]
    missing: tuple[str, ...] = ()
    order: tuple[tuple[str, tuple[str, ...]], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def tracks(self) -> Sequence[dict[str, Any]]:
        """The tracks as rows that `oracle.predict` and `load_catalog` take."""
        return tuple(track.row for track in self.found)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain data: a provider and a time for every value."""
        return {
            "link": self.link.uri,
            "kind": self.link.kind,
            "name": self.name,
            "tracks": [
                {
                    field.column: {
                        "value": track.row[field.column],
                        "provider": field.provider,
                        "fetched": field.fetched,
                    }
                    for field in track.fields
                }
                for track in self.found
            ],
            "missing": list(self.missing),
            "order": {what: list(providers) for what, providers in self.order},
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class FetchedFile:
    """One file of a public data set, whole and checked.

    Parameters
    ----------
    path
        Where it lies.
    n_bytes, sha256
        Of the file there.
    checked
        What it was held to, as "sha256 of the hub"; empty where nothing is published.
    already
        Whether it lay there before.
    """

    path: str
    n_bytes: int
    sha256: str
    checked: str
    already: bool


@dataclass(frozen=True)
class Fetched(Shown):
    """A public data set on this machine."""

    name: str
    title: str
    source: str
    licence: str
    files: tuple[FetchedFile, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the data set as plain data."""
        return asdict(self)
