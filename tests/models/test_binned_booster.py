"""Bins become few classes, none of them empty, and come back as they were trained."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackoracle.models import CANDIDATES, FitRequest
from trackoracle.models.binned_booster import merged
from trackoracle.schema import Popularity

CANDIDATE, TARGET = CANDIDATES["lightgbm_bins"], Popularity()
PARAMS = {**CANDIDATE.params["fast"], "n_trees": 5}
MASSES = st.lists(st.sampled_from((0.0, 0.5, 1, 3, 200)), min_size=2, max_size=25).filter(any)


def _request(target: np.ndarray, seed: int = 0) -> FitRequest:
    random = np.random.default_rng(seed)
    matrix = np.stack([target + random.normal(0, 5, len(target)), random.random(len(target))])
    return FitRequest(
        matrix.T.astype(np.float32),
        ("energy", "tempo"),
        target,
        random.choice([1.0, 0.5], len(target)),
        "regression",
        dict(PARAMS),
        seed,
        bins=TARGET.bins,
        borders=TARGET.borders,
    )


@given(mass=MASSES, n_classes=st.integers(2, 12))
def test_no_class_is_empty_and_there_are_at_most_as_many_as_asked_for(mass, n_classes) -> None:
    class_of = merged(np.array(mass), n_classes)
    assert class_of.shape == (len(mass),)
    assert class_of[0] == 0
    assert np.isin(np.diff(class_of), (0, 1)).all()
    n = class_of[-1] + 1
    assert n <= n_classes
    assert (np.bincount(class_of, mass) > 0).all()
    # No fewer than there could be.
    assert n == min(n_classes, np.count_nonzero(mass))


@given(mass=MASSES, n_classes=st.integers(2, 12), data=st.data())
def test_no_class_reaches_over_a_border_between_rows(mass, n_classes, data) -> None:
    border = data.draw(st.integers(0, len(mass) - 2))
    class_of = merged(np.array(mass), n_classes, [border])
    assert (np.bincount(class_of, mass) > 0).all()
    below, beyond = (np.flatnonzero(part) for part in (mass[: border + 1], mass[border + 1 :]))
    if len(below) and len(beyond):
        assert class_of[below[-1]] < class_of[border + 1 + beyond[0]]
    assert class_of[-1] < n_classes


def test_heavy_bins_stay_apart() -> None:
    mass = np.array([100.0, 1, 2, 1, 50, 60, 1, 1])
    class_of = merged(mass, 4)
    assert len({class_of[0], class_of[4], class_of[5]}) == 3
    assert [one != other for one, other in pairwise(class_of)].count(True) == 3


def test_saved_model_answers_the_same_and_divides_classes_as_in_training() -> None:
    target = np.random.default_rng(0).integers(0, 60, 900).astype(float)
    request = _request(target)
    model = CANDIDATE.fit(request)
    answers = model.predict(request.matrix)
    members = model.members()
    again = CANDIDATE.load(members, 2, "regression", 0)
    np.testing.assert_array_equal(again.predict(request.matrix), answers)
    assert again.members() == members
    assert answers.shape == (900, len(TARGET.bins) + 1)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-9)
    # Beyond 60 points there was no track.
    assert (answers[:, TARGET.bins.searchsorted(61, side="left") + 1 :] == 0).all()
    bins = np.searchsorted(TARGET.bins, target, side="left")
    mass = np.bincount(bins, request.weight, len(TARGET.bins) + 1)
    for one, other in pairwise(np.flatnonzero(mass)):
        if model.class_of[one] == model.class_of[other]:
            ratio = answers[:, one] / answers[:, other]
            np.testing.assert_allclose(ratio, mass[one] / mass[other])


@pytest.mark.parametrize("points", [(41, 45), (0, 0), (96, 100)])
def test_targets_of_one_bin_are_answered_by_that_bin(points) -> None:
    target = np.random.default_rng(0).integers(points[0], points[1] + 1, 300).astype(float)
    request = _request(target)
    model = CANDIDATE.fit(request)
    again = CANDIDATE.load(model.members(), 2, "regression", 0)
    answers = again.predict(request.matrix)
    own = np.searchsorted(TARGET.bins, points[1], side="left")
    np.testing.assert_allclose(answers[:, own], 1, atol=1e-6)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)


def test_few_rows_make_few_classes() -> None:
    random = np.random.default_rng(0)
    n_classes = [
        CANDIDATE.fit(_request(random.integers(0, 101, n).astype(float))).class_of[-1] + 1
        for n in (120, 500, 5_000)
    ]
    assert n_classes == [2, 5, PARAMS["n_classes"]]
