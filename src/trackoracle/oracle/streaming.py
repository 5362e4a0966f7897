"""Predict a file larger than memory: batch after batch into pieces, which are then joined."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from trackoracle.atomic import replacing
from trackoracle.catalogs import OnInvalid, count_rows, stream_tracks
from trackoracle.errors import OutputError
from trackoracle.oracle.answers import CHUNK
from trackoracle.settings import Settings

if TYPE_CHECKING:
    from trackoracle.oracle.facade import Oracle

_SINKS: dict[str, Callable[[pl.LazyFrame, Path], Any]] = {
    ".csv": lambda rows, path: rows.sink_csv(path),
    ".tsv": lambda rows, path: rows.sink_csv(path, separator="\t"),
    ".parquet": lambda rows, path: rows.sink_parquet(path),
    ".jsonl": lambda rows, path: rows.sink_ndjson(path),
}


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
    if output.suffix.lower() not in _SINKS:
        raise OutputError(
            f"{output}: expected one of {', '.join(_SINKS)}, got "
            f"{output.suffix or 'no ending'!r}. Rename the output."
        )
    n_rows, n_done = count_rows(source), 0
    n_in_batch = CHUNK * Settings.from_environment().n_jobs
    with (
        replacing(output) as temporary,
        tempfile.TemporaryDirectory(dir=output.absolute().parent, prefix=".pieces.") as folder,
    ):
        batches = stream_tracks(source, n_in_batch, columns=columns, on_invalid=on_invalid)
        for i, tracks in enumerate(batches):
            answers = oracle.predict(tracks, level=level, base_rate=base_rate, first_row=n_done + 1)
            answers.write_parquet(Path(folder, f"{i:06}.parquet"))
            n_done += len(answers)
            if progress:
                progress(n_done, n_rows, "")
        _SINKS[output.suffix.lower()](pl.scan_parquet(Path(folder, "*.parquet")), temporary)
    return n_done
