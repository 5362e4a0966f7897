"""What people said is kept whole, by many at once, and told apart by session."""

from __future__ import annotations

import csv
import json
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from tests.feedback import saying
from tests.feedback.saying import SESSION, said

from trackoracle.errors import FeedbackError, OutputError
from trackoracle.feedback import FeedbackStore, open_feedback
from trackoracle.schema import COMMENT_LENGTH
from trackoracle.settings import Settings


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


def test_what_was_said_comes_back_as_it_was(place: Path) -> None:
    when = datetime(2026, 3, 1, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    given = said(comment="<b>été</b> 🎵\n=1+1", actual=63, at=when, verdict="other")
    with FeedbackStore.open(place) as store:
        number = store.add(given)
    with FeedbackStore.open(f"sqlite:///{place}", create=False) as store:
        (kept,) = store.rows()
    assert kept.id == number
    assert kept.to_dict() == given.to_dict() | {"id": number}
    assert kept.at == datetime(2026, 2, 28, 23, 30, 0, 123456, tzinfo=UTC)


def test_rows_are_of_one_session_or_oracle_and_the_newest_first(place: Path) -> None:
    other = "f" * 16
    with FeedbackStore.open(place) as store:
        for i in range(5):
            store.add(said(actual=i, session=other if i % 2 else SESSION))
        store.add(said(oracle="hits"))
        assert [row.actual for row in store.rows(session=other)] == [3, 1]
        assert [row.actual for row in store.rows(oracle="starter", most=2)] == [4, 3]
        assert (store.count(), store.count(session=other), store.count(oracle="hits")) == (6, 2, 1)
        assert store.rows(session="0" * 16) == []


def test_processes_and_threads_write_at_once(place: Path) -> None:
    """The file is made by whoever comes first; nothing is lost, and nobody is refused."""
    command = [sys.executable, "-m", "tests.feedback.saying", str(place), "25"]
    root = Path(saying.__file__).parents[2]
    processes = [subprocess.Popen(command, cwd=root) for _ in range(2)]
    failures: list[Exception] = []

    def write() -> None:
        try:
            with FeedbackStore.open(place) as store:
                for _ in range(25):
                    store.add(said())
                    store.count()
        except FeedbackError as error:
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(60) for process in processes] == [0, 0]
    assert failures == []
    with FeedbackStore.open(place) as store:
        assert store.count() == 125
        assert sorted(row.id or 0 for row in store.rows()) == list(range(1, 126))


def test_the_file_is_for_its_owner_alone(place: Path) -> None:
    FeedbackStore.open(place).close()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_export_keeps_everything(place: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"said{ending}"
    with FeedbackStore.open(place) as store:
        store.add(said(comment='a "quoted", one\nof two lines'))
        store.add(said(session="f" * 16, actual=3.5))
        assert store.export(out) == 2
        assert store.export(tmp_path / f"own{ending}", session=SESSION) == 1
    read = {
        ".csv": pl.read_csv,
        ".tsv": lambda path: pl.read_csv(path, separator="\t"),
        ".jsonl": pl.read_ndjson,
        ".parquet": pl.read_parquet,
    }[ending](out)
    assert read["id"].to_list() == [2, 1]
    assert read["actual"].to_list() == [3.5, None]
    assert json.loads(read["asked"][0]) == said().asked
    assert json.loads(read["answered"][1]) == said().answered
    assert read["comment"][1] == 'a "quoted", one\nof two lines'


def test_a_spreadsheet_takes_nothing_for_a_formula(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "said.csv"
    with FeedbackStore.open(place) as store:
        store.add(said(comment="=HYPERLINK(1)", oracle="@x"))
        store.export(out)
        with pytest.raises(OutputError, match=r"expected one of \.csv"):
            store.export(tmp_path / "said.xlsx")
    (row,) = csv.DictReader(out.read_text().splitlines())
    assert (row["comment"], row["oracle"]) == ("'=HYPERLINK(1)", "'@x")


def test_the_place_is_named_or_the_environments_or_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRACKORACLE_FEEDBACK", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(FeedbackError, match="got no file there"):
        open_feedback(create=False)
    assert list(tmp_path.iterdir()) == []
    open_feedback().close()
    assert (tmp_path / "trackoracle" / "feedback.db").is_file()
    monkeypatch.setenv("TRACKORACLE_FEEDBACK", str(tmp_path / "told.db"))
    with open_feedback() as store:
        assert store.place == str(tmp_path / "told.db")
    with open_feedback(tmp_path / "named.db", Settings.from_environment()) as store:
        assert store.place == str(tmp_path / "named.db")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verdict": "bad"}, "verdict: expected one of 'too high', 'too low', 'about right', "),
        ({"interface": "cli"}, "interface: expected one of 'app', 'gradio', got 'cli'"),
        ({"session": "me@example.org"}, "session: expected 16 hexadecimal digits"),
        ({"oracle": ""}, "oracle: expected a name of 1 to 100 characters"),
        ({"oracle_hash": "xyz"}, "oracle_hash: expected hexadecimal digits"),
        ({"actual": float("nan")}, "actual: expected a number, got nan"),
        ({"comment": "x" * (COMMENT_LENGTH + 1)}, "at most 2,000 characters, got 2,001"),
        ({"asked": {"tempo": float("inf")}}, "asked: expected plain values"),
        ({"asked": {"tempo": object()}}, "asked: expected plain values"),
        ({"answered": {"a": "x" * 70_000}}, "answered: expected at most 60,000 bytes"),
        ({"at": datetime(2026, 1, 1)}, "at: expected a time with its zone"),
    ],
)
def test_what_cannot_be_kept_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(FeedbackError, match=message):
        said(**changes)


def test_a_comment_of_control_characters_is_tidied(place: Path) -> None:
    with FeedbackStore.open(place) as store:
        store.add(said(comment=" a\x00b\x1b[31m\ud800 c\nd\t"))
        assert store.rows()[0].comment == "a b [31m  c\nd"
