"""From margins to one number: contributions add up, and are fair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import quad_vec
from scipy.special import expit, softmax
from tests.contracts.test_candidates import NAMES, _request

from trackoracle.errors import TrackOracleError
from trackoracle.explanations import Readout, attribute, log_odds
from trackoracle.models import CANDIDATES
from trackoracle.schema import Additive, Link

LEVELS = np.array([0.0, 3.0, 50.0, 98.0])
WORLDS = st.tuples(st.integers(0, 10**6), st.sampled_from([0.1, 1.0, 8.0, 60.0]))


def _part(link: Link, weights: NDArray[np.float64], base: NDArray[np.float64]) -> Additive:
    """Build a part whose margins are linear in the inputs: each contributes weight x value."""
    return Additive(
        link,
        base,
        lambda matrix, _: base + matrix.astype(np.float64) @ weights.T,
        lambda matrix, slopes, _: matrix.astype(np.float64) * (slopes @ weights),
    )


def _world(seed: int, scale: float, n_margins: int = 4) -> tuple[Additive, NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    weights = scale * random.normal(size=(n_margins, 5))
    weights[:, 1] = weights[:, 0]  # inputs 0 and 1 are twins
    weights[:, 4] = 0  # and 4 is never used
    matrix = random.normal(size=(6, 5)).astype(np.float32)
    matrix[:, 1] = matrix[:, 0]
    return _part("softmax", weights, random.normal(size=n_margins)), matrix


@given(world=WORLDS, as_log_odds=st.booleans())
def test_add_up_whatever_the_margins(world: tuple[int, float], as_log_odds: bool) -> None:
    part, matrix = _world(*world)
    readout = Readout(LEVELS / 100 if as_log_odds else LEVELS, as_log_odds)
    found = attribute((part,), readout, matrix)
    told = softmax(part.margins(matrix, 1), axis=1) @ (readout.levels)
    np.testing.assert_allclose(found.raw, log_odds(told) if as_log_odds else told, atol=1e-9)
    total = found.baseline + found.values.sum(axis=1)
    np.testing.assert_allclose(total, found.raw, rtol=0, atol=1e-6)


@given(world=WORLDS)
def test_twins_get_the_same_and_the_unused_nothing(world: tuple[int, float]) -> None:
    part, matrix = _world(*world)
    found = attribute((part,), Readout(LEVELS), matrix)
    np.testing.assert_array_equal(found.values[:, 0], found.values[:, 1])
    assert not found.values[:, 4].any()


@pytest.mark.parametrize("scale", [1.0, 8.0, 60.0, 400.0])
def test_single_contributions_are_the_integral(scale: float) -> None:
    part, matrix = _world(7, scale)
    found = attribute((part,), Readout(LEVELS), matrix)
    end = part.margins(matrix, 1)

    def slopes(t: float) -> NDArray[np.float64]:
        share = softmax(part.base + t * (end - part.base), axis=1)
        return share * (LEVELS - (share @ LEVELS)[:, None])

    mean, _ = quad_vec(slopes, 0, 1, epsabs=1e-11, limit=4000)
    wanted = part.contributions(matrix, mean, 1)
    np.testing.assert_allclose(found.values, wanted, rtol=0, atol=1e-7 * max(1, scale))


@given(world=WORLDS, weight=st.floats(0.1, 0.9))
def test_parts_are_summed_by_weight(world: tuple[int, float], weight: float) -> None:
    part, matrix = _world(*world)
    other, _ = _world(world[0] + 1, world[1])
    readout = Readout(LEVELS)
    both = (replace(part, weight=weight), replace(other, weight=1 - weight))
    found, first, second = (attribute(p, readout, matrix) for p in (both, (part,), (other,)))
    wanted = weight * first.values + (1 - weight) * second.values
    np.testing.assert_allclose(found.values, wanted, rtol=0, atol=1e-6)


@given(seed=st.integers(0, 10**6), weight=st.floats(0.1, 0.9))
def test_log_odds_of_several_parts_add_up(seed: int, weight: float) -> None:
    parts = []
    for i, share in enumerate((weight, 1 - weight)):
        part, matrix = _world(seed + i, 2.0, n_margins=1)
        parts.append(replace(part, link="logit", weight=share))
    found = attribute(tuple(parts), Readout(log_odds=True), matrix)
    told = sum(p.weight * expit(p.margins(matrix, 1)[:, 0]) for p in parts)
    np.testing.assert_allclose(found.raw, log_odds(told), atol=1e-9)
    np.testing.assert_allclose(found.baseline + found.values.sum(axis=1), found.raw, atol=1e-6)


def test_the_log_odds_of_one_booster_are_its_margin_however_sure() -> None:
    part, matrix = _world(3, 50.0, n_margins=1)
    found = attribute((replace(part, link="logit"),), Readout(log_odds=True), matrix)
    np.testing.assert_allclose(found.raw, part.margins(matrix, 1)[:, 0], rtol=1e-12)


def test_equal_inputs_of_real_boosters_get_the_same() -> None:
    # A booster splits by either of two twins: two of them, each other's mirror, by both alike.
    request = _request(CANDIDATES["lightgbm_bins"], "regression")
    request.matrix[:, 3] = request.matrix[:, 0]
    mirror = [3, 1, 2, 0]
    params = {**request.params, "feature_fraction": 1.0, "extra_trees": False, "n_trees": 20}
    model = CANDIDATES["lightgbm_bins"].fit(replace(request, params=params))
    (part,) = model.additive()
    mirrored = replace(
        part,
        margins=lambda matrix, n: part.margins(np.ascontiguousarray(matrix[:, mirror]), n),
        contributions=lambda matrix, slopes, n: part.contributions(
            np.ascontiguousarray(matrix[:, mirror]), slopes, n
        )[:, mirror],
        weight=0.5,
    )
    levels = np.arange(len(part.spread[0])) * 5.0
    both = attribute((replace(part, weight=0.5), mirrored), Readout(levels), request.matrix[:50])
    assert np.abs(both.values[:, 0]).max() > 1
    np.testing.assert_allclose(both.values[:, 0], both.values[:, 3], atol=1e-9)
    assert len(NAMES) == len(both.values[0])


def test_what_does_not_add_up_is_no_explanation() -> None:
    part, matrix = _world(1, 1.0)
    wrong = replace(part, contributions=lambda matrix, slopes, _: np.ones(matrix.shape))
    with pytest.raises(TrackOracleError, match="expected contributions that add up"):
        attribute((wrong,), Readout(LEVELS), matrix)
