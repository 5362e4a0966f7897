"""Estimators: what they answer, how wrong they say they are, and how they are kept."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.audio_pairs import read_pairs
from tests.audio.worlds import SMALL, Described, part, recording
from tests.conftest import real_file

from trackoracle.audio.describing.recipes import RECIPES
from trackoracle.audio.estimating.estimators import (
    STARTER,
    Estimators,
    LoudnessMap,
    load_estimators,
)
from trackoracle.audio.estimating.labelled import Pool
from trackoracle.audio.estimating.training import cross_validate, train_estimators
from trackoracle.audio.learning import describe
from trackoracle.errors import ConfigError, NotEnoughDataError, RecordingError
from trackoracle.schema import ESTIMATED

ENERGY, ACOUSTICNESS = ESTIMATED.index("energy"), ESTIMATED.index("acousticness")
LIVENESS = ESTIMATED.index("liveness")


@pytest.fixture(scope="module")
def estimators() -> Estimators:
    parts = [part("fma_mfcc20"), part("spotify_loudest15s", seed=1)]
    return train_estimators(parts, settings=SMALL, loudness=LoudnessMap(2.0, 1.0, 3.0))


def test_what_descriptors_tell_is_estimated_on_other_artists(estimators: Estimators) -> None:
    for scores in estimators.facts.values():
        assert scores["energy"]["r2"]["value"] > 0.6
        assert scores["liveness"]["r2"]["value"] < 0.1


def test_intervals_hold_their_level_on_rows_they_were_not_made_of(estimators: Estimators) -> None:
    fresh = part("fma_mfcc20", n=400, n_artists=400, seed=5)
    told = [estimators.estimate(recording(fresh, i)) for i in range(400)]
    for level in (0.5, 0.9):
        low, high = (
            np.stack(ends) for ends in zip(*(t.interval(level) for t in told), strict=True)
        )
        held = ((low <= fresh.labels) & (fresh.labels <= high)).mean(axis=0)
        assert np.all(np.abs(held - level) < 0.08), held
        assert low.min() >= 0
        assert high.max() <= 1


def test_intervals_grow_with_the_level_and_follow_the_estimate(estimators: Estimators) -> None:
    fresh = part("fma_mfcc20", n=60, seed=6)
    told = [estimators.estimate(recording(fresh, i)) for i in range(60)]
    narrow = np.stack([np.subtract(*t.interval(0.5)[::-1]) for t in told])
    wide = np.stack([np.subtract(*t.interval(0.9)[::-1]) for t in told])
    assert np.all(narrow <= wide)
    middle = np.abs(np.array([t.values[ENERGY] for t in told]) - 0.5)
    assert wide[middle < 0.2, ENERGY].mean() > 1.5 * wide[middle > 0.35, ENERGY].mean()


def test_draws_have_the_interval_and_the_errors_in_common(estimators: Estimators) -> None:
    own = part("fma_mfcc20")
    middle = int(np.argmin(np.abs(own.labels[:, ENERGY] - 0.5)))
    told = estimators.estimate(recording(own, middle))
    drawn = told.draw(4000, seed=3)
    low, high = told.interval(0.9)
    assert np.all(np.abs(((low <= drawn) & (drawn <= high)).mean(axis=0) - 0.9) < 0.03)
    assert np.array_equal(drawn, told.draw(4000, seed=3))
    assert not np.array_equal(drawn, told.draw(4000, seed=4))
    # What is left of acousticness goes against what is left of energy: it was made of it.
    assert np.corrcoef(drawn[:, ENERGY], drawn[:, ACOUSTICNESS])[0, 1] < -0.5
    assert abs(np.corrcoef(drawn[:, ENERGY], drawn[:, LIVENESS])[0, 1]) < 0.2


def test_recipes_that_disagree_make_a_wider_interval(estimators: Estimators) -> None:
    one, other = part("fma_mfcc20"), part("spotify_loudest15s", seed=1)
    high, low = (int(np.argmax(s * p.labels[:, ENERGY])) for s, p in ((1, one), (-1, other)))
    also_high = int(np.argmax(other.labels[:, ENERGY]))
    agree, disagree = (
        estimators.estimate(
            Described({one.recipe: one.matrix[[high]], other.recipe: other.matrix[[row]]})
        )
        for row in (also_high, low)
    )
    widths = [float(np.subtract(*t.interval(0.9)[::-1])[ENERGY]) for t in (agree, disagree)]
    assert widths[1] > 2 * widths[0]


def test_windows_are_averaged_and_those_without_numbers_left_out(estimators: Estimators) -> None:
    own = part("fma_mfcc20").matrix[:2]
    other = np.full((2, len(RECIPES["spotify_loudest15s"])), np.nan)
    twice = estimators.estimate(Described({"fma_mfcc20": own, "spotify_loudest15s": other}))
    mean = own.mean(axis=0, keepdims=True)
    once = estimators.estimate(Described({"fma_mfcc20": mean, "spotify_loudest15s": other}))
    assert np.array_equal(twice.values, once.values)
    assert (twice.n_windows, once.n_windows) == (2, 1)
    with pytest.raises(RecordingError, match="expected sound that can be described, got none"):
        estimators.estimate(Described({"fma_mfcc20": own * np.nan, "spotify_loudest15s": other}))


def test_what_was_saved_answers_the_same(estimators: Estimators, tmp_path: Path) -> None:
    path, again = tmp_path / "own.estimators", tmp_path / "again.estimators"
    estimators.save(path)
    loaded = load_estimators(path)
    described = recording(part("fma_mfcc20"), 3)
    both = [e.estimate(described) for e in (estimators, loaded)]
    assert np.abs(both[0].values - both[1].values).max() < 2e-3
    assert np.abs(both[0].quantiles - both[1].quantiles).max() < 5e-3
    assert loaded.loudness == LoudnessMap(2.0, 1.0, 3.0)
    assert loaded.card == estimators.card
    parts = [part("fma_mfcc20"), part("spotify_loudest15s", seed=1)]
    train_estimators(parts, settings=SMALL, loudness=LoudnessMap(2.0, 1.0, 3.0)).save(again)
    assert path.read_bytes() == again.read_bytes()


def test_a_feature_without_labels_is_not_estimated(tmp_path: Path) -> None:
    own = part("fma_mfcc20")
    labels = own.labels.copy()
    labels[:, LIVENESS] = np.nan
    labels[:100, ENERGY] = np.nan
    path = tmp_path / "own.estimators"
    train_estimators([replace(own, labels=labels)], settings=SMALL).save(path)
    told = load_estimators(path).estimate(recording(own, 0))
    assert np.isnan(told.values[LIVENESS])
    assert np.isfinite(np.delete(told.values, LIVENESS)).all()
    assert told.to_dict()["liveness"] is None
    assert np.isnan(told.draw(5, 0)[:, LIVENESS]).all()


def test_folds_share_no_artist_and_no_title() -> None:
    one, other = part("fma_mfcc20"), part("spotify_loudest15s", seed=1)
    titles = np.arange(len(one.title)) % 50
    pool = Pool.of([replace(one, title=titles), replace(other, title=titles)])
    seen = np.zeros(len(pool.labels), int)
    for train, test in pool.folds(5, 0):
        assert not set(pool.group[train]) & set(pool.group[test])
        assert not set(pool.title[train]) & set(pool.title[test])
        seen[test] += 1
    assert np.all(seen == 1)


def test_an_artist_who_explains_everything_does_not_help_other_artists() -> None:
    """Labels that only the artist decides cannot be told in folds that hold artists out."""
    own = part("fma_mfcc20", n_artists=20)
    rng = np.random.default_rng(0)
    voice, level = rng.normal(1, 1, (20, 20)), rng.random(20)
    labels = own.labels.copy()
    labels[:, ENERGY] = level[own.group]
    known = replace(own, matrix=own.matrix * 0.1 + voice[own.group], labels=labels)
    judged = cross_validate(Pool.of([known]), SMALL)
    assert judged.r2(0)[ENERGY] < 0.2


def test_too_little_to_learn_from_is_told() -> None:
    few = part("fma_mfcc20", n=12)
    with pytest.raises(NotEnoughDataError, match="acousticness: expected at least 20 labelled"):
        train_estimators([few], settings=SMALL)
    own = part("fma_mfcc20")
    with pytest.raises(NotEnoughDataError, match="expected values of at least one of"):
        train_estimators([replace(own, labels=own.labels * np.nan)], settings=SMALL)


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1, float("nan")])
def test_a_level_that_is_none_is_refused(estimators: Estimators, level: float) -> None:
    with pytest.raises(ConfigError, match="level: expected a probability"):
        estimators.estimate(recording(part("fma_mfcc20"), 0)).interval(level)


def test_the_starter_reads_columns_as_recipes_compute_them() -> None:
    starter = load_estimators()
    for recipe, columns in zip(starter.recipes, starter.columns, strict=True):
        assert columns == RECIPES[recipe]
    assert STARTER.stat().st_size < 2_000_000
    assert starter.loudness is not None
    assert "CC BY 4.0" in starter.card
    assert "| energy |" in starter.card
    copy = Path(__file__).parents[2] / "docs" / "estimators.md"
    assert copy.read_text(encoding="utf-8") == starter.card


@pytest.mark.real
def test_recordings_are_heard_as_their_known_features_say() -> None:
    """Quick estimators that know none of these recordings, nor their releases."""
    pairs, place = real_file("audio-pairs"), real_file("recordings")
    with (place / "fma.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["energy"]]
    parts = read_pairs(pairs, [int(row["track_id"]) for row in rows])
    quick = replace(SMALL, networks=replace(SMALL.networks, n_epochs=6), n_directions=128)
    estimators = train_estimators(parts, settings=quick, n_folds=2)
    told = [estimators.estimate(describe(place / "fma" / row["file"])).values for row in rows]
    for name in ("energy", "acousticness"):
        known = [float(row[name]) for row in rows]
        own = np.array(told)[:, ESTIMATED.index(name)]
        assert np.corrcoef(own, known)[0, 1] > 0.8, name
