"""What tracks share is learned out of fold, within a fold, and never from copies."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

import trackoracle as to
from trackoracle.distributions import Distribution
from trackoracle.schema import NOTHING, Keys, Ragged, sharing_from_dict
from trackoracle.training import shared_among

N_ARTISTS, N_ALBUMS, N_TRACKS = 300, 4, 4
N_FOLDS = 2


def world(
    by_artist: float, by_album: float
) -> tuple[SimpleNamespace, SimpleNamespace, Distribution]:
    """Artists with albums of tracks, each of which stands there twice; all are predicted alike."""
    random = np.random.default_rng(0)
    n = N_ARTISTS * N_ALBUMS * N_TRACKS
    recording = np.arange(n)
    artist, album = recording // (N_ALBUMS * N_TRACKS), recording // N_TRACKS
    scores = np.sqrt(by_artist) * random.normal(size=N_ARTISTS)[artist]
    scores += np.sqrt(by_album - by_artist) * random.normal(size=N_ARTISTS * N_ALBUMS)[album]
    scores += np.sqrt(1 - by_album) * random.normal(size=n)
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
    values = np.floor(50 * ndtr(scores))[twice]
    support = np.arange(50.0)
    table = np.tile((support + 1) / 50, (2 * n, 1))
    judgement = SimpleNamespace(folds=[0] * N_FOLDS, fold_of=album[twice] % N_FOLDS)
    each = Distribution(support, table, np.ones(2 * n, bool))
    return SimpleNamespace(keys=keys, values=values), judgement, each


@pytest.mark.parametrize(("by_artist", "by_album"), [(0.0, 0.0), (0.3, 0.3), (0.2, 0.6)])
def test_artists_and_albums_are_told_apart_and_copies_left_out(by_artist, by_album) -> None:
    material, judgement, each = world(by_artist, by_album)
    rows = np.arange(len(material.values))
    found = shared_among(material, judgement, each.take, rows, seed=0)
    assert found.artist.correlation == pytest.approx(by_artist, abs=0.06)
    assert found.album.correlation == pytest.approx(by_album, abs=0.06)
    assert shared_among(material, judgement, each.take, rows[:60], seed=0) == NOTHING


def test_between_folds_an_artist_shares_nothing_that_is_counted() -> None:
    """One fold's history holds the other's albums: that is nothing to share."""
    material, judgement, each = world(0.3, 0.3)
    other = judgement.fold_of == 1
    # As a history that holds the albums of the other fold would have it: turned round.
    material.values[other] = 49 - material.values[other]
    found = shared_among(material, judgement, each.take, np.arange(len(material.values)), seed=0)
    assert found.artist.correlation == pytest.approx(0.3, abs=0.06)


def test_an_oracle_keeps_what_it_learned(small_oracle: to.Oracle, small_bundle) -> None:
    sharing = small_oracle.bundle.sharing
    assert to.load_oracle(small_bundle).bundle.sharing == sharing
    assert sharing_from_dict(sharing.to_dict()) == sharing


CURVE = {"stated": [0.5, 0.7, 1.0], "right": [0.5, 0.8, 0.9]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"correlation": 1.0},
        {"correlation": -0.1},
        {"correlation": float("nan")},
        {"curve": {**CURVE, "right": [0.5, 0.9, 0.8]}},
        {"curve": {**CURVE, "right": [0.4, 0.8, 0.9]}},
        {"curve": {**CURVE, "right": [0.5, 0.9]}},
        {"curve": {**CURVE, "stated": [0.5, 0.5, 1.0]}},
        {"curve": {**CURVE, "stated": [0.5, float("nan"), 1.0]}},
        {"curve": {"stated": [], "right": []}},
    ],
)
def test_what_cannot_be_shared_is_refused(wrong: dict[str, Any]) -> None:
    fine = {"correlation": 0.2, "curve": CURVE}
    good = {"artist": fine, "album": fine}
    assert (
        sharing_from_dict({"known": good, "new": good}).to_dict()["new"]["album"]["correlation"]
        == 0.2
    )
    with pytest.raises(ValueError, match="sharing: expected correlations and rising"):
        sharing_from_dict({"known": good, "new": {"artist": fine, "album": fine | wrong}})
