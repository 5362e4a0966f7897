"""The timeline shows what was put into the sound, where it was put."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.audio.tunes import RATE, Sound, tune

from trackoracle.audio.describing.descriptors import Describer
from trackoracle.audio.describing.pulse import clarity, modulations, onset_rate
from trackoracle.audio.describing.timeline import Timeline, most_usual


def course(*parts: Sound) -> Timeline:
    describer = Describer()
    for part in parts:
        describer.add(part)
    return describer.result().timeline


def tone(hz: float, seconds: float, level: float = 0.1) -> Sound:
    time = np.arange(int(seconds * RATE)) / RATE
    return (level * np.sqrt(2) * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def test_energy_and_brightness_are_told_step_by_step() -> None:
    told = course(tone(500, 10), tone(4000, 10, 0.01), np.zeros(10 * RATE, np.float32))
    assert told.energy_db == pytest.approx([-20, -20, -40, -40, -100, -100], abs=0.5)
    assert told.brightness_hz[:4] == pytest.approx([500, 500, 4000, 4000], rel=0.05)
    assert told.brightness_hz[5] == 0


def test_a_beat_has_a_pulse_and_noise_has_none() -> None:
    clicks = np.zeros(15 * RATE, np.float32)
    clicks[:: RATE // 2] = 0.5
    noise = (0.1 * np.random.default_rng(0).normal(size=15 * RATE)).astype(np.float32)
    told = course(clicks, noise)
    assert min(told.pulse[:3]) > 0.7
    assert max(told.pulse[3:]) < 0.4


def test_the_last_step_takes_in_a_short_rest() -> None:
    assert len(course(tone(500, 37.4)).energy_db) == 7
    assert len(course(tone(500, 38)).energy_db) == 8
    assert course(tone(500, 37.4)).energy_db == pytest.approx([-20] * 7, abs=0.5)


def test_the_representative_window_is_like_most_others() -> None:
    parts = [tone(90, 30), *(tune(30, seed=k) for k in range(3)), np.zeros(30 * RATE, np.float32)]
    told = course(*parts)
    assert told.representative in [(30, 60), (60, 90), (90, 120)]
    assert json.loads(json.dumps(told.to_dict()))["step_seconds"] == 5


def test_one_odd_column_does_not_decide() -> None:
    rows = np.zeros((5, 40))
    rows[1:] += np.linspace(-1, 1, 4)[:, None]
    rows[0, 3] = 1e9
    assert most_usual(rows) == 0


@pytest.mark.parametrize("bpm", [60, 93, 140])
def test_onsets_are_counted(bpm: int) -> None:
    rises = np.zeros(43 * 30)
    rises[np.arange(20, len(rises), 60 / bpm * 43.07).astype(int)] = 4
    assert onset_rate(rises) == pytest.approx(bpm / 60, rel=0.05)
    assert clarity(rises) > 0.5


def test_constant_series_have_no_changes() -> None:
    assert modulations(np.full(100, 3.0)).tolist() == [0] * 5
    assert clarity(np.full(100, 3.0)) == onset_rate(np.full(100, 3.0)) == 0
    assert clarity(np.ones(3)) == modulations(np.ones(1)).sum() == 0
