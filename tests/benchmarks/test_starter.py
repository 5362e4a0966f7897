"""The benchmark that chooses the starter: every contender judged, weighed and explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.material import Material
from tools.build_starter import CONFIG

from benchmarks import starter
from trackoracle.splits import HONEST


def test_contenders_keep_what_makes_a_starter_fit_to_ship() -> None:
    for _, config in starter.contenders().values():
        assert (config.without, config.recipe) == (CONFIG.without, CONFIG.recipe)
        least = CONFIG.params["lightgbm_bins"]["min_sum_hessian_in_leaf"]
        assert config.params["lightgbm_bins"]["min_sum_hessian_in_leaf"] == least


def test_what_ships_is_beside_its_rivals(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(CONFIG, params={"lightgbm_bins": {"n_trees": 3, "n_classes": 3}})
    rivals = {
        starter.SHIPPED: ("lightgbm_bins", few),
        "a forest": ("forest_bins", replace(few, params={"forest_bins": {"n_estimators": 60}})),
    }
    monkeypatch.setattr(starter, "contenders", lambda: rivals)
    monkeypatch.setattr(starter, "N_EXPLAINED", 3)
    result = starter.run(material, kept=tmp_path / "kept", n_bootstrap=20)
    shipped, forest = result.lines
    assert shipped.cells["error"] == "exact"
    for protocol in HONEST:
        assert "(" not in shipped.cells[f"{protocol}: R2"]
        assert "(" in forest.cells[f"{protocol}: R2"]
    costs = result.figures["costs"]
    assert costs["a forest"]["megabytes"] > costs[starter.SHIPPED]["megabytes"] > 0
    (claim,) = result.claims
    assert claim.what.startswith("a forest is ahead of what ships under ")
