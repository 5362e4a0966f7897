"""Published recipes are computed exactly: as librosa does, and as their files say."""

from __future__ import annotations

import csv
import tracemalloc

import numpy as np
import pytest
from tests.audio.tunes import RATE, Sound, tune
from tests.conftest import real_file

from trackoracle.audio.describing.banks import (
    KAISER_BEST,
    KAISER_FAST,
    Resampler,
    chroma_bank,
    mel_bank,
)
from trackoracle.audio.describing.chroma import tuning_of
from trackoracle.audio.describing.descriptors import RECIPES, Describer, Descriptors
from trackoracle.audio.describing.window import Window
from trackoracle.errors import RecordingError, UnknownNameError

librosa = pytest.importorskip("librosa")

SOUNDS = {
    "a tune of 31 s": tune(30.9),
    "a tune of 16 s": tune(16, seed=1, bpm=83),
    "noise": (0.1 * np.random.default_rng(0).normal(size=8 * RATE)).astype(np.float32),
    "a tenth of a second": tune(0.1, seed=2),
    "half silence": np.concatenate([np.zeros(5 * RATE, np.float32), tune(4)]),
    "clipped": np.clip(20 * tune(6), -1, 1),
}
ODD = {
    "silence": np.zeros(3 * RATE, np.float32),
    "a constant": np.full(3 * RATE, 0.5, np.float32),
    "one sample": np.ones(1, np.float32),
    "few samples": np.full(700, -0.2, np.float32),
    "a click": np.eye(1, 3 * RATE, 999, dtype=np.float32)[0],
    "square": np.sign(np.sin(np.arange(3 * RATE) / 9)).astype(np.float32),
    "all but silent": 1e-20 * tune(2),
    "far too loud": np.float32(9e5) * tune(2),
}


def described(sound: Sound, **settings: bool) -> Descriptors:
    describer = Describer(**settings)
    describer.add(sound)
    return describer.result()


