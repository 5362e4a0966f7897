"""`trackoracle report`: what it writes, and what it refuses before any work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.interfaces.running import run, run_here

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "<i>tracks.csv"
    generate_sample(200, seed=4).head(60).rename({"popularity": "plays"}).write_csv(path)
    return path


def test_page_figures_and_json_of_a_mapped_catalog(catalog: Path, tmp_path: Path) -> None:
    page, folder, facts = tmp_path / "r.html", tmp_path / "figures", tmp_path / "r.json"
    done = run("report", catalog, "--map", "popularity=plays", "-o", page, "--figures", folder,
               "--json", facts)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "wrote" in done.stderr
    told = json.loads(facts.read_text())
    own = to.explore(catalog, columns={"popularity": "plays"}).to_dict()
    assert told["target"]["summary"]["median"] == own["target"]["summary"]["median"]
    assert told["card"]["n_tracks"] == own["card"]["n_tracks"]
    assert "<i>tracks" not in page.read_text(encoding="utf-8")
    names = {path.name for path in folder.iterdir()}
    assert {"popularity.svg", "spearman.svg", "moods.svg"} <= names
    assert not any(name.startswith(".") for name in names)


def test_json_alone_goes_to_standard_output(catalog: Path) -> None:
    done = run_here(
        "report", catalog, "--map", "popularity=plays", "--json", "-", "--no-audit", "-q"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["audited"] is None
    assert done.stderr == ""


def test_refusals_come_before_any_work(catalog: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    for arguments, message in (
        ((), "expected -o F.html, --figures or --json, got none"),
        (("-o", tmp_path / "no" / "r.html"), "expected an existing folder"),
        (("--figures", taken), "expected a folder, got a file"),
    ):
        done = run_here("report", catalog, *arguments)
        assert done.returncode == 2, arguments
        assert message in done.stderr
        assert "Traceback" not in done.stderr
    assert taken.read_text() == "mine"


def test_a_missing_library_is_named_before_any_work(
    catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "vl_convert.py"
    blocked.write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = run("report", catalog, "-o", tmp_path / "r.html")
    assert done.returncode == 2
    assert "pip install 'trackoracle[report]'" in done.stderr
    assert not (tmp_path / "r.html").exists()
