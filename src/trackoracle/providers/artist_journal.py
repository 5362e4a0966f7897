"""Artists found so far, a line each: hours of asking go on after Ctrl-C."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from trackoracle.atomic import replacing
from trackoracle.schema import ArtistMatch, match_from_dict

_FORMAT = 1


class ArtistJournal:
    """A file of matches, or nothing without a path. Open it by `with`.

    Parameters
    ----------
    path
        The file; it is made, or gone on with if it was made in the same way.
    how
        How artists are looked for: a journal of another way is begun anew.
    """

    def __init__(self, path: Path | None, how: dict[str, Any]) -> None:
        self._path = path
        self._head = {"format": _FORMAT, "how": how}
        self._known: dict[str, ArtistMatch] = {}
        self._out: TextIO | None = None

    def __enter__(self) -> Self:
        if self._path is None:
            return self
        lines = _lines(self._path)
        if lines and lines[0] == self._head:
            matches = (match for line in lines[1:] if (match := _match(line)))
            self._known = {match.key: match for match in matches}
        kept = [match.to_dict() for match in self._known.values()]
        with replacing(self._path) as temporary:  # a line that was cut off is gone
            temporary.write_text(
                "".join(json.dumps(line) + "\n" for line in (self._head, *kept)), encoding="utf-8"
            )
        self._out = self._path.open("a", encoding="utf-8")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._out:
            self._out.close()

    @property
    def is_kept(self) -> bool:
        """Whether there is a file to go on from."""
        return self._path is not None

    def find(self, key: str) -> ArtistMatch | None:
        """Return what was found of an artist before."""
        return self._known.get(key)

    def add(self, match: ArtistMatch) -> None:
        """Keep what was found."""
        self._known[match.key] = match
        if self._out:
            self._out.write(json.dumps(match.to_dict()) + "\n")
            self._out.flush()


def _lines(path: Path) -> list[Any]:
    """Read the lines that are whole."""
    found: list[Any] = []
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return found
    for line in text.splitlines():
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):
            break
    return found


def _match(line: Any) -> ArtistMatch | None:
    try:
        return match_from_dict(line)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
