"""Artists found so far: hours of asking go on after Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from trackoracle.journal import Journal
from trackoracle.schema import ArtistMatch, match_from_dict

_FORMAT = 1


class ArtistJournal(Journal):
    """A file of matches, or nothing without a path. Open it by `with`.

    Parameters
    ----------
    path
        The file; it is made, or gone on with if it was made in the same way.
    how
        How artists are looked for: a journal of another way is begun anew.
    """

    def __init__(self, path: Path | None, how: dict[str, Any]) -> None:
        super().__init__(path, {"format": _FORMAT, "how": how})
        self._known: dict[str, ArtistMatch] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        matches = map(match_from_dict, self.lines)
        self._known = {match.key: match for match in matches}
        return self

    def is_whole(self, line: Any) -> bool:
        """Tell whether a line is a match."""
        try:
            match_from_dict(line)
        except (KeyError, TypeError, ValueError, AttributeError):
            return False
        return True

    def find(self, key: str) -> ArtistMatch | None:
        """Return what was found of an artist before."""
        return self._known.get(key)

    def add(self, match: ArtistMatch) -> None:
        """Keep what was found."""
        self._known[match.key] = match
        self.keep(match.to_dict())
