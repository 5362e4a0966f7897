"""Every registered candidate keeps the candidate's contract."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from trackoracle.errors import BundleError
from trackoracle.models import (
    CANDIDATES,
    MADE_OF_OTHERS,
    SINGLE,
    Candidate,
    FitRequest,
    Members,
    Model,
    RowParts,
    answer_shape,
)
from trackoracle.schema import Popularity, middles
from trackoracle.training.folds import point_answers

POINTS = Popularity()
N_CLASSES = {"regression": 0, "binary": 2, "multiclass": 5}
SMALL_NETWORK = {"n_epochs": 6, "layers": "32", "learning_rate": 0.01, "dropout": 0.0}
"""Of a network, which would take the tests' time with more."""
NAMES = ("energy", "artist_history_mean", "genre_history_mean", "key")
SMALL = {
    "lightgbm_bins": {"n_trees": 12},
    "forest_bins": {"n_estimators": 4},
    "lightgbm": {"n_trees": 25, "learning_rate": 0.2},
    "xgboost": {"n_trees": 10},
}
FEW_ROUNDS = {"hist_boosting": {"max_iter": 40}}
"""Of what takes longest: a class of five is a tree more in each round."""
MADE_OF = {
    "ensemble": ("lightgbm_bins", "forest_bins", "lightgbm", "tree"),
    "stack": ("lightgbm_bins", "lightgbm", "xgboost"),
    "by_genre": ("lightgbm_bins", "lightgbm"),
}
"""What candidates that are made of others are made of here: as many kinds, but little trees."""


def _request(candidate: Candidate, task: str, seed: int = 0) -> FitRequest:
    random = np.random.default_rng(1)
    matrix = random.normal(size=(800, len(NAMES))).astype(np.float32)
    signal = 20 * matrix[:, 0] + 10 * matrix[:, 1]
    matrix[random.random(matrix.shape) < 0.2] = np.nan
    target = np.clip(np.round(40 + signal + random.normal(0, 5, 800)), 0, 100)
    request = FitRequest(
        matrix=matrix,
        names=NAMES,
        target=_as_asked(target, task),
        weight=random.choice([1.0, 0.5], 800),
        task=task,
        params={
            **candidate.params["fast"],
            **FEW_ROUNDS.get(candidate.name, {}),
            **(SMALL_NETWORK if "network" in candidate.name else {}),
        },
        seed=seed,
        n_classes=N_CLASSES[task],
        bins=POINTS.bins,
        borders=POINTS.borders,
        levels=middles(POINTS),
    )
    if candidate.name not in MADE_OF_OTHERS:
        return request
    params = {**request.params, "members": MADE_OF[candidate.name]}
    return replace(request, params=params, inner=RowParts(request, SINGLE, SMALL))


def _as_asked(points: NDArray[np.float64], task: str) -> NDArray[np.float64]:
    if task == "regression":
        return points
    if task == "binary":
        return (points > 45).astype(float)
    # No track is in the last tier, as it is in a fold without any so popular.
    return np.searchsorted([25, 45, 60, 110], points).astype(float)


@functools.cache
def _learned(name: str, task: str) -> tuple[Model, Members]:
    """Fit a candidate once for all that only ask it; what is saved of it before it is asked."""
    candidate = CANDIDATES[name]
    model = candidate.fit(_request(candidate, task))
    return model, model.members()


def _model(name: str, task: str) -> Model:
    return _learned(name, task)[0]


def _shape(candidate: Candidate, task: str) -> tuple[int, ...]:
    shapes = {"binary": (), "multiclass": (5,)}
    return shapes.get(task, answer_shape(candidate.name, POINTS))


LEARNED = [(candidate, task) for candidate in CANDIDATES.values() for task in candidate.tasks]


@pytest.mark.parametrize(
    ("candidate", "task"), LEARNED, ids=[f"{candidate.name}-{task}" for candidate, task in LEARNED]
)
class TestCandidate:
    def test_saved_model_answers_the_same(self, candidate: Candidate, task: str) -> None:
        request, model = _request(candidate, task), _model(candidate.name, task)
        answers = model.predict(request.matrix)
        loaded = candidate.load(model.members(), len(NAMES), task, N_CLASSES[task])
        assert np.array_equal(loaded.predict(request.matrix), answers)
        assert loaded.members() == model.members()
        assert answers.shape == (800, *_shape(candidate, task))
        assert answers.dtype == np.float64
        assert np.isfinite(answers).all()
        if task == "binary" and not candidate.is_baseline:
            assert answers.min() >= 0
            assert answers.max() <= 1
        if answers.ndim > 1:
            assert answers.min() >= 0
            np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)
        if task == "multiclass":
            assert answers[:, 4].max() < 1e-3

    def test_answers_of_other_classes_are_refused(self, candidate: Candidate, task: str) -> None:
        _, members = _learned(candidate.name, candidate.tasks[-1])
        for other, n_classes in (("multiclass", 4 if candidate.is_baseline else 3), ("binary", 2)):
            with pytest.raises((BundleError, KeyError)):
                candidate.load(members, len(NAMES), other, n_classes)

    def test_same_seed_same_bytes(self, candidate: Candidate, task: str) -> None:
        again = candidate.fit(_request(candidate, task))
        assert again.members() == _learned(candidate.name, task)[1]

    def test_batch_size_and_order_change_no_answer(self, candidate: Candidate, task: str) -> None:
        request, model = _request(candidate, task), _model(candidate.name, task)
        whole = model.predict(request.matrix)
        order = np.random.default_rng(0).permutation(800)
        single = np.concatenate(
            [model.predict(request.matrix[i : i + 1]) for i in range(0, 800, 97)]
        )
        tolerance = {"rtol": 0, "atol": 1e-6}
        np.testing.assert_allclose(model.predict(request.matrix[order]), whole[order], **tolerance)
        np.testing.assert_allclose(single, whole[::97], **tolerance)

    def test_an_input_that_no_training_row_has(self, candidate: Candidate, task: str) -> None:
        request = _request(candidate, task)
        request.matrix[:, 3] = np.nan
        model = candidate.fit(request)
        answers = model.predict(request.matrix)
        assert np.isfinite(answers).all()
        given = request.matrix.copy()
        given[:, 3] = 7
        np.testing.assert_allclose(model.predict(given), answers, rtol=0, atol=1e-9)

    def test_learns_more_than_the_constant(self, candidate: Candidate, task: str) -> None:
        if candidate.is_baseline:
            pytest.skip("a baseline is what others must beat")
        request = _request(candidate, task)
        answers = _model(candidate.name, task).predict(request.matrix)
        naive = _model("median", task).predict(request.matrix)
        if task == "regression":
            answers = point_answers(POINTS, answers)
        if task == "multiclass":
            answers, naive = answers @ np.arange(5), naive @ np.arange(5)
        assert np.mean((answers - request.target) ** 2) < 0.7 * np.mean(
            (naive - request.target) ** 2
        )

    def test_has_settings_for_every_profile(self, candidate: Candidate, task: str) -> None:
        assert set(candidate.params) == {"fast", "full"}
