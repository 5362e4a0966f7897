"""LightGBM's own library, asked without its package: the same answers, to the last bit."""

from __future__ import annotations

import pickle
import subprocess
import sys

import lightgbm
import numpy as np
import pytest

from trackoracle.models import CANDIDATES, lightgbm_booster
from trackoracle.models.lightgbm_booster import LightGbmModel
from trackoracle.models.lightgbm_library import Booster, LibraryError, Told

N_INPUTS = 5
OBJECTIVES = {"regression": 1, "binary": 1, "multiclass": 3}


@pytest.fixture(scope="module", params=OBJECTIVES)
def text(request: pytest.FixtureRequest) -> str:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(400, N_INPUTS)).astype(np.float32)
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    target = rng.integers(0, max(2, OBJECTIVES[request.param]), 400)
    settings = {"objective": request.param, "num_class": OBJECTIVES[request.param], "verbose": -1}
    data = lightgbm.Dataset(matrix, target, params={"verbose": -1})
    told: str = lightgbm.train(settings, data, 7).model_to_string()
    return told


@pytest.fixture
def matrix() -> np.ndarray:
    matrix = np.random.default_rng(1).normal(size=(50, N_INPUTS)).astype(np.float32)
    matrix[3] = np.nan
    return matrix


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_answers_are_those_of_the_package(
    text: str, matrix: np.ndarray, dtype: type, order: str, n_threads: int
) -> None:
    package, own = lightgbm.Booster(model_str=text), Booster(text)
    rows = np.array(matrix, dtype, order=order)
    for told, option in ((Told.ANSWER, {}), (Told.MARGIN, {"raw_score": True}),
                         (Told.CONTRIBUTIONS, {"pred_contrib": True})):  # fmt: skip
        for some in (rows, rows[:1], rows[::3]):
            answer = own.predict(some, told, n_threads)
            assert np.array_equal(answer.ravel(), np.ravel(package.predict(some, **option)))
            assert len(answer) == len(some)
    assert np.array_equal(own.gains(), package.feature_importance("gain"))
    assert own.n_inputs == N_INPUTS


def _model(text: str) -> LightGbmModel:
    task = next(name for name in OBJECTIVES if f"objective={name}" in text)
    members = {"lightgbm.txt": text.encode()}
    return CANDIDATES["lightgbm"].load(members, N_INPUTS, task, OBJECTIVES[task])


def test_what_our_file_leaves_out_moves_no_answer(text: str, matrix: np.ndarray) -> None:
    model = _model(text)
    (kept,) = model.members().values()
    assert len(kept) < 0.8 * len(text)
    assert b"leaf_weight" not in kept
    whole, own = Booster(text), Booster(kept.decode())
    for told in Told:
        assert np.array_equal(own.predict(matrix, told), whole.predict(matrix, told))
    assert np.array_equal(own.gains(), whole.gains())
    assert _model(kept.decode()).members() == model.members()


@pytest.mark.parametrize("most_leaves", [1, 150])
def test_blocks_of_trees_answer_as_all_together(
    text: str, matrix: np.ndarray, most_leaves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lightgbm_booster, "_MOST_LEAVES", most_leaves)
    model = _model(text)
    assert most_leaves > 1 or len(model._blocks) == 7
    assert sum(n for _, n in model._blocks) == 7
    answers = model.predict(matrix)
    np.testing.assert_allclose(answers, Booster(text).predict(matrix), rtol=1e-12)
    singly = np.concatenate([model.predict(row[None]) for row in matrix])
    assert np.array_equal(singly, answers)
    (part,) = model.additive()
    margins = Booster(text).predict(matrix, Told.MARGIN).reshape(len(matrix), -1)
    np.testing.assert_allclose(part.margins(matrix, 2), margins, rtol=0, atol=1e-12)


def test_a_copy_in_another_process_answers_alike(text: str, matrix: np.ndarray) -> None:
    own = Booster(text)
    copied = pickle.loads(pickle.dumps(own))
    assert np.array_equal(copied.predict(matrix), own.predict(matrix))


def test_what_it_cannot_read_is_refused(text: str, matrix: np.ndarray) -> None:
    with pytest.raises(LibraryError, match="Model file doesn't"):
        Booster("tree\nnot a model")
    with pytest.raises(LibraryError, match="number of features"):
        Booster(text).predict(matrix[:, :2])


def test_where_the_library_lies_elsewhere_its_package_knows(text: str, matrix: np.ndarray) -> None:
    code = (
        "import sys, numpy as np; from trackoracle.models import lightgbm_library as own\n"
        "own._FOLDERS = ()\n"
        "print(own.Booster(sys.stdin.read()).n_inputs, 'lightgbm' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], input=text, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == [str(N_INPUTS), "True"]


def test_predicting_imports_no_package_of_learners() -> None:
    code = (
        "import sys, trackoracle as to\n"
        "to.load_oracle().predict([{'genre': 'pop', 'tempo': 120.0}])\n"
        "print([m for m in ('lightgbm', 'sklearn', 'pandas', 'scipy.stats') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
