"""A network learns by torch, answers by NumPy, and is the same however it came about."""

from __future__ import annotations

import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.models.networks_material import NAMES, fitted, request

from trackoracle.errors import (
    ConfigError,
    DivergenceError,
    MissingExtraError,
    OutputError,
    StudyError,
    UnknownNameError,
)
from trackoracle.models import CANDIDATES, networks
from trackoracle.models.networks import checkpoint as checkpoints
from trackoracle.models.networks.forward import NUMPY, Library, forward, told
from trackoracle.models.networks.holding import held_back
from trackoracle.models.networks.inputs import fit_inputs
from trackoracle.models.networks.settings import check_network, settings_of
from trackoracle.models.networks.training import _on_device

FAST = CANDIDATES["network"].params["fast"]


class TestAnswers:
    def test_numpy_answers_what_torch_learned(self) -> None:
        asked = request()
        model = fitted(asked)
        inputs = _on_device(torch, "cpu", model.inputs)
        everything = {**model.arrays, **model.inputs.arrays()}
        tensors = {name: torch.from_numpy(array) for name, array in everything.items()}
        library = Library(torch, torch.nn.functional.linear, torch.relu)
        parts = told(library, tensors, inputs, torch.from_numpy(asked.matrix))
        out = forward(library, tensors, parts, model.activation)
        mean, deviation, low, high = model.scale
        expected = np.clip(out[:, 0].numpy() * deviation + mean, low, high)
        np.testing.assert_allclose(model.predict(asked.matrix), expected, atol=1e-4)

    def test_the_published_network_is_the_plain_one(self) -> None:
        """96 inputs and four classes make the 21,044 parameters that were published."""
        random = np.random.default_rng(0)
        matrix = random.normal(3, 2, (300, 96)).astype(np.float32)
        target = np.repeat([0.0, 1.0, 2.0, 3.0], 75)
        model = fitted(
            replace(
                request(300, "multiclass", design="80-80-80"),
                matrix=matrix, names=tuple(f"x{i}" for i in range(96)), target=target,
                weight=np.ones(300), n_classes=4, groups=None,
            )
        )  # fmt: skip
        assert sum(array.size for array in model.arrays.values()) == 21_044
        assert (model.curve.n_held, len(model.curve.learned), model.curve.kept) == (0, 50, 50)
        plain = torch.nn.Sequential(
            *(m for n in (96, 80, 80) for m in (torch.nn.Linear(n, 80), torch.nn.ReLU())),
            torch.nn.Linear(80, 4),
        ).double()
        states = zip(plain.parameters(), model.arrays.values(), strict=True)
        with torch.no_grad():
            for parameter, array in states:
                parameter.copy_(torch.from_numpy(array))
            scaled = (matrix - matrix.mean(axis=0, dtype=np.float64)) / matrix.std(axis=0)
            expected = torch.softmax(plain(torch.from_numpy(scaled)), 1).numpy()
        np.testing.assert_allclose(model.predict(matrix), expected, atol=1e-4)

    def test_tanh_and_dropout_of_the_other(self) -> None:
        model = fitted(request(design="32-16", task="binary"))
        assert (model.layers, model.activation) == ((32, 16), "tanh")
        assert len(model.curve.held) == len(model.curve.learned) <= 100
        assert model.curve.held[model.curve.kept - 1] < 0.62

    def test_a_category_never_seen_adds_nothing(self) -> None:
        asked = request()
        model = fitted(asked)
        rows = asked.matrix[~np.isnan(asked.matrix[:, 3])]
        jazz = rows.copy()
        jazz[:, NAMES.index("genres=jazz")] = 1
        assert np.array_equal(model.predict(jazz), model.predict(rows))
        assert not np.array_equal(
            model.predict(rows), model.predict(rows[:, [0, 1, 2, 4, 3, 5, 6]])
        )

    def test_answers_stay_where_the_target_was(self) -> None:
        asked = request()
        answers = fitted(asked).predict(np.full((1, len(NAMES)), 1e9, np.float32))
        assert asked.target.min() <= answers[0] <= asked.target.max()

    def test_nothing_known_of_any_row(self) -> None:
        asked = request()
        model = fitted(replace(asked, matrix=np.full_like(asked.matrix, np.nan)))
        assert np.ptp(model.predict(asked.matrix)) == 0
        assert model.predict(asked.matrix[:0]).shape == (0,)


