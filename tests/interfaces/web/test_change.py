"""The Change page: its answers are the facade's, what is applied is asked, what is kept is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from tests.interfaces.web.asking import come, own, press, run, words

import trackoracle as to
from trackoracle.interfaces.web import AppLimits
from trackoracle.interfaces.web.changing import edits_of, predicted
from trackoracle.interfaces.web.holdings import Holdings, hold
from trackoracle.interfaces.web.session import InHand, Scenario
from trackoracle.interfaces.web.versions import differences, versions_table
from trackoracle.rendering import edits_sentence, gain, goal_verdict

TRACK = {
    "genres": ["pop"], "duration_ms": 215_000.0, "tempo": 120.0, "energy": 0.4, "valence": 0.3,
    "danceability": 0.5, "loudness": -11.0, "acousticness": 0.6, "track_name": "<b>*A* track</b>",
}  # fmt: skip


@pytest.fixture(autouse=True)
def held(
    small_oracle: to.Oracle, small_hit_oracle: to.Oracle, small_tier_oracle: to.Oracle
) -> None:
    oracles = {"points": small_oracle, "hits": small_hit_oracle, "tiers": small_tier_oracle}
    hold(Holdings(oracles, "sample", AppLimits()))


def with_track(oracle: str = "points") -> AppTest:
    """Come with a track in hand, to an oracle."""
    user = come("change")
    own(user).oracle_name = oracle
    user.session_state["oracle"] = oracle
    own(user).take("<b>*A* track</b>", "hand", TRACK)
    return run(user)


def test_without_a_track_it_says_so_and_offers_one() -> None:
    user = come("change")
    assert "No track is in hand yet" in words(user)
    press(user, "Try a made-up track")
    assert own(user).in_hand is not None
    assert any(button.label == "Apply" for button in user.button)


@pytest.mark.parametrize("oracle", ["points", "hits", "tiers"])
def test_the_cards_are_the_answer_of_the_facade(oracle: str) -> None:
    user = with_track(oracle)
    asked = own(user).oracle
    told = asked.counterfactuals(TRACK)
    shown = words(user)
    assert goal_verdict(told) in shown
    assert told.counterfactuals
    for found in told.counterfactuals:
        assert edits_sentence(found.changes, asked.typical(["pop"])) in shown
        assert any(
            gain(told, found)[0] in str(html.value).replace("&nbsp;", " ")
            for html in user.get("html")
        )


def test_a_title_is_shown_as_text() -> None:
    assert r"\<b\>\*A\* track\<\/b\>" in [one.value for one in with_track().header]


def test_a_goal_that_no_change_reaches_is_said_to_be_out_of_reach() -> None:
    user = with_track()
    user.radio[0].set_value("points")
    run(user)
    user.slider[0].set_value(100)
    run(user)
    told = own(user).oracle.counterfactuals(TRACK, goal=100)
    assert not told.feasible
    assert goal_verdict(told) in user.warning[0].value.replace("\\", "")


def test_what_must_stay_stays_and_what_is_bounded_is_asked_within() -> None:
    user = with_track()
    free = {c.feature for f in own(user).kept["change"][1].counterfactuals for c in f.changes}
    user.multiselect[0].set_value(sorted(free))
    run(user)
    told = own(user).kept["change"][1]
    assert set(told.locked) == free
    assert not free & {c.feature for f in told.counterfactuals for c in f.changes}
    user.multiselect[0].set_value([])
    run(user)
    energy = next(s for s in user.select_slider if s.label.startswith("Energy"))
    low, _ = energy.value
    energy.set_value((low, next(o for o in energy.options if float(o) >= 0.45)))
    run(user)
    asked = own(user).kept["change"][0][2]
    assert [name for name, _ in asked.ranges] == ["energy"]
    assert asked.ranges[0][1][0] is None


def test_it_is_asked_again_only_when_something_else_is_asked() -> None:
    user = with_track()
    first = own(user).kept["change"][1]
    run(user)
    assert own(user).kept["change"][1] is first


def test_what_is_applied_is_what_predict_is_asked() -> None:
    user = with_track()
    told = own(user).kept["change"][1]
    press(user, "Apply")
    hand = own(user).in_hand
    assert hand is not None
    asked = {**TRACK, **edits_of(told.counterfactuals[0].changes)}
    assert hand.asked() == asked
    after = own(user).oracle.predict(asked)["popularity"][0]
    assert after == pytest.approx(told.counterfactuals[0].prediction)
    assert any(f">{after:.0f}<" in str(html.value) for html in user.get("html"))
    assert "As it came" in words(user)
    press(user, "Undo all changes")
    assert hand.asked() == TRACK


def test_versions_are_kept_with_what_is_predicted_of_them_and_taken_in_hand_again() -> None:
    user = with_track()
    press(user, "Keep to compare", 1)
    first, second = own(user).scenarios
    assert dict(first.row) == TRACK
    for one in (first, second):
        assert one.answer == predicted(own(user).oracle, dict(one.row))
    name = next(text for text in user.text_input if text.label == "Name of version 2")
    name.set_value("The <i>louder</i> one")
    run(user)
    assert own(user).scenarios[1].name == "The <i>louder</i> one"
    press(user, "Take in hand", 1)
    hand = own(user).in_hand
    assert hand is not None
    assert (hand.title, hand.row) == ("The <i>louder</i> one", dict(second.row))
    press(user, "Remove")
    assert [one.row for one in own(user).scenarios] == [second.row]


def test_an_estimated_feature_that_is_edited_is_no_longer_estimated() -> None:
    row = {"genres": ["pop"], "energy": 0.4, "energy_low": 0.2, "energy_high": 0.6, "tempo": 120.0}
    hand = InHand("A recording", "recording", row)
    edited = replace(hand, edits={"energy": 0.7}).asked()
    assert edited == {"genres": ["pop"], "energy": 0.7, "tempo": 120.0}


def test_two_users_share_nothing() -> None:
    one, other = with_track(), come("change")
    press(one, "Keep to compare")
    run(other)
    assert own(other).in_hand is None
    assert not own(other).scenarios
    assert own(one).label != own(other).label


def test_versions_are_saved_whole_and_differ_where_they_differ() -> None:
    kept = [
        Scenario("one", {"genres": ["pop", "rock"], "key": 0}, {"p_hit": 0.1}, "hits"),
        Scenario("one", {"genres": ["pop", "rock"], "key": 9, "mode": 1}, {"p_hit": 0.2}, "hits"),
    ]
    assert differences(kept).rows() == [("Key", "C", "A"), ("Mode", "not given", "major")]
    table = versions_table(kept)
    assert table["genres"].to_list() == ["pop;rock"] * 2
    assert table["p_hit"].to_list() == [0.1, 0.2]
