"""The bytes of a file, unpacked: .gz, .zst and .zip, bounded and without writing anything."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from trackoracle.errors import SourceError, examples_of

PACKINGS = (".gz", ".zst", ".zip")
MOST_BYTES = 16 * 2**30
"""No table is larger, unpacked."""
FREE_BYTES = 256 * 2**20
"""What may be unpacked however small the file is."""
MOST_TIMES = 100
"""Beyond `FREE_BYTES`, how many times its packed size a table may have. Deflate reaches 1032
times (zlib, technical details) on one repeated byte; tables of tracks, whose ids are random,
reach ten."""
_STEP = 4096  # of packed bytes: a block of zstd holds up to 128 KiB in four bytes


@dataclass(frozen=True)
class Unpacked:
    """The name that says the format, and the bytes."""

    name: str
    content: bytes


def inner_name(path: Path) -> str:
    """Return the name that says the format, without .gz, .zst or .zip.

    Examples
    --------
    >>> inner_name(Path("tracks.csv.zst"))
    'tracks.csv'
    """
    return path.stem if path.suffix.lower() in PACKINGS else path.name


def unpack(path: Path, endings: Sequence[str], *, most: int | None = None) -> Unpacked:
    """Read a file, unpacked by what its own ending says.

    Parameters
    ----------
    path
        The file.
    endings
        Of tables: a zip must hold exactly one.
    most
        Bytes that may come out; by default as many as a table can be expected to hold.

    Raises
    ------
    SourceError
        When it is broken, encrypted, not one table, or unpacks to far too much.
    """
    packing = path.suffix.lower()
    if packing not in PACKINGS:
        return Unpacked(path.name, path.read_bytes())
    if most is None:
        most = min(MOST_BYTES, max(FREE_BYTES, MOST_TIMES * path.stat().st_size))
    if packing == ".zip":
        return _unzip(path, endings, most)
    kind, read = _STREAMS[packing]
    content = _whole(path, kind, lambda: read(path, most))
    return Unpacked(inner_name(path), _bounded(path, content, most))


def _whole(path: Path, kind: str, read: Callable[[], bytes]) -> bytes:
    import lzma

    import zstandard

    broken = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
    try:
        return read()
    except SourceError:
        raise
    except (*broken, zipfile.BadZipFile) as error:
        raise SourceError(
            f"{path}: expected a whole {kind} file, got a broken one ({error}). Fetch it again.",
            path=str(path),
        ) from error


def _bounded(path: Path, content: bytes, most: int) -> bytes:
    if len(content) > most:
        raise SourceError(
            f"{path}: expected at most {most / 2**20:,.0f} MiB unpacked, got more from "
            f"{path.stat().st_size / 2**20:,.1f} MiB. If it is a table and no trap, "
            "unpack it yourself.",
            path=str(path),
        )
    return content


def _gunzip(path: Path, most: int) -> bytes:
    with gzip.open(path) as stream:
        return stream.read(most + 1)


def _unzstd(path: Path, most: int) -> bytes:
    import zstandard

    source, parts, size = io.BytesIO(path.read_bytes()), io.BytesIO(), 0
    decompressor = zstandard.ZstdDecompressor()
    frame = None
    while size <= most and (packed := source.read(_STEP)):
        while packed:
            frame = decompressor.decompressobj() if frame is None or frame.eof else frame
            size += parts.write(frame.decompress(packed))
            packed = frame.unused_data if frame.eof else b""
    if size <= most and frame is not None and not frame.eof:
        raise EOFError("the last frame is cut off")
    return parts.getvalue()


_STREAMS: dict[str, tuple[str, Callable[[Path, int], bytes]]] = {
    ".gz": ("gzip", _gunzip),
    ".zst": ("Zstandard", _unzstd),
}


def _unzip(path: Path, endings: Sequence[str], most: int) -> Unpacked:
    name = ""

    def read() -> bytes:
        nonlocal name
        with zipfile.ZipFile(path) as archive:
            member = _only_table(path, archive.infolist(), endings)
            name = PurePosixPath(member.filename).name
            try:
                with archive.open(member) as stream:
                    return stream.read(most + 1)
            except NotImplementedError as error:
                raise zipfile.BadZipFile(str(error)) from error

    if not path.stat().st_size:
        return Unpacked(f"empty{endings[0]}", b"")
    content = _whole(path, "zip", read)
    return Unpacked(name, _bounded(path, content, most))


def _only_table(
    path: Path, members: list[zipfile.ZipInfo], endings: Sequence[str]
) -> zipfile.ZipInfo:
    """Return the one table of a zip, beside files that systems leave there."""
    files = [member for member in members if not member.is_dir()]
    tables = [member for member in files if _is_table(member, endings)]
    if len(tables) != 1:
        found = examples_of(member.filename for member in tables or files) or "no file"
        n = f"{len(tables)} ({found})" if tables else f"none ({found})"
        raise SourceError(
            f"{path}: expected one table in the zip ({', '.join(endings)}), got {n}. "
            "Unpack it and name one file, or the folder.",
            path=str(path),
        )
    place = PurePosixPath(tables[0].filename.replace("\\", "/"))
    if place.is_absolute() or ".." in place.parts or ":" in place.parts[0]:
        raise SourceError(
            f"{path}: expected a table inside the zip, got the path {tables[0].filename!r}, "
            "which leads out of it. Do not trust the file.",
            path=str(path),
        )
    if tables[0].flag_bits & 0x1:
        raise SourceError(
            f"{path}: expected a zip without a password, got an encrypted table "
            f"({place.name}). Unpack it yourself.",
            path=str(path),
        )
    return tables[0]


def _is_table(member: zipfile.ZipInfo, endings: Sequence[str]) -> bool:
    place = PurePosixPath(member.filename)
    hidden = any(part == "__MACOSX" or part.startswith("._") for part in place.parts)
    return place.suffix.lower() in endings and not hidden
