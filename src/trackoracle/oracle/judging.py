"""Score an oracle on labelled tracks that it has not seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.artifact import Bundle
from trackoracle.errors import NotEnoughDataError, SeenTracksError
from trackoracle.evaluation import Judged, evaluate_predictions
from trackoracle.oracle.answers import distributions_of, probability_of_hit, stated_rate
from trackoracle.oracle.learned import seen_caveat
from trackoracle.schema import Catalog, Scores, Shown, Target, check_tracks
from trackoracle.training import with_told

LEAST_JUDGED, LEAST_IN_PART = 30, 30
"""Tracks that an evaluation, and a part of it, needs."""


@dataclass(frozen=True)
class Evaluation(Shown):
    """Scores of an oracle on tracks that it has not seen, as far as it can tell.

    Parameters
    ----------
    n_tracks, n_seen
        Judged, and left out because the oracle was trained on them.
    overall, known_artists, new_artists
        Scores; the parts are None where they hold fewer than 30 tracks.
    baseline
        Scores of answering the middle of these tracks for each of them.
    mean_predicted, mean_true
        What tells a difference of level: another snapshot date, or another scale.
    notes
        Columns that were missing, or not used.
    caveat
        Why the oracle may have learned from these tracks; empty where it has not.
    """

    n_tracks: int
    n_seen: int
    n_known_artists: int
    overall: Scores
    known_artists: Scores | None
    new_artists: Scores | None
    baseline: Scores
    mean_predicted: float
    mean_true: float
    notes: tuple[str, ...]
    caveat: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as plain data."""
        return asdict(self)


def evaluate(
    bundle: Bundle, catalog: Catalog, *, n_bootstrap: int, seed: int, n_threads: int
) -> Evaluation:
    """Score an oracle; see `Oracle.evaluate`."""
    target = bundle.target
    values = target.values(catalog.tracks)
    labelled = ~np.isnan(values)
    seen = bundle.seen.has(catalog.tracks) & labelled
    rows = np.flatnonzero(labelled & ~seen)
    _refuse_few(target, len(rows), int(seen.sum()), int(labelled.sum()))
    catalog = catalog.take(rows)
    checked = check_tracks(catalog.tracks, bundle.contract)
    judged, is_known = _judged(bundle, catalog, checked.tracks, values[rows], n_threads)

    def scores(of: Judged) -> Scores:
        return evaluate_predictions(
            of, target.task, threshold=bundle.threshold, n_bootstrap=n_bootstrap, seed=seed
        )

    def part(chosen: NDArray[np.bool_]) -> Scores | None:
        few = chosen.sum() < LEAST_IN_PART
        return None if few else scores(judged.take(np.flatnonzero(chosen)))

    return Evaluation(
        n_tracks=len(rows),
        n_seen=int(seen.sum()),
        n_known_artists=int(is_known.sum()),
        overall=scores(judged),
        known_artists=part(is_known),
        new_artists=part(~is_known),
        baseline=scores(_naive(judged)),
        mean_predicted=float(np.average(judged.mean, weights=judged.weight)),
        mean_true=float(np.average(judged.target, weights=judged.weight)),
        notes=checked.notes,
        caveat=seen_caveat(bundle, catalog.card),
    )


def _judged(
    bundle: Bundle,
    catalog: Catalog,
    tracks: pl.DataFrame,
    values: NDArray[np.float64],
    n_threads: int,
) -> tuple[Judged, NDArray[np.bool_]]:
    """Put answers beside the truth, and tell whose artist is known: (n,)."""
    target, keys = bundle.target, catalog.keys
    base_rate, parts, is_known = stated_rate(bundle, None), [], []
    start = 0
    for distribution in distributions_of(bundle, tracks, n_threads):
        rows = slice(start, start + len(distribution.is_known))
        judged = Judged(
            values[rows],
            probability_of_hit(bundle, distribution, base_rate),
            distribution.median,
            keys.weight[rows],
            keys.first_artist[rows],
        )
        parts.append(with_told(judged, target, distribution))
        is_known.append(distribution.is_known)
        start = rows.stop
    return Judged.joined(parts), np.concatenate(is_known)


def _refuse_few(target: Target, n_left: int, n_seen: int, n_labelled: int) -> None:
    if n_left >= LEAST_JUDGED:
        return
    if n_seen:
        raise SeenTracksError(
            f"evaluate: expected tracks that the oracle has not seen, got {n_seen:,} of "
            f"{n_labelled:,} that it was trained on. Use another catalog.",
            n_seen=n_seen,
        )
    raise NotEnoughDataError(
        f"evaluate: expected at least {LEAST_JUDGED} tracks with {target.name}, "
        f"got {n_left}. Use a labelled catalog."
    )


def _naive(judged: Judged) -> Judged:
    """Answer the middle, and the quantiles, of the tracks themselves for each of them."""
    n, target = len(judged.target), judged.target
    mean = float(np.average(target, weights=judged.weight))
    intervals = {
        level: (
            np.full(n, np.quantile(target, 0.5 - level / 200)),
            np.full(n, np.quantile(target, 0.5 + level / 200)),
        )
        for level in judged.intervals
    }
    return replace(
        judged,
        mean=np.full(n, mean),
        median=np.full(n, float(np.median(target))),
        intervals=intervals,
        p_tier=None if judged.p_tier is None else _shares_of_tiers(judged, judged.p_tier.shape),
    )


def _shares_of_tiers(judged: Judged, shape: tuple[int, ...]) -> NDArray[np.float64]:
    share = np.bincount(judged.target.astype(np.int64), judged.weight, shape[1])
    return np.broadcast_to(share / share.sum(), shape)
