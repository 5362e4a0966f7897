"""Orders and groups, for any probabilities."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from trackoracle.explanations import arrange

SURE = 2 / 3


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60), st.floats(0.01, 3))
def test_groups_are_those_that_the_first_cannot_be_told_from(values, slope: float) -> None:
    values = np.array(values)

    def p_above(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return expit(slope * (values[first] - values[second]))

    found = arrange(values, p_above, SURE)
    assert sorted(found.order) == list(range(len(values)))
    assert (np.diff(values[found.order]) <= 0).all()
    np.testing.assert_allclose(found.p_next, p_above(found.order[:-1], found.order[1:]))
    assert found.group[0] == 1
    assert set(np.diff(found.group)) <= {0, 1}
    for number in np.unique(found.group):
        rows = found.order[found.group == number]
        assert (p_above(np.repeat(rows[0], len(rows) - 1), rows[1:]) < SURE).all()
        after = found.order[found.group == number + 1][:1]
        assert (p_above(rows[:1], after) >= SURE).all()


def test_equal_ones_keep_their_order() -> None:
    found = arrange(np.array([1.0, 2.0, 2.0, 1.0]), lambda a, b: np.full(len(a), 0.5), SURE)
    assert found.order.tolist() == [1, 2, 0, 3]
    assert found.group.tolist() == [1, 1, 1, 1]
