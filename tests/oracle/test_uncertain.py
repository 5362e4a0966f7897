"""Features that were estimated: their errors widen the answer, and are never ignored."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import trackoracle as to
from trackoracle.oracle.uncertain import N_DRAWS, draw, estimated
from trackoracle.schema import ERROR_LEVEL, Estimate, Heard, Timeline, bounds

SURE = {"genre": "jazz", "tempo": 120.0, "energy": 0.5, "acousticness": 0.5, "valence": 0.4}


def _unsure(by: float) -> dict[str, object]:
    row: dict[str, object] = dict(SURE)
    for name in ("energy", "acousticness"):
        low, high = bounds(name)
        row |= {low: max(SURE[name] - by, 0.0), high: min(SURE[name] + by, 1.0)}
    return row


def test_without_an_error_nothing_changes(small_oracle: to.Oracle) -> None:
    plain, exact = small_oracle.predict([SURE]), small_oracle.predict([_unsure(0.0)])
    numbers = [name for name in plain.columns if plain[name].dtype.is_numeric()]
    assert exact.select(numbers).row(0) == pytest.approx(plain.select(numbers).row(0))
    assert plain["estimated"].to_list() == [""]
    assert exact["estimated"].to_list() == ["acousticness;energy"]


def test_the_answer_is_the_mean_over_what_may_be(small_oracle: to.Oracle) -> None:
    row = _unsure(0.4)
    drawn = draw(small_oracle.check([row]).tracks)
    assert len(drawn.tracks) == N_DRAWS
    each = small_oracle.predict(drawn.tracks.drop("energy_low", "acousticness_low"))
    told = small_oracle.predict([row])
    for column in ("popularity", "p_hit", "p_tier_0"):
        assert told[column][0] == pytest.approx(each[column].mean())
    assert each["popularity"].n_unique() > 5


def test_draws_hold_what_the_bounds_say() -> None:
    low, value, high = 0.2, 0.4, 0.7
    rows = pl.DataFrame(
        {"energy": [value] * 60, "energy_low": [low] * 60, "energy_high": [high] * 60}
        | {"file_hash": [str(i) for i in range(60)]}
    )
    drawn = draw(rows).tracks["energy"].to_numpy()
    assert np.mean((drawn >= low) & (drawn <= high)) == pytest.approx(ERROR_LEVEL, abs=0.02)
    assert np.mean(drawn < low) == pytest.approx(np.mean(drawn > high), abs=1e-9)
    assert np.mean(drawn) == pytest.approx(value, abs=0.02)
    assert drawn.min() >= 0
    assert drawn.max() <= 1


def test_the_recording_seeds_the_draws(small_oracle: to.Oracle) -> None:
    one, other = ({**_unsure(0.4), "file_hash": name} for name in ("one", "other"))
    first, again, third = (
        small_oracle.predict([row])["popularity"][0] for row in (one, one, other)
    )
    assert first == again
    assert first != third


def test_neither_company_nor_order_matters(small_oracle: to.Oracle) -> None:
    rows = [SURE, _unsure(0.4), {**SURE, "tempo": 90.0}, _unsure(0.2)] * 80
    told = small_oracle.predict(rows)
    alone = [small_oracle.predict([row])["popularity"][0] for row in rows[:4]]
    assert told["popularity"].to_list() == pytest.approx(alone * 80, abs=1e-9)
    assert told["estimated"].to_list()[:2] == ["", "acousticness;energy"]


def test_a_bound_without_its_other_is_no_error(small_oracle: to.Oracle) -> None:
    half = {**SURE, "energy_low": 0.1}
    assert small_oracle.predict([half])["estimated"].to_list() == [""]
    assert estimated(pl.DataFrame({"energy": [0.5]})).to_list() == [""]


def test_impossible_bounds_are_refused(small_oracle: to.Oracle) -> None:
    with pytest.raises(to.TrackOracleError, match="energy_high: expected 0 to 1"):
        small_oracle.predict([{**SURE, "energy_low": 0.1, "energy_high": 7.0}])


def test_an_explanation_adds_up_to_the_same_prediction(small_oracle: to.Oracle) -> None:
    row = _unsure(0.4)
    told, predicted = small_oracle.explain(row), small_oracle.predict([row])["popularity"][0]
    parts = sum(part.contribution for part in told.attributions)
    assert told.prediction == pytest.approx(predicted)
    assert told.baseline + parts == pytest.approx(predicted)
    shown = {part.feature: part.value for part in told.attributions}
    assert shown["energy"] == SURE["energy"]


def test_a_ranking_is_by_the_same_predictions(small_oracle: to.Oracle) -> None:
    rows = [_unsure(0.4), SURE]
    ranked = small_oracle.rank(rows)
    predicted = small_oracle.predict(rows)["popularity"].to_list()
    assert {t.row: t.prediction for t in ranked.tracks} == pytest.approx(
        dict(enumerate(predicted, start=1))
    )


def test_all_targets_take_errors(small_hit_oracle: to.Oracle, small_tier_oracle: to.Oracle) -> None:
    row = _unsure(0.4)
    hit, tier = small_hit_oracle.predict([row]), small_tier_oracle.predict([row])
    assert 0 < hit["p_hit"][0] < 1
    assert hit["p_hit"][0] != small_hit_oracle.predict([SURE])["p_hit"][0]
    shares = tier.select(pl.col("^p_tier_.*$"))
    assert shares.sum_horizontal()[0] == pytest.approx(1)


def _heard() -> Heard:
    return Heard(
        file="a song.mp3",
        file_hash="00ff",
        start=0.0,
        seconds=200.0,
        is_excerpt=False,
        tags={"track_name": "A title", "artists": ("One", "Two")},
        measured={"duration_ms": 200_000.0, "tempo": 120.0, "key": 0.0, "mode": 1.0},
        estimated={"energy": Estimate(0.5, 0.1, 0.9)},
        tempo_alternatives=((60.0, 0.3),),
        timeline=Timeline(5.0, (-20.0,), (None,), (900.0,), (1.0,)),
        representative=(0.0, 30.0),
        warnings=("It is odd.",),
    )


def test_what_was_heard_is_a_track(small_oracle: to.Oracle) -> None:
    heard = _heard()
    told = small_oracle.predict(heard)
    assert told["track_id"].to_list() == ["a song.mp3"]
    assert told["estimated"].to_list() == ["energy"]
    assert told["warning"][0].startswith("It is odd.")
    assert small_oracle.predict([heard, heard])["popularity"].n_unique() == 1
    assert small_oracle.check(heard).notes == small_oracle.check(heard.row()).notes
    assert not any("_low" in note or "file" in note for note in small_oracle.check(heard).notes)


def test_tags_are_left_out_when_asked() -> None:
    assert _heard().row()["track_name"] == "A title"
    assert _heard().row(tags=False)["track_name"] is None


def test_a_change_says_that_estimates_are_taken_as_they_are(small_oracle: to.Oracle) -> None:
    track = {**_unsure(0.4), "duration_ms": 200_000.0}
    assert "acousticness, energy" in small_oracle.counterfactuals(track, n=1, most_edits=1).note
    bare = {name: value for name, value in track.items() if not name.endswith(("_low", "_high"))}
    assert "as they are" not in small_oracle.counterfactuals(bare, n=1, most_edits=1).note
