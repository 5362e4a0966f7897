"""Thresholds equal what trying every one finds; the sigmoid undoes resampling's shift."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from trackoracle.experiments.settings import ExperimentSettings
from trackoracle.experiments.thresholds import choose_threshold, fit_sigmoid

SETTINGS = ExperimentSettings()
rows = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]),
        st.booleans(),
        st.sampled_from([0.5, 1.0]),
    ),
    min_size=2,
    max_size=12,
).filter(lambda rs: any(hit for _, hit, _ in rs))


def _columns(drawn: list) -> tuple[np.ndarray, ...]:
    raw, hit, weight = (np.array(column, float) for column in zip(*drawn, strict=True))
    return raw, hit, weight


@given(rows)
def test_f1_is_the_best_of_all(drawn: list) -> None:
    raw, hit, weight = _columns(drawn)

    def f1(threshold: float) -> float:
        called = raw >= threshold
        both = (weight * called * hit).sum()
        return 2 * both / ((weight * called).sum() + (weight * hit).sum())

    chosen = choose_threshold(raw, hit, weight, SETTINGS)
    assert f1(chosen) == pytest.approx(max(map(f1, raw)))


@given(rows, st.sampled_from([0.0, 0.5, 3.0]))
def test_cost_is_the_least_of_all(drawn: list, miss: float) -> None:
    raw, hit, weight = _columns(drawn)
    settings = replace(SETTINGS, threshold="cost", cost_miss=miss)

    def cost(threshold: float) -> float:
        called = raw >= threshold
        missed, alarms = (weight * hit * ~called).sum(), (weight * (1 - hit) * called).sum()
        return miss * missed + alarms

    chosen = choose_threshold(raw, hit, weight, settings)
    assert cost(chosen) == pytest.approx(min(map(cost, [*raw, np.inf])))


def test_when_misses_cost_nothing_nothing_is_called() -> None:
    settings = replace(SETTINGS, threshold="cost", cost_miss=0.0)
    chosen = choose_threshold(np.array([0.9, 0.1]), np.array([1.0, 0.0]), np.ones(2), settings)
    assert chosen == np.inf


@given(rows, st.sampled_from([0.01, 0.2, 0.5, 1.0]))
def test_the_top_share_is_called_and_ties_with_it(drawn: list, share: float) -> None:
    raw, hit, weight = _columns(drawn)
    settings = replace(SETTINGS, threshold="precision_at_k", top_share=share)
    chosen = choose_threshold(raw, hit, weight, settings)
    assert weight[raw >= chosen].sum() >= share * weight.sum() - 1e-9
    assert weight[raw > chosen].sum() < share * weight.sum()


def test_of_equal_thresholds_the_highest_is_taken() -> None:
    three = np.array([0.9, 0.5, 0.4]), np.array([1.0, 0.0, 1.0])
    assert choose_threshold(*three, np.ones(3), SETTINGS) == 0.4
    # F1 is 2/3 at .9 and at .4.
    level = np.array([0.9, 0.5, 0.5, 0.4]), np.array([1.0, 0.0, 0.0, 1.0])
    assert choose_threshold(*level, np.ones(4), SETTINGS) == 0.9
    tied = choose_threshold(np.full(4, 0.3), np.array([1.0, 0, 0, 0]), np.ones(4), SETTINGS)
    assert tied == 0.3


def test_fixed_is_half_whatever_the_answers() -> None:
    settings = replace(SETTINGS, threshold="fixed")
    assert choose_threshold(np.array([0.1]), np.array([1.0]), np.ones(1), settings) == 0.5


def test_the_sigmoid_undoes_known_sampling_rates() -> None:
    random = np.random.default_rng(0)
    true = expit(random.normal(-2, 1, 20_000))
    hit = (random.random(20_000) < true).astype(float)
    # Of the misses one in eight was kept: the odds of the model are eight times the true ones.
    shifted = expit(logit(true) + np.log(8))
    sigmoid = fit_sigmoid(shifted, hit, np.ones(20_000))
    assert sigmoid.slope == pytest.approx(1, abs=0.05)
    assert sigmoid.intercept == pytest.approx(-np.log(8), abs=0.06)
    assert np.abs(sigmoid.probability(shifted) - true).mean() < 0.005


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.integers(0, 100))
def test_the_sigmoid_never_turns_the_order_round(raw: list[float], seed: int) -> None:
    answers = np.sort(np.array(raw))
    target = np.tile([1.0, 0.0], len(raw))[: len(raw)]
    shown = fit_sigmoid(answers, np.random.default_rng(seed).permutation(target), np.ones(len(raw)))
    assert shown.slope > 0
    assert (np.diff(shown.probability(answers)) >= 0).all()
    assert np.isfinite(shown.probability(np.array([0.0, 1.0]))).all()


def test_answers_that_say_the_opposite_become_the_base_rate() -> None:
    raw, hit = np.repeat([0.1, 0.9], 50), np.repeat([1.0, 0.0], [30, 70])
    probability = fit_sigmoid(raw, hit, np.ones(100)).probability(raw)
    np.testing.assert_allclose(probability, 0.3, atol=1e-3)
