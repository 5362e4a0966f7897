"""Counterfactuals through the facade: promises kept, claims predicted again, bad wishes refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trackoracle as to
from trackoracle.errors import ConfigError, NotEnoughDataError, SourceError, UnknownNameError
from trackoracle.oracle import Oracle
from trackoracle.oracle.background import OLD_BUNDLE
from trackoracle.schema import CHANGEABLE, Counterfactuals


@pytest.fixture(scope="module")
def tracks(small_catalog: to.Catalog) -> pl.DataFrame:
    return small_catalog.tracks.drop("popularity")


def changed(track: pl.DataFrame, result: Counterfactuals, i: int) -> pl.DataFrame:
    """Edit the track as a counterfactual says, by hand."""
    row = track.to_dicts()[0]
    for change in result.counterfactuals[i].changes:
        old = row[change.feature]
        assert change.before == (";".join(old) if isinstance(old, list) else old)
        row[change.feature] = [change.after] if change.feature == "genres" else change.after
    return pl.DataFrame([row], track.schema)


def check_claims(oracle: Oracle, track: pl.DataFrame, result: Counterfactuals) -> None:
    """Predict every claim again."""
    for claimed, row in [
        (result.answer, track),
        *((c.answer, changed(track, result, i)) for i, c in enumerate(result.counterfactuals)),
    ]:
        predicted = oracle.predict(row, level=result.level).row(0, named=True)
        assert claimed == {name: predicted[name] for name in claimed}


def main_of(oracle: Oracle, answer: dict[str, float]) -> float:
    if oracle.target.name == "tier":
        tiers = [value for name, value in answer.items() if name.startswith("p_tier_")]
        return float(np.dot(range(len(tiers)), tiers))
    return answer["popularity" if oracle.target.name == "popularity" else "p_hit"]


@settings(max_examples=25)
@given(st.data())
def test_promises_hold_for_any_track_and_wish(small_oracle, tracks, data: st.DataObject) -> None:
    row = tracks[data.draw(st.integers(0, len(tracks) - 1))]
    hidden = data.draw(st.sets(st.sampled_from(("tempo", "energy", "genres", "artists"))))
    row = row.with_columns(pl.lit(None, row.schema[name]).alias(name) for name in hidden)
    lock = data.draw(st.sets(st.sampled_from(CHANGEABLE), max_size=9))
    unlock = data.draw(st.sets(st.sampled_from(("genres", "liveness", "explicit")))) - hidden
    goal = data.draw(st.sampled_from(["best", "hit", 30, 45.5, 100, "p_hit=0.2", "tier=2"]))
    most_edits, level = data.draw(st.integers(1, 3)), data.draw(st.sampled_from((0.5, 0.9)))
    asked = {"lock": lock, "unlock": unlock, "most_edits": most_edits, "level": level}
    result = small_oracle.counterfactuals(row, goal=goal, n=3, **asked)
    assert len(result.counterfactuals) <= 3
    check_claims(small_oracle, row, result)
    for found in result.counterfactuals:
        edited = {change.feature for change in found.changes}
        assert 1 <= len(edited) == len(found.changes) <= most_edits
        assert edited <= ({*CHANGEABLE} | unlock) - lock - hidden
        assert found.prediction == main_of(small_oracle, found.answer)
        assert found.goal_value > result.goal_value
        assert found.within_noise == (found.p_better < 2 / 3)
        assert 0 <= found.plausibility <= 1
        assert found.distance > 0
    assert set(result.missing) == (hidden & {"tempo", "energy"}) - lock
    reached = [found.reaches for found in result.counterfactuals]
    if goal == "best":
        assert result.feasible == bool(reached)
    else:
        assert (
            result.feasible
            == (result.met or any(reached))
            == (result.met or all([*reached, reached]))
        )
        assert result.met == (result.goal_value >= result.goal.at_least)
    assert not (result.met and result.counterfactuals)
    again = small_oracle.counterfactuals(row, goal=goal, n=3, **asked)
    assert again == result


def test_other_targets_keep_their_claims(small_hit_oracle, small_tier_oracle, tracks) -> None:
    for oracle, goals in (
        (small_hit_oracle, ("best", "hit", 0.2)),
        (small_tier_oracle, ("best", 1, "tier=2")),
    ):
        for i, goal in enumerate(goals):
            row = tracks[10 * i]
            result = oracle.counterfactuals(row, goal=goal)
            check_claims(oracle, row, result)
            assert result.prediction == pytest.approx(main_of(oracle, result.answer))
            for found in result.counterfactuals:
                assert found.prediction == pytest.approx(main_of(oracle, found.answer))
    assert small_hit_oracle.counterfactuals(tracks[0], goal="hit").goal.at_least == 0.5


def test_a_base_rate_moves_what_is_told(small_hit_oracle, tracks) -> None:
    rare = small_hit_oracle.counterfactuals(tracks[0], goal="best", base_rate=0.01)
    predicted = small_hit_oracle.predict(tracks[0], base_rate=0.01)["p_hit"].item()
    assert rare.prediction == rare.answer["p_hit"] == predicted


def test_a_goal_that_is_met_needs_no_change(small_oracle, tracks) -> None:
    result = small_oracle.counterfactuals(tracks[0], goal=0)
    assert result.met
    assert result.feasible
    assert result.counterfactuals == ()
    assert result.levers


def test_ranges_bound_edits_and_may_be_wider_than_the_genre(small_oracle, tracks) -> None:
    for i in range(0, 60, 7):
        row = tracks[i]
        bounds = {"tempo": (100.0, 110.0), "energy": (None, 0.4)}
        result = small_oracle.counterfactuals(row, ranges=bounds)
        for change in (c for found in result.counterfactuals for c in found.changes):
            if change.feature == "tempo":
                assert 100 <= change.after <= 110
            if change.feature == "energy":
                assert change.after <= 0.4
    only = tracks["tempo"][0]
    told = small_oracle.counterfactuals(tracks[0], ranges={"tempo": (only, only)})
    assert "Nothing to try for tempo in its range." in told.notes


def test_everything_locked_leaves_nothing(small_oracle, tracks) -> None:
    result = small_oracle.counterfactuals(tracks[0], goal=90, lock=CHANGEABLE)
    assert not result.feasible
    assert result.counterfactuals == result.levers == ()
    assert set(result.locked) == set(CHANGEABLE) & set(tracks.columns)
    assert any(note.startswith("There is nothing to change") for note in result.notes)
    unknown = small_oracle.counterfactuals({"artists": "Nobody"})
    assert unknown.counterfactuals == ()
    assert "never changed: duration_ms, danceability" in unknown.note


def test_a_track_is_named_as_predict_names_it(small_oracle, tracks) -> None:
    assert small_oracle.counterfactuals(tracks[3]).track == tracks["track_id"][3]
    assert small_oracle.counterfactuals({"tempo": 120.0}).track == "1"
    mapping = {k: v for k, v in tracks.to_dicts()[3].items() if v is not None}
    assert small_oracle.counterfactuals(mapping) == small_oracle.counterfactuals(tracks[3])


WRONG = {
    "goal: expected 0 to 100 points, got 140. Give ": {"goal": 140},
    "goal: expected 0 to 100 points, got -1. ": {"goal": -1},
    "goal: expected a number, 'hit', 'p_hit=0.3', 'tier=2' or 'best', got 'gold'": {"goal": "gold"},
    "goal: expected a number, .*, got 'nan'": {"goal": float("nan")},
    "goal: expected a number, .*, got None": {"goal": None},
    "goal: expected a probability of a hit from 0 to 1, got 3": {"goal": "p_hit=3"},
    r"goal: expected a tier from 1 to 3 \(above 25, 50, 75 points\), got 4": {"goal": "tier=4"},
    "lock: expected other columns than unlock, got energy in both": {
        "lock": ["energy"], "unlock": ["energy"]},
    "lock: expected other columns than range, got tempo in both": {
        "lock": ["bpm"], "ranges": {"tempo": (90, 100)}},
    "range of tempo: expected the lower end first, got 120 to 90. Swap them.": {
        "ranges": {"tempo": (120, 90)}},
    "range of tempo: expected 20 to 260 BPM, got any to 300. Correct it.": {
        "ranges": {"tempo": (None, 300)}},
    "range of energy: expected 0 to 1, got nan to 1": {"ranges": {"energy": (float("nan"), 1)}},
    "range: expected a column of numbers, got genres": {
        "ranges": {"genres": (1, 2)}, "unlock": ["genres"]},
    "range: expected a column that may move, got liveness. Unlock it, too.": {
        "ranges": {"liveness": (0, 0.2)}},
    "unlock: expected a number or genres, got artists, of which": {"unlock": ["artists"]},
    "unlock: expected a column that this oracle uses, got sections. Known": {
        "unlock": ["sections"]},
    "n: expected at least 1, got 0": {"n": 0},
    "most_edits: expected at least 1, got 0": {"most_edits": 0},
    "level: expected above 0 and below 1, got 1": {"level": 1},
    "base_rate: expected an oracle of hits": {"base_rate": 0.1},
}  # fmt: skip


@pytest.mark.parametrize("message", WRONG)
def test_what_cannot_be_is_refused(small_oracle, tracks, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        small_oracle.counterfactuals(tracks[0], **WRONG[message])


def test_an_unknown_feature_names_the_nearest(small_oracle, tracks) -> None:
    with pytest.raises(UnknownNameError) as caught:
        small_oracle.counterfactuals(tracks[0], lock=["dancability"])
    assert caught.value.message == (
        "lock: expected a known name, got 'dancability'. Did you mean 'danceability'?"
    )
    # A column that the oracle does not use does not move anyway.
    assert small_oracle.counterfactuals(tracks[0], lock=["sections"]).counterfactuals


def test_more_than_one_track_is_refused(small_oracle, tracks) -> None:
    with pytest.raises(SourceError, match=r"track: expected one, got 2\. Give a mapping"):
        small_oracle.counterfactuals(tracks[:2])


def test_goals_of_another_target_are_refused(small_hit_oracle, small_tier_oracle, tracks) -> None:
    with pytest.raises(ConfigError, match="as this oracle predicts hits, got a tier"):
        small_hit_oracle.counterfactuals(tracks[0], goal="tier=1")
    with pytest.raises(ConfigError, match="as this oracle predicts tiers, got a hit"):
        small_tier_oracle.counterfactuals(tracks[0], goal="hit")
    with pytest.raises(ConfigError, match="expected a probability of a hit from 0 to 1, got 60"):
        small_hit_oracle.counterfactuals(tracks[0], goal=60)


def test_an_oracle_without_background_says_so(small_oracle, tracks) -> None:
    """The starter oracle of an earlier version keeps a measure of novelty and no genres."""
    starter = dataclasses.replace(to.load_oracle().bundle, background=None)
    old = Oracle(starter)
    row = {"tempo": 120.0, "energy": 0.6, "loudness": -8.0, "valence": 0.5, "danceability": 0.6,
           "acousticness": 0.2, "speechiness": 0.05, "liveness": 0.1, "instrumentalness": 0.0,
           "duration_ms": 200_000.0, "key": 5, "mode": 1, "genre": "pop"}  # fmt: skip
    result = old.counterfactuals(row)
    assert OLD_BUNDLE in result.notes
    assert result.compared_with == "all tracks"
    assert result.counterfactuals
    for found in result.counterfactuals:
        again = old.predict(row | {c.feature: c.after for c in found.changes})
        assert found.answer["popularity"] == again["popularity"].item()
    neither = Oracle(dataclasses.replace(starter, novelty=None))
    with pytest.raises(NotEnoughDataError, match="Train it again, or on more"):
        neither.counterfactuals(row)


def test_saved_it_answers_the_same(small_oracle, small_bundle, tracks) -> None:
    loaded = to.load_oracle(small_bundle)
    assert loaded.bundle.background is not None
    assert loaded.counterfactuals(tracks[5]) == small_oracle.counterfactuals(tracks[5])
    facts = loaded.counterfactuals(tracks[5]).to_dict()
    assert {"prediction", "goal", "feasible", "counterfactuals", "note"} <= facts.keys()
    assert {"changes", "prediction", "distance", "plausibility"} <= facts["counterfactuals"][
        0
    ].keys()
    assert {"feature", "from", "to"} <= facts["counterfactuals"][0]["changes"][0].keys()
