"""Estimators as one sealed file: arrays, facts and the card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import BundleError
from trackoracle.sealed import Seal, from_npy, read_sealed, tampered, to_npy, write_sealed

FORMAT = 1
"""Raise it when this version's reader could not read what a new writer makes."""
CARD = "card.md"
_ESTIMATORS = Seal(
    what="estimators of audio features",
    formats=(FORMAT,),
    names=re.compile(rf"[a-z0-9_]+(?:/[a-z0-9_]+)*\.npy|{re.escape(CARD)}"),
    most_members=500,
    most_bytes=256 * 2**20,
)


def write_estimators(
    path: Path, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], card: str
) -> None:
    """Write facts, arrays and the card, whole or not at all."""
    members = {f"{name}.npy": to_npy(array) for name, array in arrays.items()}
    write_sealed(path, _ESTIMATORS, {"facts": dict(facts)}, {**members, CARD: card.encode()})


def read_estimators(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]], str]:
    """Read facts, arrays and the card, every member checked.

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
    manifest, members = read_sealed(path, _ESTIMATORS)
    try:
        facts, card = dict(manifest["facts"]), members.pop(CARD).decode()
    except (KeyError, TypeError, ValueError) as error:
        raise tampered(path, f"facts and a {CARD}", f"others ({error})") from error
    arrays = {n.removesuffix(".npy"): _finite(path, n, content) for n, content in members.items()}
    return facts, arrays, card


def _finite(path: Path, name: str, content: bytes) -> NDArray[Any]:
    try:
        array = from_npy(content)
    except Exception as error:  # hostile content fails in any way
        raise tampered(path, f"numbers in {name}", f"none ({error})") from error
    if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise tampered(path, f"finite numbers in {name}", f"another array ({array.dtype})")
    return array
