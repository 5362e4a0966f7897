"""What words are worth: learnt without own tracks, and nothing from nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.features.test_recipe import SETTINGS, _rows, _target

import trackoracle as to
from trackoracle.features import fit_recipe, prepare
from trackoracle.features.phrases import Phrases, fit_phrases
from trackoracle.schema import Ragged, check_tracks, fit_contract, name_hashes

PARTS = np.repeat(np.arange(5), 80)


def _lists(texts: list[list[int]]) -> Ragged:
    values = np.array([v for text in texts for v in text], np.uint64)
    return Ragged.of(values, pl.Series([len(text) for text in texts], dtype=pl.Int64))


def _world(seed: int = 0) -> tuple[Ragged, np.ndarray, np.ndarray]:
    """Texts of three of 12 phrases, a few without any; phrase i is worth i."""
    random = np.random.default_rng(seed)
    texts = [random.choice(12, 3, replace=False).tolist() for _ in range(400)]
    texts[7], texts[200] = [], [100]  # no text, and a phrase of one row only
    worth = np.array([sum(t) for t in texts if t != [100]], float)
    worth = np.insert(worth, 200, 0) + random.normal(0, 1, 400)
    return _lists(texts), worth, random.choice([1.0, 0.5], 400)


def _fit(texts: Ragged, unexplained: np.ndarray, weight: np.ndarray):
    return fit_phrases(texts, unexplained, weight, PARTS, strength=1.0, least=2)


def test_own_target_and_that_of_own_part_do_not_reach_own_worth() -> None:
    texts, unexplained, weight = _world()
    _, before = _fit(texts, unexplained, weight)
    for part in (0, 3):
        inside = part == PARTS
        row = int(np.flatnonzero(inside)[11])
        for rows in ([row], inside):
            changed = unexplained.copy()
            changed[rows] += 50
            _, after = _fit(texts, changed, weight)
            np.testing.assert_array_equal(after[inside], before[inside])
            others = np.abs(after - before)[~inside]
            assert np.nanmax(others) > 0.05


def test_no_text_is_missing_and_no_known_phrase_is_nothing() -> None:
    texts, unexplained, weight = _world()
    phrases, left_out = _fit(texts, unexplained, weight)
    assert np.isnan(left_out).tolist() == (np.arange(400) == 7).tolist()
    assert left_out[200] == 0
    told = phrases.worths(_lists([[], [100], [100, 999], [3], [3, 999]]))
    assert np.isnan(told[0])
    assert told[1] == told[2] == 0
    # An unknown phrase beside a known one changes nothing.
    assert told[3] == told[4] != 0
    assert 100 not in phrases.hashes
    phrases.check()


def test_worths_are_the_matrix_product_with_the_coefficients() -> None:
    texts, unexplained, weight = _world()
    phrases, _ = _fit(texts, unexplained, weight)
    vectors = np.zeros((400, len(phrases.hashes)))
    for row, value in zip(texts.rows, texts.values, strict=True):
        place = np.flatnonzero(phrases.hashes == value)
        vectors[row, place] = phrases.rarity[place]
    length = np.linalg.norm(vectors, axis=1)
    vectors /= np.where(length > 0, length, 1)[:, None]
    has_text = texts.lengths > 0
    np.testing.assert_allclose(
        phrases.worths(texts)[has_text], (vectors @ phrases.worth)[has_text], rtol=1e-5, atol=1e-5
    )
    # And these are the ridge's: the gradient of its loss is nothing.
    slip = (vectors @ phrases.worth - unexplained)[has_text] * weight[has_text]
    gradient = vectors[has_text].T @ slip + phrases.worth
    assert np.abs(gradient).max() < 0.002 * np.abs(vectors.T @ (weight * unexplained)).max()


def test_a_phrase_gets_its_worth_and_rare_ones_are_shrunk() -> None:
    texts, unexplained, weight = _world()
    phrases, left_out = _fit(texts, unexplained, weight)
    known = ~np.isnan(left_out)
    assert np.corrcoef(left_out[known], unexplained[known])[0, 1] > 0.95
    assert (np.diff(phrases.worth) > 0).mean() > 0.9
    few = fit_phrases(texts, unexplained, weight, PARTS, strength=1e4, least=2)[0]
    assert np.abs(few.worth).max() < 0.1 * np.abs(phrases.worth).max()


def test_a_batch_of_one_is_answered_as_among_others() -> None:
    texts, unexplained, weight = _world()
    phrases, _ = _fit(texts, unexplained, weight)
    whole = phrases.worths(texts)
    for row in (0, 7, 200, 399):
        np.testing.assert_array_equal(phrases.worths(texts.take(np.array([row]))), whole[[row]])


def test_nothing_frequent_enough_is_worth_nothing() -> None:
    texts = _lists([[1], [2], [], [3]])
    phrases, left_out = fit_phrases(texts, np.ones(4), np.ones(4), np.arange(4), 1.0, least=2)
    assert len(phrases.hashes) == 0
    np.testing.assert_array_equal(left_out, [0, 0, np.nan, 0])
    np.testing.assert_array_equal(phrases.worths(texts), left_out)


@pytest.mark.parametrize(
    "broken",
    [
        {"hashes": np.array([2, 1, 3], np.uint64)},
        {"hashes": np.array([1, 1, 3], np.uint64)},
        {"hashes": np.array([1.0, 2.0, 3.0])},
        {"hashes": np.array([[1, 2, 3]], np.uint64)},
        {"rarity": np.ones(2, np.float32)},
        {"rarity": np.array([1, 0, 1], np.float32)},
        {"rarity": np.array([1, np.inf, 1], np.float32)},
        {"worth": np.array([1, np.nan, 1], np.float32)},
        {"worth": np.ones((3, 1), np.float32)},
    ],
    ids=str,
)
def test_arrays_that_are_no_phrases_are_refused(broken) -> None:
    sound = {
        "hashes": np.array([1, 2, 3], np.uint64),
        "rarity": np.ones(3, np.float32),
        "worth": np.ones(3, np.float32),
    }
    Phrases(**sound).check()
    with pytest.raises(ValueError, match="phrases: expected a worth by rising hashes, got others"):
        Phrases(**(sound | broken)).check()


# From text to phrases


def _phrases_of(titles: list[str | None]) -> list[list[int]]:
    tracks = pl.DataFrame({"track_name": pl.Series(titles, dtype=pl.String)})
    contract = fit_contract(tracks.vstack(pl.DataFrame({"track_name": ["x y"]})))
    lists = prepare(check_tracks(tracks, contract).tracks, contract).lists["title_words"]
    return [lists.take(np.array([i])).values.tolist() for i in range(len(titles))]


def _words(*words: str) -> set[int]:
    return set(name_hashes(pl.Series(words)).tolist())


def test_words_and_neighbouring_pairs_each_once() -> None:
    three, twice, one, cased = _phrases_of(
        ["Go With Me", "la la la", "Hello", "HELLO - (hello, hello)"]
    )
    assert len(three) == len(set(three)) == 5  # three words, two pairs
    assert _words("go", "with", "me") < set(three)
    assert len(twice) == 2  # one word, one pair
    assert _words("la") < set(twice)
    assert set(one) == _words("hello")
    assert _words("hello") < set(cased)
    assert len(cased) == 2


def test_order_matters_in_pairs_and_titles_do_not_run_into_each_other() -> None:
    there, back, first, second = map(set, _phrases_of(["new york", "york new", "new", "york"]))
    assert there & back == _words("new", "york")
    assert len(there | back) == 4
    assert first == _words("new")
    assert second == _words("york")


def test_other_scripts_signs_and_nothing() -> None:
    russian, thai, signs, empty, missing = _phrases_of(["Ночь ночь", "รักเธอ", "?!…", "", None])
    assert len(russian) == 2
    assert len(thai) == 1
    assert signs == empty == missing == []


def test_repeated_texts_of_a_long_column_are_the_same() -> None:
    titles = ["Go With Me", None, "la la la", "?"]
    assert _phrases_of(titles * 500) == _phrases_of(titles) * 500


def test_a_word_worth_something_reaches_the_answer(small_catalog: to.Catalog) -> None:
    """The recipe's own column: worth of the words beside what the genre tells."""
    random = np.random.default_rng(0)
    marked = random.random(len(small_catalog)) < 0.2
    title = np.where(marked, "remix " + pl.Series(range(len(marked))).cast(pl.String), "plain song")
    tracks = small_catalog.tracks.with_columns(pl.Series("track_name", title))
    catalog = replace(small_catalog, tracks=tracks)
    target = np.clip(_target(small_catalog) + 30 * marked, 0, 100)
    rows, contract = _rows(catalog, target)
    recipe, matrix = fit_recipe(rows, contract, SETTINGS, seed=0)
    worth = matrix[:, recipe.names.index("title_words_worth")]
    assert np.nanmin(worth[marked]) > np.nanmax(worth[~marked])
