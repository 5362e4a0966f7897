"""What the pages ask of people who know nothing yet: the genre, a source, the way on."""

from __future__ import annotations

from threading import Event

import polars as pl
import pytest
from tests.interfaces.web.asking import come, own, press, run, words

import trackoracle as to
from trackoracle.interfaces.web import AppLimits
from trackoracle.interfaces.web.gathering import Lot
from trackoracle.interfaces.web.holdings import Holdings, held, hold
from trackoracle.interfaces.web.jobs import Progress
from trackoracle.rendering import ranking_rows
from trackoracle.schema import Heard, Unheard

ASKED = "Its genre is not known."


@pytest.fixture(autouse=True)
def holdings(small_oracle: to.Oracle) -> None:
    hold(Holdings({"points": small_oracle}, "sample", AppLimits()))


def level(oracle: to.Oracle) -> str:
    """Return a genre that is spelled with a sign."""
    return next(level for level in oracle.contract["genres"].levels if "-" in level)


def test_a_genre_spelled_otherwise_is_the_one_that_the_answer_takes_it_for() -> None:
    user = come("predict")
    known = level(own(user).oracle)
    given = known.replace("-", " ").title()
    hand = own(user).take("Mine", "recording", {"genres": [given], "tempo": 120.0})
    run(user)
    chosen = next(box for box in user.multiselect if box.label == "Genres")
    assert chosen.value == [known]
    assert hand.edits == {}
    assert hand.asked()["genres"] == [given]
    assert "Not seen in training" not in words(user)
    assert ASKED not in words(user)


def test_a_genre_that_is_not_known_is_asked_for_beside_the_answer() -> None:
    user = come("predict")
    hand = own(user).take("Mine", "recording", {"tempo": 120.0})
    run(user)
    assert ASKED in words(user)
    chosen = next(box for box in user.multiselect if box.label == "Genres")
    chosen.set_value([level(own(user).oracle)])
    run(user)
    assert hand.edits["genres"] == chosen.value
    assert ASKED not in words(user)


@pytest.mark.parametrize(
    ("page", "source", "said"),
    [
        ("predict", "recording", "Drop a recording"),
        ("predict", "link", "Paste a link"),
        ("rank", "recordings", "Drop an album"),
        ("rank", "links", "Paste links"),
        ("rank", "table", "Drop a table"),
    ],
)
def test_the_first_thing_to_do_is_that_of_the_source_that_is_open(
    page: str, source: str, said: str
) -> None:
    user = come(page)
    user.segmented_control[0].set_value(source)
    run(user)
    assert f"{said} above, or:" in words(user)


@pytest.mark.parametrize("page", ["predict", "rank"])
def test_nothing_is_asked_for_while_recordings_are_heard(page: str) -> None:
    user = come(page)
    assert "yet. Drop" in words(user)
    heard = Event()

    def hear(progress: Progress) -> list[Heard | Unheard]:
        heard.wait(20)
        return []

    own(user).kept[f"hearing-{page}"].job = held().board.submit(own(user).label, hear)
    run(user)
    assert "yet. Drop" not in words(user)
    heard.set()


def test_an_empty_link_is_no_question() -> None:
    user = come("predict")
    user.segmented_control[0].set_value("link")
    run(user)
    press(user, "Look up")
    assert "link: expected one, got none." in words(user)


def test_a_genre_told_of_an_album_is_that_of_its_tracks_without_one() -> None:
    user = come("rank")
    oracle = own(user).oracle
    first, second, *_ = oracle.contract["genres"].levels
    tracks = pl.DataFrame(
        {"tempo": [120.0, 90.0, 100.0], "genres": [[first.upper()], None, ["never seen"]]}
    )
    own(user).kept["rank"].put(Lot("three", tracks, ("A", "B", "C"), "catalog"))
    run(user)
    asked = next(box for box in user.selectbox if box.label == "Genre of the 2 without one")
    asked.set_value(second)
    run(user)
    told = tracks.with_columns(genres=pl.Series([[first], [second], [second]]))
    expected = ranking_rows(oracle.rank(told), ("A", "B", "C"))
    shown = user.dataframe[0].value
    assert list(shown["track"]) == expected["track"].to_list()
    assert list(shown["popularity"]) == pytest.approx(expected["popularity"].to_list())
    place = expected["track"].to_list().index("B")
    user.selectbox(key=f"closer-1-points-{second}").set_value(place)
    run(user)
    press(user, "Open in Predict")
    hand = own(user).in_hand
    assert hand is not None
    assert hand.asked()["genres"] == [second]
