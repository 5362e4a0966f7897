"""What spreadsheets and other people's habits make of a table."""

from __future__ import annotations

import pytest

import trackoracle as to
from trackoracle.errors import TargetError


def test_decimal_commas_beside_semicolons(tmp_path) -> None:
    path = tmp_path / "excel.csv"
    path.write_text("track_name;tempo;energy\nOne, two;120,5;0,25\nThree;99;1\n")
    tracks = to.load_catalog(path).tracks
    assert tracks["tempo"].to_list() == [120.5, 99.0]
    assert tracks["energy"].to_list() == [0.25, 1.0]
    assert tracks["track_name"].to_list() == ["One, two", "Three"]


def test_popularity_given_as_shares_is_refused() -> None:
    catalog = to.load_catalog([{"tempo": 90 + i, "popularity": i / 60} for i in range(60)])
    with pytest.raises(TargetError) as caught:
        to.train(catalog)
    assert str(caught.value) == (
        "popularity: expected 0 to 100 points, got shares of at most 0.983333. "
        "Multiply them by 100."
    )


def test_genres_do_not_depend_on_case(small_oracle: to.Oracle) -> None:
    level = small_oracle.contract["genres"].levels[0]
    rows = [{"genres": level, "tempo": 100.0}, {"genres": level.upper(), "tempo": 100.0}]
    first, second = small_oracle.predict(rows)["popularity"].to_list()
    assert first == second


def test_rows_that_spell_a_column_in_two_ways(small_oracle: to.Oracle) -> None:
    level = small_oracle.contract["genres"].levels[0]
    both = small_oracle.predict([{"genres": level}, {"genre": level}])
    assert both["known"].to_list() == ["genre", "genre"]
    assert both["popularity"].n_unique() == 1


def test_catalog_shows_itself_in_one_line(small_catalog: to.Catalog) -> None:
    assert repr(small_catalog).startswith("Catalog('frame': 606 tracks, ")


def test_a_catalog_can_be_predicted(small_oracle: to.Oracle, small_catalog: to.Catalog) -> None:
    assert small_oracle.predict(small_catalog).equals(small_oracle.predict(small_catalog.tracks))
    notes = small_oracle.check({"tempo": 120, "mystery": 1}).notes
    assert notes[0] == "Not used by this oracle: mystery."
    assert notes[1].startswith("Not in the input, taken as missing: ")
