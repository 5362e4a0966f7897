"""The mono stream is what `librosa.load` gives, however the blocks are cut."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest
from tests.audio.hearing import wav
from tests.audio.sounds import FORMATS, Block, chord
from tests.conftest import real_file

from trackoracle.audio.decoding.resampling import MonoResampler, mono_22050
from trackoracle.audio.decoding.sound import open_recording

# Of audioread, which librosa imports at the first load.
pytestmark = pytest.mark.filterwarnings("ignore:.*slated for removal:DeprecationWarning")


def stream(path: Path) -> Block:
    with open_recording(path) as sound:
        return np.concatenate(list(mono_22050(sound.blocks(), sound.rate)))


@pytest.mark.parametrize(
    ("rate", "n_channels"),
    [(44_100, 2), (48_000, 1), (22_050, 2), (22_050, 1), (8_000, 1), (96_000, 6), (11_025, 24)],
)
def test_it_is_what_librosa_loads(rate: int, n_channels: int, tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", chord(3.217, rate, n_channels), rate)
    expected, _ = librosa.load(path)
    got = stream(path)
    assert got.dtype == np.float32
    assert len(got) == len(expected)
    assert np.abs(got - expected).max() < 1e-6


@pytest.mark.real
def test_real_recordings() -> None:
    paths = sorted(real_file("recordings").rglob("*.mp3"))[::9]
    for path in (*paths, *sorted(real_file("recordings").rglob("*.ogg"))[::6]):
        expected, _ = librosa.load(path)
        got = stream(path)
        assert len(got) == len(expected), path.name
        assert np.abs(got - expected).max() < 1e-6, path.name


def test_any_cut_gives_the_same() -> None:
    sound = chord(3.0, 44_100)
    whole = np.concatenate(list(mono_22050([sound], 44_100)))
    for at_once in (1, 4_410, 44_100):
        some = sound[:3_000] if at_once == 1 else sound
        cut = [some[start : start + at_once] for start in range(0, len(some), at_once)]
        got = np.concatenate(list(mono_22050(cut, 44_100)))
        n = len(got) - 200 if at_once == 1 else len(got)  # the end rings otherwise
        np.testing.assert_allclose(got[:n], whole[:n], atol=1e-6)


def test_nothing_in_nothing_out() -> None:
    for rate in (22_050, 44_100):
        assert len(MonoResampler(rate).finish()) == 0


def test_the_highest_rate(tmp_path: Path) -> None:
    low = chord(2.0, 22_050, 1)
    high = np.repeat(low, 768_000 // 22_050 + 1, axis=0)  # another rate, the same length in time
    path = wav(tmp_path / "a.wav", high, 22_050 * (768_000 // 22_050 + 1))
    assert abs(len(stream(path)) - len(low)) <= 1


def test_opus(tmp_path: Path) -> None:
    path = FORMATS["opus"](tmp_path, chord(2.0, 48_000), 48_000)
    expected, _ = librosa.load(path)
    np.testing.assert_allclose(stream(path), expected, atol=1e-6)
