"""The naive answers that every score must be read beside."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from trackoracle.errors import BundleError
from trackoracle.models.candidate import Candidate, FitRequest, Matrix, Members, Values
from trackoracle.schema import Task

_FILE = "baseline.json"
_ARTIST, _GENRE = "artist_history_mean", "genre_history_mean"


@dataclass(frozen=True)
class FirstKnown:
    """Predict the first known of some inputs, else a constant.

    Parameters
    ----------
    places
        Columns of the matrix, best first.
    constant
        The answer when none is known.
    """

    places: tuple[int, ...]
    constant: float

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return the first known input of each row: (n,)."""
        result = np.full(len(matrix), self.constant)
        for place in reversed(self.places):
            column = matrix[:, place]
            result = np.where(np.isnan(column), result, column)
        return result

    def members(self) -> Members:
        """Return the baseline as one JSON file."""
        facts = {"places": list(self.places), "constant": self.constant}
        return {_FILE: json.dumps(facts).encode()}


def _load(members: Members, n_inputs: int, task: Task) -> FirstKnown:
    facts = json.loads(members[_FILE])
    places = tuple(int(place) for place in facts["places"])
    if not all(0 <= place < n_inputs for place in places):
        raise BundleError(f"{_FILE}: expected inputs 0 to {n_inputs - 1}, got {places}.")
    return FirstKnown(places, float(facts["constant"]))


def _typical(request: FitRequest) -> float:
    """Return the weighted median of points, or the share of hits."""
    if request.task == "binary":
        return float(np.average(request.target, weights=request.weight))
    order = np.argsort(request.target, kind="stable")
    reached = np.cumsum(request.weight[order])
    return float(request.target[order][np.searchsorted(reached, reached[-1] / 2)])


def _fit_constant(request: FitRequest) -> FirstKnown:
    return FirstKnown((), _typical(request))


def _fit_mean(request: FitRequest) -> FirstKnown:
    wanted = [name for name in (_ARTIST, _GENRE) if name in request.params["of"]]
    places = tuple(request.names.index(name) for name in wanted if name in request.names)
    return FirstKnown(places, float(np.average(request.target, weights=request.weight)))


def _mean_of(name: str, *inputs: str) -> Candidate:
    params = {"of": list(inputs)}
    return Candidate(
        name,
        "baseline",
        _fit_mean,
        _load,
        {"fast": params, "full": params},
        needs=inputs[:1],
        is_baseline=True,
    )


CONSTANT = Candidate(
    "median", "baseline", _fit_constant, _load, {"fast": {}, "full": {}}, is_baseline=True
)
GENRE = _mean_of("genre_mean", _GENRE)
ARTIST = _mean_of("artist_mean", _ARTIST, _GENRE)
