"""A weighted ensemble: the mean of its members' answers, weighed on answers out of fold.

Of a popularity the members' distributions are mixed, of a hit or a tier their probabilities.
The weights are those, not negative and 1 together, that have the least ranked probability
score (of a hit: Brier score) on inner folds of the training rows. That score is a square of
the weights, so that of a few members the best are found exactly, by trying every choice of
members; the selection of Caruana et al. (2004) draws near to the same with fifty steps.
Since a mean of answers is a sum of the members' additive parts, contributions stay exact.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np

from trackoracle.errors import BundleError
from trackoracle.models.candidate import Candidate, FitRequest, Matrix, Members, Model, Values
from trackoracle.models.combining import (
    MOST_MEMBERS,
    Known,
    errors_of,
    inner_of,
    loaded,
    mean_gains,
    members_of,
    saved,
)
from trackoracle.schema import Additive, Task

_FILE = "ensemble.json"
_NO_GAIN = 1e-6
"""Of the loss: one member more must take away more than that."""


@dataclass(frozen=True)
class MixedModel:
    """A weighted mean of models.

    Parameters
    ----------
    names, models
        (m,) of the members.
    weights
        (m,) above 0, and 1 together.
    """

    names: tuple[str, ...]
    models: tuple[Model, ...]
    weights: tuple[float, ...]

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return the weighted mean of the members' answers."""
        pairs = zip(self.weights, self.models, strict=True)
        answers = [weight * model.predict(matrix, n_threads) for weight, model in pairs]
        total: Values = np.sum(answers, axis=0)
        return total

    def members(self) -> Members:
        """Return the members, each in a folder, and their weights."""
        facts = {"members": list(self.names), "weights": list(self.weights)}
        files: Members = {_FILE: json.dumps(facts).encode()}
        for name, model in zip(self.names, self.models, strict=True):
            files |= saved(name, model)
        return files

    def additive(self) -> tuple[Additive, ...] | None:
        """Return the members' parts, each with its weight; None where a member has none."""
        parts: list[Additive] = []
        for weight, model in zip(self.weights, self.models, strict=True):
            own = model.additive()
            if own is None:
                return None
            parts += [replace(part, weight=weight * part.weight) for part in own]
        return tuple(parts)

    def gains(self) -> Values | None:
        """Return the weighted mean of what the members tell: (d,)."""
        return mean_gains(list(zip(self.weights, self.models, strict=True)))


def best_weights(products: Values) -> Values:
    """Return the weights, not negative and 1 together, of the mean that errs least: (m,).

    Parameters
    ----------
    products
        (m, m) sums of the products of the members' errors.

    Examples
    --------
    >>> best_weights(np.array([[1.0, 0.0], [0.0, 1.0]])).tolist()
    [0.5, 0.5]
    >>> best_weights(np.array([[1.0, 2.0], [2.0, 5.0]])).tolist()
    [1.0, 0.0]
    """
    n = len(products)
    best, least = np.zeros(n), np.inf
    for size in range(1, n + 1):
        for chosen in combinations(range(n), size):
            own = products[np.ix_(chosen, chosen)]
            # Least along the plane on which weights sum to 1.
            found = np.linalg.lstsq(own, np.ones(size), rcond=None)[0]
            if not found.sum() > 0 or (found < 0).any():
                continue
            found = found / found.sum()
            loss = float(found @ own @ found)
            if loss < least * (1 - _NO_GAIN):
                least, best = loss, np.zeros(n)
                best[list(chosen)] = found
    return best


def _fit(known: Known, request: FitRequest) -> MixedModel:
    members = members_of(known, request, alike=True)
    inner = inner_of(request, known)
    weights = np.full(len(members), 1 / len(members))
    if len(members) > 1:
        products = np.zeros((len(members), len(members)))
        for part in inner.parts():
            missed = [
                errors_of(m.fit(part.request(m.name)).predict(part.matrix), part, request)
                for m in members
            ]
            table = np.stack(missed) * np.sqrt(part.weight)[:, None]
            flat = table.reshape(len(members), -1)
            products += flat @ flat.T
        if products.any():
            weights = best_weights(products)
    kept = [(m, float(w)) for m, w in zip(members, weights, strict=True) if w > 0]
    return MixedModel(
        tuple(m.name for m, _ in kept),
        tuple(m.fit(inner.request(m.name)) for m, _ in kept),
        tuple(w for _, w in kept),
    )


def _load(known: Known, members: Members, n_inputs: int, task: Task, n_classes: int) -> MixedModel:
    facts = json.loads(members[_FILE])
    names, weights = tuple(facts["members"]), tuple(float(w) for w in facts["weights"])
    alike = all(n in known and (task != "regression" or known[n].answers_bins) for n in names)
    if (
        not alike
        or not 0 < len(names) == len(set(names)) == len(weights) <= MOST_MEMBERS
        or not all(0 < weight <= 1 for weight in weights)
        or not np.isclose(sum(weights), 1)
    ):
        raise BundleError(
            f"{_FILE}: expected members with weights that sum to 1, got others. "
            "Do not use this file."
        )
    models = tuple(loaded(known[n], n, members, n_inputs, task, n_classes) for n in names)
    return MixedModel(names, models, weights)


def ensemble_of(known: Known) -> Candidate:
    """Return the weighted ensemble of some of the candidates."""
    params = {
        "members": (
            "lightgbm_bins", "xgboost_bins", "forest_bins", "lightgbm", "xgboost", "forest",
        )
    }  # fmt: skip
    return Candidate(
        "ensemble",
        "ensemble",
        partial(_fit, known),
        partial(_load, known),
        {"fast": params, "full": params},
        answers_bins=True,
    )
