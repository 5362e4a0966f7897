"""The Catalog page: what it opens, says, leaves, lists, and keeps to one user."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import trackoracle as to
from trackoracle.artifact import Seen

pytest.importorskip("streamlit")
from streamlit.testing.v1 import AppTest
from tests.interfaces.web.asking import come, own, press, run
from typer.testing import CliRunner

from trackoracle.exploration import playlist_of
from trackoracle.interfaces.cli import app
from trackoracle.interfaces.limits import AppLimits
from trackoracle.interfaces.web.catalogs import predicting
from trackoracle.interfaces.web.catalogs.parts import Part
from trackoracle.interfaces.web.catalogs.predicting import predict_rows
from trackoracle.interfaces.web.holdings import Holdings, hold
from trackoracle.interfaces.web.jobs import Cancelled
from trackoracle.interfaces.web.showing import as_csv, as_written, in_page_words
from trackoracle.oracle import learned_notes
from trackoracle.rendering import playlist_rows

SECONDS = 60


def _page():
    from trackoracle.interfaces.web.views.catalog import show

    show()


@pytest.fixture(scope="module")
def oracle():
    return to.load_oracle()


@pytest.fixture(autouse=True)
def holdings(oracle):
    held = Holdings({"starter": oracle}, "sample", AppLimits())
    hold(held)
    yield held
    held.board.close()


@pytest.fixture
def page():
    return AppTest.from_function(_page, default_timeout=SECONDS).run()


def _rows(n: int = 300) -> pl.DataFrame:
    random = np.random.default_rng(3)
    return pl.DataFrame({
        "track_id": [f"id{i}" for i in range(n)],
        "track_name": [f"Title {i}" for i in range(n)],
        "artists": [f"Artist {i % 40}" for i in range(n)],
        "genres": [["pop", "metal", "techno"][i % 3] for i in range(n)],
        "popularity": random.integers(0, 101, n),
        "duration_ms": random.integers(100_000, 300_000, n),
        "energy": random.random(n).round(3),
        "valence": random.random(n).round(3),
        "tempo": random.uniform(70, 180, n).round(1),
    })  # fmt: skip


def _open(page: AppTest, rows: pl.DataFrame, name: str = "mine.csv") -> AppTest:
    page.file_uploader[0].upload(name, rows.write_csv().encode()).run()
    assert not page.exception
    return page


def _own(page: AppTest):
    return page.session_state["trackoracle"].kept["catalog"]


def _turn(page: AppTest, part: Part) -> AppTest:
    page.button_group(key="catalog-part").set_value(part.name).run()
    assert not page.exception
    return page


def _press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def _texts(page: AppTest) -> str:
    return "\n".join([*(m.value for m in page.markdown), *(c.value for c in page.caption)])


def test_the_sample_opens_with_what_loading_found(page):
    _press(page, "The sample")
    card = to.load_catalog("sample").card
    said = _texts(page)
    assert f"{card.n_tracks:,} tracks, {card.n_recordings:,} recordings" in said
    assert all(f"**{finding.n:,}**" in said for finding in card.findings)
    assert not page.error


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mine.csv", b"track_name,energy\nA,7\n"),
        ("mine.csv", b"one,two\n1,2\n"),
        ("mine.csv", b""),
        ("mine.csv", "track_name,energy\nÜ,0.5\n".encode("latin-1")),
        ("mine.xlsx", b"PK\x03\x04"),
        ("mine.csv.gz", b"\x1f\x8bnot whole"),
        ("mine.parquet", b"PAR1 not whole"),
    ],
)
def test_a_bad_file_gets_the_sentence_of_the_command_line(
    page, tmp_path, monkeypatch, name, content
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(to.TrackOracleError) as refused:
        to.load_catalog(name)
    page.file_uploader[0].upload(name, content).run()
    assert not page.exception
    said = in_page_words(str(refused.value))
    assert [error.value.replace("\\", "") for error in page.error] == [said]
    assert "--" not in said
    assert "catalog" not in page.session_state["trackoracle"].kept


def test_a_file_is_read_again_with_columns_and_choices_named(page):
    content = b"mine,plays\n0.5,40\n0.7,20\n"
    page.file_uploader[0].upload("mine.csv", content).run()
    choices = {box.label: box for box in page.selectbox}
    choices["mine"].set_value("energy")
    choices["plays"].set_value("energy")
    page.run()
    assert "expected one column of yours" in page.error[1].value.replace("\\", "")
    {box.label: box for box in page.selectbox}["plays"].set_value("popularity").run()
    _press(page, "Read it again")
    assert _own(page).catalog.tracks["popularity"].to_list() == [40, 20]


def test_the_filter_leaves_what_was_counted_apart(page):
    rows = _rows()
    _turn(_open(page, rows), Part.TRACKS)
    key = _own(page).key
    page.slider(key=key("filter-energy")).set_value((0.25, 0.75)).run()
    page.multiselect(key=key("filter-family")).set_value(["metal"]).run()
    page.text_input(key=key("filter-text")).set_value("artist 1").run()
    left = rows.filter(
        pl.col("energy").is_between(0.25, 0.75),
        pl.col("genres") == "metal",
        pl.concat_str("track_name", "artists").str.contains("1"),
    )
    assert 0 < len(left) < len(rows)
    assert f"**{len(left):,}** of {len(rows):,} tracks" in _texts(page)
    shown = page.dataframe[0].value
    assert (
        shown["title"].to_list()
        == left.sort("popularity", descending=True, maintain_order=True)["track_name"].to_list()
    )
    _press(page, "Clear the filter")
    assert f"**{len(rows):,}** of" in _texts(page)


def test_no_more_than_a_thousand_rows_are_sent(page):
    _turn(_press(page, "The sample"), Part.TRACKS)
    assert len(page.dataframe[0].value) == 1_000
    assert "The first 1,000 of" in _texts(page)


def test_a_playlist_is_made_changed_and_written(page):
    rows = _rows()
    _turn(_open(page, rows), Part.PLAYLIST)
    _press(page, "Make the playlist")
    own = _own(page)
    made = to.make_playlist(own.catalog)
    assert own.playlist == [track.row - 1 for track in made.tracks]
    before = list(own.playlist)
    _select(page, [1])
    _press(page, "Up")
    assert own.playlist[:2] == before[1::-1]
    _select(page, [0, 2])
    _press(page, "Remove")
    assert own.playlist == [before[0], *before[3:]]
    _press(page, "Undo")
    assert sorted(own.playlist) == sorted(before)
    written = {button.proto.label: button for button in page.get("download_button")}
    assert {"CSV", "M3U8"} <= set(written)
    assert "Spotify links" not in written


def _select(page: AppTest, places: list[int]) -> None:
    own = _own(page)
    own.found["playlist selected"] = places
    own.renew("listed")
    page.run()


def test_the_list_and_its_file_are_in_the_users_order(page):
    own = _own(_open(page, _rows()))
    own.playlist[:] = [5, 2]
    _turn(page, Part.PLAYLIST)
    told = as_csv(playlist_rows(playlist_of(own.catalog, own.playlist))).decode()
    assert [row["track_id"] for row in csv.DictReader(io.StringIO(told))] == ["id5", "id2"]
    assert page.dataframe[0].value["title"].to_list() == ["Title 5", "Title 2"]


def test_two_users_share_the_sample_and_nothing_of_their_own(page):
    other = AppTest.from_function(_page, default_timeout=SECONDS).run()
    _press(page, "The sample")
    _press(other, "The sample")
    _own(page).playlist.append(3)
    assert _own(page).loaded is _own(other).loaded
    assert _own(other).playlist == []
    _open(_press(page, "Open another"), _rows(), "only-mine.csv")
    assert "only-mine" in _texts(page).replace("\\", "")
    assert "only-mine" not in _texts(other.run()).replace("\\", "")
    assert _own(other).catalog.card.synthetic


def test_a_file_lies_there_while_its_catalog_is_open_and_no_longer(page):
    folder = _own(_open(page, _rows())).loaded.uploads.folder
    assert folder.exists()
    _press(_press(page, "Open another"), "The sample")
    assert not folder.exists()


def test_more_tracks_than_are_taken_are_refused(page, oracle):
    hold(Holdings({"starter": oracle}, "sample", AppLimits(rows=100)))
    page.file_uploader[0].upload("mine.csv", _rows(101).write_csv().encode()).run()
    said = page.error[0].value.replace("\\", "")
    assert said.startswith("mine.csv: expected at most 100 tracks, got 101.")


def _wait(page: AppTest, is_there) -> None:
    for _ in range(600):
        if is_there():
            return
        time.sleep(0.05)
        page.run()
    raise AssertionError("the work took too long")


def test_the_audit_begins_by_itself_and_tells_what_it_found(page):
    own = _own(_open(page, _rows()))
    _wait(page, lambda: "audit" in own.loaded.found)
    report = own.loaded.found["audit"]
    assert not own.jobs
    said = _texts(page).replace("\\", "")
    assert f"in {report.n_rows:,} rows of the file as they stand." in said
    assert all(f.what in said for f in report.findings if f.severity == "error")


def test_the_list_of_a_triage_is_the_librarys(page, oracle):
    own = _own(_open(page, _rows(60)))
    _turn(page, Part.TRIAGE)
    _press(page, "Make the list")
    _wait(page, lambda: "triage 1" in own.found)
    listed = to.triage(oracle, own.catalog)
    assert own.found["triage 1"].to_dict() == listed.to_dict()
    shown = page.dataframe[0].value
    assert shown["track_name"].to_list() == [track.track_name for track in listed.tracks]


def test_predictions_are_what_the_command_line_writes(page, oracle, tmp_path):
    rows = _rows(60)
    rows.write_csv(tmp_path / "mine.csv")
    own = _own(_open(page, rows))
    _turn(page, Part.PREDICTIONS)
    _press(page, "Predict 60 tracks")
    _wait(page, lambda: "predictions 1" in own.found)
    told = own.found["predictions 1"]
    for ending in (".csv", ".parquet"):
        written = tmp_path / f"theirs{ending}"
        assert CliRunner().invoke(app, ["predict", str(tmp_path / "mine.csv"), "-o", str(written)]
                                  ).exit_code == 0  # fmt: skip
        assert as_written(told.answers, ending) == written.read_bytes()
    labels = {button.proto.label for button in page.get("download_button")}
    assert {"All 60 (CSV)", "All 60 (Parquet)"} <= labels
    shown = page.dataframe[0].value["popularity"].to_list()
    assert shown == sorted(told.answers["popularity"].to_list(), reverse=True)


def test_only_what_the_filter_leaves_is_predicted(page, oracle):
    own = _own(_open(page, _rows(60)))
    _turn(page, Part.TRACKS)
    page.slider(key=own.key("filter-energy")).set_value((0.25, 0.75)).run()
    left = own.chosen()
    assert 0 < len(left) < 60
    _turn(page, Part.PREDICTIONS)
    page.button_group(key=own.key("which")).set_value("filtered").run()
    _press(page, f"Predict {len(left)} tracks")
    _wait(page, lambda: "predictions 1" in own.found)
    assert own.found["predictions 1"].answers.equals(oracle.predict(own.catalog.tracks[left]))


def test_predicting_in_parts_is_predicting_at_once_and_ends_when_it_is_not_wanted(
    oracle, monkeypatch
):
    monkeypatch.setattr(predicting, "_AT_A_TIME", 7)
    catalog, rows, told = to.load_catalog(_rows(60).drop("track_id")), np.arange(5, 45), []
    found = predict_rows(oracle, catalog, rows, 0.8, lambda *progress: told.append(progress[:2]))
    assert found.answers.equals(oracle.predict(catalog.tracks[rows], level=0.8))
    assert told == [(done, 40) for done in (*range(0, 40, 7), 40)]
    assert found.notes == ()

    def unwanted(done, *_):
        told.append(done)
        if done:
            raise Cancelled

    told.clear()
    with pytest.raises(Cancelled):
        predict_rows(oracle, catalog, rows, 0.8, unwanted)
    assert told == [0, 7]


def test_predictions_say_where_the_oracle_has_seen_the_tracks(oracle):
    catalog = to.load_catalog(_rows(60))
    knows = replace(oracle.bundle, seen=Seen.of(catalog.tracks[:20]))
    seen = predict_rows(to.Oracle(knows), catalog, np.arange(9), 0.9, lambda *_: None)
    assert "trained on 9 of these" in seen.notes[0]
    assert learned_notes(knows, catalog.take(np.arange(30, 60))) == ()
    same = replace(oracle.bundle, catalog=catalog.card)
    (note,) = learned_notes(same, catalog)
    assert "learned from this very file" in note


def test_tracks_of_the_catalog_are_ranked_without_being_sent_again(oracle):
    user = come("catalog")
    user.file_uploader[0].upload("mine.csv", _rows(60).write_csv().encode())
    opened = own(run(user)).kept["catalog"]
    user.button_group(key="catalog-part").set_value(Part.TRACKS.name)
    user = run(user)
    user.slider(key=opened.key("filter-energy")).set_value((0.25, 0.75))
    user = run(user)
    left = opened.chosen()
    assert 2 <= len(left) < 60
    press(user, f"Rank all {len(left)}")
    lot = own(user).kept["rank"].lot
    assert lot.tracks["track_id"].to_list() == opened.catalog.tracks["track_id"][left].to_list()
    assert "popularity" not in lot.tracks.columns
    ranking = own(user).kept["order"][1]
    assert ranking.to_dict() == oracle.rank(lot.tracks).to_dict()
