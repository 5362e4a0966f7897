"""Made rows are tracks: whole categories, genres that occur together, inputs that agree."""

from __future__ import annotations

import numpy as np
import pytest

from trackoracle.errors import NotEnoughDataError
from trackoracle.experiments.inputs import Inputs, tell_inputs
from trackoracle.experiments.neighbours import fit_space
from trackoracle.experiments.resampling import Rows, resample

MAKING = ("smote", "adasyn", "smote_tomek")


def _made(kind: str, fitted: tuple[Rows, Inputs], seed: int = 0) -> tuple[np.ndarray, Rows]:
    rows, inputs = fitted
    result = resample(kind, rows, inputs, n_neighbors=5, seed=seed)
    assert result.n_made > 50
    return result.matrix[-result.n_made :], result


def _of(values: list[list[float]], names: tuple[str, ...], target: list[float]) -> tuple:
    matrix = np.array(values, np.float32)
    rows = Rows(matrix, np.array(target), np.ones(len(target)))
    return rows, tell_inputs(matrix, names, names)


def test_kinds_of_inputs_are_told(fitted: tuple[Rows, Inputs]) -> None:
    _, inputs = fitted
    names = np.array(inputs.names)
    assert {"key", "mode", "time_signature", "explicit", "n_artists", "n_genres"} <= set(
        names[inputs.category]
    )
    assert {"tempo", "energy", "duration_ms"} <= set(names[inputs.measured])
    assert "artist_history_mean" in names[inputs.number]
    assert "artist_history_mean" not in names[inputs.measured]
    assert {"mood_angle", "energy_x_valence"} <= set(names[inputs.varied])
    assert all("=" in name for name in names[inputs.membership])


