"""Look for artists at Spotify by their names: one search each, and proof where names do not do.

Of several artists of one name, the service's own id of a track decides, else the title of one.
Where neither does, nobody is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trackoracle.errors import ConfigError, ServiceError
from trackoracle.providers.answers import NothingThereError
from trackoracle.providers.artist_journal import ArtistJournal
from trackoracle.providers.likeness import Choice, choose, likeness
from trackoracle.providers.reading import FoundTrack, Notes, checked
from trackoracle.providers.requests import now
from trackoracle.providers.spotify import NAME, FoundArtist, Spotify
from trackoracle.schema import (
    ARTIST_VALUES,
    LIVE_TERMS,
    ArtistMatch,
    Enrichment,
    How,
    WantedArtist,
    normal_forms,
    recording_names,
)

THRESHOLD = 0.9
_LOWEST = 0.5
_MOST_PROOFS = 3
"""Tracks, and titles, that are asked about when a name alone does not tell."""

Progress = Callable[[int, int, str], None]


def check_threshold(threshold: float) -> None:
    """Refuse a likeness by which nearly every name would be another.

    Raises
    ------
    ConfigError
        Saying which ones can be.
    """
    if not _LOWEST <= threshold <= 1:
        raise ConfigError(
            f"threshold: expected {_LOWEST:g} to 1, got {threshold:g}. {THRESHOLD:g} allows one "
            "letter in ten; 1 takes names that are equal only."
        )


@dataclass(frozen=True)
class ArtistSearch:
    """Looks for one artist after another.

    Parameters
    ----------
    spotify
        Makes the endpoints, with a deadline of their own for each artist.
    threshold
        From which likeness a name is nearly another; 1 for equal names only.
    """

    spotify: Callable[[], Spotify]
    threshold: float
    notes: Notes

    def find_all(
        self, wanted: Sequence[WantedArtist], journal: ArtistJournal, progress: Progress
    ) -> Enrichment:
        """Find every artist, those of the journal without asking.

        Raises
        ------
        ServiceError
            When the service does not answer; what was found until then is in the journal.
        """
        for i, artist in enumerate(wanted):
            progress(i, len(wanted), artist.name)
            if journal.find(artist.key) is None:
                try:
                    journal.add(self._find(artist))
                except ServiceError as error:
                    if journal.is_kept:
                        error.message = (
                            f"{error} {i:,} of {len(wanted):,} artists are kept: the same command "
                            "goes on."
                        )
                    raise
        progress(len(wanted), len(wanted), "")
        matches = tuple(match for a in wanted if (match := journal.find(a.key)) is not None)
        notes = (*self.notes.said, *_not_given(matches))
        return Enrichment(matches, self.threshold, LIVE_TERMS[NAME], notes)

    def _find(self, wanted: WantedArtist) -> ArtistMatch:
        spotify = self.spotify()
        try:
            found = spotify.search_artists(wanted.name)
        except NothingThereError:  # how a name is refused that cannot be searched for
            found = ()
        choice = choose(wanted.name, found, self.threshold)
        if choice.how == "exact":
            return self._match(wanted, choice)
        proved = self._by_id(spotify, wanted)
        if proved is None and choice.how == "ambiguous":
            proved = self._by_title(spotify, wanted, choice.rivals)
        return self._match(wanted, choice if proved is None else proved)

    def _by_id(self, spotify: Spotify, wanted: WantedArtist) -> Choice | None:
        """Ask who is credited with the tracks that the catalog has the service's ids of."""
        for track_id in wanted.track_ids[:_MOST_PROOFS]:
            try:
                credited = choose(wanted.name, spotify.credited(track_id), self.threshold)
                if credited.artist is not None:
                    return self._proved(spotify, wanted, "id", credited.artist.id)
            except NothingThereError:
                continue
        return None

    def _by_title(
        self, spotify: Spotify, wanted: WantedArtist, rivals: Sequence[FoundArtist]
    ) -> Choice | None:
        """Ask which of several is credited with a title; only who is alone at it is chosen."""
        known = {artist.id: artist for artist in rivals}
        for title in wanted.titles[:_MOST_PROOFS]:
            try:
                tracks = spotify.search_tracks(title, wanted.name)
            except NothingThereError:
                continue
            credited = {
                artist.id
                for named, artists in tracks
                if _same_title(title, named)
                for artist in artists
                if artist.id in known
            }
            if len(credited) == 1:
                return self._proved(spotify, wanted, "title", credited.pop(), known)
        return None

    def _proved(
        self,
        spotify: Spotify,
        wanted: WantedArtist,
        how: How,
        artist_id: str,
        known: dict[str, FoundArtist] | None = None,
    ) -> Choice:
        artist = (known or {}).get(artist_id) or spotify.artist(artist_id)
        return Choice(how, artist, likeness(wanted.name, artist.name or ""), (artist,))

    def _match(self, wanted: WantedArtist, choice: Choice) -> ArtistMatch:
        artist = choice.artist
        if artist is None:
            moment = next(
                (rival.fetched for rival in choice.rivals), now().isoformat("T", "seconds")
            )
            return ArtistMatch(
                wanted.key,
                wanted.name,
                choice.how,
                None,
                NAME,
                moment,
                n_rivals=len(choice.rivals),
            )
        track = FoundTrack(artist.values, artist.fetched)
        (given,) = checked(NAME, [track], self.notes.add)
        return ArtistMatch(
            key=wanted.key,
            name=wanted.name,
            how=choice.how,
            confidence=choice.confidence,
            provider=NAME,
            fetched=artist.fetched,
            found_name=artist.name,
            found_id=artist.id,
            n_rivals=len(choice.rivals) - 1,
            values={name: given[name].value for name in ARTIST_VALUES if name in given},
        )


def _same_title(one: str, other: str | None) -> bool:
    first, second = normal_forms(recording_names([one, other or ""]))
    return first == second


def _not_given(matches: Sequence[ArtistMatch]) -> list[str]:
    """Say which columns nobody got although artists were found: apps differ in their rights."""
    found = [match for match in matches if match.is_found]
    lacking = [name for name in ARTIST_VALUES if not any(name in m.values for m in found)]
    if not found or not lacking:
        return []
    return [
        f"{NAME} gave {' and '.join(lacking)} of none of {len(found):,} artists: missing. "
        "Popularity and followers come to apps of extended quota only."
    ]
