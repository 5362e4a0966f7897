"""What is made of others is weighed as it should be, and refuses what it cannot be made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.test_candidates import MADE_OF, NAMES, SMALL, _request

from trackoracle.errors import BundleError, ConfigError, UnknownNameError
from trackoracle.models import (
    CANDIDATES,
    MADE_OF_OTHERS,
    SINGLE,
    FitRequest,
    InnerPart,
    Model,
    RowParts,
)
from trackoracle.models.mixing import best_weights

FILES = {"ensemble": "ensemble.json", "stack": "stack.json", "by_genre": "by_genre.json"}


def _made(name: str, task: str, **params: Any) -> FitRequest:
    request = _request(CANDIDATES[name], task)
    return replace(request, params={**request.params, **params})


@given(st.integers(1, 5), st.integers(0, 10_000))
@settings(max_examples=50)
def test_no_other_weights_err_less(n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    errors = random.normal(size=(n, 12)) + random.normal(size=12)
    products = errors @ errors.T
    weights = best_weights(products)
    assert weights.min() >= 0
    assert abs(weights.sum() - 1) < 1e-9
    reached = weights @ products @ weights
    for other in random.dirichlet(np.ones(n), 200):
        assert reached <= other @ products @ other * (1 + 1e-5)


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_a_member_that_adds_nothing_is_left_out(task: str) -> None:
    members = ("lightgbm_bins", "forest_bins") if task == "regression" else ("lightgbm", "median")
    request = _made("ensemble", task, members=members)
    model = CANDIDATES["ensemble"].fit(request)
    assert abs(sum(model.weights) - 1) < 1e-9
    assert members[0] in model.names
    if task != "regression":
        assert model.names == ("lightgbm",)
    folders = {name.partition("/")[0] for name in model.members()}
    assert folders == {*model.names, "ensemble.json"}


def _loss(answers: np.ndarray, request: FitRequest) -> float:
    return float(np.average((answers - request.target) ** 2, weights=request.weight))


@pytest.mark.parametrize("name", ["ensemble", "stack"])
def test_errs_no_more_than_its_members_on_tracks_unseen(name: str) -> None:
    whole = _made(name, "binary", members=("lightgbm", "forest", "linear"))
    seen, unseen = np.arange(800) % 2 == 0, np.arange(800) % 2 == 1
    rows = {field: getattr(whole, field)[seen] for field in ("matrix", "target", "weight")}
    learned = replace(whole, **rows)
    learned = replace(learned, inner=RowParts(learned, SINGLE, SMALL))
    judged = replace(whole, target=whole.target[unseen], weight=whole.weight[unseen])
    made = CANDIDATES[name].fit(learned)
    losses = [
        _loss(SINGLE[m].fit(learned.inner.request(m)).predict(whole.matrix[unseen]), judged)
        for m in whole.params["members"]
    ]
    assert _loss(made.predict(whole.matrix[unseen]), judged) < 1.02 * min(losses)


@dataclass(frozen=True)
class SameRows:
    """Inner rows for which every part is the same, or none where there are no parts."""

    whole: FitRequest
    n_parts: int

    def request(self, name: str) -> FitRequest:
        return replace(self.whole, params={**SINGLE[name].params["fast"], **SMALL.get(name, {})})

    def parts(self) -> Iterator[InnerPart]:
        for _ in range(self.n_parts):
            whole = self.whole
            yield InnerPart(self.request, whole.matrix, whole.target, whole.weight)


@pytest.mark.parametrize("name", ["ensemble", "stack"])
def test_without_inner_folds_all_members_count_alike(name: str) -> None:
    request = _made(name, "binary", members=("lightgbm", "tree"))
    made = CANDIDATES[name].fit(replace(request, inner=SameRows(request, 0)))
    assert list(made.weights) == [0.5, 0.5]


def _with_family(flipped: bool) -> FitRequest:
    """Tracks of which half are of a family: there energy means the opposite, or the same."""
    random = np.random.default_rng(0)
    matrix = random.normal(size=(1200, 3)).astype(np.float32)
    matrix[:, 1] = random.random(1200) < 0.5
    sign = np.where(matrix[:, 1] == 1, -1, 1) if flipped else 1
    target = (sign * matrix[:, 0] + random.normal(0, 0.5, 1200) > 0).astype(float)
    params = {"members": ("linear",), "least_tracks": 100}
    names = ("energy", "family=rock", "tempo")
    return FitRequest(matrix, names, target, np.ones(1200), "binary", params, 0)


def test_a_family_gets_its_own_model_where_that_is_ahead() -> None:
    candidate, request = CANDIDATES["by_genre"], _with_family(flipped=True)
    made = candidate.fit(request)
    (own,) = made.specialists
    assert own.place == 1
    assert own.share > 0.9
    assert made.additive() is None
    whole = made.whole.predict(request.matrix)
    answers = made.predict(request.matrix)
    elsewhere = request.matrix[:, 1] == 0
    assert np.array_equal(answers[elsewhere], whole[elsewhere])
    assert _loss(answers, request) < 0.8 * _loss(whole, request)
    again = candidate.load(made.members(), 3, "binary", 2)
    assert np.array_equal(again.predict(request.matrix), answers)
    assert again.members() == made.members()


@pytest.mark.parametrize("flipped", [False, True])
def test_a_family_like_the_others_or_too_small_gets_none(flipped: bool) -> None:
    request = _with_family(flipped)
    if flipped:
        request = replace(request, params={**request.params, "least_tracks": 1000})
    made = CANDIDATES["by_genre"].fit(request)
    assert not made.specialists
    assert made.additive() is not None


@pytest.mark.parametrize("name", MADE_OF_OTHERS)
def test_members_that_cannot_be(name: str) -> None:
    with pytest.raises(UnknownNameError, match="member"):
        CANDIDATES[name].fit(_made(name, "binary", members=("no_such",)))
    with pytest.raises(UnknownNameError, match="member"):
        CANDIDATES[name].fit(_made(name, "binary", members=("ensemble",)))
    with pytest.raises(ConfigError, match="candidates that learn a binary, got 0"):
        CANDIDATES[name].fit(_made(name, "binary", members=("lightgbm_bins",)))
    if name != "stack":
        with pytest.raises(ConfigError, match="answer bins of a popularity, got 0"):
            CANDIDATES[name].fit(_made(name, "regression", members=("tree", "linear")))


ATTACKS: dict[str, tuple[str, str, Any]] = {
    "negative": ("ensemble", "weights", [1.5, -0.5]),
    "not_one": ("ensemble", "weights", [0.5, 0.1]),
    "one_more": ("ensemble", "weights", [0.7, 0.2, 0.1]),
    "unknown": ("ensemble", "members", ["lightgbm", "no_such"]),
    "nested": ("ensemble", "members", ["lightgbm", "ensemble"]),
    "twice": ("ensemble", "members", ["lightgbm", "lightgbm"]),
    "stack_unknown": ("stack", "members", ["lightgbm", "stack"]),
    "stack_weights": ("stack", "weights", [1.0]),
    "stack_nan": ("stack", "weights", [float("nan"), 1.0]),
    "stack_offsets": ("stack", "offsets", [0.0, 0.0]),
    "genre_unknown": ("by_genre", "candidate", "by_genre"),
    "genre_outside": ("by_genre", "places", [7]),
    "genre_share": ("by_genre", "shares", [1.5]),
    "genre_more": ("by_genre", "shares", [0.5, 0.5]),
}


@pytest.fixture(scope="module")
def saved() -> dict[str, Model]:
    made = {
        name: CANDIDATES[name].fit(_made(name, "binary", members=("lightgbm", "forest")))
        for name in ("ensemble", "stack")
    }
    made["by_genre"] = CANDIDATES["by_genre"].fit(_with_family(flipped=True))
    return made


@pytest.mark.parametrize("name", ATTACKS)
def test_what_does_not_fit_is_refused(name: str, saved: dict[str, Model]) -> None:
    candidate, field, value = ATTACKS[name]
    members = saved[candidate].members()
    n_inputs = 3 if candidate == "by_genre" else len(NAMES)
    CANDIDATES[candidate].load(members, n_inputs, "binary", 2)
    facts = json.loads(members[FILES[candidate]])
    assert facts[field] != value
    facts[field] = value
    changed = members | {FILES[candidate]: json.dumps(facts).encode()}
    with pytest.raises(BundleError, match="got others"):
        CANDIDATES[candidate].load(changed, n_inputs, "binary", 2)


@pytest.mark.parametrize("name", MADE_OF)
def test_a_member_of_another_task_is_refused(name: str) -> None:
    members = CANDIDATES[name].fit(_request(CANDIDATES[name], "regression")).members()
    with pytest.raises(BundleError, match="got"):
        CANDIDATES[name].load(members, len(NAMES), "binary", 2)
