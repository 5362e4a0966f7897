"""Loudness by the standard: its own test signals, FFmpeg's meter and pyloudnorm agree."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pyloudnorm
import pytest
from numpy.typing import NDArray
from tests.audio.sounds import Block, chord, tone
from tests.conftest import real_file

from trackoracle.audio.decoding.sound import open_recording
from trackoracle.audio.measuring.loudness import Loudness, LoudnessMeter
from trackoracle.audio.measuring.weighting import k_weighting


def measured(sound: Block, rate: int, at_once: int | None = None) -> LoudnessMeter:
    meter = LoudnessMeter(rate, sound.shape[1])
    for start in range(0, len(sound), at_once or max(1, len(sound))):
        meter.add(sound[start : start + (at_once or len(sound))])
    return meter


def loudness(sound: Block, rate: int) -> Loudness:
    return measured(sound, rate).result()


def level(sound: Block, rate: int) -> float:
    found = loudness(sound, rate).loudness_lufs
    assert found is not None
    return found


def by_ffmpeg(sound: Block, rate: int) -> tuple[float, float]:
    """Return integrated loudness and loudness range by FFmpeg's ebur128 filter."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[sound.shape[1]]
    graph = av.filter.Graph()
    source = graph.add(
        "abuffer",
        f"sample_rate={rate}:sample_fmt=flt:channel_layout={layout}:time_base=1/{rate}",
    )
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    found: dict[str, str] = {}
    for start in [*range(0, len(sound), 4_800), None]:
        if start is None:
            source.push(None)
        else:
            part = np.ascontiguousarray(sound[start : start + 4_800].reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(part, "flt", layout)
            frame.sample_rate, frame.pts = rate, start
            source.push(frame)
        while True:
            try:
                found = dict(sink.pull().metadata) or found
            except (av.BlockingIOError, av.EOFError):
                break
    return float(found["lavfi.r128.I"]), float(found["lavfi.r128.LRA"])


def by_pyloudnorm(sound: Block, rate: int) -> float:
    return float(pyloudnorm.Meter(rate).integrated_loudness(sound.astype(float)))


def test_the_filters_of_the_standard() -> None:
    """ITU-R BS.1770-4, tables 1 and 2, at 48 kHz."""
    shelf = (
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [-1.69065929318241, 0.73248077421585],
    )
    low_cut = [1.0, -2.0, 1.0], [-1.99004745483398, 0.99007225036621]
    numerator, denominator = k_weighting(48_000)
    np.testing.assert_allclose(numerator, np.convolve(shelf[0], low_cut[0]), atol=1e-9)
    expected = np.convolve([1.0, *shelf[1]], [1.0, *low_cut[1]])
    np.testing.assert_allclose(denominator, expected, atol=1e-9)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_the_signals_of_ebu_tech_3341(rate: int) -> None:
    """Cases 1 to 5: stereo sines of 1 kHz; the answer is theirs, within .1 LU."""

    def sines(*parts: tuple[float, float]) -> Block:
        return np.concatenate([tone(s, rate, 1_000, 10 ** (db / 20), 2) for db, s in parts])

    assert level(sines((-23, 20)), rate) == pytest.approx(-23, abs=0.1)
    assert level(sines((-33, 20)), rate) == pytest.approx(-33, abs=0.1)
    quiet_around = sines((-36, 10), (-23, 60), (-36, 10))
    assert level(quiet_around, rate) == pytest.approx(-23, abs=0.1)
    gated = sines((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10))
    assert level(gated, rate) == pytest.approx(-23, abs=0.1)
    assert level(sines((-26, 20), (-20, 20.1), (-26, 20)), rate) == pytest.approx(-23, abs=0.1)


def test_the_signals_of_ebu_tech_3342() -> None:
    """Cases 1 to 3: the loudness range, within 1 LU."""
    for first, second, expected in ((-20, -30, 10), (-20, -15, 5), (-40, -20, 20)):
        sound = np.concatenate(
            [tone(20, 48_000, 1_000, 10 ** (db / 20), 2) for db in (first, second)]
        )
        found = loudness(sound, 48_000).dynamic_range_db
        assert found == pytest.approx(expected, abs=1)


@pytest.mark.parametrize(
    ("rate", "n_channels"), [(44_100, 2), (48_000, 6), (22_050, 1), (11_025, 2), (8_000, 1)]
)
def test_ffmpeg_and_pyloudnorm_agree(rate: int, n_channels: int) -> None:
    sound = chord(12.0, rate, n_channels)
    sound[: 4 * rate] *= 0.1
    found = loudness(sound, rate)
    integrated, spread = by_ffmpeg(sound, rate)
    assert found.loudness_lufs == pytest.approx(integrated, abs=0.02)
    assert found.dynamic_range_db == pytest.approx(spread, abs=0.3)
    if n_channels <= 2 and rate > 8_000:  # at 8 kHz pyloudnorm's shelf is .24 off FFmpeg's
        assert found.loudness_lufs == pytest.approx(by_pyloudnorm(sound, rate), abs=0.2)


@pytest.mark.real
def test_real_recordings() -> None:
    paths = sorted(real_file("recordings").rglob("*.mp3"))[::4]
    paths += sorted(real_file("recordings").rglob("*.ogg"))[::3]
    for path in paths:
        with open_recording(path, seconds=40.0) as opened:
            sound, rate = np.concatenate(list(opened.blocks())), opened.rate
        found = level(sound, rate)
        assert found == pytest.approx(by_ffmpeg(sound, rate)[0], abs=0.02), path.name
        assert found == pytest.approx(by_pyloudnorm(sound, rate), abs=0.2), path.name


@pytest.mark.parametrize("rate", [22_050, 11_025, 44_100])
def test_blocks_of_any_length_give_the_same(rate: int) -> None:
    sound = chord(4.03, rate)
    whole = measured(sound, rate)
    for at_once in (1_000, 4_410, rate, 7 * rate):
        parts = measured(sound, rate, at_once)
        np.testing.assert_allclose(parts.momentary(), whole.momentary(), atol=1e-9)
        assert parts.result().to_dict() == pytest.approx(whole.result().to_dict())


def test_twice_the_amplitude_is_6_db_more() -> None:
    sound = chord(8.0) * np.float32(0.25)
    before, after = loudness(sound, 22_050), loudness(2 * sound, 22_050)
    for name in ("loudness_lufs", "peak_db", "most_momentary_lufs", "most_short_term_lufs"):
        moved = getattr(after, name) - getattr(before, name)
        assert moved == pytest.approx(20 * np.log10(2), abs=1e-9), name
    assert after.crest_db == pytest.approx(before.crest_db, abs=1e-9)
    assert after.dynamic_range_db == pytest.approx(before.dynamic_range_db, abs=1e-9)


def test_a_constant_offset_counts_for_nothing() -> None:
    sound = chord(8.0)
    assert level(sound + np.float32(0.3), 22_050) == pytest.approx(level(sound, 22_050), abs=0.02)
    constant = loudness(np.full((8 * 22_050, 1), 0.5, np.float32), 22_050)
    assert constant.peak_db == pytest.approx(-6.02, abs=0.01)
    assert constant.silent_share > 0.9


def test_silence() -> None:
    nothing = loudness(np.zeros((5 * 22_050, 2), np.float32), 22_050)
    assert nothing == Loudness(None, None, None, None, None, None, 5.0, 5.0, 5.0, 1.0)
    assert measured(np.zeros((0, 2), np.float32), 22_050).result().seconds == 0.0
    faint = loudness(chord(5.0) * np.float32(1e-5), 22_050)
    assert faint.loudness_lufs is None
    assert faint.peak_db is not None
    assert faint.silent_share == 1.0


@pytest.mark.parametrize("rate", [22_050, 11_025])
def test_silence_around(rate: int) -> None:
    silence = np.zeros((rate, 2), np.float32)
    sound = np.concatenate([silence, silence, chord(4.0, rate), silence, chord(2.0, rate), silence])
    found = loudness(sound[: len(sound) - rate // 40], rate)
    assert found.silent_start_seconds == pytest.approx(2.0, abs=0.11)
    assert found.silent_end_seconds == pytest.approx(0.975, abs=0.11)
    assert found.silent_share == pytest.approx(3.975 / 9.975, abs=0.03)  # the filter rings
    alone = level(chord(4.0, rate), rate)
    assert found.loudness_lufs == pytest.approx(alone, abs=0.6)


def test_less_than_a_window() -> None:
    short = loudness(tone(0.3, 48_000, 1_000, 0.5), 48_000)
    assert short.loudness_lufs == pytest.approx(-9.03, abs=0.2)
    assert (short.dynamic_range_db, short.most_momentary_lufs) == (None, None)
    assert short.peak_db == pytest.approx(-6.02, abs=0.01)
    one = loudness(np.ones((1, 1), np.float32), 44_100)
    assert one.seconds == 1 / 44_100
    assert one.peak_db == 0.0


def test_windows_of_a_timeline() -> None:
    sound = np.concatenate(
        [tone(5, 48_000, 1_000, 0.1), tone(5, 48_000, 1_000, 0.2), tone(2, 48_000, 1_000, 0.1)]
    )
    levels: NDArray[np.float64] = measured(sound, 48_000).windows(5.0)
    np.testing.assert_allclose(levels, [-23.0, -17.0, -23.0], atol=0.1)
    assert (
        measured(np.zeros((48_000, 1), np.float32), 48_000).windows(0.5).tolist() == [-np.inf] * 2
    )


def test_effects_count_for_nothing_and_surround_for_more() -> None:
    sound = np.zeros((4 * 48_000, 6), np.float32)
    sound[:, 3] = tone(4, 48_000, 1_000, 0.5)[:, 0]
    assert loudness(sound, 48_000).loudness_lufs is None
    front, behind = np.zeros_like(sound), np.zeros_like(sound)
    front[:, 0] = behind[:, 4] = sound[:, 3]
    more = level(behind, 48_000) - level(front, 48_000)
    assert more == pytest.approx(10 * np.log10(1.41), abs=1e-6)


def test_24_channels(tmp_path: Path) -> None:
    assert np.isfinite(level(chord(2.0, 22_050, 24), 22_050))