class TestInputs:
    def test_pieces_are_places_between_quantiles(self) -> None:
        column = np.array([*range(101), np.nan], np.float32)[:, None]
        found = fit_inputs(column, ("x",), np.arange(102), 4, np.random.default_rng(0))
        assert found.low.tolist() == [[0, 25, 50, 75]]
        np.testing.assert_allclose(found.rate, 1 / 25)
        asked = np.array([[-5.0], [30.0], [200.0], [np.nan]])
        (codes,) = told(NUMPY, found.arrays(), found, asked)
        expected = [[0, 0, 0, 0, 0], [1, 0.2, 0, 0, 0], [1, 1, 1, 1, 0], [0, 0, 0, 0, 1]]
        np.testing.assert_allclose(codes[:, 0], expected, atol=1e-7)

    def test_what_was_never_missing_counts_as_typical(self) -> None:
        column = np.array([1, 2, 2, 9], np.float32)[:, None]
        found = fit_inputs(column, ("x",), np.arange(4), 2, np.random.default_rng(0))
        assert (found.fill.tolist(), found.tells_missing.tolist()) == ([2], [False])

    def test_only_training_rows_are_looked_at(self) -> None:
        asked = request()
        changed = asked.matrix.copy()
        changed[300:] = 77
        for n_pieces in (0, 4):
            one, other = (
                fit_inputs(m, NAMES, np.arange(300), n_pieces, np.random.default_rng(0))
                for m in (asked.matrix, changed)
            )
            assert one.facts() == other.facts()
            assert all(np.array_equal(a, other.arrays()[n]) for n, a in one.arrays().items())

    def test_standardised_as_numpy_does(self) -> None:
        asked = request()
        known = asked.matrix[:, 0][~np.isnan(asked.matrix[:, 0])].astype(np.float64)
        found = fit_inputs(asked.matrix, NAMES, np.arange(400), 0, np.random.default_rng(0))
        np.testing.assert_allclose(found.low[0, 0], known.mean(), rtol=1e-5)
        np.testing.assert_allclose(found.rate[0, 0], 1 / known.std(), rtol=1e-5)
        assert not found.categories


