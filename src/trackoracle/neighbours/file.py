"""An index as one file beside its catalog: without pickle, whole or not at all.

The file is a line that names the format, eight bytes with the length of a header, the header
(JSON: what the index was made of, and where its arrays lie), and the arrays as they are in
memory. Coordinates are not kept, they follow from the tracks; where each track lies is.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.atomic import replacing
from trackoracle.errors import IndexFileError, SourceError
from trackoracle.neighbours.index import SHOWN, Neighbours
from trackoracle.neighbours.recordings import Marks
from trackoracle.schema import TRACK_COLUMNS

MAGIC = b"TrackOracle index of similar tracks\n"
FORMAT = 1
_MOST_HEADER = 1 << 20
_KINDS = {"tracks": "uint8", "recording": "int32", "places": "int32", "hashes": "uint64",
          "owners": "int32"}  # fmt: skip
Arrays = dict[str, NDArray[Any]]


def index_path(source: str | Path) -> Path:
    """Return where the index of a catalog's file or folder is kept.

    Examples
    --------
    >>> str(index_path("music/dataset.csv"))
    'music/dataset.csv.index'
    """
    path = Path(source)
    return path.with_name(f"{path.name}.index")


def save_index(path: Path, index: Neighbours, fingerprint: str) -> None:
    """Write an index; `fingerprint` tells the catalog, and how it was read.

    Raises
    ------
    IndexFileError
        When another kind of file is there, which is left as it is.
    """
    if path.exists():
        with path.open("rb") as there:
            _refuse_other(path, there)
    buffer = io.BytesIO()
    index.tracks.write_ipc(buffer, compression="zstd")
    arrays: Arrays = {
        "tracks": np.frombuffer(buffer.getbuffer(), np.uint8),
        "recording": index.recording,
        "places": _places(index),
        "hashes": index.marks.hashes,
        "owners": index.marks.recordings,
    }
    digest = hashlib.sha256()
    for name in _KINDS:
        digest.update(np.ascontiguousarray(arrays[name]).data)
    header = json.dumps(
        {
            "format": FORMAT,
            "fingerprint": fingerprint,
            "shapes": {name: arrays[name].shape for name in _KINDS},
            "sha256": digest.hexdigest(),
        }
    ).encode()
    with replacing(path) as temporary, temporary.open("wb") as out:
        out.write(MAGIC + len(header).to_bytes(8, "little") + header)
        for name in _KINDS:
            out.write(np.ascontiguousarray(arrays[name]).data)


def _places(index: Neighbours) -> NDArray[np.int32]:
    """Return the boxes' rows as places among the complete tracks."""
    rows = index.boxes.rows
    place = np.full(len(index) + 1, -1, np.int32)
    complete = np.sort(rows[rows >= 0])
    place[complete] = np.arange(len(complete), dtype=np.int32)
    return place[rows]


def load_index(path: Path, fingerprint: str) -> Neighbours | None:
    """Read an index, without trust in what the file says.

    Returns
    -------
    None when it is of another catalog, or of an earlier state of this one, or of another format.

    Raises
    ------
    IndexFileError
        With `ours` true when it is a damaged index, and false when it is another kind of file.
    """
    with path.open("rb") as there:
        _refuse_other(path, there)
        try:
            header = _header(there)
            if header["format"] != FORMAT or header["fingerprint"] != fingerprint:
                return None
            arrays = _arrays(there, header, os.fstat(there.fileno()).st_size)
            return _index(arrays)
        # Polars may panic over a damaged table, which is no Exception.
        except (
            ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, MemoryError,
            RecursionError,
            SourceError, pl.exceptions.PolarsError, pl.exceptions.PanicException,
        ) as error:  # fmt: skip
            reason = str(error).split("\n", 1)[0]
            raise IndexFileError(
                f"{path}: expected a whole index, got another ({reason}). It is built anew.",
                path=str(path),
                ours=True,
            ) from error


def _refuse_other(path: Path, there: BinaryIO) -> None:
    begins = there.read(len(MAGIC))
    if begins != MAGIC:
        raise IndexFileError(
            f"{path}: expected the index of a catalog, got another kind of file. "
            "Move it away, or use --no-index.",
            path=str(path),
            ours=False,
        )


def _header(there: BinaryIO) -> dict[str, Any]:
    length = int.from_bytes(there.read(8), "little")
    if not 2 <= length <= _MOST_HEADER:
        raise ValueError(f"a header of {length:,} bytes")
    header = json.loads(there.read(length))
    if not isinstance(header, dict):
        raise ValueError("no header")
    return header


def _arrays(there: BinaryIO, header: dict[str, Any], n_bytes: int) -> Arrays:
    """Read the arrays; their sizes must be just those that the file has."""
    shapes = {name: tuple(map(int, header["shapes"][name])) for name in _KINDS}
    if any(size < 0 or len(shape) > 2 for shape in shapes.values() for size in shape):
        raise ValueError("impossible shapes")
    sizes = {
        name: int(np.prod([*map(int, shape)], dtype=object)) * np.dtype(kind).itemsize
        for (name, kind), shape in zip(_KINDS.items(), shapes.values(), strict=True)
    }
    left = n_bytes - there.tell()
    if sum(sizes.values()) != left:
        raise ValueError(f"{left:,} bytes instead of {sum(sizes.values()):,}")
    arrays: Arrays = {}
    digest = hashlib.sha256()
    for name, kind in _KINDS.items():
        content = there.read(sizes[name])
        digest.update(content)
        arrays[name] = np.frombuffer(content, kind).reshape(shapes[name])
    if digest.hexdigest() != header["sha256"]:
        raise ValueError("its bytes do not have its checksum")
    return arrays


def _index(arrays: Arrays) -> Neighbours:
    """Put an index together from arrays that may hold anything."""
    tracks = pl.read_ipc(io.BytesIO(arrays["tracks"].tobytes()))
    n = len(tracks)
    recording, places = arrays["recording"], arrays["places"]
    hashes, owners = arrays["hashes"], arrays["owners"]
    if not set(tracks.columns) <= set(SHOWN):
        raise ValueError("other columns")
    for name, dtype in tracks.schema.items():
        _check_type(name, dtype)
    sound = (
        recording.shape == (n,)
        and places.ndim == 2
        and hashes.ndim == 1
        and hashes.shape == owners.shape
        and ((recording >= 0) & (recording < n)).all()
        and np.isin(owners, recording).all()
        and (hashes[1:] > hashes[:-1]).all()
        and places.shape[1] >= 1
        and ((places >= -1) & (places < n)).all()
        and (places >= 0).any(axis=1).all()
    )
    if not sound:
        raise ValueError("arrays that do not fit its tracks")
    return Neighbours.assembled(tracks, recording, Marks(hashes, owners), places)


def _check_type(name: str, dtype: pl.DataType) -> None:
    role = TRACK_COLUMNS[name].role
    if role == "number":
        fits = dtype.is_numeric()
    elif role == "date":
        fits = dtype == pl.Date
    elif role in ("credits", "category"):
        fits = dtype == pl.List(pl.String)
    else:
        fits = dtype == pl.String
    if not fits:
        raise ValueError(f"{name} of type {dtype}")
