"""Fit candidates over folds, choose, refit, calibrate."""

from trackoracle.training.config import TrainingConfig, load_config
from trackoracle.training.train import Trained, train_candidates

__all__ = ["Trained", "TrainingConfig", "load_config", "train_candidates"]
