"""What more than one benchmark is tried on."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.material import Material

from trackoracle.catalogs.sample import generate_sample


@pytest.fixture
def material(tmp_path: Path) -> Material:
    path = tmp_path / "tracks" / "sample.csv"
    path.parent.mkdir()
    generate_sample(700, seed=5).write_csv(path)
    return Material(str(path), "generated", str(tmp_path))
