"""Which files are recordings: by their endings, in folders and by patterns."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from trackoracle.errors import SourceError, SourceNotFoundError

ENDINGS = frozenset(
    {
        ".aac", ".aif", ".aifc", ".aiff", ".ape", ".au", ".caf", ".flac", ".m4a", ".m4b", ".mka",
        ".mkv", ".mov", ".mp3", ".mp4", ".oga", ".ogg", ".opus", ".wav", ".wave", ".webm", ".wma",
        ".wv",
    }
)  # fmt: skip
"""By which recordings are told from other files in a folder; a file that is named is opened."""


def is_recording(path: Path) -> bool:
    """Tell whether a path ends as a recording does.

    Examples
    --------
    >>> is_recording(Path("Song.MP3")), is_recording(Path("catalog.csv"))
    (True, False)
    """
    return path.suffix.lower() in ENDINGS


def holds_recordings(folder: Path) -> bool:
    """Tell whether any file in a folder, or in one within, ends as a recording does."""
    return any(True for _ in _within(folder))


def find_recordings(named: Iterable[str | Path]) -> list[Path]:
    """Return the recordings that files, folders and patterns name, each once, in their order.

    Parameters
    ----------
    named
        Files are taken whatever they are called, of folders all that `is_recording`, also in
        folders within, in the order of their names.

    Raises
    ------
    SourceNotFoundError
        When a path does not exist, or a pattern fits none.
    SourceError
        When a folder holds no recording.
    """
    found: dict[Path, None] = {}
    for name in named:
        path = Path(name)
        if path.is_dir():
            inside = sorted(_within(path))
            if not inside:
                raise SourceError(
                    f"{path}: expected recordings in the folder, got none that ends as one "
                    "(.mp3, .flac, .wav, .ogg, .m4a ...). Name the files themselves.",
                    path=str(path),
                )
            found |= dict.fromkeys(inside)
        elif path.exists():
            found[path] = None
        else:
            fitting = sorted(map(Path, glob.glob(str(name), recursive=True)))  # noqa: PTH207
            if not fitting:
                raise SourceNotFoundError(
                    f"{name}: expected a recording or a folder of them, got none there. "
                    "Check the path.",
                    path=str(name),
                )
            found |= dict.fromkeys(p for p in fitting if p.is_file())
    return list(found)


def _within(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for file in files:
            path = Path(place, file)
            if not file.startswith(".") and is_recording(path):
                yield path
