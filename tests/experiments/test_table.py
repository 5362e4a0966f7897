"""The table fits the screen, wide or narrow, and says what wins and what flatters."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console
from tests.experiments.conftest import HIT, QUICK

import trackoracle as to
from trackoracle.rendering import experiment_table
from trackoracle.schema import Estimate


@pytest.fixture(scope="module")
def experiment(small_catalog: to.Catalog) -> to.Experiment:
    settings = replace(
        QUICK,
        candidates=("median", "tree"),
        resampling=("none", "smote", "balanced_forest"),
        outliers=("none", "iqr_capping"),
        transforms=("none", "yeo_johnson"),
    )
    return to.run_experiments(small_catalog, settings, target=HIT)


def _shown(experiment: to.Experiment, width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(experiment_table(experiment, synthetic=True))
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [200, 120, 100, 80])
def test_nothing_is_cut_off(experiment: to.Experiment, width: int) -> None:
    shown = _shown(experiment, width)
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= width
    best = experiment.of(experiment.best)
    marked = next(line for line in shown.splitlines() if line.lstrip().startswith(">"))
    assert f"{best.true_rate['pr_auc'].value:.3f}".lstrip("0") in marked
    assert f"{best.balanced['precision'].value:.3f}".lstrip("0") in marked
    assert ("interval" in shown.split("Best:")[0]) == (width >= 112)
    assert "Synthetic catalog" in shown


def test_sentences(experiment: to.Experiment) -> None:
    shown = " ".join(_shown(experiment, 120).split())
    assert f"Best: {experiment.of(experiment.best).cell.candidate}, " in shown
    assert "by the highest PR-AUC at the true rate." in shown
    assert f"at the true rate of {100 * experiment.hit_rate:.1f} %" in shown
    assert "highest F1 on a calibration part of the training rows" in shown


def test_candidates_stand_together_the_best_first(experiment: to.Experiment) -> None:
    lines = [line.strip() for line in _shown(experiment, 120).split("Best:")[0].splitlines()]
    heads = [line for line in lines if line in ("forest", "median", "tree")]
    assert sorted(heads) == ["forest", "median", "tree"]
    assert heads[0] == experiment.of(experiment.best).cell.candidate
    assert heads[-1] == "median"


def test_a_set_balanced_by_hand_is_told(experiment: to.Experiment) -> None:
    sentence = "50.0 % of hits is the rate of this set, which looks balanced by hand"
    assert sentence not in " ".join(_shown(experiment, 120).split())
    balanced = replace(experiment, hit_rate=0.5)
    assert sentence in " ".join(_shown(balanced, 120).split())


def test_gains_and_losses_are_counted(experiment: to.Experiment) -> None:
    first, *others = experiment.cells
    gains = [Estimate(0.1, 0.05, 0.2), Estimate(-0.1, -0.2, -0.05), Estimate(0.1, -0.1, 0.2)]
    cells = [replace(cell, gain=gain) for cell, gain in zip(others, gains, strict=False)]
    told = replace(experiment, cells=(first, *cells), best=first.cell.key)
    shown = " ".join(_shown(told, 120).split())
    assert "Of 3 cells set beside plain, 1 gain and 1 lose PR-AUC beyond their intervals." in shown
    assert "+.100*" in shown
    assert "-.100*" in shown
