"""The search finds few, small and plausible edits, and asks no more than it may."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackoracle.explanations import (
    LEAST_PLAUSIBLE,
    MOST_ROWS,
    MOST_STRAIN,
    Found,
    Surroundings,
    Usual,
    search,
)
from trackoracle.explanations.surroundings import FARTHER, STILL_LEFT
from trackoracle.explanations.usual import LEVELS

NAMES = ("energy", "loudness", "tempo")
GRID = np.linspace(-2, 2, 17)


def surroundings(
    start: tuple[float, float, float] = (0.0, 0.0, 0.0), names: tuple[str, ...] = NAMES
) -> Surroundings:
    """A world of standard normal numbers; energy and loudness move together, tempo alone."""
    from scipy.stats import chi2, norm

    covariance = np.array([[1, 0.8, 0], [0.8, 1, 0], [0, 0, 1.0]])
    values = np.tile(norm.ppf(LEVELS), (3, 1))
    usual = Usual("world", 1000, NAMES, values, covariance, chi2.ppf(LEVELS, 3), {}, 3)
    return Surroundings(
        NAMES,
        np.array(start),
        {name: GRID[np.abs(GRID - own) > 0.1] for name, own in zip(NAMES, start, strict=True)
         if name in names},
        dict.fromkeys(names, 0.01),
        dict.fromkeys(names, 0.1),
        (usual,),
        {},
    )  # fmt: skip


def tempo_only(table: np.ndarray) -> np.ndarray:
    return table[:, 2]


def find(around: Surroundings, ask, at_least=None, **asked) -> Found:
    return search(around, ask, at_least, **{"n": 4, "most_edits": 3, "seed": 0} | asked)


def test_one_edit_is_enough_and_no_larger_than_it_must_be() -> None:
    found = find(surroundings(), tempo_only, 1.0)
    around = surroundings()
    assert around.edited(found.table[:1]).tolist() == [[False, False, True]]
    assert 1.0 <= found.table[0, 2] <= 1.1
    assert found.values[0] == found.table[0, 2]
    # The same with one edit more is no other answer.
    assert len(found.table) == 1


def test_what_moves_together_is_taken_along() -> None:
    def energy_only(table: np.ndarray) -> np.ndarray:
        return table[:, 0]

    around = surroundings()
    alone = np.array([[1.75, 0, 0]])
    assert not around.judge(alone)[1][0]
    found = find(around, energy_only, 1.7)
    assert found.values[0] >= 1.7
    assert around.edited(found.table[:1]).tolist() == [[True, True, False]]
    assert found.table[0, 1] > 0.5
    # Locked, loudness cannot follow: energy goes only as far as it can alone.
    held = surroundings(names=("energy", "tempo"))
    assert find(held, energy_only, 1.7).values.max() < 1.4


def test_pairs_are_found_of_which_neither_helps_alone() -> None:
    def both(table: np.ndarray) -> np.ndarray:
        return ((table[:, 0] > 0.5) & (table[:, 2] > 0.5)).astype(float)

    found = find(surroundings(), both, 1.0)
    assert surroundings().edited(found.table[:1]).tolist() == [[True, False, True]]
    assert found.table[0, [0, 2]] == pytest.approx(0.6, abs=0.1)


def test_where_more_is_always_better_a_further_edit_must_pay() -> None:
    def nearly(table: np.ndarray) -> np.ndarray:
        return table[:, 2] + 0.01 * table[:, 0]

    found = find(surroundings(), nearly)
    assert surroundings().edited(found.table[:1]).tolist() == [[False, False, True]]
    assert found.levers["tempo"][1] == pytest.approx(found.values[0], rel=0.06)


def test_out_of_reach_gives_the_best_that_can_be() -> None:
    found = find(surroundings(), tempo_only, 50.0)
    assert 1.5 < found.values[0] <= 2
    assert (np.diff(found.values) <= 1e-9).all() or len(found.values) > 1


def test_nothing_better_gives_nothing() -> None:
    found = find(surroundings(), lambda table: -np.abs(table).sum(axis=1))
    assert len(found.table) == 0
    assert found.levers.keys() == set(NAMES)
    frozen = find(surroundings(names=()), tempo_only)
    assert len(frozen.table) == 0
    assert frozen.n_asked == 1


def test_a_lever_that_cannot_move_plausibly_is_said() -> None:
    # Loudness is where energy does not lead one to expect it: nothing makes that worse.
    around = surroundings(start=(1.0, -1.0, 0.0))
    found = find(around, tempo_only)
    own = around.plausibility(around.start[None])[0]
    assert own < LEAST_PLAUSIBLE
    assert len(found.table)
    assert (around.plausibility(found.table) >= STILL_LEFT * own - 1e-6).all()


@given(st.data())
def test_promises_hold_for_any_model(data: st.DataObject) -> None:
    weights = np.array(data.draw(st.lists(st.floats(-2, 2), min_size=6, max_size=6)))
    start = tuple(data.draw(st.tuples(*[st.sampled_from((-1.0, 0.0, 0.7))] * 3)))
    names = tuple(data.draw(st.lists(st.sampled_from(NAMES), unique=True)))
    most_edits, n = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5))
    goal = data.draw(st.one_of(st.none(), st.floats(-3, 6)))
    n_asked = 0

    def model(table: np.ndarray) -> np.ndarray:
        nonlocal n_asked
        n_asked += len(table)
        return np.tanh(table @ weights[:3]) + table[:, 0] * table[:, 2] * weights[3]

    around = surroundings(start, names)
    found = find(around, model, goal, n=n, most_edits=most_edits)
    assert n_asked == found.n_asked <= MOST_ROWS + 1
    assert len(found.table) <= n
    edited = around.edited(found.table)
    assert (edited.sum(axis=1) >= 1).all()
    assert (edited.sum(axis=1) <= most_edits).all()
    assert not edited[:, [NAMES.index(name) for name in NAMES if name not in names]].any()
    assert len(np.unique(edited, axis=0)) == len(edited)
    np.testing.assert_allclose(model(found.table), found.values)
    start_value = model(around.start[None])[0]
    if goal is None or start_value < goal:
        assert (found.values > start_value).all()
    assert around.judge(found.table)[1].all()
    usual = around.pictures[0]
    own = usual.strains(usual.scores(around.start[None]))[0]
    strains = usual.strains(usual.scores(found.table))
    assert (strains <= np.maximum(FARTHER * own, MOST_STRAIN) + 1e-6).all()
    again = find(around, model, goal, n=n, most_edits=most_edits)
    assert again.table.tolist() == found.table.tolist()


def test_the_work_is_bounded() -> None:
    asked = []

    def model(table: np.ndarray) -> np.ndarray:
        asked.append(len(table))
        return table.sum(axis=1)

    found = search(surroundings(), model, None, n=5, most_edits=3, seed=0, most_rows=900)
    assert sum(asked) == found.n_asked <= 901
    assert found.values[0] > 1.5
