"""What a user drops lies in files for as long as it is needed, and nowhere else."""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackoracle.errors import UploadError
from trackoracle.interfaces.web.uploads import PREFIX, Uploads, receive, safe_name, sweep

LIMITS = {"most_files": 50, "file_bytes": 1_000, "all_bytes": 3_000}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put temporary files where a test can see all of them."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    tempfile.tempdir = None


def dropped(*contents: Any) -> Uploads:
    return receive([(f"{i}.mp3", content) for i, content in enumerate(contents)], **LIMITS)


def test_bytes_and_files_are_written_as_they_are(place: Path) -> None:
    read = io.BytesIO(b"xyz" * 300)
    read.read(7)  # as a page may have done before
    with dropped(b"a", bytearray(b"b"), memoryview(b"cc"), read) as uploads:
        assert [file.path.read_bytes() for file in uploads.files] == [
            b"a", b"b", b"cc", b"xyz" * 300
        ]  # fmt: skip
        assert [file.n_bytes for file in uploads.files] == [1, 1, 2, 900]
        assert uploads.paths[0].parent == uploads.folder
        assert uploads.folder.stat().st_mode & 0o777 == 0o700
        told = uploads.told(f"{uploads.paths[1]}: expected a recording")
        assert told == "1.mp3: expected a recording"
    assert list(place.iterdir()) == []


class _Endless:
    """A file that says nothing of its size, and has no end."""

    n_read = 0

    def read(self, n: int) -> bytes:
        self.n_read += n
        return b"x" * n


def test_too_many_and_too_large_are_refused_and_nothing_is_left(place: Path) -> None:
    with pytest.raises(UploadError, match=r"^files: expected at most 50, got 200\. Drop fewer"):
        dropped(*[b"x"] * 200)
    with pytest.raises(UploadError, match=r"^1\.mp3: expected at most 1,000 bytes, got 1,001\."):
        dropped(b"x", b"y" * 1_001)
    with pytest.raises(
        UploadError, match=r"^files: expected at most 3,000 bytes together, got 3,6"
    ):
        dropped(*[b"x" * 900] * 4)
    with pytest.raises(UploadError, match=r"^3\.mp3: expected at most 1,000 bytes, got more\."):
        dropped(b"x", b"x", b"x", endless := _Endless())
    assert endless.n_read == 1_048_576
    with pytest.raises(UploadError, match="3,000 bytes together, got more"):
        dropped(*[io.BytesIO(b"x" * 900) for _ in range(4)])
    assert list(place.iterdir()) == []


def test_two_gigabytes_that_tell_their_size_are_not_read() -> None:
    large = _Endless()
    large.size = 2_000_000_000  # type: ignore[attr-defined]
    with pytest.raises(UploadError, match=r"got 2,000,000,000\."):
        dropped(large)
    assert large.n_read == 0


def test_files_go_with_an_error_with_forgetting_and_with_closing(place: Path) -> None:
    def fail() -> None:
        with dropped(b"x"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(place.iterdir()) == []
    forgotten = dropped(b"x")
    assert len(list(place.iterdir())) == 1
    del forgotten
    gc.collect()
    assert list(place.iterdir()) == []
    kept = dropped(b"x")
    kept.close()
    kept.close()
    assert list(place.iterdir()) == []


_RUN = """
import os, signal, sys
from trackoracle.interfaces.web.uploads import receive
kept = receive([("a.mp3", b"x")], most_files=1, file_bytes=1, all_bytes=1)
print(kept.folder, flush=True)
if sys.argv[1] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_files_go_at_exit_and_those_of_the_killed_a_day_later(place: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _RUN, "ends"], capture_output=True, check=True)
    assert done.stdout.strip()
    assert list(place.iterdir()) == []
    done = subprocess.run([sys.executable, "-c", _RUN, "killed"], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = place.iterdir()
    (other := place / "another-program").mkdir()
    (linked := place / f"{PREFIX}link").symlink_to(other)
    assert sweep() == 0
    assert left.exists()
    long_ago = time.time() - 100_000
    for folder in (left, other):
        os.utime(folder, (long_ago, long_ago))
    os.utime(linked, (long_ago, long_ago), follow_symlinks=False)
    assert sweep() == 1
    assert sorted(place.iterdir()) == sorted([other, linked])


def test_a_full_disk_is_told(place: Path) -> None:
    with pytest.raises(UploadError, match="expected room for them, got an error"):
        dropped(b"x", _Broken())
    assert list(place.iterdir()) == []


def test_no_place_for_temporary_files_is_told(place: Path) -> None:
    tempfile.tempdir = str(place / "none")
    with pytest.raises(UploadError, match="expected room for them, got an error"):
        dropped(b"x")


class _Broken:
    def read(self, n: int) -> bytes:
        raise OSError(28, os.strerror(28))


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("/etc/passwd", "passwd"),
        ("..\\..\\a.mp3", "a.mp3"),
        ("", "file"),
        ("..", "file"),
        (".mp3", "file.mp3"),
        ("a\nb\x7f.wav", "ab.wav"),
        ("gpj\u202e3pm.exe", "gpj3pm.exe"),
        ("<script>alert(1)<script>.mp3", "_script_alert(1)_script_.mp3"),
        ("e\u0301te\u0301.flac", "\u00e9t\u00e9.flac"),
        ("\ud800.ogg", "file.ogg"),
        ("\U0001f468\u200d\U0001f3a4.wav", "\U0001f468\u200d\U0001f3a4.wav"),
    ],
)
def test_names_are_made_safe_and_kept_for_people(given_name: str, expected: str) -> None:
    assert safe_name(given_name) == expected


@settings(max_examples=25)
@given(st.lists(st.text(), max_size=5))
def test_any_names_can_be_files_beside_one_another(names: list[str]) -> None:
    with receive([(name, b"x") for name in names], **LIMITS) as uploads:
        assert len(list(uploads.folder.iterdir())) == len(names)
        for file in uploads.files:
            assert file.path.resolve().parent == uploads.folder.resolve()
            assert not file.name.startswith(".")
            assert file.name.isprintable() or "\u200d" in file.name or not file.name.isascii()


def test_equal_names_are_numbered_and_long_ones_cut(place: Path) -> None:
    names = ["a.mp3", "b/a.mp3", "A.mp3", "ü" * 500 + ".flac"]
    with receive([(name, b"x") for name in names], **LIMITS) as uploads:
        told = [file.name for file in uploads.files]
    assert told[:3] == ["a.mp3", "a (2).mp3", "A (3).mp3"]
    assert told[3].endswith("ü.flac")
    assert len(told[3].encode()) <= 120
