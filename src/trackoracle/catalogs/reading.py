"""Read one file as a table of text or typed columns, or say what is wrong with it."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from trackoracle.catalogs.delimited import read_delimited
from trackoracle.catalogs.json_lines import read_json_lines
from trackoracle.catalogs.text import text_of
from trackoracle.catalogs.unpacking import PACKINGS, inner_name, unpack
from trackoracle.errors import SourceError, SourceNotFoundError, plural

TEXT_ENDINGS = (".csv", ".tsv", ".txt")
LINE_ENDINGS = (".jsonl", ".ndjson")
BINARY_ENDINGS = (".parquet", ".arrow", ".feather")
TABLE_ENDINGS = (*TEXT_ENDINGS, *LINE_ENDINGS, *BINARY_ENDINGS)
_REPEATED = re.compile(r"_duplicated_\d+$")  # how Polars tells repeated names apart


@dataclass(frozen=True)
class Table:
    """A file as it was read: columns by the file's own names, and the sum of its bytes."""

    path: Path
    rows: pl.DataFrame
    checksum: str


def ending(path: Path) -> str:
    """Return the ending that says the format, without .gz, .zst or .zip.

    Examples
    --------
    >>> ending(Path("tracks.csv.gz")), ending(Path("archive.zip"))
    ('.csv', '')
    """
    return Path(inner_name(path).lower()).suffix


def checksum_of(content: bytes) -> str:
    """Return the sum by which unpacked bytes are told from others."""
    return hashlib.sha256(content).hexdigest()


def read_table(path: Path, encoding: str = "utf-8") -> Table:
    """Read CSV, TSV, JSONL, Parquet or Arrow, also packed as .gz, .zst or .zip.

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
    # Of a zip, the name of the file inside says the format.
    if ending(path) not in TABLE_ENDINGS and path.suffix.lower() != ".zip":
        raise SourceError(
            f"{path}: expected one of {', '.join(TABLE_ENDINGS)} (also with "
            f"{', '.join(PACKINGS)}), got {path.suffix or 'no ending'!r}. "
            "Convert it, or give it the right ending.",
            path=str(path),
        )
    unpacked = unpack(path, TABLE_ENDINGS)
    content = unpacked.content
    if not content.strip():
        raise SourceError(
            f"{path}: expected a table, got an empty file. Fetch or export it again.",
            path=str(path),
        )
    checksum = checksum_of(content)
    rows = _rows(path, content, Path(unpacked.name.lower()).suffix, encoding)
    rows = named_once(path, rows)
    if rows.is_empty():
        raise SourceError(
            f"{path}: expected at least one row, got a header only "
            f"({len(rows.columns)} column{plural(rows.columns)}). Export it again with its rows.",
            path=str(path),
        )
    return Table(path, rows, checksum)


def _rows(path: Path, content: bytes, format_ending: str, encoding: str) -> pl.DataFrame:
    if format_ending in BINARY_ENDINGS:
        return _binary(path, content, format_ending)
    content = text_of(path, content, encoding)
    if format_ending in LINE_ENDINGS:
        return read_json_lines(path, content)
    return read_delimited(path, content, format_ending)


def _binary(path: Path, content: bytes, format_ending: str) -> pl.DataFrame:
    kind, read = "Arrow", _arrow_reader(content)
    if format_ending == ".parquet":
        kind, read = "Parquet", pl.read_parquet
    try:
        return read(io.BytesIO(content))
    # A damaged file can bring Polars to panic, which is no Exception.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise damaged(path, kind, error) from error


def damaged(path: Path, kind: str, error: BaseException) -> SourceError:
    """Say that a file of some kind cannot be read to its end."""
    return SourceError(
        f"{path}: expected a whole {kind} file, got {_reason(error)}. Write it again.",
        path=str(path),
    )


def _arrow_reader(content: bytes) -> Callable[[io.BytesIO], pl.DataFrame]:
    """Choose between the two layouts of Arrow IPC: the file begins with its name."""
    return pl.read_ipc if content.startswith(b"ARROW1") else pl.read_ipc_stream


def _reason(error: BaseException) -> str:
    """Cut a message down to what is for people: one line, no inside of the reader."""
    line = str(error).split("\n", 1)[0]
    return "an error ({})".format(re.split(r"[:(]? ?Error \{|\(Error", line)[0])


def named_once(path: Path, rows: pl.DataFrame) -> pl.DataFrame:
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
