"""TrackOracle's own pipeline on the training rows of a split: its answers for the test rows."""

from __future__ import annotations

import numpy as np

import trackoracle as to
from benchmarks.published.folds import Split
from benchmarks.published.sources import Rows
from benchmarks.published.step import Values
from trackoracle import Hit, Popularity

_TARGETS = ("popularity", "hit")


def answers(rows: Rows, split: Split, protocol: str, target: Hit | Popularity) -> Values:
    """Train on each pair's training tracks, predict its test tracks.

    Parameters
    ----------
    rows
        Of which each is one track.
    split
        What to learn from and what to judge.
    protocol
        Under which the oracle calibrates itself, within the training tracks.
    target
        Points or a hit.

    Returns
    -------
    (n,) means or probabilities, in the order of `split.test`.
    """
    config = to.TrainingConfig(
        candidates=("lightgbm",), protocols=(protocol,), n_folds=3, n_bootstrap=20
    )
    column = "popularity" if isinstance(target, Popularity) else "p_hit"
    found = []
    for train, test in split.pairs:
        learned = rows.catalog.take(rows.track[train])
        oracle = to.train(learned, target=target, config=config, n_jobs=1)
        judged = rows.catalog.take(rows.track[test]).tracks.drop(_TARGETS, strict=False)
        found.append(oracle.predict(judged)[column].to_numpy())
    return np.concatenate(found)
