"""Tracks by which interfaces are held to `predict`: real ones where the files are."""

from __future__ import annotations

from typing import Any

import trackoracle as to
from trackoracle.settings import Settings

N_TRACKS = 200


def telling_rows(oracle: to.Oracle) -> list[dict[str, Any]]:
    """Return tracks as rows of the oracle's columns: of the 114k file, else of the sample.

    Every fourth lacks a few values, as people's tracks do.
    """
    folder = Settings.from_environment().data_folder
    real = folder / "tracks-114k/dataset.csv" if folder else None
    source = str(real) if real and real.exists() else "sample"
    tracks = to.load_tracks(source) if source != "sample" else to.load_catalog(source).tracks
    names = [name for name in oracle.contract.names if name in tracks.columns]
    rows = tracks.select(names).sample(N_TRACKS, seed=5).to_dicts()
    for i, row in enumerate(rows[::4]):
        for name in names[i % 3 :: 3]:
            row[name] = None
    return [{k: v for k, v in row.items() if v is not None} for row in rows if any(row.values())]
