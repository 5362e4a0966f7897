"""Files of estimators that are damaged, foreign or made up: refused, never run."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.audio.worlds import SMALL, part

from trackoracle.audio.estimating.estimators import load_estimators
from trackoracle.audio.estimating.training import train_estimators
from trackoracle.errors import BundleError, BundleVersionError

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "own.estimators"
    train_estimators([part("fma_mfcc20", n=80)], settings=SMALL).save(path)
    return path.read_bytes()


def _rewritten(whole: bytes, change: Callable[[dict[str, object], Members], None]) -> bytes:
    """Change members and manifest, and put the hashes right: a forger would."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    change(manifest, members)
    manifest["members"] = {n: hashlib.sha256(c).hexdigest() for n, c in members.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def _refused(tmp_path: Path, content: bytes, error: type[BundleError] = BundleError) -> str:
    path = tmp_path / "odd.estimators"
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        load_estimators(path)
    assert str(path) in caught.value.message
    return caught.value.message


def test_damaged_files_are_refused(whole: bytes, tmp_path: Path) -> None:
    for n in (0, 10, 1000, len(whole) // 2, len(whole) - 5):
        _refused(tmp_path, whole[:n])
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(whole), 40):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(rng.integers(8))
        path = tmp_path / "flipped.estimators"
        path.write_bytes(bytes(flipped))
        try:
            load_estimators(path)  # a bit of a date in the zip's directory changes nothing
        except BundleError:
            continue


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="trackoracle audio train"):
        load_estimators(tmp_path / "none.estimators")


def test_a_pickle_in_an_array_is_never_run(whole: bytes, tmp_path: Path) -> None:
    ran = tmp_path / "ran"

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (ran.touch, ())

    def change(_: dict[str, object], members: Members) -> None:
        array = np.array([Evil()], dtype=object)
        members["weight.npy"] = _npy(array)

    _refused(tmp_path, _rewritten(whole, change))
    _refused(tmp_path, pickle.dumps(Evil()))
    assert not ran.exists()


def _drop(manifest: dict[str, object], members: Members) -> None:
    del members["networks/weight_0.npy"]


def _not_finite(manifest: dict[str, object], members: Members) -> None:
    members["errors/knots.npy"] = _npy(np.full((1, 7, 15), np.nan))


def _other_shape(manifest: dict[str, object], members: Members) -> None:
    members["waves_0/weight.npy"] = _npy(np.zeros((3, 7)))


def _fewer_features(manifest: dict[str, object], members: Members) -> None:
    members["weight.npy"] = _npy(np.ones((1, 6)))


def _not_positive(manifest: dict[str, object], members: Members) -> None:
    members["errors/correlation.npy"] = _npy(-np.eye(7))


def _outside(manifest: dict[str, object], members: Members) -> None:
    members["../escape.npy"] = _npy(np.ones(3))


def _other_facts(manifest: dict[str, object], members: Members) -> None:
    manifest["facts"] = {"recipes": 3}


def _other_columns(manifest: dict[str, object], members: Members) -> None:
    manifest["facts"]["columns"] = [["mystery"]]  # type: ignore[index]


@pytest.mark.parametrize(
    "change",
    [
        _drop,
        _not_finite,
        _other_shape,
        _fewer_features,
        _not_positive,
        _outside,
        _other_facts,
        _other_columns,
    ],
)
def test_forged_files_are_refused(
    whole: bytes, tmp_path: Path, change: Callable[[dict[str, object], Members], None]
) -> None:
    assert load_estimators(_written(tmp_path, _rewritten(whole, lambda *_: None)))
    message = _refused(tmp_path, _rewritten(whole, change))
    assert "expected" in message


def _written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "same.estimators"
    path.write_bytes(content)
    return path


def test_a_newer_format_says_so(whole: bytes, tmp_path: Path) -> None:
    def change(manifest: dict[str, object], _: Members) -> None:
        manifest["format"] = 99

    assert "pip install -U" in _refused(tmp_path, _rewritten(whole, change), BundleVersionError)
