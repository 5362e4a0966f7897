"""`train --curve` writes the learning curve into JSON and report; without it there is none."""

from __future__ import annotations

import json
from pathlib import Path

from tests.interfaces.running import run_here

import trackoracle as to


def test_curve_is_computed_when_asked(small_catalog: to.Catalog, tmp_path: Path) -> None:
    catalog, report = tmp_path / "catalog.parquet", tmp_path / "report.html"
    small_catalog.tracks.write_parquet(catalog)
    quick = ["--set", "candidates=tree", "--set", "n_bootstrap=20", "--folds", "3"]
    plain = run_here("train", catalog, *quick, "--json", "-")
    done = run_here("train", catalog, *quick, "--curve", "--json", "-", "--report", report)
    assert done.returncode == 0, done.stderr
    facts, without = json.loads(done.stdout), json.loads(plain.stdout)
    assert without["learning"] is None
    learning = facts["learning"]
    assert (learning["candidate"], learning["protocol"]) == ("tree", "new_artist")
    assert learning["points"][-1]["score"] == facts["candidates"][0]["scores"]["new_artist"]["r2"]
    assert "What more tracks bring" in report.read_text()
    assert facts["candidates"][0]["scores"]["catalog"]["coverage_90"]["value"] > 0.8
