"""Read one file as a table of text or typed columns, or say what is wrong with it."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trackoracle.errors import SourceError, SourceNotFoundError, plural

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".parquet")
_DELIMITERS = (",", "\t", ";", "|")
_MOST_BYTES = 16 * 2**30
_REPEATED = re.compile(r"_duplicated_\d+$")  # how Polars tells repeated names apart
_SIGNATURES = {
    b"PAR1": "a Parquet file. Name it .parquet.",
    b"\x1f\x8b": "a gzip file. Name it .gz.",
    b"PK\x03\x04": "a zip or spreadsheet file. Unpack it, or export it as CSV.",
}


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
        raise SourceError(
            f"{path}: expected a table, got an empty file. Fetch or export it again.",
            path=str(path),
        )
    checksum = hashlib.sha256(content).hexdigest()
    rows = _parquet(path, content) if ending(path) == ".parquet" else _text(path, content, encoding)
    rows = _named_once(path, rows)
    if rows.is_empty():
        raise SourceError(
            f"{path}: expected at least one row, got a header only "
            f"({len(rows.columns)} column{plural(rows.columns)}). Export it again with its rows.",
            path=str(path),
        )
    return Table(path, rows, checksum)


def _named_once(path: Path, rows: pl.DataFrame) -> pl.DataFrame:
    """Trim the column names; refuse one that stands twice, since either could be meant."""
    names = [_REPEATED.sub("", name).lstrip("\ufeff").strip() for name in rows.columns]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise SourceError(
            f"{path}: expected each column name once, got {', '.join(twice)} several times. "
            "Rename or remove the others.",
            path=str(path),
            columns=twice,
        )
    return rows.rename({old: new for old, new in zip(rows.columns, names, strict=True) if new})


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
    try:
        return pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(
            f"{path}: expected a whole Parquet file, got {_reason(error)}. Write it again.",
            path=str(path),
        ) from error


def _text(path: Path, content: bytes, encoding: str) -> pl.DataFrame:
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            raise SourceError(f"{path}: expected text, got {kind}", path=str(path))
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
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    header = content.lstrip(b"\r\n").split(b"\n", 1)[0].decode()
    delimiter = _delimiter(path, header)
    try:
        rows = pl.read_csv(content, separator=delimiter, infer_schema=False)
        return _with_decimal_points(rows) if delimiter == ";" else rows
    except pl.exceptions.PolarsError as error:
        raise SourceError(
            f"{path}: expected as many values in each line as in the header, got "
            f"{_first_long_line(content, delimiter) or _reason(error)}. "
            "Check the delimiter and the quoting of text that holds it.",
            path=str(path),
        ) from error


def _first_long_line(content: bytes, delimiter: str) -> str | None:
    """Describe the first line of more values than the header, if that is what is wrong."""
    lines = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter)
    try:
        width = len(next(lines))
        found = next((line for line in lines if len(line) > width), None)
    except csv.Error:
        return None
    return f"{len(found)} instead of {width} (line {lines.line_num})" if found else None


def _reason(error: Exception) -> str:
    return "an error ({})".format(str(error).split("\n", 1)[0])


def _with_decimal_points(rows: pl.DataFrame) -> pl.DataFrame:
    """Read decimal commas, which spreadsheets write where they part columns by semicolons."""
    number = r"^\s*-?\d*,?\d+(?:[eE]-?\d+)?\s*$"
    return rows.with_columns(
        pl.when(pl.col(name).str.contains(number).all())
        .then(pl.col(name).str.replace(",", ".", literal=True))
        .otherwise(pl.col(name))
        for name in rows.columns
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
        advice = "If it was saved by a spreadsheet, use --encoding latin-1."
        if encoding.lower().startswith("utf-16"):
            advice = "The file is cut off, or in another encoding."
        byte = f"0x{content[error.start]:02x}"
        raise SourceError(
            f"{path}: expected {encoding} text, got byte {byte} (line {line}). {advice}",
            path=str(path),
            line=line,
        ) from error
    return content if encoding in ("utf-8", "utf8") else text.encode()


def _delimiter(path: Path, header: str) -> str:
    if ending(path) == ".tsv":
        return "\t"
    return max(_DELIMITERS, key=header.count)
