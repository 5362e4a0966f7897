"""The hit predictor: hits and flops by decade, one file each or the whole folder.

A flop is a track whose artist never had a hit and whose genre is not
mainstream, so the label is confounded with the artist; see the leaderboard's
note. The decade comes from the file name.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from trackoracle.catalogs.adapter import Adapter


def _with_decade(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    found = re.search(r"(\d)0s", path.name)
    if not found:
        return rows
    tens = int(found[1]) * 10
    return rows.with_columns(pl.lit(tens + (1900 if tens >= 30 else 2000)).alias("decade"))


ADAPTER = Adapter(
    name="hit_predictor",
    title="Hit predictor, Billboard hits and flops by decade",
    source="Kaggle: theoverman, the-spotify-hit-predictor-dataset",
    licence="none stated",
    snapshot=None,
    header=frozenset({"track", "artist", "uri", "chorus_hit", "sections", "target"}),
    prepare=_with_decade,
)
