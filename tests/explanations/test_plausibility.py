"""The background knows what is usual in a genre, and keeps nothing of single tracks."""

from __future__ import annotations

import zlib

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import trackoracle as to
from trackoracle.explanations import (
    ALL,
    LEVELS,
    Background,
    background_from_state,
    fit_background,
)
from trackoracle.explanations.plausibility import LEAST_COMPLETE, LEAST_IN_GROUP
from trackoracle.features import family
from trackoracle.schema import fit_contract

FAMILIES = {"slow": "calm", "slower": "calm", "rare": "calm", "fast": "loud", "lone": "odd"}


def world(n: int, seed: int) -> pl.DataFrame:
    """Slow and fast tracks; energy and loudness are nearly one, instruments mostly silent."""
    random = np.random.default_rng(seed)
    fast = random.random(n) < 0.5
    common, own, rest = random.normal(size=(3, n))
    genre = np.where(fast, "fast", np.where(random.random(n) < 0.3, "slower", "slow"))
    genre[:5], genre[5:8] = "rare", "lone"
    return pl.DataFrame(
        {
            "genres": [[name] for name in genre],
            "tempo": np.where(fast, 150, 80) + 8 * rest,
            "energy": 1 / (1 + np.exp(-common - fast)),
            "loudness": -10 + 4 * (0.9 * common + 0.43 * own) + 3 * fast,
            "instrumentalness": np.where(random.random(n) < 0.6, 0.0, random.random(n)),
            "key": random.choice([0.0, 2.0, 7.0], n, p=[0.8, 0.15, 0.05]),
            "mode": np.ones(n),
        }
    )


TRACKS = world(6000, seed=0)
CONTRACT = fit_contract(TRACKS)


@pytest.fixture(scope="module")
def background() -> Background:
    fitted = fit_background(TRACKS, CONTRACT, FAMILIES.__getitem__)
    assert fitted is not None
    return fitted


def plausibility(background: Background, genre: str, tracks: pl.DataFrame) -> np.ndarray:
    usual = background.of([genre])[0]
    numbers = tracks.select(pl.col(usual.names).cast(pl.Float64)).to_numpy()
    return usual.plausibility(numbers, {name: tracks[name].to_numpy() for name in usual.shares})


def test_plausibility_is_the_share_of_the_genre_that_lies_farther_out(background) -> None:
    new = world(20_000, seed=1)
    for genre in ("slow", "fast"):
        own = new.filter(pl.col("genres").list.first() == genre)
        shares = plausibility(background, genre, own)
        for level in (0.05, 0.1, 0.5, 0.9):
            assert (shares <= level).mean() == pytest.approx(level, abs=0.02)
    fast = new.filter(pl.col("genres").list.first() == "fast")
    assert np.median(plausibility(background, "slow", fast)) < 0.01


def test_what_moves_together_must_stay_together(background) -> None:
    usual = background.of(["slow"])[0].part(["energy", "loudness"])
    together, apart = np.array([[0.8, -4.0]]), np.array([[0.8, -16.0]])
    assert usual.plausibility(together, {})[0] > 0.2
    assert usual.plausibility(apart, {})[0] < 0.01
    strain = [usual.strains(usual.scores(numbers)).max() for numbers in (together, apart)]
    assert strain[0] < 2 < strain[1]
    (name, slope), *others = usual.companions("energy", 0.5)
    assert name == "loudness"
    assert 0.7 < slope < 1
    assert others == []
    assert background.of(["slow"])[0].companions("tempo", 0.5) == ()


def test_ranges_and_shares_are_those_of_the_genre(background) -> None:
    slow, fast = (background.of([genre])[0] for genre in ("slow", "fast"))
    assert slow.range_of("tempo")[1] < 110 < 120 < fast.range_of("tempo")[0]
    assert slow.range_of("instrumentalness")[0] == 0
    assert slow.shares["key"][0.0] == pytest.approx(0.8, abs=0.03)
    assert "mode" not in slow.shares  # the same everywhere: nothing to tell


def test_a_rare_code_is_unusual(background) -> None:
    usual = background.of(["slow"])[0]
    middle = {"tempo": 80.0, "energy": 0.5, "loudness": -10.0, "instrumentalness": 0.0}
    track = np.array([[middle[name] for name in usual.names]])
    common, rare, never = (
        usual.plausibility(track, {"key": np.array([key])})[0] for key in (0.0, 7.0, 5.0)
    )
    assert common > rare > never


