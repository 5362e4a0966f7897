"""The zip that an oracle is: named members with hashes, read without trust.

Nothing is ever unpacked to disk. Reading checks names, sizes, compression
ratios and hashes before any content is looked at.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.atomic import replacing
from trackoracle.errors import BundleError, BundleVersionError

FORMAT = 3
"""Format of the bundle, an integer.

Raise it when a reader of this version could not read what a new writer makes,
and keep the reader of the previous format: readers accept both.
"""
READABLE = (2, 3)
MANIFEST = "manifest.json"

MOST_MEMBERS = 100
MOST_BYTES = 2 * 2**30
_MOST_RATIO = 200
_SMALL = 2**20
_NAME = re.compile(r"[a-z0-9_]+(?:/[a-z0-9_]+)*\.(?:json|npy|txt|skops|md|safetensors)")
_DATE = (1980, 1, 1, 0, 0, 0)


def write_archive(path: Path, manifest: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Write members and a manifest that lists their hashes, whole or not at all.

    Equal content gives equal bytes: dates are fixed and names sorted.
    """
    hashes = {name: hashlib.sha256(members[name]).hexdigest() for name in sorted(members)}
    facts = {"format": FORMAT, **manifest, "members": hashes}
    everything = {MANIFEST: to_json(facts), **{name: members[name] for name in hashes}}
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in everything.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compresslevel=6)


def read_archive(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Read and check every member.

    Returns
    -------
    The manifest, and the content of the members it lists.

    Raises
    ------
    BundleError
        When the file is missing, not a zip, truncated, changed, too large, or holds
        names that an oracle never has.
    BundleVersionError
        When its format is newer than this version reads.
    """
    if not path.is_file():
        raise BundleError(
            f"{path}: expected an oracle file, got nothing there. "
            "Make one with: trackoracle train CATALOG --target popularity -o X.oracle",
            path=str(path),
        )
    if path.suffix == ".estimators":
        raise BundleError(
            f"{path}: expected an oracle, got estimators of audio features. Use them as "
            "trackoracle listen AUDIO --estimators FILE.",
            path=str(path),
        )
    if not zipfile.is_zipfile(path):
        raise BundleError(
            f"{path}: expected an oracle, got a broken or foreign file. Name the oracle first, "
            "then the tracks; if it is one, fetch or train it again.",
            path=str(path),
        )
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(path, archive)
    except BundleError:
        raise
    except Exception as error:  # a damaged zip fails in any way
        raise BundleError(
            f"{path}: expected a whole oracle, got a broken or foreign file ({error}). "
            "Fetch or train it again.",
            path=str(path),
        ) from error


def _checked(path: Path, archive: zipfile.ZipFile) -> tuple[dict[str, Any], dict[str, bytes]]:
    infos = {info.filename: info for info in archive.infolist()}
    _check_directory(path, archive, infos)
    manifest = _manifest(path, archive.read(MANIFEST))
    hashes: dict[str, str] = manifest["members"]
    if set(hashes) != set(infos) - {MANIFEST}:
        odd = sorted(set(hashes) ^ (set(infos) - {MANIFEST}))
        raise _refused(
            path, "exactly the members of the manifest", f"others ({', '.join(odd[:3])})"
        )
    members = {}
    for name, expected in hashes.items():
        content = archive.read(name)
        if hashlib.sha256(content).hexdigest() != expected:
            raise _refused(path, f"{name} as it was written", "other content")
        members[name] = content
    return manifest, members


def _check_directory(
    path: Path, archive: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo]
) -> None:
    if len(infos) != len(archive.infolist()):
        raise _refused(path, "each member once", "a member twice")
    if len(infos) > MOST_MEMBERS:
        raise _refused(path, f"at most {MOST_MEMBERS} members", f"{len(infos)}")
    for name in infos:
        if not _NAME.fullmatch(name):
            raise _refused(path, "plain member names", f"{name!r}")
    if MANIFEST not in infos:
        raise _refused(path, f"a {MANIFEST}", "none")
    total = sum(info.file_size for info in infos.values())
    if total > MOST_BYTES:
        raise _refused(path, f"at most {MOST_BYTES // 2**30} GiB unpacked", f"{total:,} bytes")
    for info in infos.values():
        if info.compress_type != zipfile.ZIP_DEFLATED:
            raise _refused(path, "members packed by deflate", f"{info.filename} packed otherwise")
        if info.file_size > max(_SMALL, _MOST_RATIO * info.compress_size):
            ratio = info.file_size // max(info.compress_size, 1)
            raise _refused(path, "members packed as a model is", f"{info.filename} at {ratio}:1")


def _manifest(path: Path, content: bytes) -> dict[str, Any]:
    try:
        facts = from_json(content)
        version, members = facts["format"], facts["members"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refused(path, "a manifest of an oracle", "other JSON") from error
    if version not in READABLE:
        raise BundleVersionError(
            f"{path}: expected format {READABLE[-1]} or older, got format {version!r}. "
            "Update: pip install -U trackoracle",
            path=str(path),
            format=version,
        )
    if not isinstance(members, dict) or not all(isinstance(h, str) for h in members.values()):
        raise _refused(path, "a list of members with hashes", "another")
    return dict(facts)


def _refused(path: Path, expected: str, got: str) -> BundleError:
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
