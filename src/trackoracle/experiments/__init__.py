"""The experiment grid: resampling, outliers, transforms and thresholds for any candidate."""

from trackoracle.experiments.grid import run_experiments
from trackoracle.experiments.results import CellResult, Experiment
from trackoracle.experiments.settings import (
    OUTLIERS,
    RESAMPLING,
    THRESHOLDS,
    TRANSFORMS,
    Cell,
    ExperimentSettings,
    load_experiment_settings,
)

__all__ = [
    "OUTLIERS",
    "RESAMPLING",
    "THRESHOLDS",
    "TRANSFORMS",
    "Cell",
    "CellResult",
    "Experiment",
    "ExperimentSettings",
    "load_experiment_settings",
    "run_experiments",
]
