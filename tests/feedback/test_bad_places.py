"""Where no feedback can be kept, one sentence says so."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy
from tests.feedback.saying import said

from trackoracle.errors import FeedbackError
from trackoracle.feedback import FeedbackStore


def test_no_folder_no_file_no_right(tmp_path: Path) -> None:
    with pytest.raises(FeedbackError, match=r"none/x\.db: expected an existing folder, got '"):
        FeedbackStore.open(tmp_path / "none" / "x.db")
    with pytest.raises(FeedbackError, match="expected a file, got a folder"):
        FeedbackStore.open(tmp_path)
    with pytest.raises(FeedbackError, match="got no file there"):
        FeedbackStore.open(tmp_path / "x.db", create=False)
    with pytest.raises(FeedbackError, match="expected a folder that can be written, got an error"):
        FeedbackStore.open("/proc/feedback.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["nonsense://me:secret@here/x", "postgresql+nonsense://me:secret@h",
                                 "://secret", "postgresql://h:secret/x"])  # fmt: skip
def test_what_is_no_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(FeedbackError, match="expected a file or a database URL") as caught:
        FeedbackStore.open(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///x.db?mode=memory"])
def test_what_keeps_nothing_is_refused(url: str) -> None:
    with pytest.raises(FeedbackError, match="expected a place that keeps it"):
        FeedbackStore.open(url)


def test_a_missing_driver_is_named_and_the_password_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pg8000", None)
    with pytest.raises(FeedbackError, match="pg8000 is not installed") as caught:
        FeedbackStore.open("postgresql+pg8000://me:secret@localhost/x")
    assert "secret" not in str(caught.value)
    assert "me:***@localhost" in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "feedback.db"
    path.write_text("this is a text about music, and no database at all" * 10)
    with pytest.raises(FeedbackError, match=r"it is no database\. Name another file"):
        FeedbackStore.open(path)
    assert path.read_text().startswith("this is a text")


def test_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "feedback.db"
    with FeedbackStore.open(path) as store:
        for _ in range(50):
            store.add(said(comment="x" * 500))
    content = bytearray(path.read_bytes())
    content[4096 * 3 :] = b"\xff" * len(content[4096 * 3 :])
    path.write_bytes(content)
    with pytest.raises(FeedbackError, match="it is damaged"), FeedbackStore.open(path) as store:
        store.rows()


def test_a_database_of_something_else_is_not_read_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE tracks (id)")
    with pytest.raises(FeedbackError, match="got a database without any"):
        FeedbackStore.open(path, create=False)


def test_another_form_names_both(tmp_path: Path) -> None:
    path = tmp_path / "feedback.db"
    FeedbackStore.open(path).close()
    with sqlite3.connect(path) as later:
        later.execute("UPDATE trackoracle_feedback_about SET value = 7")
    with pytest.raises(FeedbackError, match="expected feedback in form 1, got form 7"):
        FeedbackStore.open(path)


def test_a_row_that_was_changed_is_told(tmp_path: Path) -> None:
    path = tmp_path / "feedback.db"
    with FeedbackStore.open(path) as store:
        store.add(said())
        with sqlite3.connect(path) as other:
            other.execute("UPDATE trackoracle_feedback SET verdict = 'superb'")
        with pytest.raises(FeedbackError, match=r"a row that was changed \(id 1: verdict"):
            store.rows()


def test_a_locked_database_is_waited_for_and_then_told(tmp_path: Path) -> None:
    path = tmp_path / "feedback.db"
    with FeedbackStore.open(path, busy_seconds=0.05) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(FeedbackError, match="others write to it for longer"):
            store.add(said())
        assert store.count() == 0  # who reads does not wait
        other.execute("COMMIT")
        other.close()
        assert store.add(said()) == 1


def test_a_full_disk_is_told_and_keeps_what_was_there(tmp_path: Path) -> None:
    with FeedbackStore.open(tmp_path / "feedback.db") as store:
        store.add(said())
        sqlalchemy.event.listen(store._engine, "connect", _small)
        large = said(comment="personal" * 200, answered={"told": "x" * 50_000})
        with pytest.raises(FeedbackError, match="no room is left") as caught:
            store.add(large)
        assert "personal" not in str(caught.value)
        assert store.rows()[-1].comment == ""


def _small(connection: sqlite3.Connection, record: object) -> None:
    connection.execute("PRAGMA max_page_count = 8")


def test_without_the_extra_the_command_is_named() -> None:
    code = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "from trackoracle.feedback import FeedbackStore\n"
        "try: FeedbackStore.open('x.db')\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    expected = "sqlalchemy is not installed. Run: pip install 'trackoracle[app]'"
    assert done.stdout.strip() == expected
