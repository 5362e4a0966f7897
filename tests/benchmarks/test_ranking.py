"""The benchmark of orders: neighbours, and how often they are right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.material import Material
from benchmarks.ranking import APART, STATED, Pairs

import trackoracle as to
from benchmarks import ranking
from trackoracle.catalogs.sample import generate_sample


def test_neighbours_stand_in_the_order_of_their_group() -> None:
    mean = np.array([1.0, 5.0, 3.0, 9.0, 4.0])
    group = np.array([0, 0, 0, 1, 2])
    first, second = ranking._neighbours(mean, group, np.arange(5))
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [(1, 2), (2, 0)]


def test_what_is_off_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    true = random.uniform(0.5, 1, 20_000)
    right = (random.random(20_000) < true).astype(float)
    stated = dict.fromkeys(ranking.WAYS, true) | {APART: (true + 0.5) / 2}
    pairs = Pairs(stated, right, np.arange(20_000) // 4)
    fair, shy = (ranking._facts(pairs, way) for way in (STATED, APART))
    assert fair["missed"] < 0.01 < 0.1 < shy["missed"]
    assert fair["off"][1] <= 0 <= fair["off"][2]
    assert shy["off"][2] < -0.1


def test_it_runs_on_a_sample(tmp_path: Path) -> None:
    path = tmp_path / "sample.parquet"
    generate_sample(1500, seed=5).write_parquet(path)
    config = replace(to.TrainingConfig(), params={"lightgbm_bins": {"n_trees": 2, "n_classes": 3}})
    result = ranking.run(Material(str(path), "sample", str(tmp_path)), tmp_path / "kept", config)
    assert {name for name, facts in result.figures.items() if STATED in facts} == {
        f"{protocol}, neighbours of one {among}"
        for protocol in ranking.PROTOCOLS
        for among in ("album", "artist")
    }
    first = result.figures["new_artist, first of an album"]
    assert 0 < first["chance"] < first["told"] < 1