def test_the_space_gives_back_what_it_was_given(fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    space = fit_space(rows.matrix, inputs)
    back = space.decode(space.encode(rows.matrix))
    np.testing.assert_array_equal(np.isnan(back), np.isnan(rows.matrix))
    exact = np.concatenate([inputs.category, inputs.membership])
    np.testing.assert_array_equal(back[:, exact], rows.matrix[:, exact])
    np.testing.assert_allclose(back, rows.matrix, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", MAKING)
def test_no_category_is_ever_fractional(kind: str, fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    made, _ = _made(kind, fitted)
    for place in inputs.category:
        known = made[:, place][~np.isnan(made[:, place])]
        # What hardly any hit has, as a year in its title, need not be made.
        is_usual = np.isfinite(rows.matrix[rows.target == 1, place]).mean() > 0.2
        assert len(known) or not is_usual, inputs.names[place]
        assert set(known.tolist()) <= set(rows.matrix[:, place].tolist()), inputs.names[place]
    flags = [i for i, name in enumerate(inputs.names) if name.startswith("is_")]
    known = made[:, [*flags, *inputs.membership]]
    assert set(np.unique(known[~np.isnan(known)]).tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("kind", MAKING)
def test_genres_of_made_rows_occur_together(kind: str, fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    made, _ = _made(kind, fitted)
    n_genres = inputs.names.index("n_genres")
    places = [*inputs.membership.tolist(), n_genres]

    def sets(matrix: np.ndarray) -> set[tuple[float, ...]]:
        return {tuple(row) for row in np.nan_to_num(matrix[:, places], nan=-1).tolist()}

    assert sets(made) <= sets(rows.matrix[rows.target == 1])


@pytest.mark.parametrize("kind", MAKING)
def test_missing_and_derived_inputs_agree(kind: str, fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    made, _ = _made(kind, fitted)
    patterns = {row.tobytes() for row in np.isnan(rows.matrix)}
    assert {row.tobytes() for row in np.isnan(made)} <= patterns
    place = {name: i for i, name in enumerate(inputs.names)}
    product = made[:, place["energy"]] * made[:, place["valence"]]
    np.testing.assert_allclose(made[:, place["energy_x_valence"]], product, rtol=1e-5)
    assert (np.isnan(made).any(axis=1)).any()


@pytest.mark.parametrize("kind", MAKING)
def test_made_numbers_lie_among_the_hits(kind: str, fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    made, result = _made(kind, fitted)
    assert (result.target[-len(made) :] == 1).all()
    hits = rows.matrix[rows.target == 1][:, inputs.measured]
    numbers = made[:, inputs.measured]
    slack = 1e-3 * (np.nanmax(hits, axis=0) - np.nanmin(hits, axis=0))
    middle = np.nanmedian(rows.matrix[:, inputs.measured], axis=0)
    low = np.fmin(np.nanmin(hits, axis=0), middle) - slack
    high = np.fmax(np.nanmax(hits, axis=0), middle) + slack
    known = ~np.isnan(numbers)
    assert ((numbers >= low) | ~known).all()
    assert ((numbers <= high) | ~known).all()
    np.testing.assert_allclose(result.weight[-len(made) :], rows.weight[rows.target == 1].mean())


def test_classes_become_even(fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    smote = resample("smote", rows, inputs, 5, 0)
    assert smote.target.mean() == 0.5
    np.testing.assert_array_equal(smote.matrix[: len(rows.matrix)], rows.matrix)
    under = resample("undersample", rows, inputs, 5, 0)
    assert under.target.sum() * 2 == len(under.target) == 2 * rows.target.sum()
    weighed = resample("class_weights", rows, inputs, 5, 0)
    hits = weighed.target == 1
    np.testing.assert_allclose(weighed.weight[hits].sum(), weighed.weight[~hits].sum())
    np.testing.assert_allclose(weighed.weight.sum(), rows.weight.sum())
    adasyn = resample("adasyn", rows, inputs, 5, 0)
    assert abs(adasyn.target.mean() - 0.5) < 0.05
    assert resample("none", rows, inputs, 5, 0) is rows


def test_tomek_links_are_dropped() -> None:
    # Two hits far from the misses but for one pair that are each other's nearest.
    values = [[0.0], [1.0], [2.0], [50.0], [50.3], [90.0], [91.5], [93.0]]
    target = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    rows, inputs = _of(values, ("tempo",), target)
    kept = resample("smote_tomek", rows, inputs, 1, 0)
    assert sorted(kept.matrix[:, 0].tolist()) == [0.0, 1.0, 2.0, 90.0, 91.5, 93.0]


@pytest.mark.parametrize("kind", [*MAKING, "undersample"])
def test_same_seed_same_rows(kind: str, fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    first, again, other = (
        resample(kind, rows, inputs, 5, seed).matrix.tobytes() for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize("kind", MAKING)
def test_fewer_hits_than_neighbours_take_fewer(kind: str, fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    few = rows.take(np.concatenate([np.flatnonzero(rows.target == 1)[:3], np.arange(60)]))
    few = Rows(few.matrix, np.repeat([1.0, 0.0], [3, 60]), few.weight)
    assert resample(kind, few, inputs, 5, 0).n_made > 40


@pytest.mark.parametrize("kind", MAKING)
def test_one_hit_is_too_few(kind: str, fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    one = Rows(rows.matrix[:50], np.repeat([1.0, 0.0], [1, 49]), rows.weight[:50])
    with pytest.raises(NotEnoughDataError) as caught:
        resample(kind, one, inputs, 5, 0)
    name = "smote" if kind == "smote_tomek" else kind
    assert str(caught.value) == (
        f"{name}: expected at least 2 training rows of the smaller class in each fold, to make "
        "others between them, got 1. Use class_weights, or more tracks."
    )


def test_adasyn_needs_mixed_neighbours() -> None:
    values = [[float(i)] for i in range(10)] + [[1000.0 + i] for i in range(40)]
    rows, inputs = _of(values, ("tempo",), [1.0] * 10 + [0.0] * 40)
    with pytest.raises(NotEnoughDataError, match=r"got none among 10\. Use smote\."):
        resample("adasyn", rows, inputs, 5, 0)


def test_even_classes_stay_as_they_are(fitted: tuple[Rows, Inputs]) -> None:
    rows, inputs = fitted
    target = np.tile([0.0, 1.0], len(rows.target))[: len(rows.target) // 2 * 2]
    even = Rows(rows.matrix[: len(target)], target, rows.weight[: len(target)])
    for kind in ("smote", "adasyn", "undersample"):
        result = resample(kind, even, inputs, 5, 0)
        assert len(result.target) == len(target)
        assert result.n_made == 0


def test_one_genre_and_an_empty_input_are_no_trouble() -> None:
    random = np.random.default_rng(0)
    matrix = random.normal(100, 20, (40, 4)).astype(np.float32)
    matrix[:, 1], matrix[:, 2] = 1, np.nan
    matrix[::7, 3] = np.nan
    names = ("tempo", "genres=pop", "loudness", "duration_ms")
    rows = Rows(matrix, np.repeat([1.0, 0.0], [10, 30]), np.ones(40))
    made = resample("smote", rows, tell_inputs(matrix, names, names), 5, 0).matrix[40:]
    assert len(made) == 20
    assert (made[:, 1] == 1).all()
    assert np.isnan(made[:, 2]).all()
    assert not np.isnan(made[:, 0]).any()
