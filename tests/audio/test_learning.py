"""Estimators from recordings of one's own: the table of labels, the folder, the command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.interfaces.running import run

from trackoracle.audio import learn, load_estimators
from trackoracle.audio.estimating.labels import read_labels
from trackoracle.audio.learning import RECIPE, describe
from trackoracle.errors import (
    InvalidValuesError,
    MissingColumnError,
    NotEnoughDataError,
    SourceError,
)
from trackoracle.schema import ESTIMATED

N, RATE = 40, 22_050
ENERGY = ESTIMATED.index("energy")


def _sound(energy: float, seed: int) -> np.ndarray:
    """Noise as loud as the energy, over a tone that goes the other way."""
    rng = np.random.default_rng(seed)
    time = np.arange(2 * RATE) / RATE
    tone = np.sin(2 * np.pi * rng.uniform(200, 400) * time)
    return (0.3 * (1 - energy) * tone + 0.3 * energy * rng.uniform(-1, 1, len(time))).astype("f4")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("music")
    energy = np.random.default_rng(0).uniform(0.05, 0.95, N)
    lines = ["file,artist,energy"]
    (place / "inside").mkdir()
    for i in range(N):
        soundfile.write(place / "inside" / f"{i:04d}.wav", _sound(energy[i], i), RATE)
        lines.append(f"{i},artist {i % 10},{energy[i]:.4f}")
    (place / "broken.wav").write_text("this is no sound")
    soundfile.write(place / "unknown.wav", _sound(0.5, 99), RATE)
    lines += ["broken,artist 1,0.5", "missing.wav,artist 2,0.5"]
    (place / "labels.csv").write_text("\n".join(lines) + "\n")
    return place


def test_a_folder_and_a_table_become_estimators(folder: Path, tmp_path: Path) -> None:
    path, told = tmp_path / "own.estimators", tmp_path / "told.json"
    ran = run(
        "audio", "train", "--recordings", str(folder), "--labels", str(folder / "labels.csv"),
        "-o", str(path), "--json", str(told),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert f"left out: {folder / 'broken.wav'}" in ran.stderr
    assert "the labels have no row for it" in ran.stderr
    assert "energy" in ran.stdout
    facts = json.loads(told.read_text())
    assert facts["n_recordings"] == N
    assert facts["n_without_file"] == 1
    assert len(facts["skipped"]) == 2
    assert facts["scores"][RECIPE]["energy"]["r2"]["value"] > 0.7
    estimators = load_estimators(path)
    new = []
    for i, energy in enumerate((0.15, 0.85)):
        own = tmp_path / f"{i}.wav"
        soundfile.write(own, _sound(energy, 1000 + i), RATE)
        new.append(estimators.estimate(describe(own)))
    assert new[0].values[ENERGY] < 0.35 < 0.65 < new[1].values[ENERGY]
    assert np.isnan(np.delete(new[0].values, ENERGY)).all()


def test_labels_of_other_files_say_so(folder: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("file,energy\nelsewhere.mp3,0.5\n")
    with pytest.raises(NotEnoughDataError, match=r"expected recordings that .* has rows for"):
        learn(folder, labels)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", SourceError, "expected a CSV of labels"),
        ("energy\n0.5\n", MissingColumnError, "expected a column that names the files"),
        ("file,mood\na,0.5\n", MissingColumnError, "expected a column of a feature"),
        ("file,energy\n", NotEnoughDataError, "expected rows of labels, got none"),
        ("file,energy\na,1.5\n", InvalidValuesError, "energy: expected numbers from 0 to 1"),
        ("file,energy\na,loud\n", InvalidValuesError, "row 1: 'loud'"),
        ("file,energy\na,nan\n", InvalidValuesError, "energy: expected numbers"),
    ],
)
def test_labels_that_are_none_are_refused(
    tmp_path: Path, text: str, error: type[Exception], message: str
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(error, match=message):
        read_labels(path)


def test_files_are_found_by_path_name_stem_and_number(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("file,energy\nb/x.wav,0.1\nx.wav,0.2\ny,0.3\n7,\n")
    labels = read_labels(path)
    paths = [tmp_path / name for name in ("b/x.wav", "c/x.wav", "y.mp3", "000007.mp3", "z.mp3")]
    assert labels.rows_of(paths, tmp_path) == [0, 1, 2, 3, None]
    assert np.isnan(labels.values[3, ENERGY])
    assert len(set(labels.artist)) == 4
