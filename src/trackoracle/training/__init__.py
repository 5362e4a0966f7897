"""Fit candidates over folds, choose, refit, calibrate."""

from trackoracle.training.calibrated import judged_answers, with_told
from trackoracle.training.config import (
    BASELINES,
    SearchSettings,
    TrainingConfig,
    load_config,
    read_settings,
    replaced,
)
from trackoracle.training.fitting import fit_candidate
from trackoracle.training.folds import (
    Judgement,
    Progress,
    begin_judgement,
    judge,
    n_fits,
    silent,
    workers,
)
from trackoracle.training.material import Material, fingerprint, fit_rows
from trackoracle.training.search import check_search
from trackoracle.training.sharing import shared_among, told_out_of_fold
from trackoracle.training.train import Trained, labelled_material, train_candidates

__all__ = [
    "BASELINES",
    "Judgement",
    "Material",
    "Progress",
    "SearchSettings",
    "Trained",
    "TrainingConfig",
    "begin_judgement",
    "check_search",
    "fingerprint",
    "fit_candidate",
    "fit_rows",
    "judge",
    "judged_answers",
    "labelled_material",
    "load_config",
    "n_fits",
    "read_settings",
    "replaced",
    "shared_among",
    "silent",
    "told_out_of_fold",
    "train_candidates",
    "with_told",
    "workers",
]
