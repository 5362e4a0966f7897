"""Music made by rule, with known tempo, key and bar: the truth that recordings seldom have.

Pieces are chord loops with drums in several patterns and timbres, not perfectly in time and
never twice alike, for tests and for the study of tempo and key (`benchmarks.pulse`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RATE = 22_050
PROGRESSIONS = {
    1: ((0, 5, 7, 0), (0, 9, 5, 7), (0, 2, 7, 0), (0, 7, 5, 0), (0, 7, 9, 5)),
    0: ((0, 5, 7, 0), (0, 8, 5, 7), (0, 3, 7, 0), (0, 10, 8, 7), (0, 8, 3, 10)),
}
"""Roots of four bars in semitones above the tonic, major (1) and minor (0), tonic first."""
_MAJOR_CHORDS = {1: {0, 5, 7}, 0: {3, 7, 8, 10}}
"""Roots that carry a major triad; in minor, the dominant does (harmonic minor)."""
SCALES = {1: (0, 2, 4, 5, 7, 9, 11), 0: (0, 2, 3, 5, 7, 8, 10)}
TIMBRES = {
    "sine": (1.0,),
    "organ": (1.0, 0.7, 0.4, 0.5, 0.0, 0.3),
    "saw": tuple(1 / k for k in range(1, 13)),
    "square": tuple(k % 2 / k for k in range(1, 13)),
    "plucked": tuple(0.75**k for k in range(10)),
}
PATTERNS = ("clicks", "rock", "four", "shuffle", "funk", "strummed", "arpeggio")
"""How the beat is told; the last two without any drum."""


@dataclass(frozen=True)
class Piece:
    """What is played: its truth (bpm, key, mode, beats of a bar) and its manner."""

    bpm: float = 120.0
    key: int = 0
    mode: int = 1
    beats: int = 4
    pattern: str = "rock"
    timbre: str = "saw"
    noise: float = 0.0
    cents: float = 0.0
    seed: int = 0


def whole_loops(piece: Piece, seconds: float) -> float:
    """Return the length of the fewest whole loops of four bars that last so many seconds."""
    loop = 4 * piece.beats * 60 / piece.bpm
    return float(np.ceil(seconds / loop) * loop)


def play(piece: Piece, seconds: float = 20.0) -> np.ndarray:
    """Return the piece as mono float32 at 22,050 Hz, peak .7."""
    random = np.random.default_rng(piece.seed)
    sound = np.zeros(int(seconds * RATE) + RATE, np.float32)
    n_beats = int(seconds * piece.bpm / 60) + 1
    for beat in range(n_beats):
        _beat(sound, piece, beat, random)
    sound = sound[: int(seconds * RATE)]
    sound *= 0.7 / max(float(np.abs(sound).max()), 1e-9)
    if piece.noise:
        sound += (piece.noise * random.standard_normal(len(sound))).astype(np.float32)
    return sound


def _beat(sound: np.ndarray, piece: Piece, beat: int, random: np.random.Generator) -> None:
    """Add all that sounds from one beat to the next."""
    length = 60 / piece.bpm
    bar, place = divmod(beat, piece.beats)
    for at, drum, loud in _drums(piece, place):
        when = (beat + at) * length + random.normal(0, 0.004)
        _add(sound, when, loud * random.uniform(0.8, 1.2) * _drum(drum, random))
    if piece.pattern == "clicks":
        return
    roots = PROGRESSIONS[piece.mode][piece.seed % 5]
    root = roots[bar % 4]
    third = 4 if root in _MAJOR_CHORDS[piece.mode] else 3
    chord = [48 + piece.key + root + step for step in (0, third, 7, 12)]
    for at, notes, beats, loud in _notes(piece, place, chord, random):
        when = (beat + at) * length + random.normal(0, 0.006)
        for note in notes:
            _add(sound, when, loud * _tone(note, beats * length, piece))


def _drums(piece: Piece, place: int) -> list[tuple[float, str, float]]:
    """Return when in the beat, which drum, how loud."""
    first, back = place == 0, place % 2 == 1 if piece.beats == 4 else place > 0
    kick, snare = [(0.0, "kick", 1.0)], [(0.0, "snare", 0.8)]
    hats = [(0.0, "hat", 0.35), (0.5, "hat", 0.3)]
    if piece.pattern == "clicks":
        return [(0.0, "click", 1.0 if first else 0.7)]
    if piece.pattern == "rock":
        return hats + (snare if back else kick)
    if piece.pattern == "four":
        return kick + [(0.5, "hat", 0.5)] + (snare if back else [])
    if piece.pattern == "shuffle":
        return [(0.0, "hat", 0.35), (2 / 3, "hat", 0.3)] + (snare if back else kick)
    if piece.pattern == "funk":
        sixteenths = [(step / 4, "hat", 0.3) for step in range(4)]
        pushed = [(0.75, "kick", 0.8)] if place == piece.beats - 1 else []
        return sixteenths + pushed + (snare if back else kick if first else [(0.5, "kick", 0.8)])
    return []


def _notes(
    piece: Piece, place: int, chord: list[int], random: np.random.Generator
) -> list[tuple[float, list[int], float, float]]:
    """Return when in the beat, which notes, how many beats long, how loud."""
    bass = [(0.0, [chord[0] - 12], 0.9, 0.5)] if place % 2 == 0 or piece.beats == 3 else []
    if piece.pattern == "strummed":
        return [(0.0, chord, 0.9, 0.5 if place == 0 else 0.3), *bass]
    if piece.pattern == "arpeggio":
        return [
            (0.0, [chord[place % 4]], 0.9, 0.5),
            (0.5, [chord[(place + 2) % 4]], 0.5, 0.3),
            *(bass if place == 0 else []),
        ]
    scale = [60 + piece.key + step for step in SCALES[piece.mode]]
    tune = chord[int(random.integers(3))] + 12 if random.random() < 0.6 else random.choice(scale)
    held = [(0.0, chord, float(piece.beats), 0.2)] if place == 0 else []
    return [*held, *bass, (0.0, [int(tune)], 0.8, 0.25)]


def _tone(note: int, seconds: float, piece: Piece) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = 440 * 2 ** ((note - 69 + piece.cents / 100) / 12)
    partials = [
        weight * np.sin(2 * np.pi * pitch * k * time)
        for k, weight in enumerate(TIMBRES[piece.timbre], 1)
        if weight and pitch * k < RATE / 2
    ]
    fall = np.exp(-time * (6.0 if piece.timbre == "plucked" else 1.0))
    edges = np.minimum(np.minimum(time / 0.01, 1), np.minimum((seconds - time) / 0.03, 1))
    return np.sum(partials, axis=0) * fall * np.maximum(edges, 0) * 0.3


def _drum(name: str, random: np.random.Generator) -> np.ndarray:
    time = np.arange(int(0.25 * RATE)) / RATE
    noise = random.standard_normal(len(time))
    if name == "kick":
        swept = 50 * time + 90 / 30 * (1 - np.exp(-30 * time))
        return np.sin(2 * np.pi * swept) * np.exp(-time * 18)
    if name == "snare":
        return (0.4 * noise + 0.4 * np.sin(2 * np.pi * 190 * time)) * np.exp(-time * 25)
    if name == "hat":
        return np.diff(noise, prepend=0.0) * np.exp(-time * 70)
    return np.sin(2 * np.pi * 1500 * time) * np.exp(-time * 90)


def _add(sound: np.ndarray, seconds: float, tone: np.ndarray) -> None:
    start = max(int(seconds * RATE), 0)
    part = tone[: max(len(sound) - start, 0)]
    sound[start : start + len(part)] += part.astype(np.float32)
