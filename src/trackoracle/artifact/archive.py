"""The sealed file that an oracle is."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trackoracle.errors import BundleError
from trackoracle.sealed import Seal, read_sealed, write_sealed

FORMAT = 4
"""Format of the bundle, an integer.

Raise it when a reader of this version could not read what a new writer makes,
and keep the reader of the previous format: readers accept both.
"""
MOST_BYTES = 2 * 2**30
"""Unpacked."""
_ORACLE = Seal(
    what="an oracle",
    formats=(2, 3, FORMAT),
    names=re.compile(r"[a-z0-9_]+(?:/[a-z0-9_]+)*\.(?:json|npy|txt|skops|md|safetensors)"),
    most_members=100,
    most_bytes=MOST_BYTES,
)


def write_archive(path: Path, manifest: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Write an oracle's manifest and members, whole or not at all."""
    write_sealed(path, _ORACLE, manifest, members)


def read_archive(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Read an oracle's manifest and members, every one checked.

    Raises
    ------
    BundleError
        When the file is missing, not an oracle, truncated, changed or too large.
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
    return read_sealed(path, _ORACLE)
