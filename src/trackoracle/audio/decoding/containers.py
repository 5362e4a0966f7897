"""Open a recording's file safely, and tell what it is by its first bytes, never by its name."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from trackoracle.errors import RecordingError, SourceNotFoundError

HEARD = "MP3, FLAC, WAV, OGG, Opus, AIFF, M4A or AAC"
"""What a message offers instead."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)
_HEAD_BYTES = 64
_MOST_TAGS = 4
"""Tags in a row that are stepped over."""


@contextlib.contextmanager
def opened_file(path: str | Path) -> Iterator[int]:
    """Open a regular file for reading and give its descriptor.

    It is opened without waiting, so that a pipe or device without a writer cannot hold the
    caller, and looked at once it is open, so that nothing can be exchanged in between.

    Raises
    ------
    RecordingError
        When it is no regular file, is empty or may not be read.
    SourceNotFoundError
        When nothing is there.

    Examples
    --------
    >>> with opened_file("."):
    ...     pass
    Traceback (most recent call last):
    trackoracle.errors.RecordingError: .: expected a recording, got a folder. Name a file in it.
    """
    descriptor = _descriptor(str(path))
    try:
        _check_file(str(path), os.fstat(descriptor))
        yield descriptor
    finally:
        os.close(descriptor)


def container_of(descriptor: int) -> str | None:
    """Tell wav, aiff, flac, ogg, opus, mp3 or aac from the content, or None for anything else.

    A tag in front (ID3) is stepped over; what is behind it counts.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryFile() as file:
    ...     _ = file.write(b"fLaC" + bytes(100))
    ...     _ = file.seek(0)
    ...     container_of(file.fileno())
    'flac'
    """
    head, place = _bytes_at(descriptor, 0), 0
    for _ in range(_MOST_TAGS):
        if head[:3] != b"ID3" or len(head) < 10:
            break
        place += 10 + synchsafe(head[6:10])
        head = _bytes_at(descriptor, place)
    return _named(head) or ("mp3" if place else None)


def _descriptor(path: str) -> int:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        found = Path(path).stat()
        if stat.S_ISREG(found.st_mode):
            return os.open(path, flags)
    except FileNotFoundError as error:
        raise SourceNotFoundError(
            f"{path}: expected a recording, got nothing there. Check the path.", path=path
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RecordingError(
            f"{path!r}: expected a file that can be read, got {reason!r}. "
            "Check the path and its permissions.",
            path=path,
        ) from error
    raise _no_file(path, found.st_mode)


def _check_file(path: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _no_file(path, found.st_mode)
    if not found.st_size:
        raise RecordingError(
            f"{path}: expected a recording, got an empty file. Copy or download it again.",
            path=path,
        )


def _no_file(path: str, mode: int) -> RecordingError:
    kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "something else")
    advice = "Name a file in it." if kind == "a folder" else "Save the sound to a file first."
    return RecordingError(f"{path}: expected a recording, got {kind}. {advice}", path=path)


def _named(head: bytes) -> str | None:
    kind = head[8:12]
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return "wav" if kind == b"WAVE" else None
    if head[:4] == b"FORM":
        return "aiff" if kind in (b"AIFF", b"AIFC") else None
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == b"OggS":
        return "opus" if b"OpusHead" in head else "ogg"
    return _bare_stream(head)


def _bare_stream(head: bytes) -> str | None:
    """Tell streams without a container by the header of their first frame."""
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if not head[1] & 0x06:  # no layer: AAC, if its longer sync word is whole
        return "aac" if head[1] & 0xF0 == 0xF0 else None
    is_reserved = head[1] & 0x18 == 0x08 or head[2] & 0xF0 == 0xF0 or head[2] & 0x0C == 0x0C
    return None if is_reserved else "mp3"


def _bytes_at(descriptor: int, place: int) -> bytes:
    os.lseek(descriptor, place, os.SEEK_SET)
    head = os.read(descriptor, _HEAD_BYTES)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return head


def synchsafe(four: bytes) -> int:
    """Return a number of 28 bits that ID3 writes in the low seven bits of four bytes."""
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=True))
