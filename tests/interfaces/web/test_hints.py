"""What the pages ask of people who know nothing yet: the genre, a source, the way on."""

from __future__ import annotations

from dataclasses import replace
from threading import Event

import polars as pl
import pytest
from tests.interfaces.web.asking import come, own, press, run, turn, words

import trackoracle as to
from trackoracle.interfaces.web import AppLimits
from trackoracle.interfaces.web.gathering import Lot
from trackoracle.interfaces.web.holdings import Holdings, held, hold
from trackoracle.interfaces.web.jobs import Progress
from trackoracle.rendering import order_worth, ranking_rows, unit_sentence
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


def test_what_the_number_is_stands_beside_it_on_every_page_that_tells_one() -> None:
    user = come("predict")
    said = unit_sentence(own(user).oracle.target, own(user).oracle.bundle.catalog)
    assert said not in words(user)
    own(user).take("Mine", "hand", {"tempo": 120.0})
    assert said in words(run(user))
    for page, begin in (("change", "Try a made-up track"), ("rank", "Try a made-up album")):
        assert said in words(press(come(page), begin))


@pytest.mark.parametrize("told", [True, False])
def test_what_an_order_is_worth_stands_beside_it(small_oracle: to.Oracle, *, told: bool) -> None:
    report = small_oracle.report
    if not told:
        report = replace(report, quality={})
        served = to.Oracle(replace(small_oracle.bundle, report=report))
        hold(Holdings({"points": served}, "sample", AppLimits()))
    said = words(press(come("rank"), "Try a made-up album"))
    assert order_worth(report) in said
    assert ("not scored by sound alone" in said) is not told


def test_similar_tracks_say_that_they_are_made_up_until_a_catalog_is_open() -> None:
    track = {"tempo": 120.0, "energy": 0.5}
    user = come("predict")
    own(user).take("Mine", "hand", track)
    user.session_state["similar-open"] = True
    assert "None of these is real" in words(run(user))
    assert "Load your catalog" in [link.proto.label for link in user.get("page_link")]
    user = come("catalog")
    rows = pl.DataFrame({"track_name": [f"Title {i}" for i in range(30)],
                         "tempo": [80.0 + i for i in range(30)],
                         "energy": [(i % 7) / 7 for i in range(30)]})  # fmt: skip
    user.file_uploader[0].upload("mine.csv", rows.write_csv().encode())
    own(run(user)).take("Mine", "hand", track)
    user.session_state["similar-open"] = True
    said = words(turn(user, "predict"))
    assert "None of these is real" not in said
    assert "Of the 30 tracks of mine.csv." in said


def test_work_whose_share_is_not_known_has_no_bar_that_stands_still() -> None:
    user, go_on = come("predict"), Event()

    def hear(progress: Progress) -> list[Heard | Unheard]:
        progress(0, 1, "one.flac")
        go_on.wait(20)
        return []

    def hear_two(progress: Progress) -> list[Heard | Unheard]:
        progress(1, 2, "two.flac")
        go_on.wait(20)
        return []

    place = own(user).kept["hearing-predict"]
    place.job = held().board.submit(own(user).label, hear)
    run(user)
    assert not user.get("progress")
    (status,) = user.status
    assert status.label == "Listening one\\.flac"
    assert status.state == "running"
    go_on.set()
    place.job.wait(20)
    go_on.clear()
    place.job = held().board.submit(own(user).label, hear_two)
    run(user)
    assert not user.status
    assert user.get("progress")[0].proto.text == "Listening 2 of 2 two.flac"
    go_on.set()
