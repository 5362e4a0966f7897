"""Networks and waves: slopes by the chain rule, answers that generalise, inputs that agree."""

from __future__ import annotations

import numpy as np
import pytest

from trackoracle.audio.describing.recipes import RECIPES
from trackoracle.audio.estimating.fitting import (
    NetworkSettings,
    _slopes,
    _start,
    fit_networks,
    fit_waves,
)
from trackoracle.audio.estimating.inputs import STEPS, shared_inputs
from trackoracle.audio.estimating.regressors import Networks, Scale, sigmoid


def test_slopes_are_those_of_the_loss() -> None:
    """Each parameter moved a little changes the loss by as much as its slope says."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 4)).astype(np.float32)
    y = rng.random((6, 2)).astype(np.float32)
    pull = rng.random((6, 2)).astype(np.float32)
    layers = _start(4, (5, 3), np.array([0.3, 0.6]), rng)

    def loss() -> float:
        own = Networks(tuple(w[None] for w, _ in layers), tuple(b[None] for _, b in layers))
        return float((pull * (own.predict(x.astype(float)) - y) ** 2).sum() / len(x))

    slopes = _slopes(layers, x, y, pull, 0.0, rng)
    parameters = [p for layer in layers for p in layer]
    for parameter, slope in zip(parameters, slopes, strict=True):
        flat, step = parameter.reshape(-1), 1e-2
        for i in range(0, len(flat), max(1, len(flat) // 5)):
            before = flat[i]
            flat[i] = before + step
            above = loss()
            flat[i] = before - step
            below = loss()
            flat[i] = before
            assert slope.reshape(-1)[i] == pytest.approx((above - below) / (2 * step), abs=2e-4)


@pytest.mark.parametrize("kind", ["networks", "waves"])
def test_both_learn_a_curve_that_no_line_follows(kind: str) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(600, 3))
    truth = 0.5 + 0.4 * np.sin(1.5 * x[:, :1]) * np.cos(x[:, 1:2])
    train, test = slice(0, 400), slice(400, 600)
    if kind == "waves":
        told = fit_waves(x[train], truth[train], 128, 0).predict(x[test])
    else:
        settings = NetworkSettings(n_networks=2, hidden=(32, 16), n_epochs=80, dropout=0.0)
        own = fit_networks(x[train], truth[train], np.ones(400), settings, 0)
        told = own.predict(x[test])
    left = ((told - truth[test]) ** 2).mean() / truth[test].var()
    assert left < 0.2
    line = np.linalg.lstsq(np.c_[x[train], np.ones(400)], truth[train], rcond=None)[0]
    straight = np.c_[x[test], np.ones(200)] @ line
    assert ((straight - truth[test]) ** 2).mean() / truth[test].var() > 3 * left


def test_a_label_that_is_missing_pulls_nothing() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(200, 3)), rng.random((200, 2))
    holes = y.copy()
    holes[::2, 1] = np.nan
    odd = y.copy()
    odd[::2, 1] = np.nan
    settings = NetworkSettings(n_networks=1, hidden=(8,), n_epochs=3)
    for fit in (
        lambda t: fit_networks(x, t, np.ones(200), settings, 0).predict(x),
        lambda t: fit_waves(x, t, 16, 0).predict(x),
    ):
        told = fit(holes)
        assert np.isfinite(told).all()
        assert np.array_equal(told, fit(odd))
    assert np.array_equal(fit_waves(x[1::2], y[1::2], 16, 0).predict(x)[:, 0].shape, (200,))


def test_scale_bounds_what_is_far_out_and_fills_what_is_missing() -> None:
    scale = Scale.of(np.array([[0.0, 1.0], [2.0, 1.0], [np.nan, 1.0]]))
    assert scale.apply(np.array([[1e9, 5.0], [np.nan, np.nan], [2.0, 1.0]])).tolist() == [
        [4.0, 0.0],
        [0.0, 0.0],
        [1.0, 0.0],
    ]


def test_sigmoid_does_not_overflow() -> None:
    assert sigmoid(np.array([-1e4, 0, 1e4], np.float32)).tolist() == [0.0, 0.5, 1.0]


def test_liftered_and_plain_coefficients_are_one_input() -> None:
    plain = np.random.default_rng(0).normal(size=(3, 50))
    lifted = plain * (1 + 50 * np.sin(np.pi * np.arange(1, 51) / 100))
    names, values = shared_inputs("fma_mfcc50_lifter", RECIPES["fma_mfcc50_lifter"], lifted)
    short, same = shared_inputs("fma_mfcc20", RECIPES["fma_mfcc20"], plain[:, :20])
    assert names[:20] == short
    assert np.allclose(values[:, :20], same)


def test_what_is_free_of_the_key_does_not_move_with_it() -> None:
    columns = RECIPES["spotify_means36"]
    row = np.random.default_rng(0).random((1, len(columns))) + 0.1
    moved = row.copy()
    place = [
        columns.index(name)
        for name in ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
    ]
    moved[:, place] = np.roll(row[:, place], 5, axis=1)
    names, before = shared_inputs("spotify_means36", columns, row)
    _, after = shared_inputs("spotify_means36", columns, moved)
    own = [i for i, name in enumerate(names) if name.startswith("chroma_")]
    free = [i for i in own if not names[i].removeprefix("chroma_").isdecimal()]
    assert len(free) == 20
    assert np.allclose(before[:, free], after[:, free])
    pitches = [i for i in own if i not in free]
    assert not np.allclose(before[:, pitches], after[:, pitches])


@pytest.mark.parametrize("recipe", sorted(STEPS))
def test_columns_are_those_that_the_recipe_computes(recipe: str) -> None:
    assert set(STEPS[recipe]) == set(RECIPES[recipe])


def test_a_recipe_of_ones_own_keeps_its_columns() -> None:
    names, values = shared_inputs("full", ("a", "b"), np.array([[1.0, 2.0]]))
    assert names == ("full.a", "full.b")
    assert values.tolist() == [[1.0, 2.0]]
