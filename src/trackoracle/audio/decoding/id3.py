"""The text frames of an ID3v2 tag, with every value of each: FFmpeg hands on only the first."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from trackoracle.audio.decoding.containers import synchsafe

_KEYS = {
    "title": ("TIT2", "TT2"),
    "artist": ("TPE1", "TP1"),
    "album_artist": ("TPE2", "TP2"),
    "album": ("TALB", "TAL"),
    "genre": ("TCON", "TCO"),
    "date": ("TDRC", "TDRL", "TYER", "TYE"),
    "isrc": ("TSRC", "TRC"),
}
_OF_USERS = ("TXXX", "TXX")
"""Frames that bring a key of their own."""
_MOST_BYTES = 1 << 22
"""Of a tag that are looked at; text stands before the pictures that make it longer."""
_ENCODINGS = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}
_UNSYNCHRONISED, _EXTENDED = 0x80, 0x40
_UNREADABLE = {3: 0xE0, 4: 0x4C}
"""Flags of frames that are compressed, encrypted or grouped."""
_LEAST_PART = 4
"""Characters; "AC/DC" is one artist."""


def read_id3(descriptor: int) -> Mapping[str, tuple[str, ...]]:
    r"""Return what the tag at the start of a file says, by key; nothing where there is none.

    Keys are `title`, `artist`, `album`, `album_artist`, `genre`, `date`, `isrc`, and those
    of the user's own frames in small letters (`artists`). Never raises on an odd tag.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryFile() as file:
    ...     frame = b"TPE1" + bytes([0, 0, 0, 8, 0, 0]) + b"\x03Ann\x00Bob"
    ...     _ = file.write(b"ID3" + bytes([4, 0, 0, 0, 0, 0, len(frame)]) + frame)
    ...     _ = file.seek(0)
    ...     read_id3(file.fileno())
    {'artist': ('Ann', 'Bob')}
    """
    os.lseek(descriptor, 0, os.SEEK_SET)
    head = os.read(descriptor, 10)
    if len(head) < 10 or head[:3] != b"ID3" or head[3] not in (2, 3, 4):
        return {}
    body = os.read(descriptor, min(synchsafe(head[6:10]), _MOST_BYTES))
    version, flags = head[3], head[5]
    if flags & _UNSYNCHRONISED and version < 4:
        body = body.replace(b"\xff\x00", b"\xff")
    if flags & _EXTENDED and version > 2:
        body = body[synchsafe(body[:4]) if version == 4 else 4 + _number(body[:4]) :]
    found: dict[str, tuple[str, ...]] = {}
    for name, content in _frames(body, version):
        key, values = _read(name, content)
        if key and values:
            found.setdefault(key, _parted(values) if version == 3 and key == "artist" else values)
    return found


def _frames(body: bytes, version: int) -> Iterator[tuple[str, bytes]]:
    """Give name and content of each readable text frame."""
    n_name, n_head = (3, 6) if version == 2 else (4, 10)
    place = 0
    while place + n_head <= len(body) and body[place]:
        head = body[place : place + n_head]
        size_bytes = head[n_name : 2 * n_name]
        n_content = synchsafe(size_bytes) if version == 4 else _number(size_bytes)
        content = body[place + n_head : place + n_head + n_content]
        place += n_head + n_content
        flags = head[9] if version > 2 else 0
        if head[:1] != b"T" or flags & _UNREADABLE.get(version, 0):
            continue
        if version == 4 and flags & 0x01:
            content = content[4:]
        if version == 4 and flags & 0x02:
            content = content.replace(b"\xff\x00", b"\xff")
        yield head[:n_name].decode("latin-1"), content


def _read(name: str, content: bytes) -> tuple[str | None, tuple[str, ...]]:
    encoding = _ENCODINGS.get(content[0]) if content else None
    if encoding is None:
        return None, ()
    errors = "surrogateescape" if encoding == "utf-8" else "replace"
    text = content[1:].decode(encoding, errors)
    values = tuple(part.strip("\ufeff") for part in text.split("\0"))
    if name in _OF_USERS:
        return values[0].lower().strip() or None, tuple(filter(str.strip, values[1:]))
    key = next((key for key, names in _KEYS.items() if name in names), None)
    return key, tuple(filter(str.strip, values))


def _parted(values: tuple[str, ...]) -> tuple[str, ...]:
    """Part artists at the stroke, by which version 3 joins them, where it is no part of a name.

    A stroke between names is one where each is of four characters or more and one at least
    is of two words: "Miles Davis/John Coltrane", but "AC/DC" and "Love/Hate".
    """
    parts = [part.strip() for value in values for part in value.split("/")]
    are_names = min(map(len, parts)) >= _LEAST_PART and any(" " in part for part in parts)
    return tuple(parts) if are_names else values


def _number(content: bytes) -> int:
    return int.from_bytes(content, "big")
