"""AutoGluon's side of the benchmark of AutoML; runs in an environment of its own.

    ENVIRONMENT/bin/python automl_worker.py ASKED.json

The JSON names the tables (Parquet), the target's column, the problem, the metric to be best by,
the seconds that it may train, and where the answers (.npy) and what was measured (.json) go.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from autogluon.tabular import TabularPredictor

N_SINGLE, N_MANY = 20, 10_000
N_CORES = 2
LEFT_OUT = ["RF", "XT"]
"""Forests: of 57,000 tracks one took ten minutes more than it was given, on two cores."""


def main() -> None:
    """Train, predict, measure."""
    asked = json.loads(Path(sys.argv[1]).read_text())
    learned, judged = pd.read_parquet(asked["train"]), pd.read_parquet(asked["test"])
    options: dict[str, Any] = {}
    if asked["weight"]:
        options["sample_weight"] = asked["weight"]
    began = time.perf_counter()
    predictor = TabularPredictor(
        asked["target"],
        problem_type=asked["problem"],
        eval_metric=asked["metric"],
        path=asked["models"],
        verbosity=2,
        **options,
    ).fit(
        learned,
        presets="best_quality",
        time_limit=asked["seconds"],
        num_cpus=N_CORES,
        num_gpus=0,
        excluded_model_types=LEFT_OUT,
    )
    trained = time.perf_counter() - began
    predictor.persist()
    answer = predictor.predict_proba if asked["problem"] == "binary" else predictor.predict
    answers = answer(judged)
    if asked["problem"] == "binary":
        answers = answers[predictor.class_labels[-1]]
    np.save(asked["answers"], answers.to_numpy(np.float64))
    singles = [_timed(answer, judged.iloc[i : i + 1]) for i in range(N_SINGLE)]
    many = judged.iloc[:N_MANY]
    board = predictor.leaderboard(silent=True)
    told = {
        "trained": trained,
        "single": median(singles),
        "many": _timed(answer, many) / len(many),
        "megabytes": predictor.disk_usage() / 1e6,
        "best": predictor.model_best,
        "models": len(board),
    }
    Path(asked["told"]).write_text(json.dumps(told))


def _timed(work: Any, rows: pd.DataFrame) -> float:
    start = time.perf_counter()
    work(rows)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
