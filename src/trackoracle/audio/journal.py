"""What was heard so far: long work goes on after Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from trackoracle.journal import Journal
from trackoracle.schema import Heard, heard_from_dict

VERSION = 1
"""Raised when what is heard of a recording changes: older journals are then begun anew."""


class HeardJournal(Journal):
    """A file of what was heard, or nothing without a path. Open it by `with`.

    Parameters
    ----------
    path
        The file; it is made, or gone on with if it was made in the same way.
    how
        How recordings are heard: a journal of another way is begun anew.
    """

    def __init__(self, path: Path | None, how: dict[str, Any]) -> None:
        super().__init__(path, {"version": VERSION, "how": how})
        self._known: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        self._known = {line["path"]: line for line in self.lines}
        return self

    def is_whole(self, line: Any) -> bool:
        """Tell whether a line says what was heard of which file."""
        if not (isinstance(line, dict) and {"path", "stamp", "heard"} <= line.keys()):
            return False
        try:
            heard_from_dict(line["heard"])
        except (KeyError, TypeError, ValueError, AttributeError):
            return False
        return True

    def find(self, path: Path) -> Heard | None:
        """Return what was heard of a file, if it is still the same file."""
        line = self._known.get(str(path))
        if line is None or line["stamp"] != _stamp(path):
            return None
        return heard_from_dict(line["heard"])

    def add(self, path: Path, heard: Heard) -> None:
        """Keep what was heard of a file."""
        self.keep({"path": str(path), "stamp": _stamp(path), "heard": heard.to_dict()})


def _stamp(path: Path) -> list[int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return [facts.st_size, facts.st_mtime_ns]
