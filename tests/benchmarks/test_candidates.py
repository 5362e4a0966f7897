"""The benchmark of candidates: kept cells, a page, and a share of the artists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.material import Material

import trackoracle as to
from benchmarks import candidates, judging
from trackoracle.errors import UnknownNameError

NAMES = ("median", "tree")


def test_what_was_judged_is_kept_and_drawn(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "N_BOOTSTRAP", 20)
    first = candidates.run(material, names=NAMES, kept=tmp_path / "kept", to=tmp_path)
    page = (tmp_path / "leaderboard-candidates.md").read_text()
    assert "| `tree` | " in page
    assert "| *median* | " in page
    assert "new_artist: R2" in page
    for ending in (".svg", ".png"):
        assert (tmp_path / f"leaderboard-candidates{ending}").stat().st_size > 5_000
    (contest,) = first.figures["contests"]
    ahead = {entry["name"]: entry["ahead"] for entry in contest["entries"]}
    assert ahead["tree"] == {}
    assert all(by["value"] < 0 and by["high"] < 0.05 for by in ahead["median"].values())
    entries = {entry["name"]: entry for entry in contest["entries"]}
    assert contest["entries"][-1]["name"] == "median"
    assert entries["tree"]["exact"]
    assert not entries["median"]["exact"]
    assert entries["tree"]["megabytes"] > entries["median"]["megabytes"]
    assert set(entries["tree"]["scores"]) == {"catalog", "known_artist", "new_artist"}

    def refuse(*_: object) -> None:
        raise AssertionError("fitted again")

    monkeypatch.setattr(judging, "judge", refuse)
    monkeypatch.setattr(judging, "fit_candidate", refuse)
    again = candidates.run(material, names=NAMES, kept=tmp_path / "kept")
    assert again.figures == first.figures
    with pytest.raises(AssertionError, match="fitted again"):
        candidates.run(material, names=("linear",), kept=tmp_path / "kept")


def test_a_share_is_of_whole_artists(material: Material) -> None:
    catalog = to.load_catalog(material.path)
    part = candidates.part_of(catalog, 0.3)
    assert 0.1 * len(catalog) < len(part) < 0.6 * len(catalog)
    names = {tuple(artists) for artists in part.tracks["artists"].to_list() if artists}
    first = {artists[0] for artists in names}
    whole = [row[0] for row in catalog.tracks["artists"].to_list() if row and row[0] in first]
    assert len(whole) == sum(bool(row) for row in part.tracks["artists"].to_list())
    with pytest.raises(SystemExit, match="--share: expected above 0 to 1, got 0"):
        candidates.part_of(catalog, 0)
    assert np.array_equal(candidates.part_of(catalog, 1).keys.recording, catalog.keys.recording)


def test_members_that_need_torch_are_named() -> None:
    config = to.TrainingConfig()
    for name, (candidate, members) in candidates.WITH_NETWORKS.items():
        found, settings = candidates.asked(name, config)
        assert found == candidate
        assert settings.params_of(found)["members"] == members != config.params_of(found)["members"]
    assert candidates.asked("tree", config) == ("tree", config)
    with pytest.raises(UnknownNameError, match="tre"):
        candidates.asked("tre", config)
