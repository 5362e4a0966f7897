"""Named members with their hashes in a zip, read without trust: what models are kept in.

Nothing in it is code, and nothing is ever unpacked to disk. Reading checks names, sizes,
compression ratios and hashes before any content is looked at.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.atomic import replacing
from trackoracle.errors import BundleError, BundleVersionError

MANIFEST = "manifest.json"
_MOST_RATIO = 200
_SMALL = 2**20
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Seal:
    """What one kind of file may hold.

    Parameters
    ----------
    what
        As people call it, with its article.
    formats
        That are read, the one that is written last.
    names
        What members are called.
    most_members, most_bytes
        Of all members together, the bytes unpacked.
    """

    what: str
    formats: tuple[int, ...]
    names: re.Pattern[str]
    most_members: int
    most_bytes: int


def write_sealed(
    path: Path, seal: Seal, manifest: Mapping[str, Any], members: Mapping[str, bytes]
) -> None:
    """Write members and a manifest that lists their hashes, whole or not at all.

    Equal content gives equal bytes: dates are fixed and names sorted.
    """
    hashes = {name: hashlib.sha256(members[name]).hexdigest() for name in sorted(members)}
    facts = {"format": seal.formats[-1], **manifest, "members": hashes}
    everything = {MANIFEST: to_json(facts), **{name: members[name] for name in hashes}}
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in everything.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compresslevel=6)


def read_sealed(path: Path, seal: Seal) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Read and check every member.

    Returns
    -------
    The manifest, and the content of the members it lists.

    Raises
    ------
    BundleError
        When the file is not a zip, truncated, changed, too large, or holds names that such a
        file never has.
    BundleVersionError
        When its format is newer than this version reads.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(path, seal, archive)
    except BundleError:
        raise
    except Exception as error:  # a damaged zip fails in any way
        raise BundleError(
            f"{path}: expected {seal.what}, got a broken or foreign file ({error}). "
            "Fetch or train it again.",
            path=str(path),
        ) from error


def _checked(
    path: Path, seal: Seal, archive: zipfile.ZipFile
) -> tuple[dict[str, Any], dict[str, bytes]]:
    infos = {info.filename: info for info in archive.infolist()}
    _check_directory(path, seal, archive, infos)
    manifest = _manifest(path, seal, archive.read(MANIFEST))
    hashes: dict[str, str] = manifest["members"]
    if set(hashes) != set(infos) - {MANIFEST}:
        odd = sorted(set(hashes) ^ (set(infos) - {MANIFEST}))
        raise tampered(
            path, "exactly the members of the manifest", f"others ({', '.join(odd[:3])})"
        )
    members = {}
    for name, expected in hashes.items():
        content = archive.read(name)
        if hashlib.sha256(content).hexdigest() != expected:
            raise tampered(path, f"{name} as it was written", "other content")
        members[name] = content
    return manifest, members


def _check_directory(
    path: Path, seal: Seal, archive: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo]
) -> None:
    if len(infos) != len(archive.infolist()):
        raise tampered(path, "each member once", "a member twice")
    if len(infos) > seal.most_members:
        raise tampered(path, f"at most {seal.most_members} members", f"{len(infos)}")
    for name in infos:
        if name != MANIFEST and not seal.names.fullmatch(name):
            raise tampered(path, "plain member names", f"{name!r}")
    if MANIFEST not in infos:
        raise tampered(path, f"a {MANIFEST}", "none")
    total = sum(info.file_size for info in infos.values())
    if total > seal.most_bytes:
        most = f"at most {seal.most_bytes // 2**20:,} MiB unpacked"
        raise tampered(path, most, f"{total:,} bytes")
    for info in infos.values():
        if info.compress_type != zipfile.ZIP_DEFLATED:
            raise tampered(path, "members packed by deflate", f"{info.filename} packed otherwise")
        if info.file_size > max(_SMALL, _MOST_RATIO * info.compress_size):
            ratio = info.file_size // max(info.compress_size, 1)
            raise tampered(path, "members packed as a model is", f"{info.filename} at {ratio}:1")


def _manifest(path: Path, seal: Seal, content: bytes) -> dict[str, Any]:
    try:
        facts = from_json(content)
        version, members = facts["format"], facts["members"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise tampered(path, f"a manifest of {seal.what}", "other JSON") from error
    if version not in seal.formats:
        raise BundleVersionError(
            f"{path}: expected format {seal.formats[-1]} or older, got format {version!r}. "
            "Update: pip install -U trackoracle",
            path=str(path),
            format=version,
        )
    if not isinstance(members, dict) or not all(isinstance(h, str) for h in members.values()):
        raise tampered(path, "a list of members with hashes", "another")
    return dict(facts)


def tampered(path: Path, expected: str, got: str) -> BundleError:
    """Return the error of a file that does not hold together."""
    return BundleError(
        f"{path}: expected {expected}, got {got}. The file is damaged or was tampered with; "
        "fetch or train it again.",
        path=str(path),
    )


def to_json(facts: Any) -> bytes:
    """Write plain data so that equal data gives equal bytes."""
    return json.dumps(facts, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False).encode()


def from_json(content: bytes) -> Any:
    """Read plain data; NaN and infinities are none."""
    return json.loads(content, parse_constant=_no_number)


def _no_number(text: str) -> None:
    raise ValueError(f"expected finite numbers, got {text}")


def to_npy(array: NDArray[Any]) -> bytes:
    """Write an array in NumPy's own format."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def from_npy(content: bytes) -> NDArray[Any]:
    """Read an array; never runs code."""
    array: NDArray[Any] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return array
