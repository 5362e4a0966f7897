"""Many recordings: in processes, in order, gone on with, none stops the rest."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from tests.audio.sounds import chord

import trackoracle as to
from trackoracle.audio import Hearing, listen_all
from trackoracle.audio.journal import HeardJournal
from trackoracle.errors import SourceError
from trackoracle.schema import Heard, Unheard

RATE = 8_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("album")
    for i in range(3):
        soundfile.write(folder / f"{i}.wav", chord(6.0, RATE, seed=i), RATE)
    (folder / "bad.mp3").write_text("no music")
    return folder


def test_all_are_heard_in_their_order_and_one_fails_alone(folder: Path) -> None:
    paths = [folder / name for name in ("2.wav", "bad.mp3", "0.wav", "1.wav")]
    seen: list[tuple[int, int, str]] = []
    heard = listen_all(paths, n_jobs=2, progress=lambda *done: seen.append(done))
    assert [type(each) for each in heard] == [Heard, Unheard, Heard, Heard]
    assert [Path(each.file).name for each in heard] == [path.name for path in paths]
    assert "expected a recording" in heard[1].reason
    assert sorted(done[0] for done in seen) == [1, 2, 3, 4]
    assert heard[0] == Hearing().listen(paths[0])


def test_it_goes_on_where_it_was(folder: Path, tmp_path: Path) -> None:
    paths, journal = [folder / f"{i}.wav" for i in range(3)], tmp_path / "journal"
    first = listen_all(paths[:2], journal=journal)
    with journal.open("a") as out:
        out.write('{"path": "cut off')
    seen: list[str] = []
    again = listen_all(paths, journal=journal, progress=lambda n, m, name: seen.append(name))
    assert seen == ["2.wav"]
    assert again[:2] == first
    changed = Path(tmp_path, "0.wav")
    soundfile.write(changed, chord(5.0, RATE), RATE)
    with HeardJournal(journal, {"start": 0.0, "seconds": None, "estimators": None}) as kept:
        assert kept.find(paths[0]) == first[0]
        assert kept.find(changed) is None
    with HeardJournal(journal, {"start": 5.0, "seconds": None, "estimators": None}) as kept:
        assert kept.find(paths[0]) is None


def test_a_changed_file_is_heard_again(tmp_path: Path) -> None:
    path, journal = tmp_path / "song.wav", tmp_path / "journal"
    soundfile.write(path, chord(4.0, RATE), RATE)
    listen_all([path], journal=journal)
    soundfile.write(path, chord(5.0, RATE), RATE)
    (again,) = listen_all([path], journal=journal)
    assert again.seconds == pytest.approx(5.0)


def test_a_process_that_dies_takes_one_recording_along(folder: Path, tmp_path: Path) -> None:
    long = tmp_path / "long.wav"
    soundfile.write(long, np.tile(chord(10.0, RATE), (120, 1)), RATE)
    found: list[Heard | Unheard] = []
    paths = [long, folder / "0.wav"]
    work = threading.Thread(target=lambda: found.extend(listen_all(paths)))
    work.start()
    _kill_who_reads(long)
    work.join(60)
    assert [type(each) for each in found] == [Unheard, Heard]
    assert "its decoder crashed" in found[0].reason


def _kill_who_reads(path: Path) -> None:
    """Wait for a child that has the file open, and kill it as a crash would."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for child in psutil.Process().children(recursive=True):
            try:
                opened = [file.path for file in child.open_files()]
            except psutil.Error:
                continue
            if str(path) in opened:
                child.kill()
                return
        time.sleep(0.01)
    raise AssertionError("no process opened the recording")


def test_a_script_needs_no_guard_and_names_a_folder(folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        f"import trackoracle as to\nheard = to.listen_all({str(folder)!r})\n"
        "print('once', [type(each).__name__ for each in heard])\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["once ['Heard', 'Heard', 'Heard', 'Unheard']"]


def test_what_was_not_heard_is_no_track(folder: Path) -> None:
    heard = listen_all(folder)
    with pytest.raises(SourceError, match=r"not heard: .*bad\.mp3: expected a recording"):
        to.load_oracle().predict(heard)
