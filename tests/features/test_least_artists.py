"""What too few artists use is not learnt: no history, no worth, and no trace of its hash."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import trackoracle as to
from trackoracle.features import RecipeSettings, TrainingRows, fit_recipe, prepare
from trackoracle.schema import check_tracks, fit_contract

SETTINGS = RecipeSettings(masked_share=0, dropped_share=0, least_tracks=5, least_artists=5)
N = 60
"""Tracks of a title that many artists use, and as many of one that a single choir uses."""


@pytest.fixture(scope="module")
def catalog() -> to.Catalog:
    rows = [
        {"track_name": title, "artists": artist, "genre": genre, "tempo": 60 + i, "popularity": i}
        for i in range(N)
        for title, artist, genre in (
            ("Shared Song", f"artist {i}", "pop"),
            ("Verdi Requiem", f"One Choir;soloist {i}", "opera"),
        )
    ]
    return to.load_catalog(rows)


def _fitted(catalog: to.Catalog, settings: RecipeSettings) -> tuple[dict[str, set[int]], object]:
    contract = fit_contract(catalog.tracks)
    prepared = prepare(check_tracks(catalog.tracks, contract).tracks, contract)
    keys, target = catalog.keys, to.Popularity().values(catalog.tracks)
    rows = TrainingRows(prepared, target, keys.weight, keys.recording, keys.first_artist)
    recipe, matrix = fit_recipe(rows, contract, settings, seed=0)
    facts, arrays = recipe.state()
    kept = {
        f"{fact['block']} {fact['column']}": set(arrays[f"{i}_hashes"].tolist())
        for i, fact in enumerate(facts)
        if f"{i}_hashes" in arrays
    }
    inputs = dict(zip(recipe.names, matrix.T, strict=True))
    served = dict(zip(recipe.names, recipe.transform(prepared).T, strict=True))
    return kept, (prepared, inputs, served)


def test_names_words_and_pairs_of_one_artist_are_not_kept(catalog: to.Catalog) -> None:
    kept, (prepared, _, _) = _fitted(catalog, SETTINGS)
    every, _ = _fitted(catalog, replace(SETTINGS, least_artists=0))
    is_shared = catalog.tracks["track_name"].to_numpy() == "Shared Song"
    for name in ("HistoryBlock title", "HistoryBlock genres", "HistoryBlock title_words",
                 "PhraseBlock title_words"):  # fmt: skip
        lists = prepared.lists[name.split()[1]]
        shared = set(lists.take(np.flatnonzero(is_shared)).values.tolist())
        single = set(lists.take(np.flatnonzero(~is_shared)).values.tolist())
        assert kept[name] == shared
        assert every[name] == shared | single
    # Two words and their pair.
    assert len(kept["PhraseBlock title_words"]) == 3
    assert kept["HistoryBlock artists"] == every["HistoryBlock artists"]


def test_what_is_not_kept_is_as_unknown_in_training_as_in_use(catalog: to.Catalog) -> None:
    _, (_, inputs, served) = _fitted(catalog, SETTINGS)
    single = catalog.tracks["track_name"].to_numpy() == "Verdi Requiem"
    for name in ("title_history_mean", "title_words_history_mean", "genre_history_count"):
        for given in (inputs, served):
            assert np.isnan(given[name][single]).all()
            assert not np.isnan(given[name][~single]).any()
    # A text of unknown words is worth nothing; only a missing text is missing.
    assert (inputs["title_words_worth"][single] == 0).all()
    assert (served["title_words_worth"][single] == 0).all()


def test_more_artists_asked_for_keep_fewer_names(small_catalog: to.Catalog) -> None:
    sizes = []
    for least in (0, 2, 5, 10_000):
        kept, _ = _fitted(small_catalog, replace(SETTINGS, least_tracks=1, least_artists=least))
        sizes.append(len(kept["PhraseBlock title_words"]))
    assert all(more > fewer for more, fewer in pairwise(sizes))
    assert sizes[-1] == 0
