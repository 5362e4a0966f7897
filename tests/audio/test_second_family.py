"""The spectrogram network beside the first family: chosen where it is better, and only there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.audio.worlds import SMALL, part, recording

from trackoracle.audio.estimating.estimators import load_estimators
from trackoracle.audio.estimating.network import SpectrogramNetworkSettings
from trackoracle.audio.estimating.training import train_estimators
from trackoracle.errors import ConfigError
from trackoracle.schema import ESTIMATED

pytest.importorskip("torch")
ENERGY, VALENCE = ESTIMATED.index("energy"), ESTIMATED.index("valence")
SETTINGS = replace(
    SMALL,
    spectrograms=SpectrogramNetworkSettings(
        crop_frames=16, n_epochs=15, patience=15, learning_rate=5e-3, dropout=0.0
    ),
)


def test_it_answers_what_only_the_spectrogram_tells(tmp_path: Path) -> None:
    own = part("fma_mfcc20", n=60, n_artists=30)
    labels = np.full_like(own.labels, np.nan)
    labels[:, ENERGY] = own.labels[:, ENERGY]
    rng = np.random.default_rng(0)
    labels[:, VALENCE] = rng.random(60)
    noise = rng.normal(-40, 3, (60, 64, 24))
    told = noise + 25 * labels[:, VALENCE][:, None, None]
    log_mels = list(told.astype(np.float16))
    known = replace(own, labels=labels)
    estimators = train_estimators([known], settings=SETTINGS, log_mels=log_mels, n_folds=3)
    assert estimators.second is not None
    assert estimators.second.chosen == (VALENCE,)
    assert estimators.facts["fma_mfcc20"]["valence"]["r2"]["value"] > 0.5
    assert "it answers valence" in estimators.card
    path = tmp_path / "own.estimators"
    estimators.save(path)
    loaded = load_estimators(path)
    assert loaded.needs_log_mels
    described = recording(known, 0)
    with pytest.raises(ConfigError, match="expected spectrograms"):
        loaded.estimate(described)
    answers = []
    for row in (int(np.argmin(labels[:, VALENCE])), int(np.argmax(labels[:, VALENCE]))):
        seen = replace(described, log_mels=(log_mels[row],))
        answers.append(loaded.estimate(seen).values)
    assert answers[1][VALENCE] - answers[0][VALENCE] > 0.4
    assert answers[1][ENERGY] == answers[0][ENERGY]
