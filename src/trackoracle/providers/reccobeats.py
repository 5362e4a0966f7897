"""ReccoBeats: audio features of tracks by their Spotify ids, without a key.

Answers come in any order and leave out what is not known, so each is matched by the last part of
its address at Spotify.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from trackoracle.errors import ServiceError
from trackoracle.providers.answers import NothingThereError, facts_of
from trackoracle.providers.reading import (
    FoundTrack,
    Notes,
    number_of,
    objects_of,
    present,
    text_of,
)
from trackoracle.providers.requests import Deadline, Request, Sender

NAME = "ReccoBeats"
MOST_IDS = 40
FRESH_FOR = 30 * 86_400.0
FEATURES = (
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo",
)  # fmt: skip
"""What it measures; there is no time signature."""


class ReccoBeats:
    """Two endpoints, at most forty ids a request.

    Parameters
    ----------
    sender, base, deadline
        As of `Spotify`.
    notes
        Told of batches that failed: what the others gave is an answer all the same.
    """

    def __init__(self, sender: Sender, base: str, deadline: Deadline, notes: Notes) -> None:
        self._sender, self._base, self._deadline = sender, base.rstrip("/"), deadline
        self._notes = notes

    def features(self, track_ids: Sequence[str]) -> dict[str, FoundTrack]:
        """Return the audio features of tracks by Spotify id; without those it does not know."""
        return self._each("audio-features", track_ids, _features)

    def tracks(self, track_ids: Sequence[str]) -> dict[str, FoundTrack]:
        """Return titles, credits, length, ISRC and popularity by Spotify id."""
        return self._each("track", track_ids, _about)

    def _each(
        self,
        endpoint: str,
        track_ids: Sequence[str],
        read: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> dict[str, FoundTrack]:
        """Ask in batches.

        Raises
        ------
        ServiceError
            When no batch was answered.
        """
        wanted = list(dict.fromkeys(i for i in track_ids if i))
        found: dict[str, FoundTrack] = {}
        failed: list[ServiceError] = []
        batches = [wanted[i : i + MOST_IDS] for i in range(0, len(wanted), MOST_IDS)]
        for batch in batches:
            try:
                found |= self._batch(endpoint, batch, read)
            except ServiceError as error:
                failed.append(error)
        if failed and len(failed) == len(batches):
            raise failed[0]
        for trouble in failed:
            self._notes.add(str(trouble))
        return found

    def _batch(
        self, endpoint: str, ids: Sequence[str], read: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> dict[str, FoundTrack]:
        query = (("ids", ",".join(ids)),)
        request = Request(NAME, f"{self._base}/{endpoint}", query=query, fresh_for=FRESH_FOR)
        answer = self._sender.send(request, self._deadline)
        try:
            facts = facts_of(request, answer)
        except NothingThereError:
            return {}
        found: dict[str, FoundTrack] = {}
        for entry in objects_of(facts.get("content")):
            track_id = _last_part(entry.get("href"))
            if track_id in ids and track_id not in found:
                found[track_id] = FoundTrack(present(read(entry)), answer.fetched)
        return found


def _last_part(address: Any) -> str:
    """Return the Spotify id at the end of an address; empty where there is none."""
    try:
        return urlsplit(text_of(address) or "").path.rstrip("/").rpartition("/")[2]
    except ValueError:
        return ""


def _features(entry: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {name: number_of(entry.get(name)) for name in FEATURES}
    return {"isrc": text_of(entry.get("isrc")), **values}


def _about(entry: dict[str, Any]) -> dict[str, Any]:
    names = (text_of(artist.get("name")) for artist in objects_of(entry.get("artists")))
    return {
        "isrc": text_of(entry.get("isrc")),
        "track_name": text_of(entry.get("trackTitle")),
        "artists": tuple(name for name in names if name) or None,
        "duration_ms": number_of(entry.get("durationMs")),
        "popularity": number_of(entry.get("popularity")),
    }