def loudest(sound: Sound) -> Sound:
    n, hop = 15 * RATE, 512
    starts = range(0, max(1, len(sound) - n + 1), hop)
    squares = sound.astype(float) ** 2
    return sound[max(starts, key=lambda k: squares[k : k + n // hop * hop].sum()) :][:n]


def by_librosa(sound: Sound) -> dict[str, np.ndarray]:
    """Compute the recipes as a user of librosa writes them."""
    feature = librosa.feature
    mfcc, chroma = feature.mfcc(y=sound, n_mfcc=20), feature.chroma_stft(y=sound)
    shapes = [feature.spectral_centroid(y=sound), feature.spectral_bandwidth(y=sound)]
    shapes.append(feature.spectral_rolloff(y=sound))
    zcr = feature.zero_crossing_rate(sound)
    means = [frames.mean() for frames in (*shapes, zcr)]
    several = [v for f in (chroma, feature.rms(y=sound), *shapes, zcr) for v in (f.mean(), f.var())]
    loud = loudest(sound)
    few = feature.mfcc(y=loud, n_mfcc=13)
    others = (
        feature.chroma_stft(y=loud),
        feature.spectral_contrast(y=loud),
        feature.zero_crossing_rate(loud),
        feature.spectral_centroid(y=loud),
    )
    pairs = [value for frames in others for value in (frames.mean(), frames.std())]
    rms = feature.rms(S=np.abs(librosa.stft(sound, pad_mode="reflect")))
    return {
        "fma_mfcc20": mfcc.mean(axis=1),
        "fma_tempo_rms": np.array([rms.mean(), rms.std(), np.median(rms), rms.max()]),
        "spotify_means36": np.concatenate([means, mfcc.mean(axis=1), chroma.mean(axis=1)]),
        "spotify_chroma12_mfcc20": np.concatenate(
            [chroma.mean(axis=1), mfcc.mean(axis=1), means[:1]]
        ),
        "spotify_loudest15s": np.concatenate(
            [np.column_stack([few.mean(axis=1), few.std(axis=1)]).ravel(), pairs]
        ),
        "gtzan57": np.concatenate(
            [several, np.column_stack([mfcc.mean(axis=1), mfcc.var(axis=1)]).ravel()]
        ),
    }


@pytest.mark.parametrize("name", SOUNDS)
def test_recipes_are_those_of_librosa(name: str) -> None:
    told = described(SOUNDS[name])
    for recipe, expected in by_librosa(SOUNDS[name]).items():
        row = told.of(recipe)[0]
        assert row.shape == (len(RECIPES[recipe]),)
        worst = RECIPES[recipe][np.argmax(np.abs(row - expected) / (np.abs(expected) + 0.1))]
        np.testing.assert_allclose(row, expected, 2e-4, 2e-5, err_msg=f"{recipe}: {worst}")


def test_mirrored_ends_are_those_of_librosa() -> None:
    sound = SOUNDS["a tune of 16 s"]
    power = np.abs(librosa.stft(sound, pad_mode="reflect")) ** 2
    view = Window.of(sound).mirrored
    np.testing.assert_allclose(view.spectra.power[view.rows].T, power, rtol=1e-3, atol=1e-4)
    chroma = librosa.feature.chroma_stft(S=power)
    np.testing.assert_allclose(view.chroma.T, chroma, rtol=1e-3, atol=1e-4)
    contrast = librosa.feature.spectral_contrast(S=np.sqrt(power))
    np.testing.assert_allclose(view.contrast.T, contrast, rtol=1e-3, atol=1e-2)


def test_a_longer_recording_is_its_windows() -> None:
    whole = np.concatenate([tune(30, seed=k) for k in range(2)])
    parts = [described(tune(30, seed=k)) for k in range(2)]
    for recipe in RECIPES:
        rows = np.concatenate([part.of(recipe) for part in parts])
        np.testing.assert_array_equal(described(whole).of(recipe), rows)


@pytest.mark.parametrize(
    ("seconds", "windows"),
    [
        (0.1, [0.1]), (14, [14]), (30, [30]), (30.9, [30.9]), (36, [30]), (44.9, [30]),
        (45.1, [30, 15.1]), (60.5, [30, 30.5]), (74, [30, 30]),
    ],
)  # fmt: skip
def test_windows_are_of_30_seconds(seconds: float, windows: list[float]) -> None:
    told = described(np.zeros(round(seconds * RATE), np.float32))
    np.testing.assert_allclose(told.seconds, windows, atol=1e-4)
    assert told.starts.tolist() == [30 * k for k in range(len(windows))]
    assert len(told.timeline.energy_db) == max(1, round(seconds / 5))


def test_blocks_of_any_size_are_the_same() -> None:
    sound = tune(47)
    whole = described(sound)
    for size in (1_001, 22_050, 400_000):
        describer = Describer()
        for start in range(0, len(sound), size):
            describer.add(sound[start : start + size])
        told = describer.result()
        assert told.timeline == whole.timeline
        for recipe in RECIPES:
            np.testing.assert_array_equal(told.of(recipe), whole.of(recipe))


@pytest.mark.parametrize("name", ODD)
def test_odd_sounds_give_finite_numbers(name: str) -> None:
    told = described(ODD[name])
    for recipe in RECIPES:
        assert np.isfinite(told.of(recipe)).all(), recipe
    assert told.timeline.representative == (0, pytest.approx(len(ODD[name]) / RATE))
    for series in (told.timeline.energy_db, told.timeline.brightness_hz, told.timeline.pulse):
        assert np.isfinite(series).all()


def test_nothing_has_no_windows() -> None:
    told = Describer().result()
    assert len(told) == 0
    assert told.of("full").shape == (0, len(RECIPES["full"]))
    assert told.timeline.representative is None


def test_what_is_no_sound_is_refused() -> None:
    describer = Describer()
    with pytest.raises(RecordingError, match="expected finite samples up to 1e\\+06, got 2 that"):
        describer.add(np.array([0, np.nan, 0, np.inf], np.float32))
    with pytest.raises(ValueError, match="expected samples \\(n,\\), got shape \\(2, 9\\)"):
        describer.add(np.zeros((2, 9), np.float32))
    with pytest.raises(UnknownNameError, match="Did you mean 'fma_mfcc20'"):
        described(np.zeros(9, np.float32)).of("fma_mfcc2")


def test_louder_changes_levels_only() -> None:
    quiet, loud = described(tune(12)), described(2 * tune(12))
    names, rise = RECIPES["full"], loud.of("full")[0] - quiet.of("full")[0]
    levels = [
        k for k, n in enumerate(names) if n.startswith(("band_", "level_")) and "_hz" not in n
    ]
    means = [k for k in levels if not names[k].endswith("std")]
    assert rise[means] == pytest.approx(20 * np.log10(2), abs=1e-3)
    first = [names.index("mfcc_01_mean"), names.index("silent_share")]
    others = np.setdiff1d(np.arange(len(names)), [*means, *first])
    np.testing.assert_allclose(rise[others], 0, atol=2e-2)


def test_names_are_unique_and_those_of_the_files() -> None:
    for recipe, names in RECIPES.items():
        assert len(set(names)) == len(names), recipe
    for recipe in set(RECIPES) - {"full"}:
        path = real_file(f"audio-pairs/{recipe}.csv")
        with path.open() as file:
            header = next(csv.reader(file))
        assert [name for name in header if name in RECIPES[recipe]] == list(RECIPES[recipe])


def test_banks_are_those_of_librosa() -> None:
    np.testing.assert_allclose(mel_bank(), librosa.filters.mel(sr=RATE, n_fft=2048), atol=1e-9)
    for tuning in (-0.5, 0.0, 0.13):
        expected = librosa.filters.chroma(sr=RATE, n_fft=2048, tuning=tuning)
        np.testing.assert_allclose(chroma_bank(tuning), expected, atol=1e-6)


@pytest.mark.parametrize("cents", [-30, 0, 20])
def test_tuning_is_heard(cents: int) -> None:
    time = np.arange(4 * RATE) / RATE
    hz = 440 * 2 ** (np.array([0, 3, 7]) / 12 + cents / 1200)
    sound = np.sin(2 * np.pi * hz[:, None] * time).sum(axis=0).astype(np.float32) / 9
    view = Window.of(sound).plain
    tuning = tuning_of(view.spectra.tones, view.rows, len(view.spectra.power))
    power = view.spectra.power[view.rows].T
    assert tuning == pytest.approx(librosa.estimate_tuning(S=power, sr=RATE), abs=1e-6)
    assert tuning == pytest.approx(cents / 100, abs=0.05)


@pytest.mark.parametrize("resampler", [KAISER_BEST, KAISER_FAST])
def test_other_resamplers_are_met(resampler: Resampler) -> None:
    soxr = pytest.importorskip("soxr")
    sound = tune(8, rate=44_100)
    time = np.arange(-2 * resampler.n_zeros, 2 * resampler.n_zeros + 1) / 2
    bell = np.i0(resampler.beta * np.sqrt(np.maximum(0, 1 - (time / resampler.n_zeros) ** 2)))
    taps = resampler.roll_off * np.sinc(resampler.roll_off * time) * bell
    expected = np.convolve(sound, taps / np.i0(resampler.beta) / 2, "same")[::2]
    truth = Window.of(expected.astype(np.float32)).plain.mean_cepstra(50)
    here = Window.of(soxr.resample(sound, 44_100, RATE)).plain
    met = np.abs(here.mean_cepstra(50, resampler) - truth).max()
    assert met < 0.3
    assert met < 0.1 * np.abs(here.mean_cepstra(50) - truth).max()


def test_memory_does_not_grow_with_length() -> None:
    def peak(seconds: int) -> int:
        describer, noise = Describer(), tune(31)
        tracemalloc.start()
        for _ in range(seconds // 31):
            describer.add(noise)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(310) < 1.05 * peak(31) + 500_000


@pytest.mark.real
@pytest.mark.parametrize(
    ("recipe", "most"),
    [
        ("fma_mfcc20", 1e-5), ("fma_mfcc50_lifter", 5e-3), ("fma_means74", 8e-3),
        ("fma_tempo_rms", 8e-3),
    ],
)  # fmt: skip
def test_files_are_recomputed_from_their_recordings(recipe: str, most: float) -> None:
    soundfile, soxr = pytest.importorskip("soundfile"), pytest.importorskip("soxr")
    with real_file(f"audio-pairs/{recipe}.csv").open() as file:
        rows = {int(row["track_id"]): row for row in csv.DictReader(file)}
    clips = {int(path.stem): path for path in real_file("recordings/fma").glob("*.mp3")}
    scale = [max(abs(float(row[name])) for row in rows.values()) for name in RECIPES[recipe]]
    shared = sorted(set(rows) & set(clips))[:4]
    assert shared
    for track in shared:
        samples, rate = soundfile.read(clips[track], dtype="float32", always_2d=True)
        told = described(soxr.resample(samples.mean(axis=1), rate, RATE)).of(recipe)[0]
        expected = [float(rows[track][name]) for name in RECIPES[recipe]]
        assert np.abs((told - expected) / np.array(scale)).max() < most
