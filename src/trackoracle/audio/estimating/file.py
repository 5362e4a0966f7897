"""Estimators as one file: a zip of arrays, facts and the card, read without trust.

Nothing in it is code, and nothing is unpacked to disk. Names, sizes and hashes are checked
before any content is looked at.
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

FORMAT = 1
"""Raise it when this version's reader could not read what a new writer makes."""
MANIFEST = "manifest.json"
CARD = "card.md"
MOST_MEMBERS = 500
MOST_BYTES = 256 * 2**20
_NAME = re.compile(r"[a-z0-9_]+(?:/[a-z0-9_]+)*\.npy")
_DATE = (1980, 1, 1, 0, 0, 0)


def write_estimators(
    path: Path, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], card: str
) -> None:
    """Write facts, arrays and the card, whole or not at all; equal content gives equal bytes."""
    members = {f"{name}.npy": _to_npy(arrays[name]) for name in sorted(arrays)}
    members[CARD] = card.encode()
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}
    manifest = {"format": FORMAT, "facts": dict(facts), "members": hashes}
    text = json.dumps(manifest, sort_keys=True, indent=1, allow_nan=False)
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in {MANIFEST: text.encode(), **members}.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compresslevel=6)


def read_estimators(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]], str]:
    """Read and check every member.

    Returns
    -------
    Facts, arrays and the card.

    Raises
    ------
    BundleError
        When the file is missing, foreign, truncated, changed or too large.
    BundleVersionError
        When its format is not the one this version reads.
    """
    if not path.is_file():
        raise BundleError(
            f"{path}: expected a file of estimators, got nothing there. Make one with: "
            "trackoracle audio train --recordings FOLDER --labels CSV -o X.estimators",
            path=str(path),
        )
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(path, archive)
    except BundleError:
        raise
    except Exception as error:  # a damaged zip fails in any way
        raise BundleError(
            f"{path}: expected whole estimators, got a broken or foreign file ({error}). "
            "Fetch or train them again.",
            path=str(path),
        ) from error


def _checked(
    path: Path, archive: zipfile.ZipFile
) -> tuple[dict[str, Any], dict[str, NDArray[Any]], str]:
    infos = archive.infolist()
    names = {info.filename for info in infos}
    if len(names) != len(infos) or len(infos) > MOST_MEMBERS or MANIFEST not in names:
        raise refused(
            path, f"a {MANIFEST} and up to {MOST_MEMBERS} members", f"{len(infos)} members"
        )
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise refused(path, f"at most {MOST_BYTES // 2**20} MiB unpacked", "more")
    manifest = json.loads(archive.read(MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        got = manifest.get("format") if isinstance(manifest, dict) else None
        raise BundleVersionError(
            f"{path}: expected estimators of format {FORMAT}, got {got!r}. "
            "Update: pip install -U trackoracle",
            path=str(path),
            format=got,
        )
    if set(manifest["members"]) != names - {MANIFEST}:
        raise refused(path, "exactly the members of the manifest", "others")
    contents = {name: archive.read(name) for name in manifest["members"]}
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != manifest["members"][name]:
            raise refused(path, f"{name} as it was written", "other content")
        if name != CARD and not _NAME.fullmatch(name):
            raise refused(path, "plain member names", f"{name!r}")
    card = contents.pop(CARD).decode()
    arrays = {name.removesuffix(".npy"): _from_npy(path, name, contents[name]) for name in contents}
    return dict(manifest["facts"]), arrays, card


def refused(path: Path, expected: str, got: str) -> BundleError:
    """Return the error of a file that does not hold together."""
    return BundleError(
        f"{path}: expected {expected}, got {got}. The file is damaged or was tampered with; "
        "fetch or train it again.",
        path=str(path),
    )


def _to_npy(array: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def _from_npy(path: Path, name: str, content: bytes) -> NDArray[Any]:
    array: NDArray[Any] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise refused(path, f"finite numbers in {name}", f"another array ({array.dtype})")
    return array
