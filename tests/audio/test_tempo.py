"""Tempo and bar of generated signals, and of sound that has neither."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.playing import PATTERNS, RATE, TIMBRES, Piece, play

from trackoracle.audio.measuring.onsets import OnsetMeter
from trackoracle.audio.measuring.tempo import Pulse, PulseMeter


def heard(sound: np.ndarray, n_blocks: int = 1) -> Pulse:
    meter = PulseMeter()
    for block in np.array_split(sound.astype(np.float32), n_blocks):
        meter.add(block)
    return meter.result()


def is_octave_of(found: float | None, true: float, within: float = 0.04) -> bool:
    return found is not None and min(abs(found / true / by - 1) for by in (0.5, 1, 2)) < within


@pytest.mark.parametrize("pattern", PATTERNS)
def test_tempo_of_every_pattern_is_found_octave_aside(pattern: str) -> None:
    for number, bpm in enumerate((60.0, 83.5, 107.0, 128.0, 155.5, 200.0)):
        piece = Piece(bpm, key=number, pattern=pattern, timbre=list(TIMBRES)[number % 5])
        found = heard(play(piece, 14.0))
        assert is_octave_of(found.tempo, bpm, within=0.01), (bpm, found)


def test_a_usual_tempo_is_found_in_its_octave() -> None:
    found = heard(play(Piece(bpm=122.0, pattern="four"), 15.0))
    assert found.tempo == pytest.approx(122.0, rel=0.005)
    assert found.confidence > 0.8
    assert found.alternatives == tuple(sorted(found.alternatives, key=lambda pair: -pair[1]))


def test_octaves_and_other_tempos_are_offered() -> None:
    found = heard(play(Piece(bpm=190.0, pattern="rock"), 15.0))
    offered = [found.tempo, *(bpm for bpm, _ in found.alternatives)]
    assert any(bpm == pytest.approx(190.0, rel=0.02) for bpm in offered)


@pytest.mark.parametrize("beats", [3, 4])
def test_beats_of_the_bar(beats: int) -> None:
    found = heard(play(Piece(bpm=110.0, beats=beats, pattern="funk"), 20.0))
    assert found.time_signature == beats
    assert found.time_signature_confidence > 0.5


def test_equal_clicks_tell_no_bar() -> None:
    sound = np.zeros(RATE * 15)
    sound[:: RATE // 2] = 0.8
    found = heard(sound)
    assert found.time_signature is None
    assert found.onset_rate == pytest.approx(2.0, abs=0.15)


def test_blocks_gain_and_leading_silence_change_nothing() -> None:
    sound = play(Piece(bpm=98.0, pattern="shuffle", seed=4), 16.0)
    whole = heard(sound)
    assert heard(sound, n_blocks=611).tempo == whole.tempo
    assert heard(2 * sound).tempo == pytest.approx(whole.tempo, rel=1e-3)
    late = heard(np.concatenate([np.zeros(RATE, np.float32), sound]))
    assert late.tempo == pytest.approx(whole.tempo, rel=5e-3)


def test_onsets_do_not_depend_on_the_blocks() -> None:
    sound = play(Piece(bpm=140.0), 5.0)
    meters = OnsetMeter(), OnsetMeter()
    meters[0].add(sound)
    for block in np.array_split(sound, 97):
        meters[1].add(block)
    first, second = (meter.series().astype(float) for meter in meters)
    assert np.abs(first - second).max() < 0.01


SOUNDLESS = {
    "nothing": np.zeros(0),
    "ten samples": np.ones(10),
    "a tenth of a second": np.random.default_rng(0).normal(0, 0.1, RATE // 10),
    "silence": np.zeros(RATE * 10),
    "direct current": np.full(RATE * 10, 0.5),
    "a tone": 0.5 * np.sin(np.arange(RATE * 10) * 0.1),
    "one click": np.eye(1, RATE * 10, RATE * 5)[0],
}


@pytest.mark.parametrize("name", SOUNDLESS)
def test_without_a_rhythm_there_is_no_tempo_or_no_trust(name: str) -> None:
    found = heard(SOUNDLESS[name])
    assert found.confidence < 0.1
    assert found.time_signature is None


@pytest.mark.parametrize("seconds", [2, 6, 20])
def test_noise_is_not_trusted(seconds: int) -> None:
    noise = np.random.default_rng(seconds).normal(0, 0.1, RATE * seconds)
    assert heard(noise).confidence < 0.25


def test_a_change_to_no_rhythm_shows_over_time() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, RATE * 25)
    meter = PulseMeter()
    meter.add(play(Piece(bpm=120.0, pattern="four"), 25.0))
    meter.add(noise.astype(np.float32))
    clarity = meter.clarity_over_time(120.0, seconds=5.0)
    assert len(clarity) == 8
    assert min(clarity[:2]) > 0.4 > 0.15 > max(clarity[-3:])
