"""Predict a file larger than memory: batch after batch into pieces, which are then joined."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from trackoracle.atomic import check_writable
from trackoracle.catalogs import OnInvalid, count_rows, stream_tracks
from trackoracle.oracle.answers import CHUNK
from trackoracle.schema import check_table_path, write_table
from trackoracle.settings import Settings

if TYPE_CHECKING:
    from trackoracle.oracle.facade import Oracle


def predict_file(
    oracle: Oracle,
    source: Path,
    output: Path,
    *,
    level: float,
    base_rate: float | None,
    columns: Mapping[str, str] | None,
    on_invalid: OnInvalid | None,
    progress: Callable[[int, int, str], None] | None,
) -> int:
    """Predict a Parquet file into a table; see `Oracle.predict_file`."""
    check_table_path(output)
    check_writable(output)
    n_rows, n_done = count_rows(source), 0
    n_in_batch = CHUNK * Settings.from_environment().n_jobs
    with tempfile.TemporaryDirectory(dir=output.absolute().parent, prefix=".pieces.") as folder:
        batches = stream_tracks(source, n_in_batch, columns=columns, on_invalid=on_invalid)
        for i, tracks in enumerate(batches):
            answers = oracle.predict(tracks, level=level, base_rate=base_rate, first_row=n_done + 1)
            answers.write_parquet(Path(folder, f"{i:06}.parquet"))
            n_done += len(answers)
            if progress:
                progress(n_done, n_rows, "")
        write_table(pl.scan_parquet(Path(folder, "*.parquet")), output)
    return n_done
