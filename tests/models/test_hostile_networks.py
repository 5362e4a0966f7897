"""A network in a bundle is read without trust: header, facts, shapes, then construction."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save
from tests.models.networks_material import NAMES, fitted, request

from trackoracle.errors import BundleError
from trackoracle.models import CANDIDATES
from trackoracle.models.networks.model import ARRAYS, FACTS
from trackoracle.models.networks.tensors import from_safetensors, to_safetensors


@cache
def _members(task: str) -> dict[str, bytes]:
    return fitted(request(task=task, n_epochs=1)).members()


def _load(members: dict[str, bytes], task: str) -> Any:
    n_classes = {"regression": 0, "binary": 2, "multiclass": 3}[task]
    return CANDIDATES["network"].load(members, len(NAMES), task, n_classes)


class TestFormat:
    def test_the_library_reads_ours_and_we_its(self) -> None:
        content = _members("regression")[ARRAYS]
        arrays, _ = from_safetensors(content)
        theirs = load(content)
        assert theirs.keys() == arrays.keys()
        assert all(np.array_equal(theirs[name], array) for name, array in arrays.items())
        again, notes = from_safetensors(save(theirs, {"note": "kept"}))
        assert all(np.array_equal(again[name], array) for name, array in arrays.items())
        assert notes == {"note": "kept"}
        assert len(content) % 4 == 0

    @pytest.mark.parametrize(
        "header",
        [
            "[]",
            "{",
            '{"a": 3}',
            '{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}',
            '{"a": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}',
            '{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8, 9]}}',
            '{"a": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}}',
            '{"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}',
            '{"a": {"dtype": "F32", "shape": [2.0], "data_offsets": [0, 8]}}',
            '{"a": {"dtype": "F32", "shape": [true, 2], "data_offsets": [0, 8]}}',
            '{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}',
            '{"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}',
            '{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},'
            ' "b": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}',
            '{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},'
            ' "a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}',
            '{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},'
            ' "__metadata__": {"n": 1}}',
            '{"a": {"dtype": "F32", "shape": ' + "[" * 5_000 + "]" * 5_000 + "}}",
        ],
    )
    def test_other_headers_are_refused(self, header: str) -> None:
        content = len(header).to_bytes(8, "little") + header.encode() + bytes(8)
        with pytest.raises(BundleError, match="expected float32 arrays one after the other"):
            from_safetensors(content)

    @pytest.mark.parametrize("content", [b"", b"\x01", (2**60).to_bytes(8, "little") + b"{}"])
    def test_no_header_is_longer_than_the_file(self, content: bytes) -> None:
        with pytest.raises(BundleError, match="Do not use this file"):
            from_safetensors(content)


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no activation": lambda f: f.pop("activation"),
    "another activation": lambda f: f.update(activation="eval"),
    "wider": lambda f: f.update(layers=[16, 9]),
    "no units": lambda f: f.update(layers=[16, 0]),
    "a text for layers": lambda f: f.update(layers="16-8"),
    "a huge layer": lambda f: f.update(layers=[10**15, 8]),
    "an input beyond": lambda f: f["inputs"].update(numbers=[0, 1, 7]),
    "an input below": lambda f: f["inputs"].update(numbers=[-1, 1, 2]),
    "an input twice": lambda f: f["inputs"].update(numbers=[0, 0, 2]),
    "another missing": lambda f: f["inputs"].update(tells_missing=[5]),
    "no pieces": lambda f: f["inputs"].update(bounded=False),
    "a level beyond": lambda f: f["inputs"].update(categories=[[3, 4, 99]]),
    "a category without levels": lambda f: f["inputs"].update(categories=[[]]),
    "a loss that is none": lambda f: f["curve"].update(learned=[float("nan")]),
    "no deviation": lambda f: f.update(scale=[40, 0, 0, 100]),
    "an infinite scale": lambda f: f.update(scale=[40, 1, 0, float("inf")]),
    "no scale": lambda f: f.update(scale=[]),
    "another task": lambda f: f.update(task="poisson"),
    "no curve": lambda f: f.pop("curve"),
    "a pass beyond": lambda f: f["curve"].update(kept=9),
}


@pytest.mark.parametrize("change", CHANGES)
def test_other_facts_are_refused(change: str) -> None:
    members = dict(_members("regression"))
    facts = json.loads(members[FACTS])
    CHANGES[change](facts)
    members[FACTS] = json.dumps(facts).encode()
    with pytest.raises(BundleError, match="Do not use this file"):
        _load(members, "regression")


@pytest.mark.parametrize("classes", [[], [0, 1, 3], [0, 2, 1], [0, 0, 1], [0, 1], [-1, 0, 1]])
def test_other_classes_are_refused(classes: list[int]) -> None:
    members = dict(_members("multiclass"))
    facts = json.loads(members[FACTS])
    assert facts["classes"] == [0, 1, 2]
    members[FACTS] = json.dumps({**facts, "classes": classes}).encode()
    with pytest.raises(BundleError):
        _load(members, "multiclass")


@pytest.mark.parametrize("name", ["inputs.low", "layers.1.weight", "layers.2.bias", "numbers.bias"])
@pytest.mark.parametrize("how", ["gone", "another shape", "not finite"])
def test_other_arrays_are_refused(name: str, how: str) -> None:
    members = dict(_members("regression"))
    arrays, _ = from_safetensors(members[ARRAYS])
    match how:
        case "gone":
            del arrays[name]
        case "another shape":
            arrays[name] = np.concatenate([arrays[name], arrays[name]])
        case _:
            arrays[name].flat[0] = np.nan
    members[ARRAYS] = to_safetensors(arrays)
    with pytest.raises(BundleError, match="Do not use this file"):
        _load(members, "regression")


def test_an_array_more_is_refused() -> None:
    members = dict(_members("binary"))
    arrays, _ = from_safetensors(members[ARRAYS])
    members[ARRAYS] = to_safetensors({**arrays, "layers.3.weight": np.ones((1, 1), np.float32)})
    with pytest.raises(BundleError, match="other names or shapes"):
        _load(members, "binary")