def test_small_genres_are_their_family_and_small_families_all(background) -> None:
    assert background.of(["rare"])[0].group == "calm (family)"
    assert background.of(["lone"])[0].group == ALL
    assert background.of(["never heard"])[0].group == ALL
    assert [usual.group for usual in background.of(["slow", "fast"])] == ["slow", "fast"]
    assert background.of([]) == (background.groups[ALL],)
    assert min(usual.n_tracks for usual in background.groups.values()) >= LEAST_IN_GROUP
    few = pl.concat([TRACKS.filter(pl.col("genres").list.first() == "fast"),
                     TRACKS.filter(pl.col("genres").list.first() == "slow").head(25)])  # fmt: skip
    fitted = fit_background(few, fit_contract(few), FAMILIES.__getitem__)
    assert fitted is not None
    # Of 25 tracks, a third of the picture is their own; the tempo of the rest stays within.
    middle = fitted.of(["slow"])[0].value_at("tempo", np.zeros(1))[0]
    assert 85 < middle < 145


def test_what_is_missing_is_left_out(background) -> None:
    part = background.of(["slow"])[0].part(["tempo", "key"])
    assert part.names == ("tempo",)
    inside, outside = part.plausibility(np.array([[80.0], [150.0]]), {"key": np.zeros(2)})
    assert inside > 0.5
    assert outside < 0.02
    nothing = background.of(["slow"])[0].part([])
    assert nothing.plausibility(np.empty((1, 0)), {}).tolist() == [1.0]


@given(st.sampled_from(("tempo", "energy", "loudness")), st.floats(0.01, 0.99))
def test_scores_and_values_turn_into_each_other(background, name: str, share: float) -> None:
    usual = background.of(["fast"])[0].part([name])
    value = np.quantile(TRACKS.filter(pl.col("genres").list.first() == "fast")[name], share)
    value = np.clip(value, *usual.range_of(name))
    score = usual.scores(np.array([[value]]))[:, 0]
    assert usual.value_at(name, score)[0] == pytest.approx(value, rel=1e-6, abs=1e-6)


@given(st.lists(st.floats(-40, 40), min_size=2, max_size=9, unique=True))
def test_scores_rise_with_values_beyond_all_tracks(background, values: list[float]) -> None:
    usual = background.of(["slow"])[0].part(["loudness"])
    rising = np.sort(values)
    assert (np.diff(usual.scores(rising[:, None])[:, 0]) >= 0).all()


def test_too_few_complete_tracks_tell_nothing() -> None:
    few = TRACKS.head(LEAST_COMPLETE - 1)
    assert fit_background(few, fit_contract(few), FAMILIES.__getitem__) is None
    codes = TRACKS.select("key")
    assert fit_background(codes, fit_contract(codes), str) is None


def test_it_holds_no_row_and_comes_back_as_it_was(background) -> None:
    facts, arrays = background.state()
    back = background_from_state(facts, arrays)
    assert (
        plausibility(back, "slow", TRACKS).tolist()
        == plausibility(background, "slow", TRACKS).tolist()
    )
    assert back.parents == background.parents
    assert max(max(array.shape) for array in arrays.values()) <= len(LEVELS)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("values", lambda a: a[:, :, ::-1]),
        ("values", lambda a: a * np.float32(np.nan)),
        ("values", lambda a: a.astype(np.float64)),
        ("values", lambda a: a[:, 1:]),
        ("covariances", np.negative),
        ("covariances", np.triu),
        ("surprises", np.zeros_like),
        ("shares", np.negative),
        ("shares", lambda a: a[:, 1:]),
        ("counts", lambda a: a.astype(np.float64)),
    ],
)
def test_what_does_not_fit_is_refused(background, name: str, change) -> None:
    facts, arrays = background.state()
    with pytest.raises(ValueError, match="plausibility: expected quantiles and covariances"):
        background_from_state(facts, {**arrays, name: change(arrays[name])})


def test_facts_that_do_not_fit_are_refused(background) -> None:
    facts, arrays = background.state()
    for change in (
        {"groups": [*facts["groups"][:-1], facts["groups"][0]]},
        {"groups": ["x", *facts["groups"][1:]]},
        {"parents": {"rare": "nowhere"}},
        {"names": [1, 2, 3, 4]},
        {"codes": {"key": [7, 2, 0]}},
    ):
        with pytest.raises(ValueError, match="plausibility: expected"):
            background_from_state({**facts, **change}, arrays)


@pytest.mark.real
def test_real_genres_are_at_home_in_their_pictures(tracks_114k) -> None:
    catalog = to.load_catalog(tracks_114k)
    background = fit_background(catalog.tracks, fit_contract(catalog.tracks), family)
    assert background is not None
    assert len(background.groups) > 114
    for genre in ("techno", "opera", "sleep", "country"):
        usual = background.of([genre])[0]
        columns = [*usual.names, *usual.shares]
        own = catalog.tracks.filter(pl.col("genres").list.contains(genre)).drop_nulls(columns)
        shares = plausibility(background, genre, own)
        for level in (0.1, 0.5, 0.9):
            assert (shares <= level).mean() == pytest.approx(level, abs=0.03)
    loud = background.of(["pop"])[0].companions("energy", 0.5)
    assert loud[0][0] == "loudness"
    packed = sum(len(zlib.compress(a.tobytes())) for a in background.state()[1].values())
    assert packed < 250_000
