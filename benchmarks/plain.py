"""One plain LightGBM over plainly built inputs: what accuracy is measured against.

Nothing here is TrackOracle's but the catalog: the inputs are made of its columns with Polars
and scikit-learn, the settings are LightGBM's own but for the number of trees and leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

Values = NDArray[np.float64]
Codes = NDArray[np.int64]
Pair = tuple[Any, Any]
"""Inputs of the training and of the test rows: sparse matrices."""

_SETTINGS = {"n_estimators": 700, "num_leaves": 63, "n_jobs": 1, "random_state": 0, "verbose": -1}
_AUDIO = (
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo", "duration_ms", "time_signature",
    "chorus_hit", "sections",
)  # fmt: skip
_OTHER_NUMBERS = ("explicit", "decade")
_LEAST_ROWS = 30
"""Training rows that a word or a genre needs to become an input."""
_MASKED_SHARE = 0.5


@dataclass(frozen=True)
class Rows:
    """The rows of a catalog, and what is known of each.

    Parameters
    ----------
    tracks
        n rows, the columns as loaded.
    target, weight
        (n,) points or 0 and 1, and how much each row counts.
    recording
        (n,) code.
    """

    tracks: pl.DataFrame
    target: Values
    weight: Values
    recording: Codes


def popularity_inputs(rows: Rows, train: Codes, test: Codes) -> Pair:
    """Audio, genres, words of title and album, and histories without the row's own recording."""
    tracks = rows.tracks
    title, album = (_folded(tracks[name]) for name in ("track_name", "album_name"))
    histories = [
        history(tracks["artists"], rows, train),
        history(album, rows, train),
        history(title, rows, train),
    ]
    # Half of the training rows are to be as those of a new artist are.
    hidden = train[np.random.default_rng(0).random(len(train)) < _MASKED_SHARE]
    histories[0][hidden] = np.nan
    dense = [_numbers(tracks), history(tracks["genres"], rows, train, leave_out=False), *histories]
    words = [(title, False), (album, False), (tracks["genres"], True)]
    return _side_by_side(dense, words, train, test)


def hit_inputs(rows: Rows, train: Codes, test: Codes) -> Pair:
    """Audio, decade, and words and shape of the title and of the artist's name."""
    tracks = rows.tracks
    texts = [_folded(tracks["track_name"]), _folded(tracks["artists"].list.join(" "))]
    dense = [_numbers(tracks), *map(_shape, texts)]
    return _side_by_side(dense, [(text, False) for text in texts], train, test)


def answers(rows: Rows, inputs: Pair, train: Codes, *, hits_above: float | None = None) -> Values:
    """Fit on the training rows, answer the test rows: points, or P(more than `hits_above`)."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    learned, judged = inputs
    target, weight = rows.target[train], rows.weight[train]
    if hits_above is None:
        model = LGBMRegressor(**_SETTINGS).fit(learned, target, sample_weight=weight)
        return np.asarray(model.predict(judged), np.float64)
    classifier = LGBMClassifier(**_SETTINGS)
    classifier.fit(learned, target > hits_above, sample_weight=weight)
    return np.asarray(classifier.predict_proba(judged), np.float64)[:, 1]


def history(names: pl.Series, rows: Rows, train: Codes, *, leave_out: bool = True) -> Values:
    """Return mean target and number of the training rows that share a name: (n, 2).

    Parameters
    ----------
    names
        n texts, or lists of them.
    leave_out
        Whether rows of the same recording are left out, as the row itself.
    """
    n = len(rows.target)
    counts = np.bincount(train, minlength=n).astype(np.float64)
    table = pl.DataFrame(
        {
            "row": np.arange(n),
            "name": names,
            "recording": rows.recording,
            "points": counts * rows.target,
            "n": counts,
        }
    )
    if names.dtype == pl.List:
        table = table.explode("name")
    sums = pl.col("points", "n").sum()
    left = sums.over("name") - sums.over("name", "recording") if leave_out else sums.over("name")
    shared = table.drop_nulls("name").with_columns(left).group_by("row").agg(sums)
    found = np.zeros((n, 2))
    found[shared["row"]] = shared.select("points", "n").to_numpy()
    known = found[:, 1] > 0
    found[:, 0] = np.divide(found[:, 0], found[:, 1], out=np.full(n, np.nan), where=known)
    return found


def _numbers(tracks: pl.DataFrame) -> Values:
    present = [name for name in (*_AUDIO, *_OTHER_NUMBERS) if name in tracks.columns]
    return tracks.select(pl.col(present).cast(pl.Float64)).fill_null(np.nan).to_numpy()


def _folded(text: pl.Series) -> pl.Series:
    return text.str.to_lowercase().str.strip_chars()


def _shape(text: pl.Series) -> Values:
    """Length, words and signs that are neither letters nor digits: (n, 3)."""
    parts = [
        text.str.len_chars(),
        text.str.count_matches(r"\s+"),
        text.str.count_matches(r"[^\w\s]"),
    ]
    return np.column_stack([part.fill_null(0).to_numpy() for part in parts]).astype(np.float64)


def _side_by_side(
    dense: list[Values], named: list[tuple[pl.Series, bool]], train: Codes, test: Codes
) -> Pair:
    """Join numbers and the columns of frequent names, whose choice is the training rows'."""
    from sklearn.feature_extraction.text import CountVectorizer

    numbers = np.column_stack(dense)
    learned, judged = [sparse.csr_matrix(numbers[train])], [sparse.csr_matrix(numbers[test])]
    for series, is_list in named:
        how = {"analyzer": list} if is_list else {"token_pattern": r"(?u)\b\w+\b"}
        counter = CountVectorizer(binary=True, min_df=_LEAST_ROWS, dtype=np.float64, **how)
        every = series.fill_null([] if is_list else "").to_list()
        learned.append(counter.fit_transform([every[row] for row in train]))
        judged.append(counter.transform([every[row] for row in test]))
    return sparse.hstack(learned, format="csr"), sparse.hstack(judged, format="csr")
