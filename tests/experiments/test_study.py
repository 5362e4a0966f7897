"""A study goes on where it stopped, and refuses what is not its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.experiments.conftest import HIT, QUICK

import trackoracle as to
from trackoracle.errors import OutputError, StudyError

SETTINGS = replace(QUICK, resampling=("none", "undersample", "class_weights"))
WAY_OUT = "Name another file for --study, or remove this one."


@pytest.fixture(scope="module")
def whole(small_catalog: to.Catalog) -> to.Experiment:
    return to.run_experiments(small_catalog, SETTINGS, target=HIT, n_jobs=1)


@pytest.fixture
def study(small_catalog: to.Catalog, tmp_path: Path) -> Path:
    path = tmp_path / "grid.study"
    to.run_experiments(small_catalog, QUICK, target=HIT, study=path)
    return path


def _timeless(experiment: to.Experiment) -> list[object]:
    return [replace(result, seconds=0.0) for result in experiment.cells]


def test_an_interrupted_experiment_goes_on(
    small_catalog: to.Catalog, whole: to.Experiment, tmp_path: Path
) -> None:
    path = tmp_path / "grid.study"

    def interrupt(n_done: int, n_all: int, last: str) -> None:
        if path.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        to.run_experiments(
            small_catalog, SETTINGS, target=HIT, study=path, n_jobs=1, progress=interrupt
        )
    n_kept = len(json.loads(path.read_text())["cells"])
    assert 0 < n_kept < len(whole.cells)
    told: list[tuple[int, int]] = []
    resumed = to.run_experiments(
        small_catalog,
        SETTINGS,
        target=HIT,
        study=path,
        progress=lambda n_done, n_all, last: told.append((n_done, n_all)),
    )
    assert told[0] == (2 * n_kept, 2 * len(whole.cells))
    assert told[-1] == (2 * len(whole.cells), 2 * len(whole.cells))
    assert _timeless(resumed) == _timeless(whole)
    assert list(tmp_path.iterdir()) == [path]


def test_a_finished_study_computes_nothing_and_stays_as_it_is(
    small_catalog: to.Catalog, study: Path
) -> None:
    before = study.read_bytes()
    told: list[tuple[int, int]] = []
    to.run_experiments(
        small_catalog,
        QUICK,
        target=HIT,
        study=study,
        progress=lambda n_done, n_all, last: told.append((n_done, n_all)),
    )
    assert told == [(4, 4)]
    assert study.read_bytes() == before


def test_a_study_may_grow_by_cells(
    small_catalog: to.Catalog, whole: to.Experiment, study: Path
) -> None:
    grown = to.run_experiments(small_catalog, SETTINGS, target=HIT, study=study)
    assert _timeless(grown) == _timeless(whole)
    assert len(json.loads(study.read_text())["cells"]) == len(whole.cells)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 1}, "expected a study of the same settings, got seed 0 for 1."),
        ({"threshold": "cost"}, "expected a study of the same settings, got threshold f1 for cost"),
        ({"n_folds": 3, "protocol": "catalog"},
         "expected a study of the same settings, got protocol new_artist for catalog, "
         "n_folds 2 for 3."),
    ],
)  # fmt: skip
def test_other_settings_are_refused(
    small_catalog: to.Catalog, study: Path, change: dict, message: str
) -> None:
    before = study.read_bytes()
    with pytest.raises(StudyError) as caught:
        to.run_experiments(small_catalog, replace(QUICK, **change), target=HIT, study=study)
    assert str(caught.value).startswith(f"{study}: {message}")
    assert str(caught.value).endswith(WAY_OUT)
    assert study.read_bytes() == before


def test_another_catalog_or_target_is_refused(small_catalog: to.Catalog, study: Path) -> None:
    fewer = to.load_catalog(small_catalog.tracks.head(400), on_invalid="null")
    with pytest.raises(StudyError, match="expected a study of the same catalog, got another"):
        to.run_experiments(fewer, QUICK, target=HIT, study=study)
    with pytest.raises(StudyError, match="of the same target, got above 50 for 40"):
        to.run_experiments(small_catalog, QUICK, target=to.Hit(above=40), study=study)


def test_other_versions_are_refused(small_catalog: to.Catalog, study: Path) -> None:
    facts = json.loads(study.read_text())
    facts["made_from"]["versions"]["numpy"] = "1.0"
    study.write_text(json.dumps(facts))
    with pytest.raises(StudyError, match=r"of the same versions, got numpy 1\.0 for "):
        to.run_experiments(small_catalog, QUICK, target=HIT, study=study)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_cut_off_study_is_refused_and_left(
    small_catalog: to.Catalog, study: Path, share: float
) -> None:
    whole = study.read_bytes()
    study.write_bytes(whole[: int(share * len(whole))])
    before = study.read_bytes()
    with pytest.raises(StudyError) as caught:
        to.run_experiments(small_catalog, QUICK, target=HIT, study=study)
    assert str(caught.value) == (
        f"{study}: expected a whole experiment study, got a file that is cut off or is none. "
        f"{WAY_OUT}"
    )
    assert study.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    ["[]", "null", "track_id,popularity\n1,2\n", '{"kind": "trackoracle experiment"}',
     '{"kind": "trackoracle experiment", "format": 1, "made_from": {}, "cells": {"a": 1}}',
     "\x00\xff"],
)  # fmt: skip
def test_what_is_no_study_is_refused(
    small_catalog: to.Catalog, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "other.file"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(StudyError, match="got a file that is cut off or is none"):
        to.run_experiments(small_catalog, QUICK, target=HIT, study=path)


def test_another_format_is_refused(small_catalog: to.Catalog, study: Path) -> None:
    study.write_text(study.read_text().replace('"format": 1', '"format": 2', 1))
    with pytest.raises(StudyError, match="expected a study of format 1, got 2"):
        to.run_experiments(small_catalog, QUICK, target=HIT, study=study)


def test_a_folder_that_is_not_there(small_catalog: to.Catalog, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="expected an existing folder"):
        to.run_experiments(small_catalog, QUICK, target=HIT, study=tmp_path / "no" / "x.study")
