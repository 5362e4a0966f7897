"""How names are written, as numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from trackoracle.features import prepare
from trackoracle.features.texts import SHAPES, read_texts, text_numbers
from trackoracle.schema import check_tracks, fit_contract

EXPECTED = {
    "Summer '69 (Live)": {
        "length": 17, "n_words": 3, "n_digits": 2, "n_accents": 0, "n_signs": 3, "n_brackets": 1,
        "n_dashes": 0, "capitals": 0.2, "latin": 1, "year": np.nan,
    },
    "Été - 2011 Remaster": {
        "length": 19, "n_words": 3, "n_digits": 4, "n_accents": 2, "n_signs": 1, "n_brackets": 0,
        "n_dashes": 1, "capitals": 2 / 11, "latin": 9 / 11, "year": 2011,
    },
    "夜に駆ける": {
        "length": 5, "n_words": 1, "n_digits": 0, "n_accents": 0, "n_signs": 0, "n_brackets": 0,
        "n_dashes": 0, "capitals": 0, "latin": 0, "year": np.nan,
    },
    "रंग दे": {  # the vowel signs belong to the words and are no letters
        "length": 6, "n_words": 2, "n_signs": 0, "capitals": 0, "latin": 0,
    },
    "Ночь 1999": {"n_digits": 4, "capitals": 0.25, "latin": 0, "year": 1999, "n_accents": 0},
    "120199": {"n_digits": 6, "capitals": np.nan, "latin": np.nan, "year": np.nan},
    "": {
        "length": 0, "n_words": 0, "n_digits": 0, "n_accents": 0, "n_signs": 0, "n_brackets": 0,
        "n_dashes": 0, "capitals": np.nan, "latin": np.nan, "year": np.nan,
    },
}  # fmt: skip


def _numbers(texts: dict[str, list[str | None]]) -> dict[str, np.ndarray]:
    read = read_texts({name: pl.Series(t, dtype=pl.String) for name, t in texts.items()})
    return {name: values for name, (_, values) in text_numbers(read).items()}


@pytest.mark.parametrize("text", EXPECTED)
def test_what_a_title_looks_like(text: str) -> None:
    numbers = _numbers({"title": [text]})
    assert set(numbers) == {f"title_{shape}" for shape in SHAPES}
    for shape, value in EXPECTED[text].items():
        np.testing.assert_allclose(numbers[f"title_{shape}"], [value], err_msg=shape)


def test_no_text_is_missing_in_everything() -> None:
    numbers = _numbers({"title": [None, "x"], "album": ["y", None], "artist": [None, None]})
    for name, values in numbers.items():
        missing = {"title": [True, False], "album": [False, True], "artist": [True, True]}
        shape = name.removeprefix(f"{name.split('_')[0]}_")
        expected = missing[name.split("_")[0]]
        if shape in ("is_album", "in_album"):
            expected = [True, True]
        if shape in ("year",):
            continue
        assert np.isnan(values).tolist() == expected, name


def test_title_and_artist_beside_the_album() -> None:
    numbers = _numbers(
        {
            "title": ["Home", "home", "home", "!.!"],
            "album": ["home", "Homecoming", "away", "!?!"],
            "artist": ["ann", "home", "Away", "!?!"],
        }
    )
    assert numbers["title_is_album"].tolist() == [1, 0, 0, 0]
    assert numbers["title_in_album"].tolist() == [1, 1, 0, 0]  # as written, not as a pattern
    assert numbers["artist_is_album"].tolist() == [0, 0, 1, 1]
    assert numbers["artist_in_album"].tolist() == [0, 1, 1, 1]


def test_numbers_belong_to_the_group_that_tells_them() -> None:
    tracks = pl.DataFrame(
        {"track_name": ["Höme"], "album_name": ["Home"], "artists": [["Ann", "Bob"]]}
    )
    contract = fit_contract(tracks)
    prepared = prepare(check_tracks(tracks, contract).tracks, contract)
    group = dict(zip(prepared.names, prepared.groups, strict=True))
    value = dict(zip(prepared.names, prepared.matrix[0].tolist(), strict=True))
    assert group["title_length"] == "metadata"
    assert group["album_length"] == group["title_is_album"] == group["artist_in_album"] == "release"
    assert group["artist_length"] == "artist"
    assert value["artist_length"] == 3  # of the first credit
    assert value["title_is_album"] == 1  # compared without accents and case
    assert value["n_artists"] == 2


def test_a_long_column_is_told_as_a_short_one() -> None:
    texts = [*EXPECTED, None]
    short, long = _numbers({"title": texts}), _numbers({"title": texts * 300})
    for name, values in short.items():
        np.testing.assert_array_equal(long[name], np.tile(values, 300))
