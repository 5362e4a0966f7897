"""What long work has done so far, a line of JSON each: it goes on after Ctrl-C."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from trackoracle.atomic import replacing


class Journal:
    """A file of lines under a head, or nothing without a path. Open it by `with`.

    Parameters
    ----------
    path
        The file; it is made, or gone on with if its head is the same.
    head
        What was done, and how: a journal with another head is begun anew.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "journal"
    >>> with Journal(path, {"version": 1}) as journal:
    ...     journal.keep({"done": "a"})
    >>> with Journal(path, {"version": 1}) as journal:
    ...     journal.lines
    [{'done': 'a'}]
    """

    def __init__(self, path: Path | None, head: dict[str, Any]) -> None:
        self._path, self._head = path, head
        self._out: TextIO | None = None
        self.lines: list[Any] = []
        """The lines found when it was opened, whole ones only."""

    def __enter__(self) -> Self:
        if self._path is None:
            return self
        lines = _read(self._path)
        if lines and lines[0] == self._head:
            self.lines = [line for line in lines[1:] if self.is_whole(line)]
        with replacing(self._path) as temporary:  # a line that was cut off is gone
            text = "".join(json.dumps(line) + "\n" for line in (self._head, *self.lines))
            temporary.write_text(text, encoding="utf-8")
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

    def is_whole(self, line: Any) -> bool:
        """Tell whether a line can be gone on from."""
        return True

    @property
    def is_kept(self) -> bool:
        """Whether there is a file to go on from."""
        return self._path is not None

    def keep(self, line: Any) -> None:
        """Write a line at once."""
        if self._out:
            self._out.write(json.dumps(line) + "\n")
            self._out.flush()


def _read(path: Path) -> list[Any]:
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
