"""Fences, removals and transforms keep the order, and leave what is missing missing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trackoracle.experiments.inputs import Inputs, tell_inputs
from trackoracle.experiments.outliers import fit_capping, kept_rows
from trackoracle.experiments.resampling import Rows
from trackoracle.experiments.transforms import fit_transform

KINDS = ("log", "sqrt", "box_cox", "yeo_johnson")


def test_fences_follow_tukey(fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    capping = fit_capping(rows.matrix, inputs)
    assert set(capping.places.tolist()) <= set(inputs.measured.tolist())
    tempo = inputs.names.index("tempo")
    known = rows.matrix[:, tempo][~np.isnan(rows.matrix[:, tempo])]
    first, third = np.quantile(known, [0.25, 0.75])
    i = capping.places.tolist().index(tempo)
    assert capping.low[i] == pytest.approx(first - 1.5 * (third - first), rel=1e-5)
    assert capping.high[i] == pytest.approx(third + 1.5 * (third - first), rel=1e-5)
    extreme = rows.matrix.copy()
    extreme[:, tempo] = np.where(np.isnan(extreme[:, tempo]), np.nan, 1e6)
    capped = capping.apply(extreme, inputs)
    assert np.nanmax(capped[:, tempo]) == capping.high[i]
    np.testing.assert_array_equal(np.isnan(capped), np.isnan(rows.matrix))


def test_what_follows_from_a_capped_input_is_computed_again() -> None:
    matrix = np.column_stack(
        [np.linspace(0.4, 0.6, 41), np.linspace(0.1, 0.9, 41), np.zeros(41)]
    ).astype(np.float32)
    matrix[:, 2] = matrix[:, 0] * matrix[:, 1]
    names = ("energy", "valence", "energy_x_valence")
    inputs = tell_inputs(matrix, names, names)
    test = np.array([[1.0, 0.5, 0.5]], np.float32)
    capped = fit_capping(matrix, inputs).apply(test, inputs)
    assert capped[0, 0] == pytest.approx(0.7)
    assert capped[0, 2] == pytest.approx(0.35)


def test_equal_quartiles_have_no_fences() -> None:
    matrix = np.zeros((100, 1), np.float32)
    matrix[:5, 0] = [0.1, 0.2, 0.3, 0.4, 0.55]
    inputs = tell_inputs(matrix, ("speechiness",), ("speechiness",))
    assert len(fit_capping(matrix, inputs).places) == 0


def test_rows_with_three_extreme_inputs_are_removed() -> None:
    random = np.random.default_rng(0)
    matrix = random.normal(size=(500, 4)).astype(np.float32)
    matrix[0, :3] = 50
    matrix[1, :2] = 50
    matrix[2] = np.nan
    names = ("tempo", "loudness", "energy", "valence")
    kept = kept_rows(matrix, tell_inputs(matrix, names, names))
    z = np.abs((matrix - np.nanmean(matrix, axis=0)) / np.nanstd(matrix, axis=0))
    np.testing.assert_array_equal(kept, ~((z > 3).sum(axis=1) > 2))
    assert np.flatnonzero(~kept).tolist() == [0]


@pytest.mark.parametrize("kind", KINDS)
def test_transforms_take_skew_away(kind: str, fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    transform = fit_transform(kind, rows.matrix, inputs)
    assert len(transform.places)
    assert set(transform.places.tolist()) <= set(inputs.continuous.tolist())
    changed = transform.apply(rows.matrix)
    np.testing.assert_array_equal(np.isnan(changed), np.isnan(rows.matrix))
    left = np.setdiff1d(np.arange(len(inputs.names)), transform.places)
    np.testing.assert_array_equal(changed[:, left], rows.matrix[:, left])
    before, after = (
        np.abs([stats.skew(m[:, i][~np.isnan(m[:, i])]) for i in transform.places])
        for m in (rows.matrix.astype(np.float64), changed.astype(np.float64))
    )
    assert (before > 1).all()
    assert after.mean() < before.mean()


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 50), turn=st.sampled_from([1, -1]))
def test_transforms_keep_the_order_also_beyond_training(kind: str, seed: int, turn: int) -> None:
    random = np.random.default_rng(seed)
    train = (turn * random.exponential(300, (80, 1))).astype(np.float32)
    transform = fit_transform(kind, train, tell_inputs(train, ("tempo",), ("tempo",)))
    asked = np.sort(random.normal(0, 3000, (60, 1)).astype(np.float32), axis=0)
    shown = transform.apply(asked)[:, 0]
    assert np.isfinite(shown).all()
    assert (np.diff(shown) >= -1e-4 * np.abs(shown).max()).all()


def test_box_cox_finds_scipys_power() -> None:
    x = np.random.default_rng(1).lognormal(size=(400, 1)).astype(np.float32)
    transform = fit_transform("box_cox", x, tell_inputs(x, ("tempo",), ("tempo",)))
    distance = x[:, 0].astype(np.float64) - float(x.min())
    _, power = stats.boxcox(1 + distance / distance.mean())
    assert transform.power[0] == pytest.approx(power, abs=1e-3)


def test_constants_and_empty_inputs_are_left_alone() -> None:
    matrix = np.full((60, 3), np.nan, np.float32)
    matrix[:, 1] = 120.5
    names = ("tempo", "loudness", "energy")
    inputs = tell_inputs(matrix, names, names)
    for kind in KINDS:
        assert len(fit_transform(kind, matrix, inputs).places) == 0
    np.testing.assert_array_equal(fit_capping(matrix, inputs).apply(matrix, inputs), matrix)
    assert kept_rows(matrix, inputs).all()
