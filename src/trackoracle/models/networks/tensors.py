"""Arrays as one safetensors file, written with equal bytes and read without trust.

The format is a length, a JSON header and bare bytes. Thirty lines read it, so that an oracle
whose model is a network answers where no extra is installed; tests hold them to the library.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import BundleError

Array = NDArray[np.float32]
Arrays = dict[str, Array]
_MOST_HEADER = 2**20
_LENGTH = 8


def to_safetensors(arrays: Mapping[str, Array], notes: Mapping[str, str] | None = None) -> bytes:
    """Write float32 arrays, sorted by name, with notes in the header.

    Examples
    --------
    >>> content = to_safetensors({"weight": np.ones((2, 3), np.float32)})
    >>> from_safetensors(content)[0]["weight"].shape
    (2, 3)
    """
    header: dict[str, Any] = {"__metadata__": dict(notes)} if notes else {}
    parts, start = [], 0
    for name in sorted(arrays):
        part = np.ascontiguousarray(arrays[name], "<f4").tobytes()
        shape = list(arrays[name].shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, start + len(part)]}
        parts.append(part)
        start += len(part)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _LENGTH)  # arrays begin at a multiple of eight, as the format asks
    return b"".join([len(text).to_bytes(_LENGTH, "little"), text, *parts])


def from_safetensors(content: bytes) -> tuple[Arrays, dict[str, str]]:
    """Read what `to_safetensors` wrote: float32 arrays that fill the file, and notes.

    Raises
    ------
    BundleError
        For a header that is too long, no JSON or not of such arrays, for arrays that overlap,
        leave a gap or reach beyond the file.
    """
    try:
        header, body = _parts(content)
        notes = header.pop("__metadata__", {})
        if not all(isinstance(text, str) for text in notes.values()):
            raise ValueError("notes that are no text")
        placed = sorted(header.items(), key=lambda item: tuple(item[1]["data_offsets"]))
        arrays, end = {}, 0
        for name, facts in placed:
            arrays[name], end = _array(name, facts, body, end)
        if end != len(body):
            raise ValueError(f"{len(body) - end:,} bytes of no array")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BundleError(
            f"safetensors: expected float32 arrays one after the other, got {error}. "
            "Do not use this file."
        ) from error
    return arrays, notes


def _parts(content: bytes) -> tuple[dict[str, Any], memoryview]:
    length = int.from_bytes(content[:_LENGTH], "little")
    if len(content) < _LENGTH or length > min(_MOST_HEADER, len(content) - _LENGTH):
        raise ValueError(f"a header of {length:,} bytes in a file of {len(content):,}")
    header = json.loads(content[_LENGTH : _LENGTH + length], object_pairs_hook=_once)
    if not isinstance(header, dict):
        raise ValueError("a header that is no object")
    return header, memoryview(content)[_LENGTH + length :]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _array(name: str, facts: Mapping[str, Any], body: memoryview, end: int) -> tuple[Array, int]:
    """Return the array that must begin where the one before it ended, and where it ends."""
    shape, (start, stop) = facts["shape"], facts["data_offsets"]
    numbers = [*shape, start, stop]
    if facts["dtype"] != "F32" or any(type(n) is not int or n < 0 for n in numbers):
        raise ValueError(f"{facts['dtype']} of shape {shape} for {name}")
    if start != end or stop > len(body) or stop - start != 4 * math.prod(shape):
        raise ValueError(f"bytes {start} to {stop} for shape {shape} ({name})")
    return np.frombuffer(body[start:stop], "<f4").astype(np.float32).reshape(shape), stop
