"""What is heard when the same recording is louder, resampled, coded, mono, or starts late."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.material import Material
from benchmarks.measuring import measure
from benchmarks.results import Claim, Line, Result

N_CLIPS = 15
GAIN_DB = 6.0
MOST_MOVED = 0.1
"""Mean absolute move of an estimated feature that is called little."""
Sound = NDArray[np.float32]


def run(material: Material) -> Result:
    """Listen to clips and to five changed copies of each."""
    folder = Path(os.environ.get("TRACKORACLE_DATA", ""), "recordings", "fma")
    clips = [str(clip) for clip in sorted(folder.glob("*.mp3"))[:: 45 // N_CLIPS]]
    if not clips:
        raise SystemExit("robustness: expected recordings in TRACKORACLE_DATA, got none. Set it.")
    told = measure("benchmarks.robustness:compare", clips=clips).answer
    lines = tuple(Line(name, _cells(moved)) for name, moved in told.items())
    gain = told["6 dB louder"]
    claims = (
        Claim(
            "6 dB more is 6.0 LU more on each clip",
            bool(np.abs(np.array(gain["loudness"]) - GAIN_DB).max() < 0.05),
        ),
        Claim(
            "6 dB more leaves tempo and key as they are",
            min(*gain["tempo"], *gain["key"]) == 1,
        ),
        *(
            Claim(
                f"{name}: each estimate moves by less than {MOST_MOVED:g} on average",
                max(float(np.mean(moved[f])) for f in _features(moved)) < MOST_MOVED,
            )
            for name, moved in told.items()
        ),
    )
    question = "how much does what is heard depend on how it was recorded?"
    return Result("robustness", question, f"{len(clips)} clips of 30 s", lines, claims, told)


def _features(moved: dict[str, list[float]]) -> list[str]:
    return [name for name in moved if name not in ("loudness", "tempo", "key")]


def _cells(moved: dict[str, list[float]]) -> dict[str, str]:
    loudness = np.array(moved["loudness"])
    cells = {
        "LU": f"{np.median(loudness):+.2f}",
        "at most": f"{loudness[np.abs(loudness).argmax()]:+.2f}",
        "same tempo": f"{100 * np.mean(moved['tempo']):.0f} %",
        "same key": f"{100 * np.mean(moved['key']):.0f} %",
    }
    return cells | {name[:8]: f"{np.mean(moved[name]):.3f}" for name in _features(moved)}


def compare(clips: list[str]) -> dict[str, Any]:
    """Return by change and by what is heard: how far it moved, a number a clip."""
    import soundfile

    import trackoracle
    from trackoracle.schema import ESTIMATED

    told: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for clip in clips:
            sound, rate = soundfile.read(clip, dtype="float32", always_2d=True)
            plain = Path(folder, "plain.wav")
            soundfile.write(plain, sound, rate, "FLOAT")
            before = trackoracle.listen(plain)
            for name, change in CHANGES.items():
                after = trackoracle.listen(change(Path(folder), sound, rate))
                moved = told.setdefault(name, {})
                one, other = before.measured, after.measured
                loudness = (other["loudness_lufs"] or 0.0) - (one["loudness_lufs"] or 0.0)
                moved.setdefault("loudness", []).append(loudness)
                ratio = (other["tempo"] or 0.0) / (one["tempo"] or 1.0)
                moved.setdefault("tempo", []).append(float(abs(ratio - 1) < 0.04))
                same = (one["key"], one["mode"]) == (other["key"], other["mode"])
                moved.setdefault("key", []).append(float(same))
                for feature in ESTIMATED:
                    off = after.estimated[feature].value - before.estimated[feature].value
                    moved.setdefault(feature, []).append(abs(off))
    return told


def _louder(folder: Path, sound: Sound, rate: int) -> Path:
    return _wav(folder / "changed.wav", sound * np.float32(10 ** (GAIN_DB / 20)), rate)


def _resampled(folder: Path, sound: Sound, rate: int) -> Path:
    import soxr

    return _wav(folder / "changed.wav", soxr.resample(sound, rate, 32_000), 32_000)


def _coded(folder: Path, sound: Sound, rate: int) -> Path:
    import av

    path, layout = folder / "changed.mp3", "stereo" if sound.shape[1] == 2 else "mono"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mp3", rate=rate, layout=layout)
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound).reshape(1, -1), "flt", layout
        )
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        to_kind = av.AudioResampler("fltp", layout, rate, stream.codec_context.frame_size)
        for part in (*to_kind.resample(frame), *to_kind.resample(None)):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return path


def _mono(folder: Path, sound: Sound, rate: int) -> Path:
    return _wav(folder / "changed.wav", sound.mean(axis=1, keepdims=True), rate)


def _late(folder: Path, sound: Sound, rate: int) -> Path:
    silence = np.zeros((rate, sound.shape[1]), np.float32)
    return _wav(folder / "changed.wav", np.vstack([silence, sound]), rate)


def _wav(path: Path, sound: Sound, rate: int) -> Path:
    import soundfile

    soundfile.write(path, sound, rate, "FLOAT")
    return path


CHANGES: dict[str, Callable[[Path, Sound, int], Path]] = {
    "6 dB louder": _louder,
    "at 32 kHz": _resampled,
    "MP3 at 128 kbit/s": _coded,
    "mono": _mono,
    "1 s of silence first": _late,
}
