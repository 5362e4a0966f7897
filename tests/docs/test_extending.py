"""The adapter and the candidate that docs/extending.md prints keep their contracts, as printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest
from tests.contracts import test_candidates, test_contributions
from tests.contracts.test_adapters import TestAdapter as AdapterContract
from tests.docs.pages import ROOT, blocks

import trackoracle as to
from trackoracle.catalogs import ADAPTERS, Adapter, loading
from trackoracle.catalogs.sample import generate_sample
from trackoracle.errors import BundleError
from trackoracle.models import CANDIDATES, Candidate

PAGE = ROOT / "docs" / "extending.md"
CONTRACTS = [
    (contract, name)
    for contract in (test_candidates.TestCandidate, test_contributions.TestContributions)
    for name in vars(contract)
    if name.startswith("test_")
]


@pytest.fixture(scope="module")
def printed() -> Iterator[dict[str, ModuleType]]:
    """The printed modules, imported under the names that the page gives their files."""
    found = {}
    for block, name in zip(_python(), ("catalogs.radio_rotation", "models.ridge"), strict=True):
        assert f"`{name.split('.')[1]}.py`" in PAGE.read_text("utf-8")
        module = ModuleType(f"trackoracle.{name}")
        sys.modules[module.__name__] = module
        exec(compile(block, str(PAGE), "exec"), vars(module))
        found[name] = module
    yield found
    for module in found.values():
        del sys.modules[module.__name__]


def _python() -> list[str]:
    return [block.text for block in blocks(PAGE) if block.language == "python"]


@pytest.fixture
def adapter(printed: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> Adapter:
    made: Adapter = printed["catalogs.radio_rotation"].ADAPTER
    monkeypatch.setattr(loading, "ADAPTERS", (*ADAPTERS, made))
    return made


@pytest.fixture
def candidate(printed: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> Candidate:
    made: Candidate = printed["models.ridge"].RIDGE
    assert made.name not in CANDIDATES, "the page prints a candidate that is there already"
    monkeypatch.setitem(CANDIDATES, made.name, made)
    return made


@pytest.mark.parametrize("name", [name for name in vars(AdapterContract) if "test_" in name])
def test_the_printed_adapter_keeps_the_contract(name: str, adapter: Adapter) -> None:
    getattr(AdapterContract(), name)(adapter)


def test_a_file_of_the_printed_format_is_read(adapter: Adapter, tmp_path: Path) -> None:
    rows = {"song": ["Slow Door", "Door"], "band": ["One", "Two"], "style": ["pop", "folk"],
            "rotation": [80, 12]}  # fmt: skip
    pl.DataFrame(rows).write_csv(tmp_path / "rotation.csv")
    catalog = to.load_catalog(tmp_path / "rotation.csv")
    assert catalog.card.adapter == adapter.name
    assert catalog.card.licence == "CC BY 4.0"
    assert catalog.tracks["popularity"].to_list() == [80, 12]
    assert catalog.tracks["artists"].to_list() == [["One"], ["Two"]]
    assert catalog.tracks["track_name"].to_list() == ["Slow Door", "Door"]


@pytest.mark.parametrize(("contract", "name"), CONTRACTS, ids=[name for _, name in CONTRACTS])
def test_the_printed_candidate_keeps_the_contract(
    contract: type, name: str, candidate: Candidate
) -> None:
    (task,) = candidate.tasks
    getattr(contract(), name)(candidate, task)


def test_the_printed_candidate_trains_and_loads(candidate: Candidate, tmp_path: Path) -> None:
    catalog = to.load_catalog(generate_sample(300, seed=2), on_invalid="null")
    config = to.TrainingConfig(
        candidates=(candidate.name,), protocols=("new_artist",), n_folds=2, n_bootstrap=20
    )
    oracle = to.train(catalog, config=config)
    oracle.save(tmp_path / "x.oracle")
    loaded = to.load_oracle(tmp_path / "x.oracle")
    assert loaded.report.chosen == candidate.name
    few = catalog.tracks.head(5)
    assert loaded.predict(few).equals(oracle.predict(few))
    assert loaded.explain(few.row(0, named=True)).exact


@pytest.mark.parametrize("change", ["other inputs", "not finite", "no array", "other numbers"])
def test_the_printed_candidate_refuses_what_is_no_model(candidate: Candidate, change: str) -> None:
    members = test_candidates._model(candidate.name, "regression").members()
    ((name, content),) = members.items()
    n_inputs = len(test_candidates.NAMES)
    if change == "not finite":
        content = content[:-8] + np.float64(np.nan).tobytes()
    if change == "no array":
        content = content[5:]
    if change == "other numbers":
        content = content.replace(b"<f8", b"<i8")
    with pytest.raises(BundleError, match=r"ridge\.npy: expected"):
        candidate.load({name: content}, n_inputs + (change == "other inputs"), "regression", 0)
