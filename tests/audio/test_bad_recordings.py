"""Damaged, lying, endless and silly files: what can be heard is, the rest gets one sentence."""

from __future__ import annotations

import os
import socket
import stat
import sys
import threading
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from tests.audio.hearing import heard, wav
from tests.audio.sounds import FORMATS, chord

from trackoracle.audio.decoding.sound import MOST_SECONDS, open_recording
from trackoracle.errors import MissingExtraError, RecordingError, SourceNotFoundError

RATE = 44_100
SOUND = chord(3.3, RATE)
HEARD = "MP3, FLAC, WAV, OGG, Opus, AIFF, M4A or AAC"


def refusal(path: Path | str, **excerpt: float) -> str:
    """Hear what cannot be heard; return the sentence, with the path as {path}."""
    with pytest.raises(RecordingError) as caught:
        heard(path, **excerpt)
    return str(caught.value).replace(str(path), "{path}")


# Damaged and lying files


@pytest.mark.parametrize("name", ["wav", "aiff", "flac", "mp3", "mka", "alac"])
def test_cut_short(name: str, tmp_path: Path) -> None:
    made = chord(8.0, RATE)
    path = FORMATS[name](tmp_path, made, RATE)
    content = path.read_bytes()
    if name == "alac":  # MP4 keeps its index at the end; without it nothing is found
        path.write_bytes(content[: len(content) // 2])
        assert refusal(path) == (
            f"{{path}}: expected a recording ({HEARD}), got no sound that FFmpeg knows. "
            "Check that it plays, or convert it."
        )
        return
    path.write_bytes(content[: len(content) // 2])
    got, sound = heard(path)
    assert 3.5 < sound.seconds < 4.5
    assert sound.warnings[-1] == (
        f"the file states 8.0 s and holds {sound.seconds:.1f} s: cut short or damaged"
    )
    assert np.isfinite(got).all()


@pytest.mark.parametrize("name", ["flac", "mp3", "aac", "m4a", "mka"])
def test_a_hole_is_passed_over(name: str, tmp_path: Path) -> None:
    """libsndfile gives up at a hole; FFmpeg finds the sound behind it."""
    path = FORMATS[name](tmp_path, chord(12.0, RATE), RATE)
    content = bytearray(path.read_bytes())
    at = len(content) // 3
    content[at : at + 4_000] = bytes(4_000)
    path.write_bytes(content)
    _, sound = heard(path)
    assert sound.seconds > 10.5
    assert "damaged parts are passed over" in sound.warnings


def test_damage_without_enough_before_it(tmp_path: Path) -> None:
    path = FORMATS["flac"](tmp_path, SOUND, RATE)
    content = path.read_bytes()
    path.write_bytes(content[:100] + bytes(len(content) - 100))
    sentence = refusal(path)
    assert sentence.startswith(
        "{path}: expected a whole recording, got one that is damaged at 0.0 s"
    )
    assert sentence.endswith(". Copy it again.")


def claimed(folder: Path, name: str) -> Path:
    """Write three seconds whose header states a hundred hours."""
    path = FORMATS[name](folder, SOUND, 8_000 if name == "wav8" else RATE)
    content = bytearray(path.read_bytes())
    if name == "flac":
        stated = int.from_bytes(content[18:26], "big") >> 36 << 36 | 360_000 * RATE
        content[18:26] = stated.to_bytes(8, "big")
    elif name == "mp3":
        at = max(content.find(b"Xing"), content.find(b"Info")) + 8
        content[at : at + 4] = (360_000 * RATE // 1_152).to_bytes(4, "big")
    elif name == "wav8":
        content[40:44] = (0x7FFE_FFFF).to_bytes(4, "little")
    else:
        at = content.find(b"mdhd") + 20
        content[at : at + 4] = (0x7FFF_FFFF).to_bytes(4, "big")
        at = content.find(b"mvhd") + 20
        content[at : at + 4] = (0x7FFF_FFFF).to_bytes(4, "big")
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["flac", "mp3", "wav8", "m4a"])
def test_a_claim_of_many_hours_is_not_believed(name: str, tmp_path: Path) -> None:
    path = claimed(tmp_path, name)
    got, sound = heard(path)
    assert np.isfinite(got).all()
    assert sound.seconds == pytest.approx(len(SOUND) / sound.rate, abs=0.06)
    if name != "m4a":  # there the sizes of the samples count
        assert sound.claimed_seconds > 36_000
        assert "and holds" in sound.warnings[-1]


def test_lengths_that_were_never_written(tmp_path: Path) -> None:
    """Recorders and pipes leave 0 or the largest number where the length belongs."""
    content = bytearray(wav(tmp_path / "a.wav", SOUND).read_bytes())
    for size in (bytes(4), b"\xff" * 4):
        content[40:44] = size
        (tmp_path / "b.wav").write_bytes(content)
        got, sound = heard(tmp_path / "b.wav")
        assert (len(got), sound.warnings) == (len(SOUND), ())
    path = FORMATS["flac"](tmp_path, SOUND, RATE)
    content = bytearray(path.read_bytes())
    content[18:26] = (int.from_bytes(content[18:26], "big") >> 36 << 36).to_bytes(8, "big")
    path.write_bytes(content)
    got, sound = heard(path)
    assert (len(got), sound.warnings, sound.claimed_seconds) == (len(SOUND), (), None)


def test_joined_files(tmp_path: Path) -> None:
    """The header of the first states the length of the first; libsndfile believes it."""
    content = FORMATS["mp3"](tmp_path, chord(15.0, RATE), RATE).read_bytes()
    (tmp_path / "three.mp3").write_bytes(content * 3)
    _, sound = heard(tmp_path / "three.mp3")
    assert sound.seconds == pytest.approx(45, abs=0.5)
    assert "and holds 45." in sound.warnings[-1]
    content = FORMATS["ogg"](tmp_path, chord(15.0, RATE), RATE).read_bytes()
    (tmp_path / "three.ogg").write_bytes(content * 3)
    _, sound = heard(tmp_path / "three.ogg")
    assert sound.seconds >= 15
    assert sound.warnings == ("what follows behind the stated end is not heard",)


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    """FFmpeg would follow these to any file and to the net."""
    other = FORMATS["aac"](tmp_path, SOUND, RATE)
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{other}\n#EXT-X-ENDLIST\n"
    for n, text in enumerate((hls, f"ffconcat version 1.0\nfile '{other}'\n", f"file:{other}")):
        path = tmp_path / f"{n}.mp3"
        path.write_text(text)
        assert "no sound that FFmpeg knows" in refusal(path)


# What is refused


@pytest.mark.parametrize("content", [b"no music, only words\n" * 200, bytes(5_000), b"\xff\xfb"])
def test_no_sound(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    assert refusal(path) == (
        f"{{path}}: expected a recording ({HEARD}), got no sound that FFmpeg knows. "
        "Check that it plays, or convert it."
    )


def test_a_silent_film(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as file:
        pictures = file.add_stream("mpeg4", rate=10)
        pictures.width = pictures.height = 32
        file.mux(pictures.encode(av.VideoFrame(32, 32, "yuv420p")))
        file.mux(pictures.encode(None))
    assert "got a file without sound." in refusal(path)


def test_empty_file_and_no_samples(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").touch()
    assert refusal(tmp_path / "a.mp3") == (
        "{path}: expected a recording, got an empty file. Copy or download it again."
    )
    assert refusal(wav(tmp_path / "b.wav", SOUND[:0])) == (
        "{path}: expected at least one sample, got none. Copy or record it again."
    )
    assert refusal(wav(tmp_path / "c.wav", SOUND), start=4.0) == (
        "{path}: expected at least one sample, got none. Start earlier."
    )


@pytest.mark.parametrize("rate", [1, 3_999, 1_536_001])
def test_rates_out_of_reach(rate: int, tmp_path: Path) -> None:
    assert refusal(wav(tmp_path / "a.wav", SOUND, rate)) == (
        f"{{path}}: expected 4,000 to 1,536,000 samples a second, got {rate:,}. "
        "Convert it to 44,100 first."
    )


def test_too_many_channels(tmp_path: Path) -> None:
    assert refusal(wav(tmp_path / "a.wav", np.zeros((100, 65), np.float32))) == (
        "{path}: expected 1 to 64 channels, got 65. Mix it down first."
    )


def test_longer_than_can_be_heard(tmp_path: Path) -> None:
    """A sparse file: thirteen hours that take no room."""
    path = wav(tmp_path / "a.wav", np.zeros((100, 1), np.float32), 4_000, "PCM_U8")
    n_bytes = 13 * 3_600 * 4_000
    content = bytearray(path.read_bytes())[:44]
    content[40:44], content[4:8] = (
        n_bytes.to_bytes(4, "little"),
        (n_bytes + 36).to_bytes(4, "little"),
    )
    path.write_bytes(content)
    os.truncate(path, 44 + n_bytes)
    assert refusal(path) == (
        "{path}: expected at most 12 hours, got more. Choose an excerpt by its start and seconds."
    )
    _, sound = heard(path, start=12.5 * 3_600, seconds=2.0)
    assert sound.seconds == 2.0


@pytest.mark.parametrize(
    ("excerpt", "sentence"),
    [
        ({"start": -1.0}, "start: expected seconds from 0 on, got -1.0. "),
        ({"start": float("nan")}, "start: expected seconds from 0 on, got nan. "),
        ({"seconds": 0.0}, "seconds: expected more than 0 and at most 43,200, got 0.0. "),
        ({"seconds": MOST_SECONDS + 1}, "seconds: expected more than 0 and at most 43,200, got "),
    ],
)
def test_impossible_excerpts(excerpt: dict[str, float], sentence: str, tmp_path: Path) -> None:
    assert refusal(wav(tmp_path / "a.wav", SOUND), **excerpt).startswith(sentence)


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "{path}: expected a recording, got a folder. Name a file in it."
    advice = "Save the sound to a file first."
    assert refusal("/dev/zero") == f"{{path}}: expected a recording, got a device. {advice}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        sentence = refusal(tmp_path / "s")
    assert sentence == f"{{path}}: expected a recording, got a socket. {advice}"


def test_a_pipe_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "pipe.mp3"
    os.mkfifo(path)
    assert stat.S_ISFIFO(path.stat().st_mode)
    said: list[str] = []
    asking = threading.Thread(target=lambda: said.append(refusal(path)), daemon=True)
    asking.start()
    asking.join(timeout=20)
    assert said == ["{path}: expected a recording, got a pipe. Save the sound to a file first."]


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError) as caught:
        heard(tmp_path / "none.mp3")
    assert str(caught.value) == (
        f"{tmp_path / 'none.mp3'}: expected a recording, got nothing there. Check the path."
    )
    assert "embedded null byte" in refusal("a\0b.mp3")


def test_a_closed_recording_leaves_nothing_open(tmp_path: Path) -> None:
    """Neither after a whole run, nor when it is left in the middle, nor after a refusal."""
    paths = [FORMATS[name](tmp_path, SOUND, RATE) for name in ("mp3", "m4a", "flac")]
    (tmp_path / "no.mp3").write_text("no")
    before = psutil.Process().num_fds()
    for path in (*paths, tmp_path / "no.mp3") * 3:
        try:
            with open_recording(path) as sound:
                next(sound.blocks())
        except RecordingError:
            pass
    assert psutil.Process().num_fds() == before


@pytest.mark.parametrize(("name", "module"), [("wav", "soundfile"), ("m4a", "av")])
def test_without_the_extra(
    name: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = FORMATS[name](tmp_path, SOUND, RATE)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as caught:
        heard(path)
    assert str(caught.value) == (
        f"{module} is not installed. Run: pip install 'trackoracle[audio]'"
    )
