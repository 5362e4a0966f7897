"""Histories: what is kept apart from whom, what landmarks tell, and files without them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.features.test_recipe import SETTINGS

from trackoracle.features import (
    MEASURES,
    RecipeSettings,
    TrainingRows,
    fit_history,
    fit_recipe,
    prepare,
    recipe_from_state,
)
from trackoracle.schema import Ragged, check_tracks, fit_contract

NAMES = Ragged(np.array([1, 1, 1, 2, 2, 3], np.uint64), np.array([0, 1, 2, 3, 4, 5, 6, 6]))
POINTS = np.array([0.0, 60.0, 90.0, 0.0, 10.0, 50.0, 30.0])
LANDMARKS = (0.0, 50.0)


def _fit(points: np.ndarray = POINTS, apart: np.ndarray | None = None, **settings):
    apart = np.arange(7) if apart is None else apart
    settings = {"strength": 0, "landmarks": LANDMARKS} | settings
    return fit_history(NAMES, points, np.ones(7), apart, **settings)


def test_shares_above_landmarks_are_told_without_the_own_row() -> None:
    history, left_out = _fit()
    assert history.measures_told == (*MEASURES, "above_0", "above_50")
    told = history.measures(NAMES)
    np.testing.assert_allclose(told[0], [50, 50, 50, 3, 2 / 3, 2 / 3], rtol=1e-6)
    np.testing.assert_allclose(told[3], [5, 5, 5, 2, 0.5, 0], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(left_out[0], [75, 75, 75, 2, 1, 1], rtol=1e-6)
    np.testing.assert_allclose(left_out[1], [45, 45, 45, 2, 0.5, 0.5], rtol=1e-6)
    np.testing.assert_allclose(left_out[4], [0, 0, 0, 1, 0, 0], atol=1e-5)
    # Alone of its name, and without a name.
    assert np.isnan(left_out[5]).all()
    assert np.isnan(told[6]).all()
    history.check()


def test_rows_kept_apart_do_not_reach_each_other() -> None:
    apart = np.array([0, 0, 1, 2, 3, 4, 5])
    _, left_out = _fit(apart=apart)
    np.testing.assert_allclose(left_out[:2, 0], 90)
    np.testing.assert_allclose(left_out[2, 0], 30)


def test_evidence_is_shrunk_to_the_mean_of_all_and_the_shares_of_all() -> None:
    history, _ = _fit(strength=1e9)
    np.testing.assert_allclose(
        history.measures(NAMES)[0, [0, 4, 5]], [POINTS.mean(), 5 / 7, 2 / 7], rtol=1e-5
    )


def test_names_of_too_little_evidence_have_no_history() -> None:
    history, left_out = _fit(least=2)
    assert history.hashes.tolist() == [1, 2]
    assert history.known(NAMES).tolist() == [True] * 5 + [False] * 2
    assert np.isnan(left_out[5]).all()


@pytest.mark.parametrize(
    "broken",
    [
        {"priors": np.zeros(2)},
        {"priors": np.zeros((3, 1))},
        {"priors": np.array([1, np.nan, 1])},
        {"landmarks": (0.0,)},
        {"landmarks": (0.0, np.nan)},
        {"sums": np.zeros((3, 2))},
        {"sums": np.zeros((2, 3))},
        {"sums": np.full((3, 3), np.inf)},
        {"weights": np.array([1.0, 0, 1])},
        {"weights": np.ones((3, 1))},
        {"hashes": np.array([3, 2, 1], np.uint64)},
        {"hashes": np.array([1, 2, 3])},
        {"strength": float("nan")},
        {"strength": -1.0},
    ],
    ids=str,
)
def test_arrays_that_are_no_history_are_refused(broken) -> None:
    history, _ = _fit()
    with pytest.raises(ValueError, match="history: expected sums by rising hashes, got others"):
        replace(history, **broken).check()


# Of a recipe


def _rows(tracks: pl.DataFrame, recording: list[int], first_artist: list[int]) -> tuple:
    contract = fit_contract(tracks)
    prepared = prepare(check_tracks(tracks, contract).tracks, contract)
    points = np.arange(len(tracks), dtype=float) ** 2
    codes = np.array(recording), np.array(first_artist)
    return TrainingRows(prepared, points, np.ones(len(tracks)), *codes, LANDMARKS), contract


TRACKS = pl.DataFrame(
    {
        "track_name": ["Home", "Home - Remastered", "Rain", "home", "Home (Live)", "Sun", "Rain"],
        "album_name": ["First", "First", "First", "First", "Live", "First", "Last"],
        "artists": [["Ann"], ["Ann"], ["Ann"], ["Bob"], ["Cid"], ["Bob", "Ann"], ["Ann"]],
    }
)
BARE = RecipeSettings(name_strength=0, masked_share=0, dropped_share=0, least_tracks=1)


def _means(settings: RecipeSettings = BARE) -> dict[str, list[float]]:
    rows, contract = _rows(TRACKS, [0, 0, 1, 2, 3, 4, 5], [0, 0, 0, 1, 2, 1, 0])
    recipe, matrix = fit_recipe(rows, contract, settings, seed=0)
    return {
        name.removesuffix("_history_mean"): matrix[:, i].tolist()
        for i, name in enumerate(recipe.names)
        if name.endswith("_history_mean")
    }


NAN = float("nan")


def test_an_album_keeps_the_own_recording_apart() -> None:
    """Ann's First: rows 0, 1 (one recording) and 2; Bob's First is another album."""
    np.testing.assert_allclose(_means()["album"], [4, 4, 0.5, 25, NAN, 9, NAN], rtol=1e-5)


def test_an_albums_name_and_a_title_keep_the_own_artist_apart() -> None:
    means = _means()
    ann, bob = (0 + 1 + 4) / 3, (9 + 25) / 2
    np.testing.assert_allclose(means["album_title"], [bob, bob, bob, ann, NAN, ann, NAN], rtol=1e-5)
    np.testing.assert_allclose(means["title"], [9, 9, NAN, 0.5, NAN, NAN, NAN], rtol=1e-5)


def test_an_artist_keeps_the_own_recording_apart() -> None:
    ann = [(4 + 25 + 36) / 3, (4 + 25 + 36) / 3, (0 + 1 + 25 + 36) / 4]
    both, last = (9 + 0 + 1 + 4 + 36) / 5, (0 + 1 + 4 + 25) / 4
    np.testing.assert_allclose(_means()["artist"], [*ann, 25, NAN, both, last], rtol=1e-5)


def test_a_recipe_of_format_2_comes_back_as_it_was(small_catalog) -> None:
    """It told one prior and one sum a name, and no landmarks."""
    contract = fit_contract(small_catalog.tracks)
    prepared = prepare(check_tracks(small_catalog.tracks, contract).tracks, contract)
    keys = small_catalog.keys
    target = np.nan_to_num(small_catalog.tracks["popularity"].to_numpy().astype(float))
    rows = TrainingRows(prepared, target, keys.weight, keys.recording, keys.first_artist)
    recipe, _ = fit_recipe(rows, contract, SETTINGS, seed=0)
    facts, arrays = recipe.state()
    n_histories = 0
    for i, fact in enumerate(facts):
        if fact["block"] == "HistoryBlock":
            assert fact.pop("landmarks") == []
            (fact["prior"],) = fact.pop("priors")
            arrays[f"{i}_sums"] = arrays[f"{i}_sums"][:, 0]
            n_histories += 1
    assert n_histories > 4
    again = recipe_from_state(facts, arrays)
    assert again.names == recipe.names
    np.testing.assert_array_equal(again.transform(prepared), recipe.transform(prepared))
    arrays[f"{len(facts) - 1}_sums"] = np.zeros((2, 2))
    place = max(i for i, fact in enumerate(facts) if fact["block"] == "HistoryBlock")
    arrays[f"{place}_sums"] = arrays[f"{place}_sums"][:-1]
    with pytest.raises(ValueError, match="history: expected sums by rising hashes"):
        recipe_from_state(facts, arrays)


def test_featured_artists_have_a_history_of_their_own() -> None:
    """Only row 5 features someone: Ann; nothing else is known of her as a guest."""
    assert np.isnan(_means()["featured"]).all()
    rows, contract = _rows(TRACKS, [0, 0, 1, 2, 3, 4, 5], [0, 0, 0, 1, 2, 1, 0])
    recipe, _ = fit_recipe(rows, contract, BARE, seed=0)
    guest = TRACKS.with_columns(artists=pl.Series([["Dee", "Ann"]] * len(TRACKS)))
    inputs = recipe.transform(prepare(check_tracks(guest, contract).tracks, contract))
    assert inputs[:, recipe.names.index("featured_history_mean")].tolist() == [25.0] * len(TRACKS)
