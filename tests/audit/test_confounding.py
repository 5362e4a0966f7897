"""Confounding is told where it is, and only there."""

from __future__ import annotations

import numpy as np
import pytest

import trackoracle as to
from trackoracle.audit import artist_confounding


def _catalog(settled_by_artist: bool) -> to.Catalog:
    random = np.random.default_rng(0)
    rows = []
    for i in range(400):
        artist = i % 80
        hit = artist % 2 if settled_by_artist else int(random.random() < 0.5)
        rows.append({"track_name": f"t{i}", "artists": f"artist {artist}", "hit": hit})
    return to.load_catalog(rows)


def test_label_settled_by_the_artist() -> None:
    found = artist_confounding(_catalog(settled_by_artist=True), to.Hit())
    assert found is not None
    assert (found.n_artists, found.n_both) == (80, 0)
    assert found.n_expected == pytest.approx(80 * (1 - 2 * 0.5**5))
    assert found.is_confounded
    assert found.sentence.startswith(
        "The label is confounded with the artist: 0 of 80 artists with several tracks have both"
    )


def test_label_dealt_at_random() -> None:
    found = artist_confounding(_catalog(settled_by_artist=False), to.Hit())
    assert found is not None
    assert not found.is_confounded


def test_says_nothing_of_popularity(small_catalog: to.Catalog) -> None:
    assert artist_confounding(small_catalog, to.Popularity()) is None


@pytest.mark.real
def test_hit_predictor_is_confounded(hit_predictor) -> None:
    found = artist_confounding(to.load_catalog(hit_predictor), to.Hit())
    assert found is not None
    assert found.is_confounded
    assert found.n_artists > 1000
