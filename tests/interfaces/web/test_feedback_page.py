"""What a user says of answers: kept, shown to that user alone, bounded, and never in the way."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.interfaces.web.asking import come, own, press, run, words

import trackoracle as to
from trackoracle.feedback import open_feedback
from trackoracle.interfaces.web import AppLimits
from trackoracle.interfaces.web.flagging import MOST
from trackoracle.interfaces.web.holdings import Holdings, hold

TRACK: dict[str, Any] = {"track_name": "=SUM(A1)", "genres": ["pop"], "tempo": 120.0}


def serve(oracles: dict[str, to.Oracle], feedback: Path) -> None:
    hold(Holdings(oracles, "sample", AppLimits(), str(feedback)))


def asking() -> AppTest:
    """A new user at the Feedback page, with a track in hand."""
    user = come("feedback")
    assert "Nothing was asked yet" in words(user)
    own(user).take("A track", "hand", TRACK)
    return run(user)


def send(user: AppTest, verdict: str | None, **more: Any) -> str:
    user.session_state["say-verdict"] = verdict
    for name, value in more.items():
        user.session_state[f"say-{name}"] = value
    return words(press(user, "Send"))


def test_what_is_said_is_kept_once_and_shown(small_oracle: to.Oracle, tmp_path: Path) -> None:
    place = tmp_path / "f.db"
    serve({"points": small_oracle}, place)
    user = asking()
    assert "Thank you" in send(user, "too low", actual=71.0, comment=" on every radio ")
    with open_feedback(place) as store:
        (kept,) = store.rows()
    assert (kept.oracle, kept.verdict, kept.actual) == ("points", "too low", 71.0)
    assert (kept.comment, kept.interface, kept.asked) == ("on every radio", "app", TRACK)
    answer = small_oracle.predict([TRACK]).row(0, named=True)
    assert kept.answered["popularity"] == answer["popularity"]
    assert user.dataframe[0].value["comment"].tolist() == ["on every radio"]
    assert 'already said "too low"' in words(run(user))
    assert not [button for button in user.button if button.label == "Send"]
    own(user).in_hand.edits["tempo"] = 90.0  # type: ignore[union-attr]
    assert "Thank you" in send(run(user), "other")
    assert len(user.dataframe[0].value) == 2


def test_it_is_kept_of_which_file_of_an_oracle_it_is(small_bundle: Path, tmp_path: Path) -> None:
    place = tmp_path / "f.db"
    serve({"points": to.load_oracle(small_bundle)}, place)
    send(asking(), "too low")
    with open_feedback(place) as store:
        (kept,) = store.rows()
    assert kept.oracle_hash == hashlib.sha256(small_bundle.read_bytes()).hexdigest()


def test_nobody_else_sees_it(small_oracle: to.Oracle, tmp_path: Path) -> None:
    serve({"points": small_oracle}, tmp_path / "f.db")
    send(asking(), "too high", comment="only mine")
    other = asking()
    told = words(other)
    assert "only mine" not in told
    assert not other.dataframe
    assert "Nothing yet" in told


def test_a_verdict_is_asked_for(small_oracle: to.Oracle, tmp_path: Path) -> None:
    serve({"points": small_oracle}, tmp_path / "f.db")
    user = asking()
    assert "verdict: expected one of the choices" in send(user, None, comment="well")
    assert "Thank you" in send(user, "about right")


def test_one_visit_says_so_much(small_oracle: to.Oracle, tmp_path: Path) -> None:
    serve({"points": small_oracle}, tmp_path / "f.db")
    user = asking()
    own(user).kept["flagged"] = {f"answer {i}": "other" for i in range(MOST - 1)}
    assert "Thank you" in send(run(user), "too low")
    own(user).in_hand.edits["tempo"] = 91.0  # type: ignore[union-attr]
    assert f"You flagged {MOST} answers" in words(run(user))
    assert not [button for button in user.button if button.label == "Send"]


def test_a_store_that_cannot_be_used_costs_a_sentence(
    small_oracle: to.Oracle, tmp_path: Path
) -> None:
    (tmp_path / "text.db").write_text("no database at all, but words " * 50)
    serve({"points": small_oracle}, tmp_path / "text.db")
    user = asking()
    assert "it is no database" in words(user)
    assert "A track" in words(user)
    assert "it is no database" in send(user, "too low")
    assert [button for button in user.button if button.label == "Send"]  # nothing is lost


@pytest.mark.parametrize(("kind", "value", "said"), [("hit", 1.0, "hit"), ("tier", 2.0, "points")])
def test_the_truth_is_told_in_the_target_s_unit(
    small_hit_oracle: to.Oracle,
    small_tier_oracle: to.Oracle,
    tmp_path: Path,
    kind: str,
    value: float,
    said: str,
) -> None:
    place = tmp_path / "f.db"
    serve({kind: small_hit_oracle if kind == "hit" else small_tier_oracle}, place)
    user = asking()
    box = user.selectbox(key="say-actual")
    assert any(said in option for option in box.options)
    assert "Thank you" in send(user, "other", actual=value)
    with open_feedback(place) as store:
        assert store.rows()[0].actual == value
