"""DiCE's side of the benchmark of changes; runs in an environment of its own.

    PYTHONPATH=src ENVIRONMENT/bin/python -m benchmarks.dice_worker ASKED.json ANSWERED.json

It asks the same oracle by the same quick path as TrackOracle does: only what a change can move
is made anew. Making DiCE's objects is not counted, only its search.
"""

from __future__ import annotations

import json
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl


class TooLongError(Exception):
    """A query has taken as long as it may."""


def _stop(*_: object) -> None:
    raise TooLongError


class OneTrack:
    """The oracle, asked about variations of one track as scikit-learn's models are."""

    def __init__(self, bundle: Any, track: pl.DataFrame, codes: list[str]) -> None:
        from trackoracle.features import Variations

        self._bundle, self._codes = bundle, set(codes)
        self._variations = Variations.of(track, bundle.contract, bundle.recipe)
        self.n_asked = 0

    def predict(self, rows: Any) -> np.ndarray[Any, Any]:
        """Return the expected popularity of each row of a pandas frame."""
        self.n_asked += len(rows)
        columns = {name: rows[name].to_numpy().astype(np.float64) for name in rows.columns}
        base = np.zeros(len(rows), np.int64)
        raw = self._bundle.model.predict(self._variations.changed(base, columns))
        known = self._variations.knows_artist[base]
        mean: np.ndarray[Any, Any] = self._bundle.calibration.distribution(raw, known).mean
        return mean


def main(asked_path: str, answered_path: str) -> None:
    """Answer every query by every method."""
    from trackoracle.artifact import load_bundle
    from trackoracle.schema import check_tracks

    asked = json.loads(Path(asked_path).read_text())
    bundle = load_bundle(Path(asked["oracle"]))
    tracks = check_tracks(pl.read_parquet(asked["tracks"]), bundle.contract).tracks
    answered = []
    for query in asked["queries"]:
        for method in asked["methods"]:
            answered.append(_answer(bundle, tracks, asked, query, method))
            Path(answered_path).write_text(json.dumps(answered))


def _answer(
    bundle: Any,
    tracks: pl.DataFrame,
    asked: dict[str, Any],
    query: dict[str, Any],
    method: str,
) -> dict[str, Any]:
    import dice_ml

    numbers, codes = query["numbers"], query["codes"]
    track = tracks[query["row"]]
    model = OneTrack(bundle, track, codes)
    real = tracks[query["known"]].select([*numbers, *codes]).to_pandas()
    real["outcome"] = model.predict(real)
    start = track.select([*numbers, *codes]).to_pandas()
    for frame in (real, start):
        for name in codes:
            frame[name] = frame[name].astype(int).astype(str)
    model.n_asked = 0
    table = dice_ml.Data(dataframe=real, continuous_features=numbers, outcome_name="outcome")
    wrapped = dice_ml.Model(model=model, backend="sklearn", model_type="regressor")
    explainer = dice_ml.Dice(table, wrapped, method=method)
    np.random.seed(0)  # noqa: NPY002 (what DiCE draws from)
    rows: list[dict[str, float]] = []
    error = ""
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(asked["most_seconds"])
    begin = time.perf_counter()
    extra = {"random_seed": 0} if method == "random" else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = explainer.generate_counterfactuals(
                start,
                total_CFs=asked["n"],
                desired_range=[query["goal"], 100.0],
                permitted_range={name: query["ranges"][name] for name in numbers},
                features_to_vary=[*numbers, *codes],
                **extra,
            )
        table_found = found.cf_examples_list[0].final_cfs_df
        if table_found is not None:
            rows = [
                {name: float(row[name]) for name in [*numbers, *codes]}
                for row in table_found.to_dict("records")
            ]
    except Exception as failure:  # an answer of DiCE, too
        error = f"{type(failure).__name__}: {failure}"
    finally:
        signal.alarm(0)
    seconds = time.perf_counter() - begin
    return {
        "row": query["row"],
        "method": method,
        "seconds": seconds,
        "rows": rows,
        "error": error[:200],
        "n_asked": model.n_asked,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
