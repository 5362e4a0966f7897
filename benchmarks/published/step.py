"""A step of a replay, what it answers, and what is kept of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import trackoracle

Values = NDArray[np.float64]
Codes = NDArray[np.int64]
Kind = Literal["as published", "leak removed", "beside", "TrackOracle"]
Task = Literal["regression", "binary", "multiclass"]

_LIBRARIES = ("scikit-learn", "imbalanced-learn", "lightgbm", "xgboost-cpu", "numpy", "trackoracle")
_SHARED = ("step.py", "sources.py", "folds.py")
_OWN = {"H": "hit_songs.py", "P": "balanced.py", "A": "artist_mean.py", "N": "classes.py"}
"""The code that an answer depends on; our own answers on ours.py and the whole package too."""
N_BOOTSTRAP = 200
"""Resamples behind each interval."""


@dataclass(frozen=True)
class Step:
    """One fit and its judgement.

    Parameters
    ----------
    system
        "H", "P", "A" or "N".
    line
        The waterfall or grid that the step belongs to.
    name
        What was changed since the step before, as printed.
    kind
        Of what the number is.
    settings
        Everything that decides the answer; the key of the cache.
    published
        Metric to published value, where one was published.
    note
        What the publication leaves open, or what the step means.
    cost
        Seconds of one core that it takes, about; for the time left.
    """

    system: str
    line: str
    name: str
    kind: Kind
    settings: Mapping[str, Any]
    published: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    cost: float = 1.0

    def key(self, checksum: str) -> str:
        """Return the name of the cached outcome: of settings, file, libraries and code."""
        facts = {
            "system": self.system,
            "settings": dict(self.settings),
            "checksum": checksum,
            "versions": {name: version(name) for name in _LIBRARIES},
            "code": _code_checksum(self.system, ours=self.kind == "TrackOracle"),
        }
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
        return f"{self.system}-{digest[:16]}"


@cache
def _code_checksum(system: str, *, ours: bool) -> str:
    folder = Path(__file__).parent
    files = [folder / name for name in (*_SHARED, _OWN[system])]
    if ours:
        files += [folder / "ours.py", *sorted(Path(trackoracle.__file__).parent.rglob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@dataclass(frozen=True)
class Answers:
    """Test rows, what was answered for them, and what is resampled whole.

    Parameters
    ----------
    target, answer
        (n,) truth, and predicted points or probabilities.
    cluster
        (n,) code of the row, recording, artist or genre, as the protocol groups them.
    unit
        What the cluster is.
    task
        Which metrics.
    n_train
        Training rows of one fit, resampling included.
    threshold
        Above it a probability is called a hit.
    median
        (n,) of the predicted distribution, by which the MAE is taken; None where the model
        answers one number.
    tiers
        (n, k) probabilities of classes, in whose numbers target and answer then are.
    """

    target: Values
    answer: Values
    cluster: Codes
    unit: str
    task: Task
    n_train: int
    threshold: float = 0.5
    median: Values | None = None
    tiers: Values | None = None


@dataclass(frozen=True)
class Outcome:
    """What a step came to.

    Parameters
    ----------
    scores
        Metric to value, low and high.
    n_train, n_test, n_clusters, unit
        Rows, and how many of what the intervals resample.
    share
        Share of hits among the test rows; None for points.
    cpu_s, wall_s
        Processor and clock time.
    """

    scores: Mapping[str, Mapping[str, float]]
    n_train: int
    n_test: int
    n_clusters: int
    unit: str
    share: float | None
    cpu_s: float
    wall_s: float

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as plain data."""
        return asdict(self)


def judge(answers: Answers, n_bootstrap: int) -> dict[str, dict[str, float]]:
    """Score answers, every row alike, with intervals over whole clusters."""
    from trackoracle.evaluation import Judged, evaluate_predictions

    rows = Judged(
        answers.target,
        answers.answer,
        answers.answer if answers.median is None else answers.median,
        np.ones(len(answers.target)),
        answers.cluster,
        p_tier=answers.tiers,
    )
    # A tie at the threshold is no hit, as with the argmax of the libraries replayed.
    threshold = float(np.nextafter(answers.threshold, 1))
    scores = evaluate_predictions(
        rows, answers.task, threshold=threshold, n_bootstrap=n_bootstrap, seed=0
    )
    wanted: dict[Task, tuple[str, ...]] = {
        "regression": ("r2", "mae", "rmse"),
        "binary": ("accuracy", "roc_auc", "pr_auc", "precision", "recall", "f1"),
        "multiclass": ("accuracy", "balanced_accuracy", "macro_f1"),
    }
    return {
        name: {"value": scores[name].value, "low": scores[name].low, "high": scores[name].high}
        for name in wanted[answers.task]
    }
