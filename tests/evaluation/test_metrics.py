"""Metrics equal scikit-learn's and SciPy's, with weights and ties."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from trackoracle.evaluation import (
    Judged,
    evaluate_predictions,
    hit_metrics,
    mean_metrics,
    popularity_bands,
    score_groups,
)


@pytest.fixture
def numbers() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    target = random.integers(0, 30, 500).astype(float)
    answer = np.round(target + random.normal(0, 8, 500), 1)
    return target, answer, random.choice([1.0, 0.5, 0.25], 500)


def test_number_metrics_equal_scikit_learn(numbers) -> None:
    target, answer, weight = numbers
    ours = mean_metrics(target, answer, answer)(weight)
    assert ours["r2"] == pytest.approx(metrics.r2_score(target, answer, sample_weight=weight))
    assert ours["mae"] == pytest.approx(
        metrics.mean_absolute_error(target, answer, sample_weight=weight)
    )
    assert ours["rmse"] == pytest.approx(
        metrics.root_mean_squared_error(target, answer, sample_weight=weight)
    )


def test_spearman_equals_scipy_and_repeated_rows(numbers) -> None:
    target, answer, _ = numbers
    of = mean_metrics(target, answer, answer)
    assert of(np.ones(500))["spearman"] == pytest.approx(stats.spearmanr(target, answer).statistic)
    repeats = np.random.default_rng(1).integers(0, 4, 500)
    expected = stats.spearmanr(np.repeat(target, repeats), np.repeat(answer, repeats)).statistic
    assert of(repeats.astype(float))["spearman"] == pytest.approx(expected)


def test_hit_metrics_equal_scikit_learn(numbers) -> None:
    points, answer, weight = numbers
    target = (points > 20).astype(float)
    probability = np.round(1 / (1 + np.exp(-(answer - 18) / 6)), 2)
    ours = hit_metrics(target, probability, 0.4)(weight)
    called = probability >= 0.4
    expected = {
        "roc_auc": metrics.roc_auc_score(target, probability, sample_weight=weight),
        "pr_auc": metrics.average_precision_score(target, probability, sample_weight=weight),
        "accuracy": metrics.accuracy_score(target, called, sample_weight=weight),
        "balanced_accuracy": metrics.balanced_accuracy_score(target, called, sample_weight=weight),
        "precision": metrics.precision_score(target, called, sample_weight=weight),
        "recall": metrics.recall_score(target, called, sample_weight=weight),
        "f1": metrics.f1_score(target, called, sample_weight=weight),
        "brier": metrics.brier_score_loss(target, probability, sample_weight=weight),
    }
    assert {name: ours[name] for name in expected} == pytest.approx(expected)
    rest = {f"{kind}_at_{k}" for kind in ("precision", "lift") for k in (1, 5, 10)}
    assert set(ours) == {*expected, *rest}


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        error = random.normal(0, 1, 300)
        zeros = np.zeros(300)
        judged = Judged(error, zeros, zeros, np.ones(300), np.arange(300))
        rmse = evaluate_predictions(judged, "regression", n_bootstrap=200, seed=seed)["rmse"]
        covered += rmse.low <= 1 <= rmse.high
    assert 86 <= covered <= 100


def test_clusters_are_resampled_whole() -> None:
    random = np.random.default_rng(0)
    effect = np.repeat(random.normal(0, 5, 40), 25)
    target = effect + random.normal(0, 1, 1000)
    zeros = np.zeros(1000)
    rows, clusters = np.arange(1000), np.repeat(np.arange(40), 25)
    widths = []
    for cluster in (rows, clusters):
        judged = Judged(target, zeros, zeros, np.ones(1000), cluster)
        mae = evaluate_predictions(judged, "regression", n_bootstrap=100)["mae"]
        widths.append(mae.high - mae.low)
    assert widths[1] > 2 * widths[0]


def test_groups_show_bias() -> None:
    target = np.array([0.0, 0.0, 80.0, 80.0])
    forty = np.full(4, 40.0)
    judged = Judged(target, forty, forty, np.ones(4), np.arange(4))
    low, high = score_groups(judged, "regression", popularity_bands(target), n_bootstrap=20)
    assert (low.group, high.group) == ("0", "76 to 100")
    assert low.scores["bias"].value == 40
    assert high.scores["bias"].value == -40
