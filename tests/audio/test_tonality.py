"""Key and mode of generated signals, and of sound that has none."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from benchmarks.playing import RATE, Piece, play, whole_loops

from trackoracle.audio.measuring.tonality import (
    PROFILES,
    Tonality,
    TonalityMeter,
    key_chances,
)


def heard(sound: np.ndarray, n_blocks: int = 1) -> Tonality:
    meter = TonalityMeter()
    for block in np.array_split(sound.astype(np.float32), n_blocks):
        meter.add(block)
    return meter.result()


@pytest.mark.parametrize("mode", [0, 1])
def test_all_keys_are_found(mode: int) -> None:
    timbres = itertools.cycle(("saw", "organ", "plucked", "square", "sine"))
    for key, timbre in zip(range(12), timbres, strict=False):
        piece = Piece(bpm=120.0 + key, key=key, mode=mode, timbre=timbre, seed=5 * key)
        found = heard(play(piece, whole_loops(piece, 7.0)))
        assert (found.key, found.mode) == (key, mode), (piece, found)


@pytest.mark.parametrize("cents", [-40.0, 25.0])
def test_tuning_is_found_and_does_not_move_the_key(cents: float) -> None:
    piece = Piece(bpm=140.0, key=6, timbre="organ", pattern="strummed", cents=cents)
    found = heard(play(piece, whole_loops(piece, 6.0)))
    assert (found.key, found.mode) == (6, 1)
    assert found.tuning == pytest.approx(cents, abs=6)


def test_blocks_gain_and_leading_silence_change_nothing() -> None:
    piece = Piece(bpm=150.0, key=9, mode=0)
    sound = play(piece, whole_loops(piece, 6.0))
    whole = heard(sound)
    cut = heard(sound, n_blocks=301)
    assert (cut.key, cut.mode) == (whole.key, whole.mode)
    assert cut.confidence == pytest.approx(whole.confidence, abs=1e-6)
    assert heard(2 * sound).confidence == pytest.approx(whole.confidence, abs=1e-4)
    late = heard(np.concatenate([np.zeros(RATE, np.float32), sound]))
    assert (late.key, late.mode) == (whole.key, whole.mode)
    assert late.confidence == pytest.approx(whole.confidence, abs=0.1)


def test_the_runner_up_is_another_key_and_less_likely() -> None:
    found = heard(play(Piece(bpm=140.0, key=3), 8.0))
    assert found.runner_up is not None
    key, mode, chance = found.runner_up
    assert (key, mode) != (found.key, found.mode)
    assert chance <= found.confidence


def test_a_key_turned_is_the_next_key() -> None:
    parts = np.random.default_rng(0).uniform(0.1, 1, (5, 4, 12))
    chances = key_chances(parts)
    assert chances.sum(1) == pytest.approx(1)
    assert np.roll(chances, 2, axis=1) == pytest.approx(key_chances(np.roll(parts, 1, axis=-1)))


def test_the_tonic_counts_most_in_the_bass_and_major_from_minor_by_the_third() -> None:
    assert (PROFILES[:, 1].argmax(1) == 0).all()
    assert PROFILES[0, 0, 4] > PROFILES[1, 0, 4]
    assert PROFILES[1, 0, 3] > PROFILES[0, 0, 3]


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0),
        np.ones(10),
        np.zeros(RATE * 5),
        np.full(RATE * 5, 0.5),
        np.random.default_rng(0).normal(0, 0.1, RATE // 10),
        np.random.default_rng(0).normal(0, 0.1, RATE * 2),
        np.random.default_rng(0).normal(0, 0.1, RATE * 10),
        np.cumsum(np.random.default_rng(0).normal(0, 0.001, RATE * 10)),
        0.5 * np.sin(2 * np.pi * np.geomspace(200, 1800, RATE * 10).cumsum() / RATE),
    ],
    ids=["nothing", "ten", "silence", "direct", "short", "noise 2", "noise 10", "brown", "glide"],
)
def test_what_is_not_tonal_has_no_key(sound: np.ndarray) -> None:
    found = heard(sound)
    assert (found.key, found.confidence, found.runner_up) == (-1, 0.0, None)
