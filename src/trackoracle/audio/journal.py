"""What was heard so far, a line a recording: long work goes on after Ctrl-C."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from trackoracle.schema import Heard, heard_from_dict

VERSION = 1
"""Raised when what is heard of a recording changes: older journals are then begun anew."""


class Journal:
    """A file of what was heard, or nothing without a path.

    Parameters
    ----------
    path
        The file; it is made, or gone on with if it was made in the same way.
    how
        How recordings are heard: a journal of another way is begun anew.
    """

    def __init__(self, path: Path | None, how: dict[str, Any]) -> None:
        self._path = path
        self._head = {"version": VERSION, "how": how}
        self._known: dict[str, dict[str, Any]] = {}
        self._out: TextIO | None = None

    def __enter__(self) -> Journal:
        if self._path is None:
            return self
        lines = _lines(self._path)
        if lines and lines[0] == self._head:
            self._known = {line["path"]: line for line in lines[1:] if _is_whole(line)}
        # Written anew, so that a line that was cut off is gone.
        self._out = self._path.open("w", encoding="utf-8")
        self._write(self._head, *self._known.values())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._out:
            self._out.close()

    def find(self, path: Path) -> Heard | None:
        """Return what was heard of a file, if it is still the same file."""
        line = self._known.get(str(path))
        if line is None or line["stamp"] != _stamp(path):
            return None
        return heard_from_dict(line["heard"])

    def add(self, path: Path, heard: Heard) -> None:
        """Keep what was heard of a file."""
        if self._out:
            self._write({"path": str(path), "stamp": _stamp(path), "heard": heard.to_dict()})

    def _write(self, *lines: dict[str, Any]) -> None:
        assert self._out is not None
        self._out.writelines(json.dumps(line) + "\n" for line in lines)
        self._out.flush()


def _stamp(path: Path) -> list[int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return [facts.st_size, facts.st_mtime_ns]


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
        except ValueError:
            break
    return found


def _is_whole(line: Any) -> bool:
    if not (isinstance(line, dict) and {"path", "stamp", "heard"} <= line.keys()):
        return False
    try:
        heard_from_dict(line["heard"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return True
