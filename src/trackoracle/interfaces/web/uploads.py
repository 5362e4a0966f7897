"""What a user dropped, as files for as long as they are needed, and no longer."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
import unicodedata
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Protocol

from trackoracle.errors import UploadError

PREFIX = "trackoracle-uploads-"
"""How the folders begin that hold what was dropped, in the folder of temporary files."""
_LONGEST_NAME = 120
_LOT = 1_048_576
_DAY = 86_400.0
_RESERVED = frozenset('<>:"|?*')
"""What a name of a file may not hold on Windows."""
# Overrides of direction make "exe.mp3" of "3pm.exe"; other format characters hold emoji together.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Bytes = bytes | bytearray | memoryview


class Readable(Protocol):
    """A file that is open for reading bytes."""

    def read(self, n: int, /) -> bytes:
        """Return so many bytes at most; none at the end."""


Content = Bytes | Readable
"""What a user dropped."""


@dataclass(frozen=True)
class Upload:
    """One file.

    Parameters
    ----------
    name
        What it is called: the user's name for it, made safe to be a file; escape it where shown.
    path
        Where it lies.
    n_bytes
        How large it is.
    """

    name: str
    path: Path
    n_bytes: int


class Uploads:
    """Files in a folder of their own, deleted with it; see `receive`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.files: tuple[Upload, ...] = ()
        # Also where nobody closes it: when it is forgotten, and when the process ends.
        self._delete = weakref.finalize(self, _remove, self.folder)

    @property
    def paths(self) -> list[Path]:
        """Where the files lie, in the order in which they were given."""
        return [file.path for file in self.files]

    def told(self, sentence: str) -> str:
        """Return a sentence with the users' names of files, for it may name where they lie."""
        return sentence.replace(f"{self.folder}{os.sep}", "")

    def close(self) -> None:
        """Delete the files."""
        self._delete()

    def __enter__(self) -> Uploads:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def receive(
    dropped: Iterable[tuple[str, Content]],
    *,
    most_files: int,
    file_bytes: int,
    all_bytes: int,
) -> Uploads:
    """Write what a user dropped to a folder; close it, or use it in a `with` block.

    Parameters
    ----------
    dropped
        A name and the content of each: bytes, or a file, which is read from its
        beginning where it can go back there.
    most_files
        So many at most.
    file_bytes, all_bytes
        The largest one, and all of them together.

    Raises
    ------
    UploadError
        When they are too many or too large, or no room is left; then nothing is kept.

    Examples
    --------
    >>> limits = {"most_files": 2, "file_bytes": 10, "all_bytes": 15}
    >>> with receive([("../a/été.mp3", b"abc"), ("été.mp3", b"d")], **limits) as uploads:
    ...     [(file.name, file.path.read_bytes()) for file in uploads.files]
    [('été.mp3', b'abc'), ('été (2).mp3', b'd')]
    >>> uploads.folder.exists()
    False
    """
    pairs = list(dropped)
    if len(pairs) > most_files:
        raise UploadError(
            f"files: expected at most {most_files:,}, got {len(pairs):,}. Drop fewer at a time.",
            most=most_files,
            n=len(pairs),
        )
    names = _distinct([safe_name(name) for name, _ in pairs])
    try:
        with contextlib.ExitStack() as until_written:
            uploads = until_written.enter_context(Uploads())
            _check_known_sizes(names, pairs, file_bytes, all_bytes)
            kept, left = list[Upload](), all_bytes
            for name, (_, content) in zip(names, pairs, strict=True):
                path = uploads.folder / name
                n_bytes = _write(path, _lots(content), name, file_bytes, left, all_bytes)
                kept.append(Upload(name, path, n_bytes))
                left -= n_bytes
            uploads.files = tuple(kept)
            until_written.pop_all()
            return uploads
    except OSError as error:
        raise UploadError(
            f"files: expected room for them, got an error ({error.strerror or error}). Try again "
            "later, or with fewer."
        ) from error


