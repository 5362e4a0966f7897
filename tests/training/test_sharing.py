"""What tracks share is learned from other albums and albums, out of fold, and never from copies."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import ndtr

import trackoracle as to
from trackoracle.schema import Keys, Ragged, sharing_from_dict
from trackoracle.training import shared_among

N_ARTISTS, N_ALBUMS, N_TRACKS = 300, 3, 4


def world(by_artist: float, by_album: float) -> tuple[SimpleNamespace, np.ndarray, np.ndarray]:
    """Artists with albums of tracks, each of which stands there twice."""
    random = np.random.default_rng(0)
    n = N_ARTISTS * N_ALBUMS * N_TRACKS
    recording = np.arange(n)
    artist, album = recording // (N_ALBUMS * N_TRACKS), recording // N_TRACKS
    scores = np.sqrt(by_artist) * random.normal(size=N_ARTISTS)[artist]
    scores += np.sqrt(by_album - by_artist) * random.normal(size=N_ARTISTS * N_ALBUMS)[album]
    level = ndtr(scores + np.sqrt(1 - by_album) * random.normal(size=n))
    twice = np.concatenate([recording, recording])
    keys = Keys(
        recording=twice,
        album=album[twice],
        artists=Ragged(artist[twice], np.arange(2 * n + 1)),
        first_artist=artist[twice],
        released=np.full(2 * n, np.datetime64("NaT", "D")),
        has_albums=True,
        has_artists=True,
    )
    low = np.floor(level * 50) / 50
    return SimpleNamespace(keys=keys), low[twice], low[twice] + 0.02


@pytest.mark.parametrize(("by_artist", "by_album"), [(0.0, 0.0), (0.3, 0.3), (0.2, 0.6)])
def test_artists_and_albums_are_told_apart_and_copies_left_out(by_artist, by_album) -> None:
    material, below, at_most = world(by_artist, by_album)
    rows = np.arange(len(below))
    found = shared_among(material, below, at_most, rows, seed=0)
    assert found.artist == pytest.approx(by_artist, abs=0.06)
    assert found.album == pytest.approx(by_album, abs=0.06)
    few = shared_among(material, below, at_most, rows[:60], seed=0)
    assert (few.artist, few.album) == (0.0, 0.0)


def test_an_oracle_keeps_what_it_learned(small_oracle: to.Oracle, small_bundle) -> None:
    sharing = small_oracle.bundle.sharing
    assert to.load_oracle(small_bundle).bundle.sharing == sharing
    assert sharing_from_dict(sharing.to_dict()) == sharing


@pytest.mark.parametrize("wrong", [1.0, -0.1, float("nan")])
def test_what_is_no_correlation_is_refused(wrong: float) -> None:
    fine = {"artist": 0.1, "album": 0.2}
    for bad in ({"artist": 0.1, "album": wrong}, {"artist": 0.3, "album": 0.2}):
        with pytest.raises(ValueError, match="sharing: expected correlations"):
            sharing_from_dict({"known": fine, "new": bad})
