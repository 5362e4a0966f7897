"""A table of labels for recordings: which row is of which file, and what is held out together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from trackoracle.audio.estimating.labelled import Codes
from trackoracle.audio.estimating.regressors import Values
from trackoracle.errors import (
    InvalidValuesError,
    MissingColumnError,
    NotEnoughDataError,
    SourceError,
    SourceNotFoundError,
)
from trackoracle.schema import ESTIMATED, normal_forms

FILE_COLUMNS = ("file", "path", "filename", "file_name", "track_id", "id", "stem")
ARTIST_COLUMNS = ("artist", "artists", "artist_name", "artist_names", "track_artist")


@dataclass(frozen=True)
class Labels:
    """Known features of recordings.

    Parameters
    ----------
    names
        How each row names its file: a path, a file name or what stands before its ending.
    values
        `ESTIMATED`, (n, 7); NaN where not known.
    artist
        Code of the artist, (n,); every row its own where the table has none.
    """

    names: tuple[str, ...]
    values: Values
    artist: Codes

    def rows_of(self, paths: Sequence[Path], folder: Path) -> list[int | None]:
        """Return the row of each path, or None; a longer name wins over a shorter one."""
        row = {name: i for i, name in reversed(list(enumerate(self.names)))}
        found = []
        for path in paths:
            inside = path.relative_to(folder) if path.is_relative_to(folder) else path
            tried = (
                str(path),
                inside.as_posix(),
                path.name,
                str(inside.with_suffix("")),
                path.stem,
            )
            number = str(int(path.stem)) if path.stem.isdecimal() else path.stem
            found.append(next((row[name] for name in (*tried, number) if name in row), None))
        return found


def read_labels(path: Path) -> Labels:
    """Read a CSV with a column that names files, features, and possibly an artist.

    Raises
    ------
    SourceError
        When it cannot be read as a table.
    MissingColumnError
        When no column names files, or none is a feature.
    InvalidValuesError
        For a feature outside of 0..1.
    NotEnoughDataError
        For a table without rows.
    """
    if not path.is_file():
        raise SourceNotFoundError(
            f"{path}: expected a CSV of labels, got no file there. Check the path.", path=str(path)
        )
    try:
        table = pl.read_csv(path, infer_schema=False, encoding="utf8")
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).split("\n")[0]
        raise SourceError(
            f"{path}: expected a CSV of labels, got a file that cannot be read ({reason}). "
            "Write one with a header, comma-separated, in UTF-8.",
            path=str(path),
        ) from error
    if not len(table):
        raise NotEnoughDataError(f"{path}: expected rows of labels, got none. Add some.", n=0)
    files = _column(path, table, FILE_COLUMNS, "that names the files")
    _column(path, table, ESTIMATED, "of a feature")
    values = np.stack([_feature(table, name) for name in ESTIMATED], axis=1)
    named = tuple(name.strip() for name in table[files].fill_null("").to_list())
    return Labels(named, values, _artists(table))


def _column(path: Path, table: pl.DataFrame, names: Sequence[str], what: str) -> str:
    found = next((name for name in names if name in table.columns), None)
    if found is None:
        raise MissingColumnError(
            f"{path}: expected a column {what} ({', '.join(names)}), got "
            f"{', '.join(table.columns[:8])}. Name one so.",
            column=names[0],
        )
    return found


def _feature(table: pl.DataFrame, name: str) -> Values:
    if name not in table.columns:
        return np.full(len(table), np.nan)
    given = table[name].str.strip_chars()
    values = given.cast(pl.Float64, strict=False)
    empty = given.is_null() | (given == "")
    bad = np.flatnonzero((~empty & ~values.is_between(0, 1).fill_null(value=False)).to_numpy())
    if len(bad):
        raise InvalidValuesError(
            name,
            "numbers from 0 to 1",
            "that are none",
            rows=[int(i) + 1 for i in bad[:3]],
            examples=[given[int(i)] for i in bad[:3]],
            n_bad=len(bad),
            n_rows=len(table),
            advice="Correct or empty them.",
        )
    return np.asarray(values.fill_null(float("nan")).to_numpy(), np.float64)


def _artists(table: pl.DataFrame) -> Codes:
    column = next((name for name in ARTIST_COLUMNS if name in table.columns), None)
    names = [""] * len(table) if column is None else table[column].fill_null("").to_list()
    forms = normal_forms([name.split(";")[0] for name in names])
    own = [form or f"\0{i}" for i, form in enumerate(forms)]
    return np.unique(own, return_inverse=True)[1].astype(np.int64)
