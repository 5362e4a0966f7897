"""The naive answers that every score must be read beside."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import BundleError
from trackoracle.models.candidate import Candidate, FitRequest, Matrix, Members, Values
from trackoracle.schema import Additive, Task

_FILE = "baseline.json"
_ARTIST, _GENRE = "artist_history", "genre_history"


@dataclass(frozen=True)
class FirstKnown:
    """Predict the first known of some sums of inputs, else a constant.

    Parameters
    ----------
    places
        Columns of the matrix that are added up, best first.
    constant
        The answer when none is known.
    """

    places: tuple[tuple[int, ...], ...]
    constant: float

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return the first known sum of each row: (n,)."""
        result = np.full(len(matrix), self.constant)
        for columns in reversed(self.places):
            total = matrix[:, columns].sum(axis=1, dtype=np.float64)
            result = np.where(np.isnan(total), result, total)
        return result

    def members(self) -> Members:
        """Return the baseline as one JSON file."""
        facts = {"places": list(self.places), "constant": self.constant}
        return {_FILE: json.dumps(facts).encode()}

    def additive(self) -> tuple[Additive, ...] | None:
        """Return nothing: it takes one input or another, and adds none up."""
        return None

    def gains(self) -> Values | None:
        """Return nothing: nothing was split by."""
        return None


@dataclass(frozen=True)
class TierShares:
    """Predict the shares of tiers among training tracks whose first known input was near.

    Parameters
    ----------
    nearest
        Gives the mean tier of a group, NaN when none is known.
    shares
        (k + 1, k) shares of each tier: by the tier nearest to the mean, and last of all tracks.
    """

    nearest: FirstKnown
    shares: Values

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return the probability of each tier: (n, k)."""
        return self.shares[_tier_rows(self.nearest.predict(matrix), self.shares.shape[1])]

    def members(self) -> Members:
        """Return the baseline as one JSON file."""
        facts = {"places": list(self.nearest.places), "shares": self.shares.tolist()}
        return {_FILE: json.dumps(facts).encode()}

    def additive(self) -> tuple[Additive, ...] | None:
        """Return nothing: it takes one input or another, and adds none up."""
        return None

    def gains(self) -> Values | None:
        """Return nothing: nothing was split by."""
        return None


def _tier_rows(mean: Values, n_classes: int) -> NDArray[np.int64]:
    """Return the tier nearest to each mean, or n_classes where it is not known."""
    nearest = np.clip(np.rint(mean), 0, n_classes - 1)
    return np.where(np.isnan(mean), n_classes, nearest).astype(np.int64)


def _load(members: Members, n_inputs: int, task: Task, n_classes: int) -> FirstKnown | TierShares:
    facts = json.loads(members[_FILE])
    # Files of earlier versions name one column where these name those that are added up.
    places = tuple(
        tuple(map(int, place)) if isinstance(place, list) else (int(place),)
        for place in facts["places"]
    )
    if not all(columns and 0 <= min(columns) <= max(columns) < n_inputs for columns in places):
        raise BundleError(f"{_FILE}: expected inputs 0 to {n_inputs - 1}, got {places}.")
    if task != "multiclass":
        return FirstKnown(places, float(facts["constant"]))
    shares = np.array(facts["shares"], np.float64)
    sound = shares.shape == (n_classes + 1, n_classes) and (shares >= 0).all()
    if not sound or not np.allclose(shares.sum(axis=1), 1):
        raise BundleError(f"{_FILE}: expected shares of {n_classes} tiers, got others.")
    return TierShares(FirstKnown(places, np.nan), shares)


def _typical(request: FitRequest) -> float:
    """Return the weighted median of points, or the share of hits."""
    if request.task == "binary":
        return float(np.average(request.target, weights=request.weight))
    order = np.argsort(request.target, kind="stable")
    reached = np.cumsum(request.weight[order])
    return float(request.target[order][np.searchsorted(reached, reached[-1] / 2)])


def _fit_constant(request: FitRequest) -> FirstKnown | TierShares:
    if request.task == "multiclass":
        return _fit_shares(request, ())
    return FirstKnown((), _typical(request))


def _fit_mean(request: FitRequest) -> FirstKnown | TierShares:
    wanted = (
        [f"{history}_{measure}" for measure in request.mean_measures]
        for history in (_ARTIST, _GENRE)
        if history in request.params["of"]
    )
    places = tuple(
        tuple(map(request.names.index, names)) for names in wanted if {*names} <= {*request.names}
    )
    if request.task == "multiclass":
        return _fit_shares(request, places)
    return FirstKnown(places, float(np.average(request.target, weights=request.weight)))


def _fit_shares(request: FitRequest, places: tuple[tuple[int, ...], ...]) -> TierShares:
    """Count tiers by the tier nearest to the mean, each row with one track's worth of all."""
    k, nearest = request.n_classes, FirstKnown(places, np.nan)
    tier = request.target.astype(np.int64)
    row = _tier_rows(nearest.predict(request.matrix), k)
    counts = np.bincount(row * k + tier, request.weight, (k + 1) * k).reshape(k + 1, k)
    overall = counts.sum(axis=0) / request.weight.sum()
    counts[k] = 0
    return TierShares(nearest, (counts + overall) / (counts.sum(axis=1, keepdims=True) + 1))


def _mean_of(name: str, *histories: str) -> Candidate:
    params = {"of": list(histories)}
    return Candidate(
        name,
        "baseline",
        _fit_mean,
        _load,
        {"fast": params, "full": params},
        needs=(f"{histories[0]}_mean",),
        is_baseline=True,
        exact=False,
    )


CONSTANT = Candidate(
    "median",
    "baseline",
    _fit_constant,
    _load,
    {"fast": {}, "full": {}},
    is_baseline=True,
    exact=False,
)
GENRE = _mean_of("genre_mean", _GENRE)
ARTIST = _mean_of("artist_mean", _ARTIST, _GENRE)
