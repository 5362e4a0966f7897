"""The recipe leaks nothing, keeps what is missing missing, and is the same after saving."""

from __future__ import annotations

from dataclasses import replace

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
    views_of,
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
    assert (len(history), len(worth)) == (9 * 6, 3)
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


def _views(catalog: to.Catalog, settings: RecipeSettings, n_views: int = 1) -> tuple:
    rows, contract = _rows(catalog, _target(catalog))
    recipe, matrix = fit_recipe(rows, contract, settings, seed=0)
    views = views_of(matrix, recipe.names, recipe.groups, settings, seed=0, n_views=n_views)
    return recipe.names, matrix, views


def test_a_share_of_rows_are_debuts(small_catalog: to.Catalog) -> None:
    settings = replace(SETTINGS, masked_share=0.5)
    names, matrix, views = _views(small_catalog, settings)
    column = names.index("artist_history_mean")
    known, still = (~np.isnan(part[:, column]) for part in (matrix, views.matrix))
    assert not (still & ~known).any()
    assert 0.4 < still.sum() / known.sum() < 0.6
    assert (views.share == 1).all()
    assert views.row.tolist() == list(range(len(matrix)))


def test_shown_twice_a_row_is_once_a_debut(small_catalog: to.Catalog) -> None:
    names, matrix, views = _views(small_catalog, SETTINGS, n_views=2)
    n = len(matrix)
    assert views.row.tolist() == [*range(n), *range(n)]
    assert (views.share == 0.5).all()
    np.testing.assert_array_equal(views.matrix[:n], matrix)
    histories = ("artist_history", "featured_history", "album_history")
    own = [name.startswith(histories) for name in names]
    assert np.isnan(views.matrix[n:, own]).all()
    np.testing.assert_array_equal(views.matrix[n:, np.invert(own)], matrix[:, np.invert(own)])
    # What others released under its album's name stays: compilations are known of a debut.
    shared = names.index("album_title_history_mean")
    assert not np.isnan(views.matrix[n:, shared]).all()


def test_without_histories_a_row_is_shown_once() -> None:
    matrix = np.ones((3, 2), np.float32)
    views = views_of(matrix, ("energy", "tempo"), ("audio", "audio"), SETTINGS, 0, n_views=2)
    assert (views.row.tolist(), views.share.tolist()) == ([0, 1, 2], [1.0, 1.0, 1.0])


@pytest.mark.parametrize("n_views", [1, 2])
def test_every_input_is_missing_somewhere_in_training(small_catalog, n_views: int) -> None:
    names, _, views = _views(small_catalog, RecipeSettings(), n_views)
    missing = dict(zip(names, np.isnan(views.matrix).mean(axis=0), strict=True))
    assert min(missing.values()) > 0.03
    assert np.isnan(views.matrix).all(axis=1).any()


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
