"""What a list of tracks is worth: how many on top are what it looks for, where that is known."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.evaluation import Judged, draw_metrics, precision_at
from trackoracle.neighbours import Neighbours, Wish
from trackoracle.schema import Estimate, Worth

Values = NDArray[np.float64]
Codes = NDArray[np.int64]

LEAST_JUDGED = 30
"""Tracks, or references, that a statement needs."""
TOP_SHARE = 0.1
N_BOOTSTRAP = 100
_MOST_JUDGED = 200_000
_N_FOLDS = 5
TOO_FEW_REFERENCES = (
    "Of {n:,} references {known:,} are recordings of the catalog; {least} would be needed to tell "
    "how many come up in the list of the others."
)


def gems_worth(
    now: Values, predicted: Values, artist: Codes, k: int, *, hits: bool
) -> Worth | None:
    """Tell how many of the tracks that are predicted highest are popular already.

    Parameters
    ----------
    now, predicted
        (n,) what is known of tracks that the oracle has not seen, and what it predicts.
    artist
        (n,) who made each; whole artists are resampled.
    k
        Tracks on top that are counted; at most a half.
    hits
        Whether `now` is 1 for a hit, else points.

    Returns
    -------
    None with fewer than 30 tracks, or where all are alike.
    """
    n = len(now)
    if n < LEAST_JUDGED:
        return None
    if hits:
        popular, what = now == 1, "hits"
    else:
        # At least the points of the tenth, where many have the same.
        edge = float(np.quantile(now, 1 - TOP_SHARE, method="higher"))
        popular, what = now >= edge, f"tracks of {edge:g} points or more (the top tenth)"
    if popular.all() or not popular.any():
        return None
    if n > _MOST_JUDGED:
        some = np.random.default_rng(0).permutation(n)[:_MOST_JUDGED]
        popular, predicted, artist = popular[some], predicted[some], artist[some]
    target = popular.astype(np.float64)
    share = min(k, n // 2) / n
    judged = Judged(target, predicted, predicted, np.ones(len(target)), artist)

    def precision(weight: Values) -> dict[str, float]:
        return {"precision": precision_at(target, predicted, share, weight)}

    drawn = draw_metrics(precision, judged, n_bootstrap=N_BOOTSTRAP, seed=0)
    return Worth(
        what=f"{what} among those predicted highest",
        k=min(k, n // 2),
        among="recordings that the oracle has not seen",
        n_tracks=n,
        precision=drawn.estimates()["precision"],
        base_rate=float(target.mean()),
    )


def likeness_worth(
    index: Neighbours, given: pl.DataFrame, own: list[NDArray[np.int32]], n: int
) -> tuple[Worth | None, tuple[str, ...]]:
    """Tell how many references come up in the list of the others; five parts, each held out once.

    Parameters
    ----------
    index
        Of the catalog.
    given
        (r, k) the references.
    own
        Of each, the codes of the recordings of the catalog that it is one with.
    n
        Tracks of a list.
    """
    known = [i for i, codes in enumerate(own) if len(codes)]
    if len(known) < LEAST_JUDGED:
        said = TOO_FEW_REFERENCES.format(n=len(given), known=len(known), least=LEAST_JUDGED)
        return None, (said,)
    fold = np.random.default_rng(0).permutation(len(known)) % _N_FOLDS
    found = np.zeros(_N_FOLDS)
    for number in range(_N_FOLDS):
        held = {int(code) for i, of in zip(known, fold, strict=True) if of == number
                for code in own[i]}  # fmt: skip
        asked = [i for i, of in zip(known, fold, strict=True) if of != number]
        named = {int(code) for i in asked for code in own[i]} - held
        best: dict[int, float] = {}
        for i in asked:
            near = index.near(given[i : i + 1], Wish(k=n + len(named)))
            for row, distance in zip(near.rows, near.distance, strict=True):
                code = int(index.recording[row])
                if code not in named:
                    best[code] = min(best.get(code, np.inf), float(distance))
        first = sorted(best, key=lambda code: (best[code], code))[:n]
        found[number] = len(held.intersection(first)) / max(len(first), 1)
    others = len(np.unique(index.recording)) - len(known)
    precision = float(found.mean())
    # Five parts: a t interval, not below what can be.
    away = 2.776 * float(found.std(ddof=1)) / _N_FOLDS**0.5
    estimate = Estimate(precision, max(precision - away, 0.0), min(precision + away, 1.0))
    worth = Worth(
        what="references that were held out, among the tracks most like the others",
        k=n,
        among="references, a fifth held out at a time",
        n_tracks=len(known),
        precision=estimate,
        base_rate=len(known) / _N_FOLDS / (others + len(known) / _N_FOLDS),
    )
    return worth, ()
