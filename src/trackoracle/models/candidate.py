"""The contract of a candidate: settings that fit into a model, and a model that predicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from trackoracle.schema import Additive, Task

Matrix = NDArray[np.float32]
Values = NDArray[np.float64]
Members = dict[str, bytes]
Profile = Literal["fast", "full"]
Params = dict[str, Any]


@dataclass(frozen=True)
class InnerPart:
    """A part of the training rows that is judged, by candidates fitted on others of them.

    Parameters
    ----------
    request
        From a candidate's name to what it is fitted on.
    matrix, target, weight
        (n, d), (n,), (n,) of the rows to judge.
    """

    request: Callable[[str], FitRequest]
    matrix: Matrix
    target: Values
    weight: Values


class Inner(Protocol):
    """Training rows for candidates that are made of others: whole, and divided again."""

    def request(self, name: str) -> FitRequest:
        """Return what the named candidate is fitted on, with its own settings and views."""

    def parts(self) -> Iterator[InnerPart]:
        """Yield parts to judge, one in memory at a time; none where rows do not reach for them."""


@dataclass(frozen=True)
class FitRequest:
    """What a candidate is fitted on, with one thread: fits run side by side.

    Parameters
    ----------
    matrix
        (n, d) model inputs, NaN where missing.
    names
        (d,) what the inputs are.
    target, weight
        (n,) each.
    task
        "regression" for points, "binary" for 0 and 1, "multiclass" for tiers 0 to n_classes - 1.
    params
        Settings of the candidate.
    seed
        For whatever the candidate draws.
    n_classes
        Of a hit 2, of a tier as many as there are; not looked at in a regression.
    bins
        (b - 1,) edges between bins of points, for what answers a probability of each: a bin
        is the number of edges that the value exceeds.
    borders
        Those of the edges that must tell what lies on either side apart.
    levels
        (b,) what each bin counts as one number.
    mean_measures
        Measures of a history that add up to the mean of the target.
    inner
        The same training rows for other candidates, for one that is made of them; without it
        they are divided row by row.
    groups
        (n,) whose rows are held back together by what holds some back to say when to stop;
        None where every row is on its own.
    checkpoints
        Folder in which a long fit keeps how far it came, to go on from; None for none.
    """

    matrix: Matrix
    names: tuple[str, ...]
    target: Values
    weight: Values
    task: Task
    params: Params
    seed: int
    n_classes: int = 2
    bins: Values = field(default_factory=lambda: np.zeros(0))
    borders: tuple[float, ...] = ()
    levels: Values = field(default_factory=lambda: np.zeros(0))
    mean_measures: tuple[str, ...] = ("mean",)
    inner: Inner | None = None
    groups: NDArray[np.int64] | None = None
    checkpoints: Path | None = None


class Model(Protocol):
    """A fitted candidate."""

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return (n,) points or probabilities of a hit, or (n, n_classes) of each tier."""

    def members(self) -> Members:
        """Return the files, without executable content, that the model is saved as."""

    def additive(self) -> tuple[Additive, ...] | None:
        """Return how the inputs add up to the answers; None where they do not exactly."""

    def gains(self) -> Values | None:
        """Return (d,) what each input gained in training, in shares of 1; None where untold."""


@dataclass(frozen=True)
class Range:
    """Where a search looks for one setting; among whole numbers where `low` is one.

    Parameters
    ----------
    low, high
        Ends, both included.
    log
        Whether equal ratios are equally far.
    """

    low: float
    high: float
    log: bool = False


def _nothing_to_refuse(params: Params) -> None:
    """Let any settings pass."""


@dataclass(frozen=True)
class Candidate:
    """One way to learn the target.

    Parameters
    ----------
    name, family
        As the leaderboard shows it.
    fit
        From a request to a model.
    load
        From saved files, the number of inputs, the task and the number of classes to a
        model; refuses what it does not know.
    params
        Settings by profile.
    tasks
        What it can learn.
    needs
        Model inputs without which the candidate has nothing to say.
    is_baseline
        Whether it is a naive answer to beat.
    answers_bins
        Whether it answers a popularity with a probability for each bin of points.
    exact
        Whether what its inputs contribute is told exactly. A fitted model may still be too
        large for it, and then says so itself.
    n_views
        How often it is shown each training row: 2, as a known artist's and as a debut.
    space
        Settings that a search may change, and where it looks; none are not searched.
    quick
        Factors of settings by which a trial of a search is cheaper than the fit it stands for.
    check
        Refuses, before any work, settings that it cannot be fitted with, and a library that
        is not installed.
    """

    name: str
    family: str
    fit: Callable[[FitRequest], Model]
    load: Callable[[Members, int, Task, int], Model]
    params: Mapping[Profile, Params]
    tasks: tuple[Task, ...] = ("regression", "binary", "multiclass")
    needs: tuple[str, ...] = field(default=())
    is_baseline: bool = False
    answers_bins: bool = False
    exact: bool = True
    n_views: int = 1
    space: Mapping[str, Range] = field(default_factory=dict)
    quick: Mapping[str, float] = field(default_factory=dict)
    check: Callable[[Params], None] = _nothing_to_refuse
