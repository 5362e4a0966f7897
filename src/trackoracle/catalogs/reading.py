"""Read one file as a table of text or typed columns, or say what is wrong with it."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trackoracle.errors import SourceError, SourceNotFoundError

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".parquet")
_DELIMITERS = (",", "\t", ";", "|")
_MOST_BYTES = 16 * 2**30


@dataclass(frozen=True)
class Table:
    """A file as it was read: columns by the file's own names, and the sum of its bytes."""

    path: Path
    rows: pl.DataFrame
    checksum: str


def ending(path: Path) -> str:
    """Return the ending that says the format, without .gz.

    Examples
    --------
    >>> ending(Path("tracks.csv.gz"))
    '.csv'
    """
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def read_table(path: Path, encoding: str = "utf-8") -> Table:
    """Read CSV, TSV or Parquet, also gzipped.

    Parameters
    ----------
    path
        The file. Text columns stay text; typing is the business of the schema.
    encoding
        Encoding of a text file.

    Raises
    ------
    SourceError
        When it is missing, empty, broken or of an unknown format.
    """
    if not path.exists():
        raise SourceNotFoundError(
            f"{path}: expected a file or folder, got nothing there. "
            "Check the path, or use 'sample' for the embedded sample.",
            path=str(path),
        )
    if ending(path) not in TABLE_ENDINGS:
        raise SourceError(
            f"{path}: expected one of {', '.join(TABLE_ENDINGS)} (also .gz), got "
            f"{path.suffix or 'no ending'!r}. Convert it, or give it the right ending.",
            path=str(path),
        )
    content = _bytes_of(path)
    if not content.strip():
        raise SourceError(f"{path}: expected a table, got an empty file.", path=str(path))
    checksum = hashlib.sha256(content).hexdigest()
    rows = _parquet(path, content) if ending(path) == ".parquet" else _text(path, content, encoding)
    rows = rows.rename({name: name.lstrip("\ufeff").strip() for name in rows.columns}, strict=False)
    if rows.is_empty():
        raise SourceError(
            f"{path}: expected at least one row, got a header only "
            f"({len(rows.columns)} columns). Export it again with its rows.",
            path=str(path),
        )
    return Table(path, rows, checksum)


def _bytes_of(path: Path) -> bytes:
    if path.suffix.lower() != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as stream:
            content = stream.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(
            f"{path}: expected a whole gzip file, got a broken one ({error}). Fetch it again.",
            path=str(path),
        ) from error
    if len(content) > _MOST_BYTES:
        raise SourceError(
            f"{path}: expected at most {_MOST_BYTES // 2**30} GiB unpacked, got more. "
            "Convert it to Parquet.",
            path=str(path),
        )
    return content


def _parquet(path: Path, content: bytes) -> pl.DataFrame:
    return _parsed(
        path,
        lambda: pl.read_parquet(io.BytesIO(content)),
        "a whole Parquet file",
        "Write it again.",
    )


def _text(path: Path, content: bytes, encoding: str) -> pl.DataFrame:
    content = _as_utf8(path, content, encoding)
    nul = content.find(b"\0")
    if nul >= 0:
        line = content.count(b"\n", 0, nul) + 1
        raise SourceError(
            f"{path}: expected text, got a NUL byte (line {line}, byte {nul + 1}). "
            "The file is binary, damaged or UTF-16; for the last, use --encoding utf-16.",
            path=str(path),
            line=line,
        )
    header = content.lstrip(b"\r\n").split(b"\n", 1)[0].decode()
    return _parsed(
        path,
        lambda: pl.read_csv(content, separator=_delimiter(path, header), infer_schema=False),
        "as many values in each line as in the header",
        "Check the delimiter and the quoting of text that holds it.",
    )


def _as_utf8(path: Path, content: bytes, encoding: str) -> bytes:
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        content = content.removeprefix(codecs.BOM_UTF8)
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16"
        elif content.isascii():
            return content
    try:
        text = content.decode(encoding)
    except LookupError as error:
        raise SourceError(
            f"encoding: expected a known encoding, got {encoding!r}. Try utf-8 or latin-1."
        ) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{path}: expected {encoding} text, got byte 0x{content[error.start]:02x} (line {line}). "
            "If it was saved by a spreadsheet, use --encoding latin-1.",
            path=str(path),
            line=line,
        ) from error
    return content if encoding in ("utf-8", "utf8") else text.encode()


def _delimiter(path: Path, header: str) -> str:
    if ending(path) == ".tsv":
        return "\t"
    return max(_DELIMITERS, key=header.count)


def _parsed(
    path: Path, parse: Callable[[], pl.DataFrame], expected: str, advice: str
) -> pl.DataFrame:
    try:
        return parse()
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).split("\n", 1)[0]
        raise SourceError(
            f"{path}: expected {expected}, got an error ({reason}). {advice}", path=str(path)
        ) from error
