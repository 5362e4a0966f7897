"""The network learns what can be seen in a spectrogram, and is saved as plain arrays."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest

from trackoracle.audio.describing.descriptors import Describer
from trackoracle.audio.estimating.network import (
    SpectrogramNetwork,
    SpectrogramNetworkSettings,
    fit_network,
)
from trackoracle.errors import (
    BundleError,
    ConfigError,
    MissingExtraError,
    NotEnoughDataError,
    RecordingError,
    TargetError,
)

N_BANDS, N_FRAMES = 32, 80
QUICK = SpectrogramNetworkSettings(crop_frames=48, n_epochs=25, patience=8, batch_size=16)


def spectrograms(n: int, seed: int = 0) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Bands whose height is one label and whose beat is another; some labels are not known."""
    random = np.random.default_rng(seed)
    height, beat = random.random(n), random.random(n)
    bands, frames = np.arange(N_BANDS)[:, None], np.arange(N_FRAMES)
    log_mels = []
    for h, b in zip(height, beat, strict=True):
        level = -60 + 40 * np.exp(-(((bands - 4 - 24 * h) / 3) ** 2))
        pulse = (6 + 20 * b) * (frames % 8 == 0)
        log_mels.append((level + pulse + random.normal(0, 2, (N_BANDS, N_FRAMES))).astype("f2"))
    labels = np.column_stack([height, beat, random.random(n)])
    labels[::3, 1] = np.nan
    return log_mels, labels, np.arange(n) // 2


@pytest.fixture(scope="module")
def network() -> SpectrogramNetwork:
    return fit_network(*spectrograms(120), seed=1, settings=QUICK)


def test_it_beats_the_mean_where_a_label_can_be_seen(network: SpectrogramNetwork) -> None:
    log_mels, labels, _ = spectrograms(60, seed=9)
    told = network.predict(log_mels)
    assert told.shape == labels.shape
    error = np.nanmean((told - labels) ** 2, axis=0) / np.nanvar(labels, axis=0)
    assert error[0] < 0.2
    assert error[1] < 0.5
    assert error[2] < 1.3


def test_one_seed_gives_one_network(network: SpectrogramNetwork) -> None:
    short = SpectrogramNetworkSettings(crop_frames=48, n_epochs=2, batch_size=16)
    one, two, other = (
        fit_network(*spectrograms(40), seed=seed, settings=short) for seed in (3, 3, 4)
    )
    assert one.to_bytes() == two.to_bytes() != other.to_bytes()


def test_any_length_is_answered_within_the_labels(network: SpectrogramNetwork) -> None:
    log_mels, *_ = spectrograms(3, seed=5)
    short, long = log_mels[0][:, :3], np.tile(log_mels[1], (1, 9))
    told = network.predict([short, long, np.full((N_BANDS, 40), 1e4)])
    assert (told >= network.label_low).all()
    assert (told <= network.label_high).all()
    assert network.predict([long])[0] == pytest.approx(told[1])
    assert network.predict([]).shape == (0, 3)


def test_it_is_saved_as_plain_arrays(network: SpectrogramNetwork) -> None:
    log_mels, *_ = spectrograms(4, seed=7)
    content = network.to_bytes()
    again = SpectrogramNetwork.from_bytes(content)
    np.testing.assert_array_equal(again.predict(log_mels), network.predict(log_mels))
    assert again.to_bytes() == content


def test_other_files_are_refused(network: SpectrogramNetwork) -> None:
    content = network.to_bytes()
    with np.load(io.BytesIO(content)) as file:
        arrays = {name: file[name] for name in file.files}

    def written(**changes: np.ndarray) -> bytes:
        file = io.BytesIO()
        np.savez(file, **(arrays | changes))
        return file.getvalue()

    def deflated(bomb: np.ndarray) -> bytes:
        file = io.BytesIO()
        np.savez_compressed(file, bomb=bomb)
        return file.getvalue()

    nan = np.full_like(arrays["band_mean"], np.nan)
    for damaged, what in (
        (b"", "got what is none"),
        (content[:-99], "got what is none"),
        (written(format=np.array(9)), "got format 9"),
        (written(band_mean=nan), "for band_mean"),
        (written(band_scale=np.zeros_like(nan)), "a scale of 0"),
        (deflated(np.zeros(10**8, np.uint8)), "100,000,[0-9]+ bytes unpacked"),
        (written(extra=nan), "got other names \\(extra\\)"),
        (written(**{"weights/head.1.bias": np.zeros(99)}), "\\[99\\] for weights/head.1.bias"),
        (written(band_mean=np.array([{}], object)), "got what is none"),
    ):
        with pytest.raises(BundleError, match=what):
            SpectrogramNetwork.from_bytes(damaged)


def test_bad_input_is_refused(network: SpectrogramNetwork) -> None:
    log_mels, labels, groups = spectrograms(24)
    with pytest.raises(NotEnoughDataError, match="at least 20 spectrograms of two groups, got 9"):
        fit_network(log_mels[:9], labels[:9], groups[:9])
    with pytest.raises(NotEnoughDataError, match="got 24 of 1"):
        fit_network(log_mels, labels, groups * 0)
    with pytest.raises(NotEnoughDataError, match="got a column without"):
        fit_network(log_mels, labels * [1, np.nan, 1], groups)
    with pytest.raises(TargetError, match="expected \\(24, n_labels\\)"):
        fit_network(log_mels, labels[:-1], groups)
    with pytest.raises(RecordingError, match="got shape \\(31, 80\\) \\(at 1\\)"):
        fit_network([log_mels[0], log_mels[1][1:], *log_mels[2:]], labels, groups)
    with pytest.raises(RecordingError, match="got values that are not finite"):
        network.predict([np.full((N_BANDS, 9), np.nan)])
    with pytest.raises(ConfigError, match=r"expected a finite loss, got .* Lower learning_rate"):
        fit_network(
            log_mels, labels, groups,
            settings=SpectrogramNetworkSettings(crop_frames=48, learning_rate=1e30, n_epochs=9),
        )  # fmt: skip


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match="neural"):
        fit_network(*spectrograms(24))


def test_the_describer_gives_spectrograms() -> None:
    describer = Describer(log_mels=True)
    describer.add(np.random.default_rng(0).normal(0, 0.1, 22_050 * 46).astype(np.float32))
    whole, rest = describer.result().log_mels
    assert whole.shape == (64, 646)
    assert rest.shape[0] == 64
    assert whole.dtype == np.float16
    assert np.isfinite(whole).all()
