"""Fit every candidate in every fold, in parallel, and keep the out-of-fold answers.

The unit of work is one candidate in one fold. Workers are threads, since the
candidates' libraries release the interpreter while they work: all share one
copy of the catalog, and each keeps its library to one thread, so that two
cores carry two fits and no more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import threadpoolctl
from numpy.typing import NDArray

from trackoracle.distributions import Calibration
from trackoracle.errors import NotEnoughDataError
from trackoracle.features import ARTIST_MEAN, GENRE_MEAN
from trackoracle.models import Model, Params, answer_shape, candidate_named
from trackoracle.schema import InputGroup, Target, middles
from trackoracle.splits import Fold, Protocol, make_folds
from trackoracle.training.config import TrainingConfig
from trackoracle.training.fitting import fit_candidate
from trackoracle.training.material import FoldInputs, Material, Values, fold_inputs

Progress = Callable[[int, int, str], None]
"""Called with the number of fits done, the number of all fits, and what was done last."""


def silent(n_done: int, n_all: int, last: str) -> None:
    """Show no progress."""


PARTS: dict[str, tuple[tuple[InputGroup, ...], ...]] = {
    "new_artist": (("audio",), ("audio", "genre"), ("audio", "genre", "metadata")),
    "known_artist": (("audio", "genre", "metadata", "artist"),),
}
"""By protocol: the input groups that candidates are also held to, one after the other."""
Place = tuple[str, int, str]
"""Protocol, number of the fold, candidate."""


@dataclass
class Judgement:
    """Out-of-fold answers of all candidates under one protocol.

    Parameters
    ----------
    protocol, folds
        As carried out.
    raw, seconds
        By candidate: (n,) answers, or (n, k) for k tiers or bins, each by a model that did not
        see the row; NaN where no fold judges it. Candidates that live by a history which the
        protocol forbids are absent.
    knows_artist
        (n,) whether the fold's recipe knew the artist.
    fold_of
        (n,) number of the fold in which the row was judged; -1 where it was in none.
    unsearched
        By candidate and fold where a search found other settings: answers with the profile's.
    partial
        By candidate and the input groups given, joined as in "audio, genre": answers to
        nothing else.
    calibrations
        By candidate and fold, once they were asked for: what calibrates the fold's rows.
    """

    protocol: Protocol
    folds: list[Fold]
    raw: dict[str, Values]
    seconds: dict[str, float]
    knows_artist: NDArray[np.bool_]
    fold_of: NDArray[np.int64] = field(init=False)
    unsearched: dict[tuple[str, int], Values] = field(default_factory=dict)
    partial: dict[tuple[str, str], Values] = field(default_factory=dict)
    calibrations: dict[tuple[str, int], Calibration] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.fold_of = np.full(len(self.knows_artist), -1)
        for i, fold in enumerate(self.folds):
            self.fold_of[fold.test] = i

    @property
    def scored(self) -> NDArray[np.int64]:
        """Rows whose answers are calibrated and scored.

        Looking forward, the first window has no earlier one to be calibrated by.
        """
        return np.flatnonzero(self.fold_of >= (1 if self.protocol.forward else 0))

    def calibrating(self, i: int) -> NDArray[np.int64]:
        """Rows by whose answers fold i is calibrated: the other folds', or the earlier ones'."""
        judged = self.fold_of >= 0
        apart = self.fold_of < i if self.protocol.forward else self.fold_of != i
        return np.flatnonzero(judged & apart)


def point_answers(target: Target, raw: Values) -> Values:
    """Return raw answers as one number a track: (n,), of a popularity or a hit.

    What is told by bins counts as the middle of each bin.
    """
    if raw.ndim == 1:
        return raw
    numbers: Values = (raw * middles(target)).sum(axis=1)
    return numbers


@contextmanager
def workers(n_jobs: int) -> Iterator[ThreadPoolExecutor]:
    """Give a pool whose threads keep numerical libraries to one thread each.

    Work not yet begun is dropped when the block is left by an error or Ctrl-C.
    """
    pool = ThreadPoolExecutor(n_jobs, initializer=_one_thread_each)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _one_thread_each() -> None:
    # OpenMP's limit belongs to the calling thread, and only to libraries already loaded.
    import sklearn.ensemble  # noqa: F401

    threadpoolctl.threadpool_limits(1)


def judge(
    material: Material,
    judgements: list[Judgement],
    config: TrainingConfig,
    pool: ThreadPoolExecutor,
    progress: Progress,
    found: Mapping[Place, Params] = MappingProxyType({}),
) -> None:
    """Fill judgements with out-of-fold answers of every candidate.

    Settings found for a candidate in a fold replace those of the configuration there, whose
    answers are then kept beside.
    """
    work = [
        (judgement, number, fold)
        for judgement in judgements
        for number, fold in enumerate(judgement.folds)
    ]
    n_all, n_done = n_fits(judgements) + sum(map(bool, found.values())), 0
    pending: set[Future[str]] = set()

    def collect(most: int) -> None:
        nonlocal n_done, pending
        while len(pending) > most:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                n_done += 1
                progress(n_done, n_all, future.result())

    def begin(judgement: Judgement, number: int, fold: Fold) -> Future[FoldInputs]:
        uses_history = judgement.protocol.uses_history
        return pool.submit(fold_inputs, material, fold, config, uses_history=uses_history)

    inputs = [begin(*work[0])]
    for i, (judgement, number, fold) in enumerate(work):
        if i + 1 < len(work):
            inputs.append(begin(*work[i + 1]))
        # Waiting here keeps the inputs of at most two folds in memory.
        ready = inputs.pop(0)
        for name in judgement.raw:
            settings = found.get((judgement.protocol.name, number, name), {})
            own = config.having(name, settings)
            pending.add(pool.submit(_judge_one, name, material, judgement, fold, ready, own))
            if settings:
                pending.add(pool.submit(_compare, name, material, judgement, fold, ready, config))
        collect(most=len(judgement.raw))
    collect(most=0)


def n_fits(judgements: list[Judgement]) -> int:
    """Count the fits by which every candidate judges every fold."""
    return sum(len(judgement.raw) * len(judgement.folds) for judgement in judgements)


def feasible(
    protocols: list[Protocol], material: Material, config: TrainingConfig
) -> tuple[list[Protocol], list[str]]:
    """Leave out what looks forward where the dates do not reach for it.

    The other protocols decide; without their folds there is no training, as `begin_judgement` says.
    """
    chosen, notes = [], []
    for protocol in protocols:
        try:
            if protocol.forward:
                _folds(material, protocol, config)
            chosen.append(protocol)
        except NotEnoughDataError as error:
            notes.append(f"Not shown: {error}")
    return chosen, notes


def _folds(material: Material, protocol: Protocol, config: TrainingConfig) -> list[Fold]:
    folds = make_folds(material.keys, protocol, config.n_folds, config.seed)
    if material.target.task != "regression":
        kinds = "hits and misses" if material.target.task == "binary" else "different tiers"
        for i, fold in enumerate(folds):
            if len(np.unique(material.values[fold.train])) < 2:
                raise NotEnoughDataError(
                    f"{protocol.name}: expected {kinds} among the training rows of each "
                    f"fold, got one class in fold {i + 1}. Lower --folds, or use more tracks."
                )
    return folds


def begin_judgement(
    material: Material, protocol: Protocol, names: tuple[str, ...], config: TrainingConfig
) -> Judgement:
    """Cut the folds of a protocol; no candidate has answered yet.

    Raises
    ------
    NotEnoughDataError
        When groups, rows or classes do not reach for the folds.
    """
    n, target = len(material.values), material.target
    if not protocol.uses_history:
        histories = {ARTIST_MEAN, GENRE_MEAN}
        names = tuple(m for m in names if histories.isdisjoint(candidate_named(m).needs))
    return Judgement(
        protocol,
        _folds(material, protocol, config),
        {name: np.full((n, *answer_shape(name, target)), np.nan) for name in names},
        dict.fromkeys(names, 0.0),
        np.zeros(n, bool),
    )


def _fitted(
    name: str,
    material: Material,
    protocol: Protocol,
    fold: Fold,
    inputs: FoldInputs,
    config: TrainingConfig,
) -> Model:
    """Fit a candidate on a fold's training rows."""
    own = (name, material, fold.train, inputs.recipe, inputs.train, config)
    return fit_candidate(*own, protocols=(protocol,))


