"""What candidates share that are made of others: which these are, and how they are saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import BundleError, ConfigError, UnknownNameError
from trackoracle.models.candidate import (
    Candidate,
    FitRequest,
    Inner,
    InnerPart,
    Members,
    Model,
    Values,
)
from trackoracle.schema import Task

Known = Mapping[str, Candidate]
MOST_MEMBERS = 8
"""So many are weighed by trying every choice of them."""
_PARTS, _JUDGED = 5, 2
_FEWEST_ROWS = 10


def members_of(known: Known, request: FitRequest, *, alike: bool) -> list[Candidate]:
    """Return the members that a candidate's settings name, those that learn the task.

    Parameters
    ----------
    known
        Candidates that may be members, by name.
    alike
        Whether of a popularity only those are taken that answer bins.

    Raises
    ------
    UnknownNameError
        When there is no such candidate, or it is made of others itself.
    ConfigError
        When none is left, or more than 8 are.
    """
    names = tuple(dict.fromkeys(request.params["members"]))
    for name in names:
        if name not in known:
            raise UnknownNameError("member", name, known)
    wanted = alike and request.task == "regression"
    found = [
        known[name]
        for name in names
        if request.task in known[name].tasks and (known[name].answers_bins or not wanted)
    ]
    if not 0 < len(found) <= MOST_MEMBERS:
        asked = "answer bins of a popularity" if wanted else f"learn a {request.task}"
        raise ConfigError(
            f"members: expected 1 to {MOST_MEMBERS} candidates that {asked}, got {len(found)} "
            f"among {', '.join(names) or 'none'}. Name others."
        )
    return found


def taken(request: FitRequest, rows: NDArray[np.bool_]) -> FitRequest:
    """Return a request for some of its rows (n,)."""
    return replace(
        request,
        matrix=request.matrix[rows],
        target=request.target[rows],
        weight=request.weight[rows],
        groups=None if request.groups is None else request.groups[rows],
    )


@dataclass(frozen=True)
class RowParts:
    """A request's own rows, divided row by row: for rows of which no groups are known.

    Parameters
    ----------
    whole
        The request.
    known
        Candidates that may be asked for.
    settings
        By candidate, where they are not those of the fast profile.
    """

    whole: FitRequest
    known: Known
    settings: Mapping[str, Mapping[str, object]]

    def request(self, name: str) -> FitRequest:
        """Return all rows."""
        return self._of(name, np.ones(len(self.whole.target), bool))

    def parts(self) -> Iterator[InnerPart]:
        """Yield two fifths of the rows, each with what is learned from the others."""
        n = len(self.whole.target)
        part = np.random.default_rng(self.whole.seed).permutation(n) % _PARTS
        for i in range(_JUDGED if n >= _FEWEST_ROWS else 0):
            own = part == i
            learned, judged = self.whole.target[~own], self.whole.target[own]
            if min(len(np.unique(learned)), len(np.unique(judged))) < 2:
                continue
            yield InnerPart(
                request=partial(self._of, rows=~own),
                matrix=self.whole.matrix[own],
                target=judged,
                weight=self.whole.weight[own],
            )

    def _of(self, name: str, rows: NDArray[np.bool_]) -> FitRequest:
        params = {**self.known[name].params["fast"], **self.settings.get(name, {})}
        return replace(taken(self.whole, rows), params=params, inner=None)


def inner_of(request: FitRequest, known: Known) -> Inner:
    """Return the request's inner folds, or its rows divided one by one."""
    return request.inner or RowParts(request, known, {})


def errors_of(answers: Values, part: InnerPart, request: FitRequest) -> Values:
    """Return what answers miss by: their squares sum to a proper loss, (n, k).

    Of a hit the probability's error, whose square is the Brier score; of bins or tiers the
    errors of P(at most each of them), each times the root of the way to the next: the
    squares sum to the ranked probability score.

    Examples
    --------
    >>> request = FitRequest(np.zeros((1, 0)), (), np.zeros(1), np.ones(1), "binary", {}, 0)
    >>> part = InnerPart(lambda name: request, np.zeros((1, 0)), np.ones(1), np.ones(1))
    >>> errors_of(np.array([0.75]), part, request).tolist()
    [[-0.25]]
    """
    if answers.ndim == 1:
        return (answers - part.target)[:, None]
    n_answers = answers.shape[1]
    if request.task == "regression":
        place = np.searchsorted(request.bins, part.target, side="left")
        way = np.diff(request.levels) if len(request.levels) else np.ones(n_answers - 1)
    else:
        place, way = part.target.astype(np.int64), np.ones(n_answers - 1)
    reached = place[:, None] <= np.arange(n_answers - 1)
    missed: Values = (np.cumsum(answers, axis=1)[:, :-1] - reached) * np.sqrt(way)
    return missed


def saved(folder: str, model: Model) -> Members:
    """Return a model's files under a folder."""
    return {f"{folder}/{name}": content for name, content in model.members().items()}


def loaded(
    candidate: Candidate, folder: str, members: Members, n_inputs: int, task: Task, n_classes: int
) -> Model:
    """Read a model from its folder.

    Raises
    ------
    BundleError
        When the candidate does not learn the task.
    """
    if task not in candidate.tasks:
        raise BundleError(f"{folder}: expected a model of a {task}, got {candidate.name}.")
    start = f"{folder}/"
    own = {n.removeprefix(start): c for n, c in members.items() if n.startswith(start)}
    return candidate.load(own, n_inputs, task, n_classes)


def mean_gains(models: list[tuple[float, Model]]) -> Values | None:
    """Return the mean of what models tell of their inputs' gains, by weight; None if none does."""
    told = [(abs(weight), model.gains()) for weight, model in models]
    known = [(weight, gains) for weight, gains in told if gains is not None and weight > 0]
    if not known:
        return None
    total: Values = np.sum([weight * gains for weight, gains in known], axis=0)
    return total / total.sum() if total.sum() > 0 else total
