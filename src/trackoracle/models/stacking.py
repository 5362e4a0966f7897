"""A stack: a second level, fitted to what its members answer out of fold.

Of a popularity it is a ridge regression of the members' points, drawn towards their plain
mean; of a hit a logistic regression of their log-odds; of tiers one of their
log-probabilities, with a weight a member and an offset a tier. Members whose answers differ
in kind can be stacked, as a distribution, a number and a neighbour's. A sum of points is a
sum of the members' contributions, and log-odds of boosters are sums themselves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.special import expit, logit, softmax

from trackoracle.errors import BundleError
from trackoracle.models.candidate import (
    Candidate,
    FitRequest,
    InnerPart,
    Matrix,
    Members,
    Model,
    Values,
)
from trackoracle.models.combining import (
    MOST_MEMBERS,
    Known,
    inner_of,
    loaded,
    mean_gains,
    members_of,
    saved,
)
from trackoracle.schema import Additive, Task

_FILE = "stack.json"
_LEAST_PROBABILITY = 1e-15


@dataclass(frozen=True)
class StackedModel:
    """Members and what the second level makes of their answers.

    Parameters
    ----------
    task
        What is answered.
    names, models
        (m,) of the members.
    weights
        (m,) of their points, log-odds or log-probabilities.
    offsets
        (1,), or (k,) for k tiers: what is added.
    levels
        (b,) what each bin of a member that answers bins counts.
    """

    task: Task
    names: tuple[str, ...]
    models: tuple[Model, ...]
    weights: Values
    offsets: Values
    levels: Values

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return (n,) points or probabilities of a hit, or (n, n_classes) of each tier."""
        told = [
            _told(model.predict(matrix, n_threads), self.task, self.levels) for model in self.models
        ]
        return _answers(np.stack(told), self.weights, self.offsets, self.task)

    def members(self) -> Members:
        """Return the members, each in a folder, and the second level."""
        facts = {
            "members": list(self.names),
            "weights": self.weights.tolist(),
            "offsets": self.offsets.tolist(),
            "levels": self.levels.tolist(),
        }
        files: Members = {_FILE: json.dumps(facts).encode()}
        for name, model in zip(self.names, self.models, strict=True):
            files |= saved(name, model)
        return files

    def additive(self) -> tuple[Additive, ...] | None:
        """Return parts, of hits and tiers one; None where members have no such margins."""
        found = [model.additive() for model in self.models]
        owns = [own for own in found if own is not None]
        if len(owns) < len(found):
            return None
        if self.task == "regression":
            parts = [
                replace(part, weight=float(weight) * part.weight)
                for weight, own in zip(self.weights, owns, strict=True)
                for part in own
            ]
            return (*parts, _constant(self.offsets))
        # Only then are log-probabilities margins, but for what is the same for every class.
        link = "logit" if self.task == "binary" else "softmax"
        firsts = [own[0] for own in owns if len(own) == 1 and _is_plain(own[0], link)]
        return (self._joined(firsts),) if len(firsts) == len(owns) else None

    def gains(self) -> Values | None:
        """Return the mean of what the members tell, by weight: (d,)."""
        return mean_gains(list(zip(self.weights.tolist(), self.models, strict=True)))

    def _joined(self, parts: Sequence[Additive]) -> Additive:
        pairs = list(zip(self.weights, parts, strict=True))

        def margins(matrix: Matrix, n_threads: int) -> Values:
            told: Values = sum(w * part.margins(matrix, n_threads) for w, part in pairs)
            return told + self.offsets

        def contributions(matrix: Matrix, slopes: Values, n_threads: int) -> Values:
            told: Values = sum(w * p.contributions(matrix, slopes, n_threads) for w, p in pairs)
            return told

        base = self.offsets + sum(w * part.base for w, part in pairs)
        return Additive(parts[0].link, base, margins, contributions)


def _constant(offsets: Values) -> Additive:
    """Return a part that is the same for all tracks."""

    def margins(matrix: Matrix, n_threads: int) -> Values:
        return np.tile(offsets, (len(matrix), 1))

    def contributions(matrix: Matrix, slopes: Values, n_threads: int) -> Values:
        return np.zeros(matrix.shape)

    return Additive("identity", offsets, margins, contributions)


def _is_plain(part: Additive, link: str) -> bool:
    """Tell whether a part is the whole model, and its classes are the answers."""
    spread = part.spread
    plain = spread is None or (
        spread.shape[0] == spread.shape[1] and np.array_equal(spread, np.eye(len(spread)))
    )
    return part.link == link and part.weight == 1 and plain


