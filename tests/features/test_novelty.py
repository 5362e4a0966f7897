"""Novelty is a rank that holds for new tracks, with any numbers missing, and finds strange ones."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.features import FAR, Novelty, fit_novelty, novelty_from_state
from trackoracle.schema import Contract, fit_contract

REMARK = "Its audio is farther out than 99.9 % of the training tracks, above all in {}: "


def world(n: int, seed: int) -> pl.DataFrame:
    """Tracks whose energy and loudness go together; a third has no vocals measured at all."""
    random = np.random.default_rng(seed)
    liveness, common, own = random.normal(size=(3, n))
    sung = random.random(n) < 2 / 3
    return pl.DataFrame(
        {
            "energy": 1 / (1 + np.exp(-common)),
            "loudness": -10 + 4 * (0.8 * common + 0.6 * own),
            "liveness": 1 / (1 + np.exp(-liveness)),
            "instrumentalness": np.where(sung, 0.0, random.random(n)),
            "key": random.integers(0, 12, n).astype(float),
        }
    )


TRAINING = world(20_000, seed=0)
CONTRACT = fit_contract(TRAINING)
TYPICAL = {"energy": 0.5, "loudness": -10.0, "liveness": 0.5, "instrumentalness": 0.0, "key": 3.0}


@pytest.fixture(scope="module")
def novelty() -> Novelty:
    fitted = fit_novelty(TRAINING, CONTRACT)
    assert fitted is not None
    return fitted


def of(novelty: Novelty, **values: float | None) -> float:
    track = pl.DataFrame([TYPICAL | values], schema=TRAINING.schema)
    return float(novelty.of(track)[0])


def test_new_tracks_of_the_same_world_lie_at_every_distance(novelty: Novelty) -> None:
    shares = novelty.of(world(50_000, seed=1))
    for level in (0.1, 0.5, 0.9, 0.99):
        assert (shares <= level).mean() == pytest.approx(level, abs=0.1 * min(level, 1 - level))
    assert 0.0003 < (shares > FAR).mean() < 0.003


@pytest.mark.parametrize("hidden", [("liveness",), ("energy",), ("energy", "instrumentalness")])
def test_tracks_are_compared_with_those_of_as_many_numbers(novelty, hidden) -> None:
    new = world(50_000, seed=1).with_columns(pl.lit(None, pl.Float64).alias(h) for h in hidden)
    shares = novelty.of(new)
    # Which numbers is not told apart: the share is exact over all choices of as many.
    assert (shares > 0.9).mean() == pytest.approx(0.1, abs=0.03)
    assert 0 < (shares > FAR).mean() < 0.003


def test_what_is_usual_alone_may_be_strange_together(novelty: Novelty) -> None:
    assert of(novelty) < 0.3
    assert of(novelty, energy=0.85) < 0.95
    assert of(novelty, loudness=-17.0) < 0.95
    strange = {"energy": 0.85, "loudness": -17.0}
    assert of(novelty, **strange) > FAR
    # Without its counterpart a number is usual again.
    assert of(novelty, **strange | {"energy": None}) < 0.97
    remark = novelty.remarks(pl.DataFrame([TYPICAL | strange, TYPICAL, TYPICAL | strange]))
    assert remark[0].startswith(REMARK.format("loudness and energy")) or remark[0].startswith(
        REMARK.format("energy and loudness")
    )
    assert remark[1:].to_list() == [None, remark[0]]


def test_a_value_that_most_tracks_share_has_their_middle_rank(novelty: Novelty) -> None:
    scores = novelty.scores[novelty.names.index("instrumentalness")]
    assert scores[0] == pytest.approx(ndtri(1 / 3), abs=0.02)
    assert (scores == scores[0]).mean() > 0.5


def test_beyond_the_training_tracks_it_goes_on_growing(novelty: Novelty) -> None:
    ends = [of(novelty, loudness=value, energy=None) for value in (-12, -20, -24, -60)]
    assert ends == sorted(ends)
    assert ends[-1] > FAR
    alone = pl.DataFrame([{**dict.fromkeys(TYPICAL), "loudness": -60.0}], TRAINING.schema)
    assert novelty.remarks(alone)[0].startswith(REMARK.format("loudness"))


def test_codes_are_not_looked_at_and_nothing_known_has_no_novelty(novelty: Novelty) -> None:
    assert "key" not in novelty.names
    nothing = pl.DataFrame([dict.fromkeys(TYPICAL)], TRAINING.schema)
    assert np.isnan(novelty.of(nothing)).all()
    assert novelty.remarks(nothing).to_list() == [None]
    assert novelty.remarks(nothing.head(0)).is_empty()


@given(st.data())
def test_order_batches_and_company_change_nothing(novelty: Novelty, data: st.DataObject) -> None:
    hole = st.sampled_from([None, 0.0, 0.3, 1.0])
    rows = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(TYPICAL, hole)), min_size=1))
    tracks = pl.DataFrame(rows, TRAINING.schema)
    whole = novelty.of(tracks)
    single = np.concatenate([novelty.of(tracks[i]) for i in range(len(tracks))])
    np.testing.assert_allclose(whole, single, atol=1e-9)
    known = whole[~np.isnan(whole)]
    assert ((known >= 0) & (known <= 1)).all()


def test_too_few_tracks_tell_nothing() -> None:
    few = TRAINING.head(999)
    assert fit_novelty(few, fit_contract(few)) is None
    names = TRAINING.select("key")
    assert fit_novelty(names, fit_contract(names)) is None
    # A number that is the same everywhere says nothing, one that most tracks lack is left out.
    partly = TRAINING.with_columns(
        pl.lit(0.5).alias("valence"),
        pl.when(pl.int_range(pl.len()) < 12_000).then(None).otherwise(1 - pl.col("energy"))
        .alias("acousticness"),
    )  # fmt: skip
    fitted = fit_novelty(partly, fit_contract(partly))
    assert fitted is not None
    assert set(fitted.names) == {"energy", "loudness", "liveness", "instrumentalness"}


def test_saved_it_is_the_same_and_what_does_not_fit_is_refused(novelty: Novelty) -> None:
    facts, arrays = novelty.state()
    np.testing.assert_array_equal(
        novelty_from_state(facts, arrays).of(TRAINING), novelty.of(TRAINING)
    )
    assert sum(array.nbytes for array in arrays.values()) < 50_000
    for name, change in (
        ("values", np.flip),
        ("scores", np.zeros_like),
        ("centre", lambda a: a * np.nan),
        ("centre", lambda a: a[1:]),
        ("covariance", np.negative),
        ("covariance", np.triu),
        ("distances", np.flip),
        ("distances", lambda a: a.astype(str)),
    ):
        with pytest.raises(ValueError, match="novelty: expected quantiles and a covariance"):
            novelty_from_state(facts, {**arrays, name: change(arrays[name])})
    with pytest.raises(ValueError, match="novelty: expected"):
        novelty_from_state({"names": [1, 2, 3, 4]}, arrays)


@pytest.fixture(scope="module")
def real(tracks_114k) -> tuple[pl.DataFrame, Novelty, Contract]:
    """Real tracks of held-out artists, and the measure fitted on the others."""
    catalog = to.load_catalog(tracks_114k)
    artist = catalog.keys.first_artist
    held_out = pl.Series(np.random.default_rng(0).random(artist.max() + 1)[artist] < 0.2)
    training = catalog.tracks.filter(~held_out)
    contract = fit_contract(training)
    fitted = fit_novelty(training, contract)
    assert fitted is not None
    return catalog.tracks.filter(held_out), fitted, contract


@pytest.mark.real
def test_real_tracks_of_new_artists_are_seldom_warned_of(real) -> None:
    new, novelty, _ = real
    far = pl.Series(novelty.of(new) > FAR)
    # No tempo is found in silence and in noise.
    noise = new["tempo"].is_null()
    assert far.filter(~noise).mean() < 0.0025
    assert far.filter(noise).mean() > 0.9


STRANGE = {
    "everything at an end": {
        "energy": 0.99, "loudness": 0.0, "danceability": 0.0, "acousticness": 0.9,
        "instrumentalness": 1.0, "valence": 0.0, "speechiness": 0.0, "liveness": 0.9,
    },
    "three hours": {"duration_ms": 10_800_000.0},
    "silence": {
        "energy": 0.0, "loudness": -60.0, "danceability": 0.0, "acousticness": 0.0,
        "speechiness": 0.0, "liveness": 0.0, "valence": 0.0, "tempo": None,
    },
}  # fmt: skip


@pytest.mark.real
@pytest.mark.parametrize("kind", STRANGE)
def test_strange_tracks_among_real_ones_are_warned_of(real, kind: str) -> None:
    _, novelty, contract = real
    middle = {name: contract[name].median for name in novelty.names}
    tracks = pl.DataFrame([middle | STRANGE[kind], middle], dict.fromkeys(middle, pl.Float64))
    far, usual = novelty.remarks(tracks)
    assert far
    assert usual is None


def test_the_sample_is_at_home_in_itself() -> None:
    tracks = to.load_catalog(generate_sample(3_000, seed=1), on_invalid="null").tracks
    fitted = fit_novelty(tracks, fit_contract(tracks))
    assert fitted is not None
    new = to.load_catalog(generate_sample(3_000, seed=2), on_invalid="null").tracks
    assert (fitted.of(new) > FAR).mean() < 0.01
