"""What tells that a file arrived whole, and as it was published."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHA1 = re.compile(r"[0-9a-f]{40}")
_GIT = "git-sha1"


@dataclass(frozen=True)
class Checksum:
    """A sum that a file is held to.

    Parameters
    ----------
    kind
        "sha256", "sha1", "md5", or "git-sha1": of the file as git keeps it, its length first.
    hex
        In hexadecimal digits; "..." within stands for digits that are not published.
    by
        Who states it.
    """

    kind: str
    hex: str
    by: str

    def fits(self, found: str) -> bool:
        """Tell whether a sum is this one.

        Examples
        --------
        >>> Checksum("sha256", "b2...bd", "").fits("b20001bd"), Checksum("md5", "b2", "").fits("b3")
        (True, False)
        """
        begin, _, end = self.hex.partition("...")
        if "..." not in self.hex:
            return found == self.hex
        return found.startswith(begin) and found.endswith(end)

    def __str__(self) -> str:
        return f"{self.kind} {self.hex} ({self.by})"


def published(text: str) -> Checksum | None:
    """Read "sha256:..." as data sets state it."""
    kind, _, digits = text.partition(":")
    return Checksum(kind, digits, "published") if digits else None


def of_hub(etag: str | None) -> Checksum | None:
    """Return the sum that the hub states of a file: the SHA-256 of a large one, else git's own.

    Examples
    --------
    >>> of_hub("0" * 40).kind, of_hub("a tag")
    ('git-sha1', None)
    """
    tag = (etag or "").lower()
    if _SHA256.fullmatch(tag):
        return Checksum("sha256", tag, "the hub's")
    return Checksum(_GIT, tag, "the hub's") if _SHA1.fullmatch(tag) else None


def of_headers(headers: Mapping[str, str]) -> Checksum | None:
    """Return the MD5 that a storage server states of a file, as in `x-goog-hash`."""
    stated = re.search(r"md5=([A-Za-z0-9+/=]+)", headers.get("x-goog-hash", ""))
    text = stated[1] if stated else headers.get("content-md5", "")
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return Checksum("md5", digest.hex(), "the server's") if len(digest) == 16 else None


def sums_of(path: Path, kinds: Sequence[str] = ()) -> dict[str, str]:
    """Compute sums of a file in one reading; SHA-256 always."""
    readers = {kind: _reader(kind, path) for kind in {"sha256", *kinds}}
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            for reader in readers.values():
                reader.update(chunk)
    return {kind: reader.hexdigest() for kind, reader in readers.items()}


def checksum_of(path: Path, kind: str = "sha256") -> str:
    """Compute one sum of a file, in hexadecimal digits."""
    return sums_of(path, [kind])[kind]


def _reader(kind: str, path: Path) -> hashlib._Hash:
    if kind != _GIT:
        return hashlib.new(kind, usedforsecurity=False)
    head = f"blob {path.stat().st_size}\0".encode()
    return hashlib.sha1(head, usedforsecurity=False)
