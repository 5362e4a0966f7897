"""Training and test rows of each step: the published splits, and the honest ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.published.step import Codes
from trackoracle.schema import Keys
from trackoracle.splits import group_codes, make_folds, protocol_named

SEED = 42
"""As published by [P] and [A]; ours where a publication names none."""
UNITS = {"random": "rows", "catalog": "recordings", "new_artist": "artists", "genre": "genres"}
"""Protocol to what its intervals resample whole."""


@dataclass(frozen=True)
class Split:
    """Pairs of training and test rows, and what the intervals resample.

    Parameters
    ----------
    pairs
        Row numbers to learn from and to judge; no row is judged twice.
    cluster
        (n,) group of every row.
    unit
        What the groups are.
    """

    pairs: tuple[tuple[Codes, Codes], ...]
    cluster: Codes
    unit: str

    @property
    def test(self) -> Codes:
        """All judged rows, pair by pair."""
        return np.concatenate([test for _, test in self.pairs])


def one_fifth(keys: Keys, protocol: str) -> Split:
    """Hold out one fifth once, as [P] and [A] do: by rows, or by whole recordings or artists."""
    n = len(keys.recording)
    if protocol == "random":
        from sklearn.model_selection import train_test_split

        train, test = train_test_split(np.arange(n), test_size=0.2, random_state=SEED)
        return Split(((train, test),), np.arange(n), UNITS[protocol])
    chosen = protocol_named(protocol)
    fold = make_folds(keys, chosen, 5, SEED)[0]
    return Split(((fold.train, fold.test),), group_codes(keys, chosen.group), UNITS[protocol])


def genre_blocks(keys: Keys, genre: Codes, n_blocks: int = 5) -> Split:
    """Hold out blocks of neighbouring genres, with their artists and recordings.

    Parameters
    ----------
    keys
        Of the n rows.
    genre
        (n,) number of the genre, in the order of the file.
    n_blocks
        Number of test parts.
    """
    before = np.concatenate([[0], np.cumsum(np.bincount(genre))[:-1]])
    block = (before * n_blocks // len(genre))[genre]
    pairs = []
    for i in range(n_blocks):
        test = block == i
        train = ~test & ~_shared(keys.recording, test) & ~_artists_of(keys, test)
        pairs.append((np.flatnonzero(train), np.flatnonzero(test)))
    return Split(tuple(pairs), genre, UNITS["genre"])


def _shared(codes: Codes, test: np.ndarray) -> np.ndarray:
    return np.isin(codes, codes[test])


def _artists_of(keys: Keys, test: np.ndarray) -> np.ndarray:
    """Mark the rows that credit anyone whom a test row credits."""
    artists, rows = np.asarray(keys.artists.values), np.asarray(keys.artists.rows)
    marked = np.zeros(len(test), bool)
    marked[rows[np.isin(artists, artists[test[rows]])]] = True
    return marked


def quarter_then_fifths(keys: Keys, target: Codes, protocol: str, n_folds: int) -> Split:
    """Leave a quarter aside unseen, then judge the rest in folds, as [H]'s grid search does."""
    n = len(target)
    if protocol == "random":
        from sklearn.model_selection import StratifiedKFold, train_test_split

        kept, _ = train_test_split(np.arange(n), test_size=0.25, stratify=target, random_state=SEED)
        folds = StratifiedKFold(n_folds).split(kept, target[kept])
        pairs = tuple((kept[train], kept[test]) for train, test in folds)
        return Split(pairs, np.arange(n), UNITS[protocol])
    chosen = protocol_named(protocol)
    kept = make_folds(keys, chosen, 4, SEED)[0].train
    inner = make_folds(keys.take(kept), chosen, n_folds, SEED)
    pairs = tuple((kept[fold.train], kept[fold.test]) for fold in inner)
    return Split(pairs, group_codes(keys, chosen.group), UNITS[protocol])
