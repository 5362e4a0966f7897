"""DiCE's side of the benchmark of changes; runs in an environment of its own.

    PYTHONPATH=src ENVIRONMENT/bin/python -m benchmarks.dice_worker ASKED.json ANSWERED.json

It asks the same oracle: by the quick path that TrackOracle's own search has, in which only what a
change can move is made anew, or through `Oracle.predict`, as a user of DiCE would. Making DiCE's
objects is not counted, only its search.
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

QUICK, OPEN = "variations", "predict"
"""Ways to ask the oracle."""
Values = np.ndarray[Any, np.dtype[np.float64]]


class TooLongError(Exception):
    """A query has taken as long as it may."""


def _stop(*_: object) -> None:
    raise TooLongError


class OneTrack:
    """The oracle, asked about variations of one track as scikit-learn's models are."""

    def __init__(self, oracle: Any, track: pl.DataFrame, through: str) -> None:
        from trackoracle.features import Variations
        from trackoracle.schema import check_tracks

        bundle = oracle.bundle
        checked = check_tracks(track, bundle.contract).tracks
        self._oracle, self._track, self._through = oracle, track, through
        self._variations = Variations.of(checked, bundle.contract, bundle.recipe)
        self.n_asked = 0

    def predict(self, rows: Any) -> Values:
        """Return the expected popularity of each row of a pandas frame."""
        self.n_asked += len(rows)
        columns = {name: rows[name].to_numpy().astype(np.float64) for name in rows.columns}
        return self._quickly(columns) if self._through == QUICK else self._openly(columns)

    def _quickly(self, columns: dict[str, Values]) -> Values:
        bundle, base = self._oracle.bundle, np.zeros(len(next(iter(columns.values()))), np.int64)
        raw = bundle.model.predict(self._variations.changed(base, columns))
        own = self._variations
        genres = None if own.genres is None else own.genres.take(base)
        told = bundle.calibration.distribution(raw, own.knows_artist[base], genres)
        return np.asarray(told.mean)

    def _openly(self, columns: dict[str, Values]) -> Values:
        n = len(next(iter(columns.values())))
        tracks = pl.concat([self._track] * n).with_columns(
            pl.Series(name, values) for name, values in columns.items()
        )
        return np.asarray(self._oracle.predict(tracks)["popularity"].to_numpy())


def main(asked_path: str, answered_path: str) -> None:
    """Answer every query by every method."""
    import trackoracle

    asked = json.loads(Path(asked_path).read_text())
    oracle = trackoracle.load_oracle(asked["oracle"])
    tracks = pl.read_parquet(asked["tracks"]).drop("recording", "unseen")
    answered = []
    for through, n_queries in asked["through"].items():
        for query in asked["queries"][:n_queries]:
            for method in asked["methods"]:
                answered.append(_answer(oracle, tracks, asked, query, method, through))
                Path(answered_path).write_text(json.dumps(answered))


def _answer(
    oracle: Any,
    tracks: pl.DataFrame,
    asked: dict[str, Any],
    query: dict[str, Any],
    method: str,
    through: str,
) -> dict[str, Any]:
    import dice_ml

    numbers, codes = query["numbers"], query["codes"]
    track = tracks[query["row"]]
    model = OneTrack(oracle, track, through)
    real = tracks[query["known"]].select([*numbers, *codes]).to_pandas()
    real["outcome"] = model.predict(real)
    start = track.select([*numbers, *codes]).to_pandas()
    for frame in (real, start):
        for name in codes:
            frame[name] = frame[name].astype(int).astype(str)
    rows: list[dict[str, float]] = []
    error = ""
    extra = {"random_seed": 0} if method == "random" else {}
    begin = time.perf_counter()
    try:
        table = dice_ml.Data(dataframe=real, continuous_features=numbers, outcome_name="outcome")
        wrapped = dice_ml.Model(model=model, backend="sklearn", model_type="regressor")
        explainer = dice_ml.Dice(table, wrapped, method=method)
        np.random.seed(0)  # noqa: NPY002 (what DiCE draws from)
        signal.signal(signal.SIGALRM, _stop)
        signal.alarm(asked["most_seconds"])
        model.n_asked, begin = 0, time.perf_counter()
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
        "through": through,
        "seconds": seconds,
        "rows": rows,
        "error": error[:200],
        "n_asked": model.n_asked,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