def _judge_one(
    name: str,
    material: Material,
    judgement: Judgement,
    fold: Fold,
    inputs: Future[FoldInputs],
    config: TrainingConfig,
) -> str:
    ready = inputs.result()
    start = time.perf_counter()
    model = _fitted(name, material, judgement.protocol, fold, ready, config)
    judgement.raw[name][fold.test] = model.predict(ready.test)
    judgement.seconds[name] += time.perf_counter() - start
    judgement.knows_artist[fold.test] = ready.knows_artist
    _answer_partially(name, judgement, fold, ready, model)
    return f"{judgement.protocol.name}, {name}"


def _answer_partially(
    name: str, judgement: Judgement, fold: Fold, inputs: FoldInputs, model: Model
) -> None:
    """Ask for answers to a part of the inputs, where the protocol is asked for them."""
    groups = np.array(inputs.recipe.groups, str)
    for given in (
        () if candidate_named(name).is_baseline else PARTS.get(judgement.protocol.name, ())
    ):
        is_given = np.isin(groups, given)
        if is_given.all() or not is_given.any():
            continue
        shape = judgement.raw[name]
        answers = judgement.partial.setdefault(
            (name, ", ".join(given)), np.full_like(shape, np.nan)
        )
        answers[fold.test] = model.predict(np.where(is_given, inputs.test, np.float32(np.nan)))


def _compare(
    name: str,
    material: Material,
    judgement: Judgement,
    fold: Fold,
    inputs: Future[FoldInputs],
    config: TrainingConfig,
) -> str:
    """Keep what a candidate answers without the settings that were found for it."""
    ready = inputs.result()
    model = _fitted(name, material, judgement.protocol, fold, ready, config)
    answers = model.predict(ready.test)
    judgement.unsearched[name, int(judgement.fold_of[fold.test[0]])] = answers
    return f"{judgement.protocol.name}, {name} as the profile sets it"
