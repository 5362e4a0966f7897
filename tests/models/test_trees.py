"""Contributions of trees are the boosters' own, and those of the definition."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.contracts.test_candidates import N_CLASSES, NAMES, _request

from trackoracle.models import CANDIDATES, trees
from trackoracle.models.trees import Trees, Walk, joined

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(1, 3), st.integers(0, 10**6))


def _grown(n_splits: int, n_inputs: int, random: np.random.Generator) -> dict[str, NDArray]:
    """Grow one tree at random: inputs may be asked for again, leaves hold some rows each."""
    left, right, feature, threshold = [-1], [-1], [0], [0.0]
    leaves = [0]
    for _ in range(n_splits):
        node = leaves.pop(int(random.integers(len(leaves))))
        feature[node], threshold[node] = int(random.integers(n_inputs)), float(random.normal())
        left[node], right[node] = len(left), len(left) + 1
        leaves += [left[node], right[node]]
        for column, nothing in ((left, -1), (right, -1), (feature, 0), (threshold, 0.0)):
            column += [nothing, nothing]
    cover = np.zeros(len(left))
    cover[leaves] = random.integers(1, 50, len(leaves))
    for node in reversed(range(len(left))):
        if left[node] >= 0:
            cover[node] = cover[left[node]] + cover[right[node]]
    return {
        "left": np.array(left),
        "right": np.array(right),
        "feature": np.array(feature),
        "threshold": np.array(threshold),
        "missing_left": random.random(len(left)) < 0.5,
        "cover": cover,
        "value": random.normal(size=len(left)),
    }


def _answer(t: Trees, node: int, row: NDArray, known: set[int]) -> NDArray:
    """Answer with some inputs known: of the others the mean over both branches."""
    if t.left[node] < 0:
        return t.value[node]
    sides, asked = (t.left[node], t.right[node]), t.feature[node]
    if asked in known:
        value = row[asked]
        goes_left = t.missing_left[node] if np.isnan(value) else value <= t.threshold[node]
        return _answer(t, sides[0] if goes_left else sides[1], row, known)
    weights = t.cover[list(sides)] / t.cover[node]
    return sum(w * _answer(t, side, row, known) for w, side in zip(weights, sides, strict=True))


def _shapley(t: Trees, row: NDArray, n_inputs: int) -> NDArray:
    """Return contributions by the definition: (d, m)."""

    def worth(known: set[int]) -> NDArray:
        return sum(_answer(t, root, row, known) for root in t.roots)

    told = np.zeros((n_inputs, t.value.shape[1]))
    for i in range(n_inputs):
        others = [j for j in range(n_inputs) if j != i]
        for size in range(n_inputs):
            share = factorial(size) * factorial(n_inputs - size - 1) / factorial(n_inputs)
            for known in combinations(others, size):
                told[i] += share * (worth({*known, i}) - worth(set(known)))
    return told


@given(shape=SHAPES)
@settings(max_examples=40)
def test_are_shapley_values_by_their_definition(shape: tuple[int, int, int, int]) -> None:
    n_splits, n_inputs, n_trees, seed = shape
    random = np.random.default_rng(seed)
    grown = [_grown(n_splits, n_inputs, random) for _ in range(n_trees)]
    forest = joined(grown, [i % 2 for i in range(n_trees)], 2)
    walk = Walk(forest, n_inputs)
    matrix = random.normal(size=(3, n_inputs)).astype(np.float32)
    matrix[random.random(matrix.shape) < 0.2] = np.nan
    slopes = random.normal(size=(3, 2))
    own = walk.contributions(matrix, slopes)
    for row, slope, told in zip(matrix, slopes, own, strict=True):
        np.testing.assert_allclose(told, _shapley(forest, row, n_inputs) @ slope, atol=1e-10)
        way = (walk.sums(row) - walk.base) @ slope
        assert abs(told.sum() - way) < 1e-10
    unused = set(range(n_inputs)) - set(forest.feature[forest.left >= 0].tolist())
    assert not own[:, sorted(unused)].any()


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_are_those_of_the_library_itself(name: str, task: str) -> None:
    request = _request(CANDIDATES[name], task)
    model = CANDIDATES[name].fit(request)
    matrix, n_margins = request.matrix[:60].copy(), max(1, N_CLASSES[task] if task[0] == "m" else 1)
    matrix[0] = np.nan
    if name == "lightgbm":
        import lightgbm

        native = lightgbm.Booster(model_str=model.booster.text).predict(matrix, pred_contrib=True)
    else:
        import xgboost

        native = model.booster.predict(xgboost.DMatrix(matrix), pred_contribs=True)
    native = np.asarray(native, np.float64).reshape(60, n_margins, len(NAMES) + 1)
    (part,) = model.additive()
    tolerance = {"rtol": 0, "atol": 1e-9 if name == "lightgbm" else 2e-5}
    for k in range(n_margins):
        slopes = np.zeros((60, n_margins))
        slopes[:, k] = 1
        np.testing.assert_allclose(
            part.contributions(matrix, slopes, 1), native[:, k, :-1], **tolerance
        )
    np.testing.assert_allclose(np.tile(part.base, (60, 1)), native[:, :, -1], **tolerance)


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_too_many_trees_are_left_to_the_library(
    name: str, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = _request(CANDIDATES[name], task)
    model = CANDIDATES[name].fit(replace(request, params={**request.params, "n_trees": 5}))
    (walked,) = model.additive()
    monkeypatch.setattr(trees, "MOST_ENTRIES", 100)
    (native,) = model.additive()
    rows = request.matrix[:30]
    slopes = np.random.default_rng(0).normal(size=(30, len(walked.base)))
    wanted = walked.contributions(rows, slopes, 1)
    np.testing.assert_allclose(native.contributions(rows, slopes, 1), wanted, rtol=0, atol=2e-5)


def test_threads_and_batches_change_nothing() -> None:
    request = _request(CANDIDATES["lightgbm"], "regression")
    (part,) = CANDIDATES["lightgbm"].fit(request).additive()
    slopes = np.ones((len(request.matrix), 1))
    whole = part.contributions(request.matrix, slopes, 2)
    assert np.array_equal(whole, part.contributions(request.matrix, slopes, 1))
    assert np.array_equal(whole[7:8], part.contributions(request.matrix[7:8], slopes[7:8], 1))


def test_trees_of_one_leaf_contribute_nothing() -> None:
    stump = _grown(0, 2, np.random.default_rng(0))
    walk = Walk(joined([stump, stump], [0, 0], 1), 2)
    assert not walk.contributions(np.ones((2, 2), np.float32), np.ones((2, 1))).any()
    assert walk.base == pytest.approx(2 * stump["value"])


def test_a_forest_too_large_for_tables_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    request = _request(CANDIDATES["forest"], "regression")
    model = CANDIDATES["forest"].fit(request)
    monkeypatch.setattr(trees, "MOST_ENTRIES", 100)
    assert model.additive() is None
