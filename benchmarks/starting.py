"""How long until the first answer: import, help, one row."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.material import Material
from benchmarks.measuring import measure, stopwatch
from benchmarks.results import Claim, Line, Result, ratio, seconds

N_STARTS, N_ROWS = 7, 200
MOST_IMPORT_S, MOST_ROW_S = 0.5, 0.010


def run(material: Material) -> Result:
    """Time fresh interpreters, and single rows against the bare model."""
    starts = _starts()
    oracle = str(Path(material.folder, "one.oracle"))
    measure("benchmarks.prediction:train_oracle", path=material.path, oracle=oracle)
    row = measure("benchmarks.starting:predict_one", path=material.path, oracle=oracle).answer
    imported = starts["trackoracle"] - starts["python"]
    lines = (
        Line("import trackoracle", {"time": seconds(imported)}),
        Line(
            "import sklearn.ensemble, polars",
            {
                "time": seconds(starts["others"] - starts["python"]),
                "ratio": ratio(imported / (starts["others"] - starts["python"])),
            },
        ),
        Line("trackoracle --help, whole process", {"time": seconds(starts["help"])}),
        Line(
            "python -c pass, whole process",
            {
                "time": seconds(starts["python"]),
                "ratio": ratio(starts["help"] / starts["python"]),
            },
        ),
        Line(f"one row, loaded oracle (median of {N_ROWS})", {"time": seconds(row["oracle"])}),
        Line(
            "one row, bare model on its ready inputs",
            {"time": seconds(row["bare"]), "ratio": ratio(row["oracle"] / row["bare"])},
        ),
    )
    claims = (
        Claim(f"import under {MOST_IMPORT_S:g} s", imported < MOST_IMPORT_S),
        Claim(f"one row under {MOST_ROW_S * 1000:g} ms", row["oracle"] < MOST_ROW_S),
    )
    figures = {f"{name}_s": value for name, value in starts.items()}
    figures |= {"import_s": imported, "row_oracle_s": row["oracle"], "row_bare_s": row["bare"]}
    question = "how long until the first answer?"
    return Result("starting", question, material.name, lines, claims, figures)


def _starts() -> dict[str, float]:
    """Median wall time of fresh interpreters, by turns."""
    commands = {
        "python": ["-c", "pass"],
        "trackoracle": ["-c", "import trackoracle"],
        "others": ["-c", "import sklearn.ensemble, polars"],
        "help": ["-m", "trackoracle", "--help"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(N_STARTS + 1):
        for name, command in commands.items():
            with stopwatch() as watch:
                subprocess.run([sys.executable, *command], check=True, capture_output=True)
            times[name].append(watch.seconds)
    return {name: median(taken[1:]) for name, taken in times.items()}


def predict_one(path: str, oracle: str) -> dict[str, Any]:
    """Predict single rows, as an oracle and as its bare model, by turns."""
    import trackoracle
    from trackoracle.features import prepare
    from trackoracle.schema import check_tracks

    tracks = trackoracle.load_catalog(path).tracks.drop("popularity")[: N_ROWS + 1]
    loaded = trackoracle.load_oracle(oracle)
    bundle = loaded.bundle
    checked = check_tracks(tracks, bundle.contract)
    matrix = bundle.recipe.transform(prepare(checked.tracks, bundle.contract))
    times: dict[str, list[float]] = {"oracle": [], "bare": []}
    for i in range(len(tracks)):
        with stopwatch() as watch:
            loaded.predict(tracks[i : i + 1])
        times["oracle"].append(watch.seconds)
        with stopwatch() as watch:
            bundle.model.predict(matrix[i : i + 1], 1)
        times["bare"].append(watch.seconds)
    return {name: median(taken[1:]) for name, taken in times.items()}
