"""A tab that is closed in the middle of long listening: nothing of it goes on, nothing is left."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from tests.audio.sounds import chord
from tests.interfaces.web.asking import come

import trackoracle as to
from trackoracle.interfaces.web import AppLimits
from trackoracle.interfaces.web.holdings import Holdings, hold
from trackoracle.interfaces.web.jobs import JobBoard
from trackoracle.interfaces.web.uploads import PREFIX


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def hearing() -> list[int]:
    """Return the processes of this one that hear recordings, and live."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has ended meanwhile
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child.pid)
    return found


def test_a_closed_tab_keeps_nobody_busy_and_no_file(
    small_oracle: to.Oracle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    Path(tempfile.gettempdir()).mkdir()
    song = tmp_path / "long.wav"
    soundfile.write(song, np.tile(chord(10.0, 8_000), (120, 1)), 8_000)  # twenty minutes
    limits = replace(AppLimits(), audio_seconds=1_200.0)
    holdings = Holdings({"points": small_oracle}, "sample", limits)
    # What a tab's last look is followed by in a minute and a half, here in a second.
    board = holdings.__dict__["board"] = JobBoard(1, vanish_seconds=1.0)
    hold(holdings)
    before = set(hearing())
    user = come("predict")
    user.file_uploader[0].upload(song.name, song.read_bytes(), "audio/wav")
    user.run()
    assert not user.exception
    until(lambda: bool(set(hearing()) - before))
    assert [file.name for file in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/*")] == ["long.wav"]
    # Nobody looks any more: from here on the tab is closed.
    until(lambda: board.n_running == 0)
    assert not set(hearing()) - before
    assert list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")) == []
    board.close()
    holdings.listeners.close()
