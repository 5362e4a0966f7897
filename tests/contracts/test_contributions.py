"""What each candidate's inputs contribute adds up to its raw answer, whatever it learns."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.contracts.test_candidates import LEARNED, N_CLASSES, NAMES, _model, _request

from trackoracle.explanations import Attributed, Readout, attribute, sampled
from trackoracle.models import CANDIDATES, Candidate, FitRequest, Model
from trackoracle.schema import Popularity, Tier, middles

READOUTS = {
    "regression": Readout(middles(Popularity())),
    "binary": Readout(log_odds=True),
    "multiclass": Readout(middles(Tier((10, 20, 30, 40)))),
}
ROWS = slice(0, 40)


def _fitted(name: str, task: str) -> tuple[FitRequest, Model]:
    return _request(CANDIDATES[name], task), _model(name, task)


def _attributed(model: Model, readout: Readout, matrix: NDArray[np.float32]) -> Attributed:
    parts = model.additive()
    if parts is None:
        return sampled(lambda rows: readout.of(model.predict(rows)), matrix, n_pairs=4)
    return attribute(parts, readout, matrix)


@pytest.mark.parametrize(
    ("candidate", "task"), LEARNED, ids=[f"{candidate.name}-{task}" for candidate, task in LEARNED]
)
class TestContributions:
    def test_add_up_to_the_raw_answer(self, candidate: Candidate, task: str) -> None:
        (request, model), readout = _fitted(candidate.name, task), READOUTS[task]
        matrix = request.matrix[ROWS].copy()
        matrix[0] = np.nan
        found = _attributed(model, readout, matrix)
        total = found.baseline + found.values.sum(axis=1)
        np.testing.assert_allclose(total, found.raw, rtol=0, atol=1e-9)
        np.testing.assert_allclose(total, readout.of(model.predict(matrix)), rtol=0, atol=2e-5)
        assert np.ptp(found.baseline) < 1e-9
        if candidate.exact:
            assert model.additive() is not None
        if not candidate.is_baseline:
            assert np.abs(found.values[:, 0]).mean() > np.abs(found.values[:, 3]).mean()

    def test_are_the_same_after_loading(self, candidate: Candidate, task: str) -> None:
        (request, model), readout = _fitted(candidate.name, task), READOUTS[task]
        loaded = candidate.load(model.members(), len(NAMES), task, N_CLASSES[task])
        first, second = (_attributed(m, readout, request.matrix[ROWS]) for m in (model, loaded))
        np.testing.assert_allclose(first.values, second.values, rtol=0, atol=1e-9)
        gains = loaded.gains()
        if gains is not None:
            assert gains.shape == (len(NAMES),)
            assert gains.min() >= 0
            assert abs(gains.sum() - 1) < 1e-6

    def test_an_input_that_the_model_never_saw_gets_nothing(
        self, candidate: Candidate, task: str
    ) -> None:
        request = _request(candidate, task)
        request.matrix[:, 3] = np.nan
        model = candidate.fit(request)
        matrix = request.matrix[ROWS].copy()
        matrix[:, 3] = 7
        found = _attributed(model, READOUTS[task], matrix)
        # Sums in another order end a last digit apart.
        assert np.abs(found.values[:, 3]).max() < (1e-12 if not candidate.exact else 1e-300)
