"""Which files of a folder or a pattern are recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from trackoracle.audio import find_recordings, holds_recordings
from trackoracle.errors import SourceError, SourceNotFoundError


def _folder(root: Path) -> Path:
    for name in ("b.mp3", "a.FLAC", "notes.txt", ".hidden.mp3", "disc 2/ä ö.ogg", ".git/x.wav"):
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return root


def test_a_folder_gives_its_recordings_by_name(tmp_path: Path) -> None:
    found = [path.relative_to(tmp_path) for path in find_recordings([_folder(tmp_path)])]
    assert found == [Path("a.FLAC"), Path("b.mp3"), Path("disc 2/ä ö.ogg")]
    assert holds_recordings(tmp_path)
    assert not holds_recordings(tmp_path / ".git" / "none")


def test_patterns_and_files_come_in_their_order_once(tmp_path: Path) -> None:
    _folder(tmp_path)
    named = [tmp_path / "notes.txt", str(tmp_path / "**" / "*.ogg"), tmp_path]
    found = [path.name for path in find_recordings(named)]
    assert found == ["notes.txt", "ä ö.ogg", "a.FLAC", "b.mp3"]


def test_brackets_in_a_name_are_no_pattern(tmp_path: Path) -> None:
    path = tmp_path / "track [live].mp3"
    path.touch()
    assert find_recordings([path]) == [path]


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match="expected a recording or a folder"):
        find_recordings([tmp_path / "none.mp3"])
    with pytest.raises(SourceError, match="expected recordings in the folder, got none"):
        find_recordings([tmp_path])
