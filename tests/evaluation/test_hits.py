"""Metrics and curves of hits equal scikit-learn's on any weighted input, ties included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from trackoracle.errors import ConfigError, InvalidValuesError, NotEnoughDataError
from trackoracle.evaluation import (
    balanced_weights,
    confusion,
    hit_metrics,
    lift_at,
    precision_at,
    precision_recall_curve,
    roc_curve,
)

Cases = tuple[np.ndarray, np.ndarray, np.ndarray]


@st.composite
def weighted_hits(draw: st.DrawFn, least_weight: float = 0.25) -> Cases:
    """Draw targets of both classes, probabilities with many ties, and weights."""
    n = draw(st.integers(2, 60))
    target = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), float)
    target[:2] = 0, 1
    steps = draw(st.lists(st.integers(0, 8), min_size=n, max_size=n))
    weights = st.sampled_from([least_weight, 0.5, 1.0])
    weight = np.array(draw(st.lists(weights, min_size=n, max_size=n)))
    weight[:2] = 1
    return target, np.array(steps) / 8, weight


@given(weighted_hits(), st.sampled_from([0.0, 0.3, 0.5, 0.75, 1.0]))
def test_metrics_equal_scikit_learn(case: Cases, threshold: float) -> None:
    target, probability, weight = case
    called, w = probability >= threshold, {"sample_weight": weight}
    ours = hit_metrics(target, probability, threshold)(weight)
    expected = {
        "roc_auc": metrics.roc_auc_score(target, probability, **w),
        "pr_auc": metrics.average_precision_score(target, probability, **w),
        "accuracy": metrics.accuracy_score(target, called, **w),
        "balanced_accuracy": metrics.balanced_accuracy_score(target, called, **w),
        "precision": metrics.precision_score(target, called, zero_division=0, **w),
        "recall": metrics.recall_score(target, called, **w),
        "f1": metrics.f1_score(target, called, zero_division=0, **w),
        "brier": metrics.brier_score_loss(target, probability, **w),
    }
    assert {name: ours[name] for name in expected} == pytest.approx(expected)


@given(weighted_hits())
def test_curves_equal_scikit_learn(case: Cases) -> None:
    target, probability, weight = case
    roc = roc_curve(target, probability, weight)
    x, y, levels = metrics.roc_curve(
        target, probability, sample_weight=weight, drop_intermediate=False
    )
    assert roc.false_positive_rate == pytest.approx(x)
    assert roc.true_positive_rate == pytest.approx(y)
    assert roc.threshold == pytest.approx(levels[1:])
    ranked = precision_recall_curve(target, probability, weight)
    precision, recall, levels = metrics.precision_recall_curve(
        target, probability, sample_weight=weight
    )
    assert ranked.recall == pytest.approx(recall[-2::-1])
    assert ranked.precision == pytest.approx(precision[-2::-1])
    assert ranked.threshold == pytest.approx(levels[::-1])
    assert ranked.base_rate == pytest.approx(np.average(target, weights=weight))


@given(weighted_hits(), st.sampled_from([0.0, 0.4, 1.0]))
def test_confusion_equals_scikit_learn(case: Cases, threshold: float) -> None:
    target, probability, weight = case
    ours = confusion(target, probability, weight, threshold=threshold)
    expected = metrics.confusion_matrix(target, probability >= threshold, sample_weight=weight)
    assert [
        [ours.true_negative, ours.false_positive],
        [ours.false_negative, ours.true_positive],
    ] == pytest.approx(expected)


@given(weighted_hits(least_weight=0.0))
def test_tracks_without_weight_change_nothing(case: Cases) -> None:
    target, probability, weight = case
    kept = weight > 0
    of_all = hit_metrics(target, probability, 0.5)(weight)
    of_kept = hit_metrics(target[kept], probability[kept], 0.5)(weight[kept])
    assert of_all == pytest.approx(of_kept, nan_ok=True)
    few = target[kept], probability[kept], weight[kept]
    assert roc_curve(target, probability, weight) == roc_curve(*few)
    assert precision_recall_curve(target, probability, weight) == precision_recall_curve(*few)


@given(weighted_hits(), st.sampled_from([0.01, 0.05, 0.2, 0.5, 1.0]))
def test_precision_at_the_top_is_the_mean_over_orders_of_ties(case: Cases, share: float) -> None:
    target, probability, _ = case
    n_taken = max(1, math.floor(share * len(target)))
    share = n_taken / len(target)
    border = np.sort(probability)[::-1][n_taken - 1]
    sure = probability > border
    of_tie = (n_taken - sure.sum()) * target[probability == border].mean()
    expected = (target[sure].sum() + of_tie) / n_taken
    assert precision_at(target, probability, share) == pytest.approx(expected)
    assert lift_at(target, probability, share) == pytest.approx(expected / target.mean())


@given(weighted_hits())
def test_the_whole_top_is_the_base_rate(case: Cases) -> None:
    assert lift_at(*case[:2], 1.0, case[2]) == pytest.approx(1)


@given(weighted_hits())
def test_named_shares_equal_the_functions(case: Cases) -> None:
    target, probability, weight = case
    found = hit_metrics(target, probability, 0.5)(weight)
    for percent in (1, 5, 10):
        top = precision_at(target, probability, percent / 100, weight)
        assert found[f"precision_at_{percent}"] == pytest.approx(top)
        lift = lift_at(target, probability, percent / 100, weight)
        assert found[f"lift_at_{percent}"] == pytest.approx(lift)


@given(weighted_hits())
def test_balanced_view_is_an_even_mixture(case: Cases) -> None:
    target, probability, weight = case
    even = balanced_weights(target, weight)
    assert even.sum() == pytest.approx(weight.sum())
    assert np.average(target, weights=even) == pytest.approx(0.5)
    own = hit_metrics(target, probability, 0.5)
    assert own(even)["accuracy"] == pytest.approx(own(weight)["balanced_accuracy"])
    for name in ("roc_auc", "recall"):
        assert own(even)[name] == pytest.approx(own(weight)[name])


def test_published_balanced_view_flatters() -> None:
    random = np.random.default_rng(0)
    target = (random.random(20_000) < 0.02).astype(float)
    probability = np.clip(random.normal(0.3 + 0.3 * target, 0.15), 0, 1)
    found = hit_metrics(target, probability, 0.45)
    even, true = found(balanced_weights(target)), found(np.ones(20_000))
    assert even["precision"] > 0.8
    assert true["precision"] < 0.12
    assert even["pr_auc"] > true["pr_auc"] + 0.4


def test_a_constant_prediction_ranks_nothing() -> None:
    target = np.array([0.0, 1.0, 0.0, 0.0])
    found = hit_metrics(target, np.full(4, 0.25), 0.5)(np.ones(4))
    assert (found["roc_auc"], found["pr_auc"], found["lift_at_1"]) == (0.5, 0.25, 1.0)
    assert (found["precision"], found["recall"], found["f1"]) == (0, 0, 0)
    curve = roc_curve(target, np.full(4, 0.25), np.ones(4))
    assert (curve.false_positive_rate, curve.true_positive_rate) == ((0, 1), (0, 1))


@pytest.mark.parametrize("only", [0.0, 1.0])
def test_one_class_has_no_ranking(only: float) -> None:
    target, probability, weight = np.full(3, only), np.array([0.2, 0.6, 0.9]), np.ones(3)
    found = hit_metrics(target, probability, 0.5)(weight)
    assert math.isnan(found["roc_auc"])
    assert math.isnan(found["balanced_accuracy"])
    assert found["accuracy"] == pytest.approx(np.mean((probability >= 0.5) == only))
    assert balanced_weights(target).tolist() == [1, 1, 1]
    with pytest.raises(NotEnoughDataError, match="expected hits and misses, got one class"):
        roc_curve(target, probability, weight)


def test_without_hits_there_is_no_recall_or_lift() -> None:
    none = np.zeros(3)
    assert math.isnan(lift_at(none, np.array([0.2, 0.6, 0.9]), 0.5))
    with pytest.raises(NotEnoughDataError, match="expected hits, got none"):
        precision_recall_curve(none, none, np.ones(3))


def test_one_track() -> None:
    one = np.ones(1)
    found = hit_metrics(one, np.array([0.7]), 0.5)(one)
    assert (found["precision"], found["recall"], found["lift_at_1"]) == (1, 1, 1)
    assert found["brier"] == pytest.approx(0.09)


def test_what_is_no_number_is_refused() -> None:
    bad = np.array([0.1, np.nan, np.inf])
    sentence = (
        r"probability: expected finite numbers, got 2 of 3 values that are not "
        r"\(rows 1, 2: nan, inf\). Leave these rows out before scoring."
    )
    with pytest.raises(InvalidValuesError, match=sentence):
        hit_metrics(np.array([0.0, 1.0, 0.0]), bad, 0.5)
    with pytest.raises(InvalidValuesError, match="target: expected finite numbers"):
        precision_at(bad, np.zeros(3), 0.5)
    with pytest.raises(NotEnoughDataError, match="expected at least one track to score, got none"):
        hit_metrics(np.empty(0), np.empty(0), 0.5)
    with pytest.raises(NotEnoughDataError, match="weight: expected a sum above 0, got 0"):
        confusion(np.ones(2), np.ones(2), np.zeros(2))
    with pytest.raises(ConfigError, match="share: expected above 0 to 1, got 5"):
        precision_at(np.ones(2), np.ones(2), 5)


def test_thinned_curves_keep_the_area_and_the_ends() -> None:
    random = np.random.default_rng(1)
    target = (random.random(30_000) < 0.1).astype(float)
    probability = np.clip(random.normal(0.3 + 0.2 * target, 0.2), 0, 1)
    weight = random.choice([1.0, 0.5], 30_000)
    curve = roc_curve(target, probability, weight, most_points=100)
    assert 50 < len(curve.false_positive_rate) <= 100
    assert len(curve.threshold) == len(curve.false_positive_rate) - 1
    assert (curve.false_positive_rate[0], curve.true_positive_rate[0]) == (0, 0)
    assert (curve.false_positive_rate[-1], curve.true_positive_rate[-1]) == (1, 1)
    area = np.trapezoid(curve.true_positive_rate, curve.false_positive_rate)
    exact = hit_metrics(target, probability, 0.5)(weight)["roc_auc"]
    assert area == pytest.approx(exact, abs=0.001)
    ranked = precision_recall_curve(target, probability, weight, most_points=100)
    assert len(ranked.recall) <= 100
    assert ranked.recall[-1] == 1
    assert ranked.precision[-1] == ranked.base_rate
