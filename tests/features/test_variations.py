"""Variations are what `prepare` and the recipe make of the changed tracks, bit for bit."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

import trackoracle as to
from trackoracle.features import Variations, prepare
from trackoracle.schema import check_tracks


@given(st.data())
def test_variations_are_prepared_as_tracks_are(
    small_oracle: to.Oracle, small_catalog, data
) -> None:
    bundle = small_oracle.bundle
    rows = data.draw(st.lists(st.integers(0, 599), min_size=1, max_size=3))
    tracks = check_tracks(small_catalog.tracks[rows], bundle.contract).tracks
    m = data.draw(st.integers(1, 6))
    base = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=m, max_size=m)))
    value = st.floats(0, 1).map(lambda x: round(x, 3))
    columns = {
        name: np.array(data.draw(st.lists(value, min_size=m, max_size=m))) * scale
        for name, scale in (("energy", 1), ("valence", 1), ("loudness", -30), ("tempo", 200))
    }
    columns["key"] = np.array(
        data.draw(st.lists(st.sampled_from((-1.0, 5.0)), min_size=m, max_size=m))
    )
    changed = tracks[base].with_columns(pl.Series(n, values) for n, values in columns.items())
    expected = bundle.recipe.transform(prepare(changed, bundle.contract))
    variations = Variations.of(tracks, bundle.contract, bundle.recipe)
    np.testing.assert_array_equal(variations.changed(base, columns), expected)
    known = bundle.recipe.knows_artist(prepare(tracks, bundle.contract))
    assert variations.knows_artist.tolist() == known.tolist()
    assert variations.names == bundle.recipe.names
