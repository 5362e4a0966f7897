"""TrackOracle's own pipeline on the training rows of a split: its answers for the test rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import polars.selectors as cs

import trackoracle as to
from benchmarks.published.folds import Split
from benchmarks.published.sources import Rows
from benchmarks.published.step import Codes
from trackoracle import Catalog, Hit, Popularity, Tier

JUDGED = (
    (
        "TrackOracle, same protocol", "random",
        "the published rows and split, leaks included: histories tell of the same track's other "
        "rows, in training as in the test part",
    ),
    ("TrackOracle, recordings held out", "catalog", ""),
    ("TrackOracle, artists held out", "new_artist", ""),
)  # fmt: skip
"""Name of a step, its protocol, note: as published, then on the rows of the honest steps."""
_CANDIDATES = {"popularity": "lightgbm_bins", "hit": "lightgbm", "tier": "lightgbm"}
_TARGETS = cs.by_name("popularity", "hit", require_all=False)


def predictions(
    rows: Rows,
    split: Split,
    protocol: str,
    target: Hit | Popularity | Tier,
    without: Sequence[str] = (),
) -> pl.DataFrame:
    """Train on each pair's training tracks, predict its test tracks.

    Parameters
    ----------
    rows
        Of which each is one track.
    split
        What to learn from and what to judge.
    protocol
        Under which the oracle calibrates itself, by folds within the training tracks.
    target
        Points, a hit or a tier.
    without
        Input groups that are not read.

    Returns
    -------
    What `Oracle.predict` tells of each row of `split.test`, in that order.
    """
    candidate = _CANDIDATES[target.name]
    # Without recordings, what is dealt by recordings is dealt by rows.
    own = "catalog" if protocol == "random" else protocol
    config = to.TrainingConfig(
        candidates=(candidate,),
        protocols=(own,),
        n_folds=3,
        n_bootstrap=20,
        without=tuple(without),
    )
    found = []
    for train, test in split.pairs:
        learned = _learned(rows, train, tells_recordings=protocol != "random")
        oracle = to.train(learned, target=target, config=config, n_jobs=1)
        judged = rows.catalog.take(rows.track[test]).tracks
        found.append(oracle.predict(judged.select(~_TARGETS)))
    return pl.concat(found)


def _learned(rows: Rows, train: Codes, *, tells_recordings: bool) -> Catalog:
    """Return training rows as tracks, each with its own row's target.

    Where a split tells no recordings apart, neither do the histories of training rows:
    they know a track's other rows, as those of test rows do.
    """
    learned = rows.catalog.take(rows.track[train])
    tracks = learned.tracks.with_columns(rows.table[train].select(_TARGETS.cast(pl.Float64)))
    keys = learned.keys
    if not tells_recordings:
        keys = replace(keys, recording=np.arange(len(train)))
    return replace(learned, tracks=tracks, keys=keys)
