"""Tempo, bar and key: generated truth, real clips beside librosa, robustness, cost.

    python -m benchmarks.pulse [generated keys clips robust cost ...]

Clips are those of `TRACKORACLE_DATA/recordings`; librosa is a development dependency. Key
profiles are judged on labelled songs by `python -m benchmarks.key_profiles`.
"""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.playing import PATTERNS, RATE, TIMBRES, Piece, play, whole_loops
from trackoracle.audio.measuring.tempo import Pulse, PulseMeter
from trackoracle.audio.measuring.tonality import Tonality, TonalityMeter
from trackoracle.settings import Settings

N_PIECES = 240
N_BOOTSTRAP = 10_000
WITHIN = 0.04
BLOCK = 65_536


def heard(sound: np.ndarray) -> tuple[Pulse, Tonality]:
    """Return what both meters say of mono sound at 22,050 Hz."""
    pulse, tonality = PulseMeter(), TonalityMeter()
    for start in range(0, len(sound), BLOCK):
        pulse.add(sound[start : start + BLOCK])
        tonality.add(sound[start : start + BLOCK])
    return pulse.result(), tonality.result()


def right(found: np.ndarray, true: np.ndarray, by: tuple[float, ...] = (1.0,)) -> np.ndarray:
    """Return (n,) whether a tempo is within 4 % of the true one, or of it times one of `by`."""
    return np.min([np.abs(found / true / factor - 1) for factor in by], axis=0) < WITHIN


OCTAVES = (1.0, 2.0, 0.5)


def generated() -> None:
    """Tempo and bar of pieces at 60 to 200 beats a minute, key of whole loops in all 24 keys."""
    random = np.random.default_rng(77)
    rows = []
    for number in range(N_PIECES):
        piece = Piece(
            bpm=float(random.uniform(60, 200)),
            key=number % 24 // 2,
            mode=number % 2,
            beats=int(random.choice([3, 4, 4])),
            pattern=PATTERNS[number % 7],
            timbre=list(TIMBRES)[random.integers(5)],
            noise=float(random.choice([0, 0.003, 0.01])),
            cents=float(random.uniform(-35, 35)),
            seed=9000 + number,
        )
        rows.append((piece, *heard(play(piece, whole_loops(piece, 12.0)))))
    true = np.array([piece.bpm for piece, _, _ in rows])
    found = np.array([pulse.tempo or 0.0 for _, pulse, _ in rows])
    print(f"tempo within 4 %: {right(found, true).mean():.3f}", end="")
    print(f", octave allowed {right(found, true, OCTAVES).mean():.3f} of {len(rows)}")
    bars = [(piece.beats, pulse.time_signature) for piece, pulse, _ in rows]
    told = [beats == bar for beats, bar in bars if bar]
    print(f"bar told of {len(told) / len(bars):.2f}, right {np.mean(told):.3f}")
    for name, kept in (("keys told by their chords", False), ("loops of two keys", True)):
        keys = [
            (piece.key, piece.mode) == (tonality.key, tonality.mode)
            for piece, _, tonality in rows
            if piece.pattern != "clicks" and (piece.seed % 5 == 4 and piece.mode == 0) == kept
        ]
        print(f"{name}: exact {np.mean(keys):.3f} of {len(keys)}")


def clips() -> None:
    """Echo Nest's tempo of 30 s clips, by us and by librosa's beat tracker."""
    import librosa

    names, true = _labels()
    sounds = [_decoded(_folder() / "fma" / name) for name in names]
    ours = [heard(sound)[0] for sound in sounds]
    rivals = {
        "trackoracle": np.array([pulse.tempo or 0.0 for pulse in ours]),
        "librosa beat_track": np.array(
            [float(np.ravel(librosa.beat.beat_track(y=sound, sr=RATE)[0])[0]) for sound in sounds]
        ),
    }
    for allowed, by in (("exact", (1.0,)), ("octave", OCTAVES)):
        marks = {name: right(found, true, by) for name, found in rivals.items()}
        for name, mark in marks.items():
            low, high = _interval(mark)
            print(f"{name:20s} {allowed:7s} {mark.mean():.3f} ({low:.3f} to {high:.3f})")
        difference = marks["trackoracle"].astype(float) - marks["librosa beat_track"]
        low, high = _interval(difference)
        print(
            f"{'difference':20s} {allowed:7s} {difference.mean():+.3f} ({low:+.3f} to {high:+.3f})"
        )
    sure = np.array([pulse.confidence for pulse in ours]) >= 0.6
    mark = right(rivals["trackoracle"], true, OCTAVES)
    print(f"confidence >= .6: octave {mark[sure].mean():.3f} of {sure.sum()}", end="")
    print(f"; below: {mark[~sure].mean():.3f} of {(~sure).sum()}")
    print("time signature: no label here, so no accuracy")