def _told(raw: Values, task: Task, levels: Values) -> Values:
    """Return what the second level sees of a member's answers: (n,), or (n, k) of tiers."""
    if task == "regression":
        return np.asarray(raw if raw.ndim == 1 else raw @ levels)
    held = np.clip(raw, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    return np.asarray(logit(held) if task == "binary" else np.log(held))


def _answers(told: Values, weights: Values, offsets: Values, task: Task) -> Values:
    """Return answers of what members told (m, n) or (m, n, k)."""
    total = np.tensordot(weights, told, axes=1) + (offsets if task == "multiclass" else offsets[0])
    if task == "regression":
        return np.asarray(total)
    return np.asarray(expit(total) if task == "binary" else softmax(total, axis=1))


def _ridge(told: Values, part: InnerPart, strength: float) -> tuple[Values, Values]:
    """Regress the target on members' points (m, n), drawn towards their mean."""
    share = part.weight / part.weight.sum()
    middle = told @ share
    centred = told - middle[:, None]
    scale = np.sqrt((centred**2) @ share).mean() or 1.0
    equal = np.full(len(told), 1 / len(told))
    left = part.target - part.target @ share - equal @ centred
    inner = (centred * share) @ centred.T + strength * scale**2 * np.eye(len(told))
    weights = equal + np.linalg.solve(inner, (centred * share) @ left)
    return weights, np.array([part.target @ share - weights @ middle])


def _logistic(
    told: Values, part: InnerPart, task: Task, n_offsets: int, strength: float
) -> tuple[Values, Values]:
    """Fit weights and offsets by likelihood, drawn towards the members' mean."""
    from scipy.optimize import minimize

    share = part.weight / part.weight.sum()
    m = len(told)
    is_class = part.target[:, None] == np.arange(n_offsets) if task == "multiclass" else part.target

    def loss(at: Values) -> tuple[float, Values]:
        weights, offsets = at[:m], at[m:]
        answers = _answers(told, weights, offsets, task)
        held = np.clip(answers, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
        missed = (answers - is_class) * (share if task == "binary" else share[:, None])
        log = is_class * np.log(held)
        log = log + (1 - is_class) * np.log(1 - held) if task == "binary" else log.sum(axis=1)
        away = weights - 1 / m
        value = -float(log @ share) + strength * float(away @ away + offsets @ offsets) / 2
        of_weights = np.tensordot(told, missed, axes=missed.ndim) + strength * away
        of_offsets = np.atleast_1d(missed.sum(axis=0)) + strength * offsets
        return value, np.concatenate([of_weights, of_offsets])

    start = np.concatenate([np.full(m, 1 / m), np.zeros(n_offsets)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return found[:m], found[m:]


def _fit(known: Known, request: FitRequest) -> StackedModel:
    members = members_of(known, request, alike=False)
    inner = inner_of(request, known)
    n_offsets = request.n_classes if request.task == "multiclass" else 1
    weights, offsets = np.full(len(members), 1 / len(members)), np.zeros(n_offsets)
    told, judged = [], []
    for part in inner.parts():
        answers = [m.fit(part.request(m.name)).predict(part.matrix) for m in members]
        told.append(np.stack([_told(raw, request.task, request.levels) for raw in answers]))
        judged.append(part)
    if judged:
        seen, whole = np.concatenate(told, axis=1), _joined_parts(judged)
        strength = float(request.params["strength"])
        if request.task == "regression":
            weights, offsets = _ridge(seen, whole, strength)
        else:
            weights, offsets = _logistic(seen, whole, request.task, n_offsets, strength)
    return StackedModel(
        request.task,
        tuple(m.name for m in members),
        tuple(m.fit(inner.request(m.name)) for m in members),
        weights,
        offsets,
        request.levels if request.task == "regression" else np.zeros(0),
    )


def _joined_parts(parts: list[InnerPart]) -> InnerPart:
    """Join what several parts are judged by; their inputs may differ and are left out."""
    return replace(
        parts[0],
        matrix=np.zeros((0, 0), np.float32),
        target=np.concatenate([part.target for part in parts]),
        weight=np.concatenate([part.weight for part in parts]),
    )


def _load(
    known: Known, members: Members, n_inputs: int, task: Task, n_classes: int
) -> StackedModel:
    facts = json.loads(members[_FILE])
    names = tuple(facts["members"])
    weights, offsets, levels = (
        np.array(facts[name], np.float64) for name in ("weights", "offsets", "levels")
    )
    n_offsets = n_classes if task == "multiclass" else 1
    if (
        not 0 < len(names) == len(set(names)) <= MOST_MEMBERS
        or not set(names) <= set(known)
        or weights.shape != (len(names),)
        or offsets.shape != (n_offsets,)
        or levels.ndim != 1
        or not all(np.isfinite(part).all() for part in (weights, offsets, levels))
    ):
        raise BundleError(
            f"{_FILE}: expected members and a second level of a {task}, got others. "
            "Do not use this file."
        )
    models = tuple(loaded(known[n], n, members, n_inputs, task, n_classes) for n in names)
    return StackedModel(task, names, models, weights, offsets, levels)


def stack_of(known: Known) -> Candidate:
    """Return the stack of some of the candidates."""
    params = {
        "members": ("lightgbm_bins", "lightgbm", "xgboost", "forest", "linear"),
        "strength": 0.001,
    }
    return Candidate(
        "stack",
        "ensemble",
        partial(_fit, known),
        partial(_load, known),
        {"fast": params, "full": params},
    )
