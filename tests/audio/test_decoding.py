"""Every container, rate, depth and channel count is heard, whole and from any place."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from tests.audio.hearing import heard, wav
from tests.audio.sounds import DELAYS, EXACT, FORMATS, chord, encode, lag, tone

from trackoracle.audio.decoding.containers import opened_file
from trackoracle.audio.decoding.pyav_reader import PyavReader
from trackoracle.audio.decoding.sound import open_recording

RATE = 44_100
SOUND = chord(3.3, RATE)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format(name: str, tmp_path: Path) -> None:
    rate = 48_000 if name == "opus" else RATE
    made = chord(3.3, rate)
    path = FORMATS[name](tmp_path, made, rate)
    got, sound = heard(path)
    assert (sound.rate, sound.n_channels, got.dtype) == (rate, 2, np.float32)
    assert sound.warnings == ()
    assert sound.is_whole
    assert sound.seconds == len(got) / rate
    # Some encoders fill the last packet.
    assert -0.003 < sound.seconds - len(made) / rate < 0.06
    shift, alike = lag(got, made)
    assert (shift, alike) == (DELAYS.get(name, 0), pytest.approx(1, abs=0.02))
    if name in EXACT:
        assert np.abs(got - made[: len(got)]).max() < 2**-15


@pytest.mark.parametrize("name", FORMATS)
def test_an_excerpt_is_what_the_whole_has_there(name: str, tmp_path: Path) -> None:
    rate = 48_000 if name == "opus" else RATE
    path = FORMATS[name](tmp_path, chord(3.3, rate), rate)
    whole, _ = heard(path)
    part, sound = heard(path, start=1.7, seconds=1.1)
    assert len(part) == round(1.1 * rate)
    assert not sound.is_whole
    assert sound.warnings == ()
    first = round(1.7 * rate)
    shift, alike = lag(part, whole[first : first + len(part)])
    # Matroska and ASF tell times in milliseconds; AAC fills bands with noise, anew each time.
    assert abs(shift) <= (0.001 * rate if name in ("mka", "wma") else 0)
    assert alike == pytest.approx(1, abs=0.01)
    if name not in ("mka", "wma", "m4a", "aac", "ac3"):
        np.testing.assert_allclose(part, whole[first : first + len(part)], atol=1e-6)
    rest, sound = heard(path, start=1.7)
    assert abs(len(rest) - (len(whole) - first)) <= abs(shift)
    assert not sound.is_whole


def test_it_is_told_by_its_content(tmp_path: Path) -> None:
    for name, container in (("mp3", "mp3"), ("flac", "flac"), ("m4a", "m4a"), ("aac", "aac")):
        path = FORMATS[name](tmp_path, SOUND, RATE)
        odd = path.rename(tmp_path / "odd name, ünïcode ж.txt")
        _, sound = heard(odd)
        assert sound.container == container
        _, sound = heard(str(odd))
        assert sound.container == container


@pytest.mark.parametrize(
    ("rate", "n_channels"), [(4_000, 1), (8_000, 1), (11_025, 2), (768_000, 2)]
)
def test_rates(rate: int, n_channels: int, tmp_path: Path) -> None:
    made = chord(1.5, rate, n_channels)
    got, sound = heard(wav(tmp_path / "a.wav", made, rate))
    assert (sound.rate, sound.n_channels) == (rate, n_channels)
    assert np.abs(got - made).max() < 2**-15


@pytest.mark.parametrize("n_channels", [6, 8])
def test_surround_of_ffmpeg(n_channels: int, tmp_path: Path) -> None:
    """PyAV dies of eight planes and more when their samples are asked of it directly."""
    made = np.stack([tone(1, 48_000, 200 + 100 * c, 0.1)[:, 0] for c in range(n_channels)], axis=1)
    got, sound = heard(encode(tmp_path / "a.m4a", made, 48_000))
    assert sound.n_channels == n_channels
    spectrum = np.abs(np.fft.rfft(got[:48_000], axis=0))
    loudest = spectrum.argmax(axis=0)
    is_full = np.arange(n_channels) != 3  # low effects hold nothing high
    expected = 200 + 100 * np.arange(n_channels)
    assert np.abs(loudest - expected)[is_full].max() <= 1


def test_24_channels(tmp_path: Path) -> None:
    made = chord(2.0, RATE, 24)
    got, sound = heard(wav(tmp_path / "a.wav", made))
    assert sound.n_channels == 24
    assert np.abs(got - made).max() < 2**-15


def test_blocks_are_short_and_the_callers(tmp_path: Path) -> None:
    with open_recording(wav(tmp_path / "a.wav", SOUND)) as sound:
        blocks = list(sound.blocks())
    assert [len(block) for block in blocks] == [RATE, RATE, RATE, round(0.3 * RATE)]
    assert np.abs(np.concatenate(blocks) - SOUND).max() < 2**-15


def test_a_video_is_heard_with_a_word(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as file:
        pictures = file.add_stream("mpeg4", rate=10)
        pictures.width = pictures.height = 32
        stream = file.add_stream("aac", rate=RATE, layout="stereo")
        for _ in range(20):
            file.mux(pictures.encode(av.VideoFrame(32, 32, "yuv420p")))
        file.mux(pictures.encode(None))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(SOUND.T), "fltp", "stereo")
        frame.sample_rate = RATE
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    _, sound = heard(path)
    assert sound.container == "mp4"
    assert sound.warnings == ("a video: only its sound is heard",)


def test_a_picture_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    picture = b"\x89PNG\r\n\x1a\n" + bytes(400)
    frame = b"\x00image/png\x00\x03\x00" + picture
    tag = b"APIC" + len(frame).to_bytes(4, "big") + b"\x00\x00" + frame
    size = bytes(len(tag) >> shift & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(
        b"ID3\x03\x00\x00" + size + tag + FORMATS["mp3"](tmp_path, SOUND, RATE).read_bytes()
    )
    _, sound = heard(path)
    assert (sound.container, sound.warnings) == ("mp3", ())
    with opened_file(path) as descriptor:  # and by the decoder that sees the picture as a stream
        reader = PyavReader(descriptor)
        assert reader.notes == []
        reader.close()


def test_short_silent_and_offset(tmp_path: Path) -> None:
    got, sound = heard(wav(tmp_path / "a.wav", SOUND[: RATE // 10]))
    assert (len(got), sound.warnings) == (RATE // 10, ())
    got, sound = heard(wav(tmp_path / "b.wav", np.zeros((RATE, 2), np.float32)))
    assert (got.any(), sound.warnings) == (False, ())
    _, sound = heard(wav(tmp_path / "c.wav", np.full((RATE, 2), 0.25, np.float32)))
    assert sound.warnings == ("a constant offset of 0.25 of full scale",)


def test_clipping_is_said(tmp_path: Path) -> None:
    _, sound = heard(wav(tmp_path / "a.wav", np.clip(8 * SOUND, -1, 1)))
    assert len(sound.warnings) == 1
    assert sound.warnings[0].endswith("% of the samples are at full scale: clipped")
    _, sound = heard(wav(tmp_path / "b.wav", 32_768 * SOUND, subtype="FLOAT"))
    assert len(sound.warnings) == 1
    assert sound.warnings[0].endswith("times full scale: scaled wrongly?")


def test_samples_that_are_no_numbers(tmp_path: Path) -> None:
    made = SOUND.copy()
    made.view(np.uint32)[9, 0] = 0x7F80_0001  # a NaN that is told as it is touched
    made[5, 0], made[7, 1], made[100_000, 0], made[11, 0] = np.nan, np.inf, -np.inf, 1e30
    got, sound = heard(wav(tmp_path / "a.wav", made, subtype="FLOAT"))
    assert sound.warnings == ("5 of 291,060 samples are no numbers and taken as silence",)
    with np.errstate(invalid="ignore"):
        is_bad = ~(np.abs(made) < 1e9)
    assert not got[is_bad].any()
    assert np.array_equal(got[~is_bad], SOUND[~is_bad])