def robust() -> None:
    """What gain, resampling, MP3 and leading silence do to tempo and key of the real clips."""
    changes: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "+6 dB": lambda sound: sound * 2,
        "through 32 kHz": _resampled,
        "MP3, 128 kbit/s": _compressed,
        "1 s of silence first": lambda sound: np.concatenate([np.zeros(RATE, np.float32), sound]),
    }
    names = sorted(path.name for path in (_folder() / "fma").glob("*.mp3"))
    sounds = [_decoded(_folder() / "fma" / name) for name in names]
    before = [heard(sound) for sound in sounds]
    sure = np.array([pulse.confidence >= 0.6 for pulse, _ in before])
    likely = np.array([tonality.confidence >= 0.4 for _, tonality in before])
    for change, altered in changes.items():
        after = [heard(altered(sound).astype(np.float32)) for sound in sounds]
        pairs = list(zip(before, after, strict=True))
        tempos = np.array([[was[0].tempo or 1, now[0].tempo or 1] for was, now in pairs])
        ratio = tempos[:, 1] / tempos[:, 0]
        same = np.abs(ratio - 1) < 0.01
        octave = np.min([np.abs(ratio / by - 1) for by in OCTAVES], axis=0) < 0.01
        keys = [(was[1].key, was[1].mode) == (now[1].key, now[1].mode) for was, now in pairs]
        told = np.array(keys)
        print(
            f"{change:22s} tempo within 1 %: {same.mean():.3f} of {len(same)},"
            f" octave aside {octave.mean():.3f}"
            f" (confidence >= .6: {same[sure].mean():.3f} of {sure.sum()})"
            f"; key {told.mean():.3f} (>= .4: {told[likely].mean():.3f} of {likely.sum()})"
        )


def cost() -> None:
    """Processor time for a second of audio, and what three hours take of memory."""
    sound = play(Piece(), 60.0)
    spent = []
    for _ in range(5):
        start = time.process_time()
        heard(sound)
        spent.append(time.process_time() - start)
    print(f"{np.median(spent) / 60 * 1000:.2f} ms of one core for a second of audio (median of 5)")
    import tracemalloc

    tracemalloc.start()
    pulse, tonality = PulseMeter(), TonalityMeter()
    for _ in range(3 * 60):
        pulse.add(sound)
        tonality.add(sound)
    kept = tracemalloc.get_traced_memory()[0] / 1e6
    pulse.result()
    tonality.result()
    most = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    print(f"3 hours: {kept:.0f} MB kept, {most:.0f} MB at most")


def _interval(marks: np.ndarray) -> tuple[float, float]:
    random = np.random.default_rng(0)
    drawn = random.integers(len(marks), size=(N_BOOTSTRAP, len(marks)))
    low, high = np.quantile(marks[drawn].mean(1), [0.025, 0.975])
    return float(low), float(high)


def _folder() -> Path:
    return (Settings.from_environment().data_folder or Path("../shared/data")) / "recordings"


def _labels() -> tuple[list[str], np.ndarray]:
    with (_folder() / "fma.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["tempo"]]
    return [row["file"] for row in rows], np.array([float(row["tempo"]) for row in rows])


def _decoded(path: Path) -> np.ndarray:
    import soundfile
    import soxr

    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(sound.mean(1), rate, RATE).astype(np.float32)


def _resampled(sound: np.ndarray) -> np.ndarray:
    import soxr

    return soxr.resample(soxr.resample(sound, RATE, 32_000), 32_000, RATE)


def _compressed(sound: np.ndarray) -> np.ndarray:
    import soundfile
    import soxr

    held = io.BytesIO()
    louder = soxr.resample(sound, RATE, 44_100)
    level = (320 - 128) / (320 - 32)  # libsndfile's scale from 320 to 32 kbit/s
    soundfile.write(
        held, louder, 44_100, format="MP3", bitrate_mode="CONSTANT", compression_level=level
    )
    held.seek(0)
    read, rate = soundfile.read(held, dtype="float32")
    return soxr.resample(read, rate, RATE)


STUDIES = {"generated": generated, "clips": clips, "robust": robust, "cost": cost}


def main() -> None:
    """Run the named studies, or all."""
    for name in sys.argv[1:] or STUDIES:
        print(f"-- {name}: {STUDIES[name].__doc__}")
        STUDIES[name]()


if __name__ == "__main__":
    main()
