"""Fit candidates over folds, choose, refit, calibrate."""

from trackoracle.training.calibrated import predicted_intervals
from trackoracle.training.config import TrainingConfig, load_config, read_settings, replaced
from trackoracle.training.folds import Material, fit_rows, workers
from trackoracle.training.train import Trained, labelled_material, train_candidates

__all__ = [
    "Material",
    "Trained",
    "TrainingConfig",
    "fit_rows",
    "labelled_material",
    "load_config",
    "predicted_intervals",
    "read_settings",
    "replaced",
    "train_candidates",
    "workers",
]
