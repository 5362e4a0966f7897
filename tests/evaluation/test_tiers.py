"""Metrics of tiers against scikit-learn's, and against what they are by definition."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, log_loss

from trackoracle.errors import InvalidValuesError
from trackoracle.evaluation import tier_metrics


@pytest.fixture(params=[2, 4, 11])
def answers(request) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(request.param)
    probability = random.dirichlet(np.ones(request.param), 300)
    target = np.array([random.choice(request.param, p=p) for p in probability]).astype(float)
    return target, probability, random.choice([1.0, 0.5, 0.25], 300)


def test_agrees_with_scikit_learn(answers) -> None:
    target, probability, weight = answers
    found = tier_metrics(target, probability)(weight)
    called = probability.argmax(axis=1)
    expected = {
        "accuracy": accuracy_score(target, called, sample_weight=weight),
        "balanced_accuracy": balanced_accuracy_score(target, called, sample_weight=weight),
        "macro_f1": f1_score(target, called, average="macro", sample_weight=weight),
        "log_loss": log_loss(
            target, probability, sample_weight=weight, labels=np.arange(probability.shape[1])
        ),
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-12)


def test_ranked_probability_score_by_definition(answers) -> None:
    target, probability, weight = answers
    n_edges = probability.shape[1] - 1
    each = [
        sum((p[: j + 1].sum() - (t <= j)) ** 2 for j in range(n_edges)) / n_edges
        for t, p in zip(target, probability, strict=True)
    ]
    found = tier_metrics(target, probability)(weight)
    assert found["rps"] == pytest.approx(np.average(each, weights=weight))
    shares = np.bincount(target.astype(int), weight, n_edges + 1) / weight.sum()
    plain = tier_metrics(target, np.tile(shares, (300, 1)))(weight)
    assert plain["rpss"] == pytest.approx(0)
    assert found["rpss"] == pytest.approx(1 - found["rps"] / plain["rps"])


def test_of_two_tiers_the_score_is_briers() -> None:
    target, p = np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.9, 0.4])
    found = tier_metrics(target, np.stack([1 - p, p], axis=1))(np.ones(3))
    assert found["rps"] == pytest.approx(np.mean((p - target) ** 2))


def test_near_tiers_cost_less_than_far_ones() -> None:
    target = np.zeros(1)
    near, far = (tier_metrics(target, np.eye(4)[[tier]])(np.ones(1))["rps"] for tier in (1, 3))
    assert near == pytest.approx(far / 3)


def test_one_tier_and_the_impossible() -> None:
    found = tier_metrics(np.zeros(2), np.array([[0.0, 1.0], [1.0, 0.0]]))(np.ones(2))
    assert np.isnan(found["rpss"])
    assert found["balanced_accuracy"] == 0.5
    assert found["macro_f1"] == pytest.approx(1 / 3)
    assert np.isfinite(found["log_loss"])
    with pytest.raises(InvalidValuesError, match="probability: expected finite numbers"):
        tier_metrics(np.zeros(1), np.array([[np.nan, 1.0]]))
