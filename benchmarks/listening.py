"""Listening to recordings, against Essentia's MusicExtractor and a plain librosa recipe.

The same clips, one process and one thread each, after warm-up, by turns. Essentia is licensed
under the AGPL and is no dependency of TrackOracle: it runs in an environment of its own, made
under the user's cache on first use. The limit is what decoding alone takes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.environments import environment
from benchmarks.material import Material
from benchmarks.measuring import measure, measure_in_turns, stopwatch
from benchmarks.results import Claim, Line, Result, megabytes, ratio, seconds

LEAST_SPEED, MOST_FIRST_S, MOST_MB = 100.0, 4.0, 300.0
N_CLIPS, N_TIMES, N_FIRST, HOURS = 20, 3, 5, 3
_ROOT = Path(__file__).resolve().parent.parent
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}


def run(material: Material) -> Result:
    """Compare speed, the first answer of a fresh process, and the memory of three hours."""
    folder = os.environ.get("TRACKORACLE_DATA")
    clips = sorted(Path(folder or "", "recordings", "fma").glob("*.mp3"))[:N_CLIPS]
    if not clips:
        raise SystemExit("listening: expected recordings in TRACKORACLE_DATA, got none. Set it.")
    os.environ.update(_ONE_THREAD)
    asked = {"clips": [str(clip) for clip in clips]}
    done = measure_in_turns(
        N_TIMES,
        ours=("benchmarks.listening:hear", asked),
        decoding=("benchmarks.listening:decode", asked),
        librosa=("benchmarks.listening:hear_by_librosa", asked),
        essentia=(
            "benchmarks.listening:hear_by_essentia",
            asked | {"python": str(environment("essentia", "--pre", "essentia"))},
        ),
    )
    first = measure("benchmarks.listening:first_answers", clip=str(clips[0])).answer["seconds"]
    with tempfile.TemporaryDirectory() as folder:
        long = measure("benchmarks.listening:make_long", clip=str(clips[0]), folder=folder).answer
        whole = measure("benchmarks.listening:hear", clips=[long["path"]], warm_up=False)
    ours = done["ours"]
    sound_s = ours["sound_s"]
    speeds = {name: sound_s / each["seconds"] for name, each in done.items()}
    names = {
        "ours": "TrackOracle: every feature, estimate and timeline",
        "decoding": "the limit: decoding alone",
        "librosa": "librosa: tempo, chroma, MFCC, spectral means",
        "essentia": "Essentia's MusicExtractor",
    }
    lines = (
        *(
            Line(
                what,
                {
                    "time": seconds(done[name]["seconds"]),
                    "x real time": f"{speeds[name]:,.0f}",
                    "peak memory": megabytes(done[name].peak_mb),
                },
            )
            for name, what in names.items()
        ),
        Line("decoding's share of ours", {"time": ratio(speeds["ours"] / speeds["decoding"])}),
        Line("ours beside librosa", {"time": ratio(speeds["ours"] / speeds["librosa"])}),
        Line("ours beside Essentia", {"time": ratio(speeds["ours"] / speeds["essentia"])}),
        Line("first answer of a fresh process, clip of 30 s", {"time": seconds(first)}),
        Line(
            f"a recording of {HOURS} hours",
            {
                "time": seconds(whole.answer["seconds"]),
                "x real time": f"{whole.answer['sound_s'] / whole.answer['seconds']:,.0f}",
                "peak memory": megabytes(whole.peak_mb),
            },
        ),
    )
    claims = (
        Claim(f"at least {LEAST_SPEED:g} x real time on one core", speeds["ours"] >= LEAST_SPEED),
        Claim("faster than Essentia", speeds["ours"] > speeds["essentia"]),
        Claim("faster than librosa", speeds["ours"] > speeds["librosa"]),
        Claim(f"first answer within {MOST_FIRST_S:g} s", first < MOST_FIRST_S),
        Claim(f"{HOURS} hours in less than {MOST_MB:g} MB", whole.peak_mb < MOST_MB),
    )
    figures = {"speeds": speeds, "first_s": first, "long_mb": whole.peak_mb, "sound_s": sound_s}
    question = "how fast are recordings heard, and in what memory?"
    return Result("listening", question, f"{len(clips)} clips of 30 s", lines, claims, figures)


def hear(clips: list[str], warm_up: bool = True) -> dict[str, Any]:
    """Listen to recordings, one after the other."""
    import trackoracle

    if warm_up:
        trackoracle.listen(clips[0])
    with stopwatch() as watch:
        heard = [trackoracle.listen(clip) for clip in clips]
    return {"seconds": watch.seconds, "sound_s": sum(each.seconds for each in heard)}


def decode(clips: list[str]) -> dict[str, Any]:
    """Decode recordings and keep nothing."""
    import soundfile

    soundfile.read(clips[0])
    with stopwatch() as watch:
        for clip in clips:
            with soundfile.SoundFile(clip) as sound:
                for _ in sound.blocks(65_536, dtype="float32"):
                    pass
    return {"seconds": watch.seconds}


def hear_by_librosa(clips: list[str]) -> dict[str, Any]:
    """Describe recordings as a user of librosa would write it."""
    import librosa

    def describe(clip: str) -> list[Any]:
        sound, rate = librosa.load(clip)
        tempo, _ = librosa.beat.beat_track(y=sound, sr=rate)
        means = [
            librosa.feature.mfcc(y=sound, sr=rate, n_mfcc=20),
            librosa.feature.chroma_stft(y=sound, sr=rate),
            librosa.feature.spectral_centroid(y=sound, sr=rate),
            librosa.feature.spectral_bandwidth(y=sound, sr=rate),
            librosa.feature.spectral_rolloff(y=sound, sr=rate),
            librosa.feature.spectral_contrast(y=sound, sr=rate),
            librosa.feature.zero_crossing_rate(sound),
            librosa.feature.rms(y=sound),
        ]
        return [float(tempo[0]), *(each.mean(axis=1) for each in means)]

    describe(clips[0])
    with stopwatch() as watch:
        for clip in clips:
            describe(clip)
    return {"seconds": watch.seconds}


def hear_by_essentia(clips: list[str], python: str) -> dict[str, Any]:
    """Let Essentia's MusicExtractor describe recordings, in its own environment."""
    worker = str(_ROOT / "benchmarks" / "essentia_worker.py")
    done = subprocess.run([python, worker, *clips], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def first_answers(clip: str) -> dict[str, Any]:
    """Start the command line anew several times; the median time to its answer."""
    times = []
    for _ in range(N_FIRST):
        with stopwatch() as watch:
            command = [sys.executable, "-m", "trackoracle", "listen", clip]
            subprocess.run(command, capture_output=True, check=True)
        times.append(watch.seconds)
    return {"seconds": sorted(times)[N_FIRST // 2]}


def make_long(clip: str, folder: str) -> dict[str, Any]:
    """Write a clip again and again, as a recording of hours."""
    import soundfile

    sound, rate = soundfile.read(clip, dtype="int16")
    path = str(Path(folder, "long.flac"))
    n_channels = 1 if sound.ndim == 1 else sound.shape[1]
    with soundfile.SoundFile(path, "w", rate, n_channels, compression_level=0.0) as out:
        for _ in range(HOURS * 3600 * rate // len(sound) + 1):
            out.write(sound)
    return {"path": path}