class TestHeldBack:
    def test_artists_stay_whole(self) -> None:
        groups = np.random.default_rng(0).integers(0, 60, 900)
        held = held_back(np.zeros(900), groups, np.random.default_rng(1), is_class=False)
        assert 45 < held.sum() <= 90
        assert not set(groups[held]) & set(groups[~held])

    def test_both_views_of_a_row_are_on_one_side(self) -> None:
        row = np.tile(np.arange(400), 2)
        held = held_back(np.zeros(800), row, np.random.default_rng(1), is_class=False)
        assert np.array_equal(held[:400], held[400:])
        assert held.sum() == 80

    def test_a_class_is_never_held_back_whole(self) -> None:
        target = np.zeros(400)
        for seed in range(20):
            target[:] = 0
            target[seed] = 1
            held = held_back(target, None, np.random.default_rng(seed), is_class=True)
            assert not held[seed]
            assert held.sum() in (39, 40)

    @pytest.mark.parametrize("groups", [np.zeros(400, int), np.arange(400) // 399])
    def test_one_artist_has_nobody_beside(self, groups: np.ndarray) -> None:
        held = held_back(np.zeros(400), groups, np.random.default_rng(0), is_class=False)
        assert held.sum() in (0, 1)

    def test_of_few_rows_none(self) -> None:
        model = fitted(request(100))
        assert (model.curve.held, model.curve.n_held) == ((), 0)


class TestFits:
    def test_side_by_side_as_alone(self) -> None:
        state = torch.random.get_rng_state()
        alone = [fitted(request(seed=seed)).members() for seed in (0, 1)]
        with ThreadPoolExecutor(2) as pool:
            asked = [request(seed=seed) for seed in (0, 1)]
            together = [model.members() for model in pool.map(fitted, asked)]
        assert together == alone
        assert alone[0] != alone[1]
        assert torch.equal(torch.random.get_rng_state(), state)

    def test_stops_when_those_held_back_are_answered_no_better(self) -> None:
        curve = fitted(request(n_epochs=60, learning_rate=0.05, decays=0, patience=2)).curve
        assert len(curve.learned) == curve.kept + 2 < 60
        assert curve.held[curve.kept - 1] == min(curve.held)
        assert (curve.n_learned, curve.n_held) == (360, 40)

    def test_the_matrix_is_not_copied(self) -> None:
        random = np.random.default_rng(0)
        matrix = random.random((120_000, 60), np.float32)
        target = np.round(100 * matrix[:, 0]).astype(np.float64)
        asked = replace(
            request(design="own", n_epochs=1, batch_size=2_048, layers="4"), matrix=matrix,
            names=tuple(f"x{i}" for i in range(60)), target=target, weight=np.ones(120_000),
            groups=None,
        )  # fmt: skip
        tracemalloc.start()
        fitted(asked)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 0.8 * matrix.nbytes

    def test_a_loss_that_is_no_number_ends_it(self) -> None:
        asked = request(learning_rate=0.5, design="80-80-80")
        asked.matrix[3, 1] = np.inf
        with np.errstate(invalid="ignore"), pytest.raises(DivergenceError) as caught:
            fitted(asked)
        assert str(caught.value) == (
            "network: expected a loss that is a number, got nan (pass 1, learning_rate 0.001). "
            "Lower learning_rate, or look for values far out of range with: "
            "trackoracle check CATALOG"
        )

    @pytest.mark.parametrize("task", ["binary", "multiclass"])
    def test_where_all_are_one_class_so_are_the_answers(self, task: str) -> None:
        """Folds of one class are refused; what divides a fold again may come to have one."""
        answers = fitted(replace(request(task=task), target=np.ones(400))).predict(request().matrix)
        answers = answers[:, 1] if task == "multiclass" else answers
        assert answers.min() > 0.999


class TestCheckpoints:
    def test_an_interrupted_fit_ends_as_if_it_were_not(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = fitted(request()).members()
        asked = replace(request(), checkpoints=tmp_path)
        write, n_written = checkpoints.Checkpoint.write, 0

        def interrupted(self: checkpoints.Checkpoint, progress: checkpoints.Progress) -> None:
            nonlocal n_written
            write(self, progress)
            n_written += 1
            if n_written == 2:
                raise KeyboardInterrupt

        monkeypatch.setattr(checkpoints.Checkpoint, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fitted(asked)
        assert fitted(asked).members() == whole
        assert n_written == 4
        assert fitted(asked).members() == whole, "read, not fitted again"
        assert n_written == 4
        assert len(list(tmp_path.iterdir())) == 1

    @pytest.mark.parametrize(
        "changed",
        [{"seed": 1}, {"weight": np.ones(400)}, {"names": NAMES[::-1]}, {"groups": None}],
        ids=lambda changed: next(iter(changed)),
    )
    def test_another_fit_has_another(self, changed: dict[str, object]) -> None:
        settings = settings_of(request().params)
        first, second = (
            checkpoints.fingerprint_of(asked, settings, "cpu")
            for asked in (request(), replace(request(), **changed))
        )
        assert first != second
        assert first != checkpoints.fingerprint_of(request(), settings, "cuda")
        assert first != checkpoints.fingerprint_of(request(), replace(settings, dropout=0.5), "cpu")

    def test_what_is_none_is_refused(self, tmp_path: Path) -> None:
        asked = replace(request(n_epochs=1), checkpoints=tmp_path)
        fitted(asked)
        (path,) = tmp_path.iterdir()
        content = path.read_bytes()
        for other in (b"", content[:-4], content.replace(b"n_steps", b"n_stops")):
            path.write_bytes(other)
            with pytest.raises(StudyError, match="Delete it to begin that fit anew"):
                fitted(asked)
            assert path.read_bytes() == other
        with pytest.raises(OutputError, match="expected a folder to keep checkpoints in"):
            fitted(replace(asked, checkpoints=path))


class TestSettings:
    @pytest.mark.parametrize(
        ("changed", "error", "said"),
        [
            ({"layers": "80-x"}, ConfigError, "layers: expected 1 to 8 sizes of 1 to 4,096 units"),
            ({"layers": "0"}, ConfigError, "layers: expected"),
            ({"activation": "gelu"}, UnknownNameError, "activation: expected a known name"),
            ({"design": "80-80"}, UnknownNameError, "Did you mean '80-80-80'"),
            ({"device": "gpu"}, UnknownNameError, "Did you mean 'cpu'"),
            ({"dropout": 1.0}, ConfigError, "dropout of a network: expected 0 to 0.9, got 1.0"),
            ({"batch_size": 0}, ConfigError, "batch_size of a network"),
            ({"width": 0}, ConfigError, "width of a network: expected 1 to 64, got 0"),
            ({"learning_rate": float("nan")}, ConfigError, "learning_rate of a network"),
        ],
    )
    def test_what_no_network_has(
        self, changed: dict[str, object], error: type[Exception], said: str
    ) -> None:
        with pytest.raises(error, match=said):
            check_network({**FAST, **changed})

    def test_without_torch_the_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "torch", None)
        for ask in (lambda: check_network(FAST), lambda: fitted(request())):
            with pytest.raises(MissingExtraError) as caught:
                ask()
            assert str(caught.value) == (
                "torch is not installed. Run: pip install 'trackoracle[neural]'"
            )

    @pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
    def test_a_gpu_that_is_not_there(self) -> None:
        with pytest.raises(ConfigError) as caught:
            fitted(request(device="cuda"))
        assert str(caught.value) == (
            f"device: expected a GPU that torch {torch.__version__} can use, got none. "
            "Set device to auto or cpu, or install a build of torch for your GPU."
        )

    def test_designs_leave_the_device_alone(self) -> None:
        for design in networks.DESIGNS:
            assert settings_of({**FAST, "design": design, "device": "cpu"}).device == "cpu"

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
    def test_a_gpu_learns_the_same_things(self) -> None:
        matrix = request().matrix
        answers = [fitted(request(device=d)).predict(matrix) for d in ("cpu", "cuda")]
        assert np.corrcoef(*answers)[0, 1] > 0.9
