"""CatBoost's side of the benchmark of CatBoost; runs in an environment of its own.

    ENVIRONMENT/bin/python catboost_worker.py ASKED.json

The JSON names the arrays (.npz: what is learned from and what is judged) and the settings, and
where the answers (.npy), the model (.cbm) and what was measured (.json) go.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from catboost import CatBoost, Pool


def main() -> None:
    """Fit, answer, measure: processor time of all threads."""
    asked = json.loads(Path(sys.argv[1]).read_text())
    with np.load(asked["arrays"]) as arrays:
        learned = Pool(arrays["matrix"], arrays["target"], weight=arrays["weight"])
        judged = arrays["judged"]
    model = CatBoost(asked["settings"])
    began = time.process_time()
    model.fit(learned)
    fitted = time.process_time() - began
    began = time.process_time()
    answers = model.predict(judged, prediction_type="Probability", thread_count=1)
    answered = time.process_time() - began
    np.save(asked["answers"], answers.astype(np.float64))
    model.save_model(asked["model"])
    told = {
        "fitted": fitted,
        "answered": answered / len(judged),
        "megabytes": Path(asked["model"]).stat().st_size / 1e6,
    }
    Path(asked["told"]).write_text(json.dumps(told))


if __name__ == "__main__":
    main()