def safe_name(name: str) -> str:
    r"""Return a name that a file can have: the last part of a path, without what is not shown.

    It keeps its ending, is not hidden, and is at most 120 bytes long.

    Examples
    --------
    >>> safe_name("C:\\music\\my \u202etrack\x00?.MP3"), safe_name("../.."), safe_name(".wav")
    ('my track_.MP3', 'file', 'file.wav')
    """
    last = unicodedata.normalize("NFC", name.replace("\\", "/")).rsplit("/", 1)[-1]
    shown = "".join(
        "_" if c in _RESERVED else c
        for c in last.encode("utf-8", "ignore").decode()
        if unicodedata.category(c) not in ("Cc", "Zl", "Zp") and c not in _TURNING
    )
    shown = " ".join(shown.split()).rstrip(". ")
    if shown.startswith("."):
        shown = "file" + shown if shown.strip(".") else ""
    ending = PurePosixPath(shown).suffix
    ending = ending if len(ending.encode()) <= 12 else ""  # no ending, but a point in a name
    stem = shown.removesuffix(ending)
    room = _LONGEST_NAME - len(ending.encode())
    return (stem.encode()[:room].decode("utf-8", "ignore").rstrip() or "file") + ending


def sweep(older_than: float = _DAY) -> int:
    """Delete the folders that killed processes left; return how many.

    Parameters
    ----------
    older_than
        Seconds since a folder was changed: younger ones may be in use.
    """
    n_swept = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # gone meanwhile
            facts = folder.lstat()
            is_own = not hasattr(os, "getuid") or facts.st_uid == os.getuid()
            is_old = time.time() - facts.st_mtime > older_than
            if is_own and is_old and folder.is_dir() and not folder.is_symlink():
                _remove(folder)
                n_swept += 1
    return n_swept


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _distinct(names: Sequence[str]) -> list[str]:
    """Number names that would be one file, also where capitals are not told apart."""
    taken: set[str] = set()
    distinct = []
    for name in names:
        path, n, free = PurePosixPath(name), 1, name
        while free.casefold() in taken:
            n += 1
            free = f"{path.stem} ({n}){path.suffix}"
        taken.add(free.casefold())
        distinct.append(free)
    return distinct


def _check_known_sizes(
    names: Sequence[str],
    pairs: Sequence[tuple[str, Content]],
    file_bytes: int,
    all_bytes: int,
) -> None:
    """Refuse before anything is written what is told to be too large."""
    sizes = [_size(content) for _, content in pairs]
    for name, size in zip(names, sizes, strict=True):
        if size > file_bytes:
            raise _too_large(name, file_bytes, f"{size:,}")
    if sum(sizes) > all_bytes:
        raise _too_many_bytes(all_bytes, f"{sum(sizes):,}")


def _size(content: Content) -> int:
    """Return how large it says that it is; 0 where it does not."""
    if isinstance(content, Bytes):
        return memoryview(content).nbytes
    size = getattr(content, "size", 0)
    return size if isinstance(size, int) else 0


def _lots(content: Content) -> Iterator[Bytes]:
    if isinstance(content, Bytes):
        yield content
        return
    if getattr(content, "seekable", lambda: False)():
        content.seek(0)  # type: ignore[attr-defined]
    while lot := content.read(_LOT):
        yield lot


def _write(
    path: Path, lots: Iterable[Bytes], name: str, file_bytes: int, left: int, all_bytes: int
) -> int:
    n_bytes = 0
    with path.open("xb") as file:
        for lot in lots:
            n_bytes += memoryview(lot).nbytes
            if n_bytes > file_bytes:
                raise _too_large(name, file_bytes, "more")
            if n_bytes > left:
                raise _too_many_bytes(all_bytes, "more")
            file.write(lot)
    return n_bytes


def _too_large(name: str, most: int, got: str) -> UploadError:
    return UploadError(
        f"{name}: expected at most {most:,} bytes, got {got}. Drop an excerpt, or a smaller file.",
        name=name,
        most=most,
    )


def _too_many_bytes(most: int, got: str) -> UploadError:
    return UploadError(
        f"files: expected at most {most:,} bytes together, got {got}. Drop fewer at a time.",
        most=most,
    )
