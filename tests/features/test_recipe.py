"""The recipe leaks nothing, keeps what is missing missing, and is the same after saving."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import trackoracle as to
from trackoracle.features import (
    OTHER,
    RecipeSettings,
    TrainingRows,
    family,
    fit_recipe,
    prepare,
    recipe_from_state,
)
from trackoracle.schema import check_tracks, fit_contract


def _rows(catalog: to.Catalog, target: np.ndarray) -> tuple[TrainingRows, object]:
    contract = fit_contract(catalog.tracks)
    prepared = prepare(check_tracks(catalog.tracks, contract).tracks, contract)
    keys = catalog.keys
    codes = keys.weight, keys.recording, keys.first_artist
    return TrainingRows(prepared, target, *codes, to.Popularity().landmarks), contract


def _target(catalog: to.Catalog) -> np.ndarray:
    return to.Popularity().values(catalog.tracks)


SETTINGS = RecipeSettings(masked_share=0, dropped_share=0, least_tracks=3)


def test_own_target_does_not_reach_own_inputs(small_catalog: to.Catalog) -> None:
    target = _target(small_catalog)
    rows, contract = _rows(small_catalog, target)
    recipe, before = fit_recipe(rows, contract, SETTINGS, seed=0)
    history = [i for i, name in enumerate(recipe.names) if "_history_" in name]
    worth = [i for i, name in enumerate(recipe.names) if name.endswith("_worth")]
    assert (len(history), len(worth)) == (8 * 6, 3)
    for row in (0, 100, 333):
        changed = target.copy()
        changed[row] = 100 - changed[row]
        rows, contract = _rows(small_catalog, changed)
        _, after = fit_recipe(rows, contract, SETTINGS, seed=0)
        # Only the prior, one number for all rows, may move: by at most 100 / n.
        moved = np.abs(after[row, history] - before[row, history])
        assert np.nanmax(moved) <= 100 / len(target) + 1e-3
        # What words are worth is learned beside the genre's mean, which the row is part of
        # for the tracks of other artists: a trace of the change, beside what they see of it.
        change = np.abs(after - before)
        assert np.nanmax(change[row, worth]) < 0.02 * abs(changed[row] - target[row])
        assert np.nanmax(change[:, history]) > 0.5
        assert np.nanmax(change[:, worth]) > 5


def test_unknown_names_are_missing_not_zero(small_catalog: to.Catalog) -> None:
    rows, contract = _rows(small_catalog, _target(small_catalog))
    recipe, _ = fit_recipe(rows, contract, SETTINGS, seed=0)
    stranger = {"artists": ["Nobody At All"], "genres": ["no such genre"], "energy": [0.5]}
    checked = check_tracks(pl.DataFrame(stranger), contract)
    prepared = prepare(checked.tracks, contract)
    inputs = dict(zip(recipe.names, recipe.transform(prepared)[0], strict=True))
    assert inputs["energy"] == pytest.approx(0.5)
    for name, value in inputs.items():
        if name.startswith(("artist_history", "genre", "family", "n_genres", "tempo", "title")):
            assert np.isnan(value), name
    assert not recipe.knows_artist(prepared)[0]


def test_saved_recipe_is_the_same(small_catalog: to.Catalog) -> None:
    rows, contract = _rows(small_catalog, _target(small_catalog))
    recipe, _ = fit_recipe(rows, contract, SETTINGS, seed=0)
    again = recipe_from_state(*recipe.state())
    assert again.names == recipe.names
    np.testing.assert_array_equal(again.transform(rows.prepared), recipe.transform(rows.prepared))


def test_masking_hides_the_artist_from_its_share_of_rows(small_catalog: to.Catalog) -> None:
    rows, contract = _rows(small_catalog, _target(small_catalog))
    shown = fit_recipe(rows, contract, SETTINGS, seed=0)
    hidden = fit_recipe(
        rows, contract, RecipeSettings(masked_share=0.5, dropped_share=0, least_tracks=3), seed=0
    )
    column = shown[0].names.index("artist_history_mean")
    known, still = (~np.isnan(part[1][:, column]) for part in (shown, hidden))
    assert not (still & ~known).any()
    assert 0.4 < still.sum() / known.sum() < 0.6


def test_every_input_is_missing_somewhere_in_training(small_catalog: to.Catalog) -> None:
    rows, contract = _rows(small_catalog, _target(small_catalog))
    recipe, matrix = fit_recipe(rows, contract, RecipeSettings(), seed=0)
    missing = dict(zip(recipe.names, np.isnan(matrix).mean(axis=0), strict=True))
    assert min(missing.values()) > 0.04
    assert np.isnan(matrix).all(axis=1).any()


def test_flags_and_circle_of_fifths() -> None:
    tracks = pl.DataFrame(
        {
            "key": [0.0, 7.0, -1.0, None],
            "instrumentalness": [0.9, 0.2, None, 0.5],
            "energy": [1.0, 0.5, 0.2, None],
            "valence": [0.5, 1.0, None, 0.3],
        }
    )
    contract = fit_contract(tracks)
    prepared = prepare(tracks, contract)
    inputs = {n: prepared.matrix[:, i] for i, n in enumerate(prepared.names)}
    np.testing.assert_allclose(inputs["key_fifths_x"], [1, np.cos(np.pi / 6), np.nan, np.nan], 1e-6)
    np.testing.assert_array_equal(inputs["is_instrumental"], [1, 0, np.nan, 0])
    np.testing.assert_allclose(inputs["mood_angle"], [90, 0, np.nan, np.nan], atol=1e-4)
    np.testing.assert_allclose(inputs["energy_x_valence"], [0.5, 0.5, np.nan, np.nan])


@pytest.mark.parametrize("fixture", ["tracks_114k", "million_sample"])
def test_families_leave_less_than_five_per_cent_in_other(fixture, request) -> None:
    genres = to.load_catalog(request.getfixturevalue(fixture)).tracks["genres"].explode()
    names = genres.drop_nulls().unique().to_list()
    assert len(names) >= 82
    assert sum(family(name) == OTHER for name in names) < 0.05 * len(names)
