"""The Rank page: its order is the facade's, of a table, of links, of recordings, of the sample."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.interfaces.web.asking import come, own, press, run, words

import trackoracle as to
from trackoracle.errors import LinkError, TrackOracleError, UploadError
from trackoracle.interfaces.web import AppLimits
from trackoracle.interfaces.web.gathering import (
    MOST_LINKS,
    Lot,
    links_of,
    look_up_lot,
    lot_of_recordings,
    lot_of_sample,
    read_lot,
)
from trackoracle.interfaces.web.holdings import Holdings, hold
from trackoracle.interfaces.web.jobs import Progress
from trackoracle.interfaces.web.showing import in_page_words
from trackoracle.interfaces.web.uploads import receive
from trackoracle.rendering import ranking_rows, single_case
from trackoracle.schema import (
    Estimate,
    Heard,
    LookedUpTrack,
    Lookup,
    Provided,
    ServiceLink,
    Timeline,
)

LIMITS = {"most_files": 1, "file_bytes": 10_000_000, "all_bytes": 10_000_000}
BAD = b"genre,tempo,track_name\npop,120,One\npop,fast,Two\n"


class Told(Progress):
    """What work told of its progress."""

    def __init__(self) -> None:
        self.said: list[tuple[int, int, str]] = []

    def __call__(self, done: int, total: int, text: str = "") -> None:
        self.said.append((done, total, text))

    def check(self) -> None:
        pass


@pytest.fixture(autouse=True)
def held(
    small_oracle: to.Oracle, small_hit_oracle: to.Oracle, small_tier_oracle: to.Oracle
) -> None:
    oracles = {"points": small_oracle, "hits": small_hit_oracle, "tiers": small_tier_oracle}
    hold(Holdings(oracles, "sample", AppLimits()))


@pytest.mark.parametrize("oracle", ["points", "hits", "tiers"])
def test_the_order_is_the_answer_of_the_facade(oracle: str) -> None:
    user = come("rank")
    assert "Nothing is ranked yet" in words(user)
    own(user).oracle_name = user.session_state["oracle"] = oracle
    press(user, "Try a made-up album")
    lot = lot_of_sample()
    told = own(user).oracle.rank(lot.tracks, together="album")
    assert single_case(told, lot.names) in words(user)
    shown = user.dataframe[0].value
    rows = ranking_rows(told, lot.names)
    assert list(shown["track"]) == rows["track"].to_list()
    assert list(shown["p_best"] / 100) == pytest.approx(rows["p_best"].to_list())


def test_whose_the_tracks_are_is_asked_of_the_facade() -> None:
    user = press(come("rank"), "Try a made-up album")
    user.segmented_control[1].set_value("told")
    run(user)
    lot = lot_of_sample()
    assert own(user).kept["order"][1] == own(user).oracle.rank(lot.tracks)


def test_a_track_of_the_order_is_opened_in_predict() -> None:
    user = press(come("rank"), "Try a made-up album")
    first = own(user).kept["order"][1].tracks[0]
    press(user, "Open in Predict")
    hand = own(user).in_hand
    assert hand is not None
    row = lot_of_sample().tracks.row(first.row - 1, named=True)
    assert hand.asked() == {name: value for name, value in row.items() if value is not None}
    assert [title.value for title in user.title] == ["Predict"]


def test_a_bad_table_gets_the_sentence_of_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(BAD)
    with pytest.raises(TrackOracleError) as expected:
        to.load_tracks(path)
    user = come("rank")
    user.segmented_control[0].set_value("table")
    run(user)
    user.file_uploader[0].set_value(("bad.csv", BAD, "text/csv"))
    run(user)
    job = user.session_state["trackoracle"].kept["rank"].job
    assert job is None or job.wait(20)
    run(user)
    assert in_page_words(expected.value.message) in words(user)
    assert own(user).kept["rank"].lot is None
    run(user)
    assert in_page_words(expected.value.message) in words(user)


def test_a_table_is_read_as_the_command_line_reads_it_and_deleted() -> None:
    uploads = receive([("an album.csv", b"genre,tempo,title\npop,120,One\njazz,90,\n")], **LIMITS)
    lot = read_lot(uploads, Told())
    assert not uploads.folder.exists()
    assert (lot.title, lot.names) == ("an album.csv", ("One", None))
    assert lot.tracks.select("genres", "tempo").rows() == [(["pop"], 120.0), (["jazz"], 90.0)]


def test_a_file_is_called_by_its_users_name_in_what_is_wrong_with_it() -> None:
    uploads = receive([("nothing.parquet", b"no table")], **LIMITS)
    with pytest.raises(TrackOracleError) as wrong:
        read_lot(uploads, Told())
    assert wrong.value.message.startswith("nothing.parquet")


def test_more_than_an_album_is_refused_by_the_facade() -> None:
    user = come("rank")
    tracks = pl.DataFrame({"tempo": [120.0] * 10_001})
    own(user).kept["rank"].put(Lot("many", tracks, (None,) * len(tracks), "catalog"))
    run(user)
    found = own(user).kept["order"][1]
    assert found.wait(30)
    run(user)
    with pytest.raises(TrackOracleError) as refused:
        own(user).oracle.rank(tracks)
    assert in_page_words(refused.value.message) in words(user)


def test_of_links_each_trouble_is_told_and_the_rest_is_ordered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(link: str) -> Lookup:  # for want of the services
        if "bad" in link:
            raise LinkError(f"{link}: expected a track, got something else.")
        title = Provided("track_name", link, "Spotify", "2026-03-01T12:00:00+00:00")
        tempo = Provided("tempo", 120.0, "ReccoBeats", "2026-03-01T12:00:00+00:00")
        fields = (title, tempo) if link == "one" else (title,)
        return Lookup(ServiceLink("track", "0" * 22), link, (LookedUpTrack(fields),))

    monkeypatch.setattr(to, "lookup", answer)
    told = Told()
    lot = look_up_lot(["one", "bad", "two"], told)
    assert lot.names == ("one", "two")
    assert lot.tracks["tempo"].to_list() == [120.0, None]
    assert any("Spotify" in note for note in lot.notes)
    assert lot.troubles == ("Line 2: bad: expected a track, got something else.",)
    assert [done for done, _, _ in told.said] == [0, 1, 2]


def test_links_of_which_none_is_one_are_told_each() -> None:
    lot = look_up_lot(["<b>no</b>", "spotify:local:a:b:c:1"], Told())
    assert lot.tracks.is_empty()
    assert [trouble[:7] for trouble in lot.troubles] == ["Line 1:", "Line 2:"]


@pytest.mark.parametrize("text", ["", " \n \n", "x\n" * (MOST_LINKS + 1)])
def test_no_links_and_too_many_are_refused(text: str) -> None:
    with pytest.raises(UploadError, match="links: expected 1 to 100"):
        links_of(text)


def test_recordings_are_ranked_with_what_is_estimated(small_oracle: to.Oracle) -> None:
    lot = lot_of_recordings([_heard(i) for i in range(2)])
    assert lot.names == ("take 0.wav", "take 1.wav")
    user = come("rank")
    own(user).kept["rank"].put(lot)
    run(user)
    told = own(user).kept["order"][1]
    assert told == small_oracle.rank(lot.tracks, together="album")
    assert "Estimated from the sound, with errors: energy." in words(user)
    press(user, "Open in Predict")
    hand = own(user).in_hand
    assert hand is not None
    assert hand.heard is lot.heard[told.tracks[0].row - 1]
    assert hand.asked()["energy_low"] == 0.1


def _heard(i: int) -> Heard:
    return Heard(
        file=f"take {i}.wav",
        file_hash=f"00f{i}",
        start=0.0,
        seconds=200.0,
        is_excerpt=False,
        tags={},
        measured={"duration_ms": 200_000.0, "tempo": 120.0 + 30 * i, "key": 0.0, "mode": 1.0},
        estimated={"energy": Estimate(0.5, 0.1, 0.9)},
        tempo_alternatives=(),
        timeline=Timeline(5.0, (-20.0,), (None,), (900.0,), (1.0,)),
        representative=(0.0, 30.0),
        warnings=(),
    )


def test_two_users_share_nothing() -> None:
    one, other = press(come("rank"), "Try a made-up album"), come("rank")
    assert "To try first" in words(one)
    assert "Nothing is ranked yet" in words(other)
