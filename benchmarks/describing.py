"""Descriptors of recordings, decoded before: time of one core for one second of sound.

Against the plain librosa code that a user writes for the same published recipes. librosa's
functions are compiled before they are timed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.material import Material
from benchmarks.measuring import measure_in_turns, stopwatch
from benchmarks.results import Claim, Line, Result, megabytes, ratio

N_CLIPS, N_TIMES, N_ROUNDS = 8, 3, 3
CLIP_SECONDS, RATE = 30, 22_050
MOST_MS, MOST_RATIO = 4.0, 0.5
PARTS = {
    "spectra": "one pass over the spectra",
    "published": "eight published recipes",
    "full": "the recipe `full`",
    "timeline": "the timeline",
}


def run(material: Material) -> Result:
    """Compare describing with librosa, by turns."""
    folder = Path(material.path).parents[1] / "recordings" / "fma"
    clips = [str(path) for path in sorted(folder.glob("*.mp3"))[:N_CLIPS]]
    done = measure_in_turns(
        N_TIMES,
        own=("benchmarks.describing:describe", {"clips": clips}),
        librosa=("benchmarks.describing:describe_by_librosa", {"clips": clips}),
    )
    own, librosa = done["own"], done["librosa"]
    lines = (
        Line("all descriptors and the timeline", _told(own["whole"], own.peak_mb)),
        *(Line(f"  {words}", _told(own[part])) for part, words in PARTS.items()),
        Line("librosa, the published recipes", _told(librosa["whole"], librosa.peak_mb)),
        Line("ratio, all to librosa", {"of one core": ratio(own["whole"] / librosa["whole"])}),
    )
    claims = (
        Claim(f"less than {MOST_MS:g} ms of one core a second of sound", own["whole"] < MOST_MS),
        Claim(
            f"all of it in less than {MOST_RATIO:g} of librosa's time for a part",
            own["whole"] < MOST_RATIO * librosa["whole"],
        ),
    )
    figures = {f"{part}_ms": own[part] for part in (*PARTS, "whole")}
    figures |= {"librosa_ms": librosa["whole"], "peak_mb": own.peak_mb}
    name = f"{len(clips)} clips of real data" if clips else f"{N_CLIPS} generated sounds"
    question = "what does a second of sound cost?"
    return Result("describing", question, f"{name} of {CLIP_SECONDS} s", lines, claims, figures)


def _told(ms: float, peak_mb: float | None = None) -> dict[str, str]:
    cells = {"of one core": f"{ms:.2f} ms", "times real time": f"{1000 / ms:,.0f}"}
    if peak_mb is not None:
        cells["peak memory"] = megabytes(peak_mb)
    return cells


def _sounds(clips: list[str]) -> list[Any]:
    """Decode clips to mono at 22,050 Hz; or make sounds."""
    import numpy as np

    if clips:
        import soundfile
        import soxr

        read = [soundfile.read(clip, dtype="float32", always_2d=True) for clip in clips]
        return [soxr.resample(samples.mean(axis=1), rate, RATE) for samples, rate in read]
    time = np.arange(CLIP_SECONDS * RATE) / RATE
    random = np.random.default_rng(0)
    hz = 110 * 2 ** (random.integers(0, 48, (N_CLIPS, 12)) / 12)
    made = [np.sin(2 * np.pi * some[:, None] * time).mean(axis=0) for some in hz]
    noise = 0.1 * random.normal(size=len(time)) * np.exp(-10 * np.mod(time, 0.5))
    return [(sound / 2 + noise).astype(np.float32) for sound in made]


def _ms(cpu: float, sounds: list[Any]) -> float:
    """Milliseconds for one second of sound."""
    return 1000 * cpu / (sum(map(len, sounds)) / RATE)


def describe(clips: list[str]) -> dict[str, float]:
    """Describe sounds, whole and part by part; the quickest of some rounds."""
    # NumPy first: only libraries that are loaded can be held to one thread.
    import numpy  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        sounds = _sounds(clips)
        _describe_all(sounds[:1])
        rounds = [_describe_all(sounds) for _ in range(N_ROUNDS)]
    return {part: _ms(min(each[part] for each in rounds), sounds) for part in rounds[0]}


def _describe_all(sounds: list[Any]) -> dict[str, float]:
    from trackoracle.audio.describing.descriptors import Describer
    from trackoracle.audio.describing.recipes import COMPUTED
    from trackoracle.audio.describing.timeline import steps_of
    from trackoracle.audio.describing.window import Window

    with stopwatch() as whole:
        for sound in sounds:
            describer = Describer()
            describer.add(sound)
            describer.result()
    parts = {"whole": whole.cpu} | dict.fromkeys(PARTS, 0.0)
    for sound in sounds:
        with stopwatch() as spectra:
            window = Window.of(sound)
        with stopwatch() as published:
            for recipe in COMPUTED.keys() - {"full"}:
                COMPUTED[recipe](window)
        with stopwatch() as full:
            COMPUTED["full"](window)
        with stopwatch() as timeline:
            steps_of(window.plain)
        for part, watch in zip(PARTS, (spectra, published, full, timeline), strict=True):
            parts[part] += watch.cpu
    return parts


def describe_by_librosa(clips: list[str]) -> dict[str, float]:
    """Compute the published recipes as librosa's users write them."""
    import librosa  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        sounds = _sounds(clips)
        _plain(sounds[0])
        rounds = []
        for _ in range(N_ROUNDS):
            with stopwatch() as watch:
                for sound in sounds:
                    _plain(sound)
            rounds.append(watch.cpu)
    return {"whole": _ms(min(rounds), sounds)}


def _plain(sound: Any) -> list[float]:
    import librosa

    feature = librosa.feature
    told: list[float] = []
    shapes = (feature.spectral_centroid, feature.spectral_bandwidth, feature.spectral_rolloff)
    for part, n_mfcc in ((sound, 50), (sound[: 15 * RATE], 13)):
        frames = [feature.mfcc(y=part, n_mfcc=n_mfcc), feature.chroma_stft(y=part)]
        frames += [shape(y=part) for shape in shapes]
        frames += [feature.spectral_contrast(y=part), feature.zero_crossing_rate(part)]
        frames.append(feature.rms(y=part))
        for one in frames:
            told += [*one.mean(axis=1), *one.std(axis=1)]
    return told
