"""Predicting a million tracks, and one, end to end against the bare model on a ready matrix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.material import Material
from benchmarks.measuring import measure, measure_in_turns, stopwatch
from benchmarks.results import Claim, Line, Result, megabytes, ratio, seconds

N_TRACKS = 1_000_000
N_TIMES = 3
MOST = 2.0
MOST_MB = 2_000
MOST_MS = 5.0
"""Milliseconds that a single answer may take: what issue 4 asks for."""
N_SINGLE = 500
CHUNK = 65_536


def run(material: Material) -> Result:
    """Compare `Oracle.predict` with its model's own predict, all cores for both."""
    oracle = str(Path(material.folder, "tracks.oracle"))
    measure("benchmarks.prediction:train_oracle", path=material.path, oracle=oracle)
    arguments = {"path": material.path, "oracle": oracle}
    lake = str(Path(material.folder, "million.parquet"))
    measure("benchmarks.prediction:write_parquet", path=material.path, lake=lake)
    done = measure_in_turns(
        N_TIMES,
        file=("benchmarks.prediction:predict_parquet", {"lake": lake, "oracle": oracle}),
        whole=("benchmarks.prediction:predict_frame", arguments),
        bare=("benchmarks.prediction:predict_matrix", arguments),
    )
    single = measure_in_turns(N_TIMES, one=("benchmarks.prediction:predict_singly", arguments))[
        "one"
    ]
    ours, bare, file = done["whole"], done["bare"], done["file"]
    bare_s = min(bare["whole"], bare["chunks"])
    times, file_times = ours["seconds"] / bare_s, file["seconds"] / bare_s
    lines = (
        Line(
            "Oracle.predict_file: Parquet in, Parquet out",
            {**_cost(file["seconds"], file["cpu"]), "peak memory": megabytes(file.peak_mb)},
        ),
        Line(
            "Oracle.predict: frame in, intervals, tiers and warnings out",
            {
                **_cost(ours["seconds"], ours["cpu"]),
                "peak memory": megabytes(ours.peak_mb),
                "before predicting": megabytes(ours["before_mb"]),
            },
        ),
        Line("bare model on a ready float32 matrix", _cost(bare_s, bare["cpu"])),
        Line(
            "ratio, file",
            {"time": ratio(file_times), "of all cores": ratio(file["cpu"] / bare["cpu"])},
        ),
        Line(
            "ratio, frame", {"time": ratio(times), "of all cores": ratio(ours["cpu"] / bare["cpu"])}
        ),
        Line(
            "one track: mapping in, frame with interval, tiers and warning out",
            {
                "time": _milliseconds(single["ms"]),
                "of ten, nine within": _milliseconds(single["slow_ms"]),
            },
        ),
        Line(
            "one track: bare model on its ready inputs", {"time": _milliseconds(single["bare_ms"])}
        ),
        Line("one track: ratio", {"time": ratio(single["ms"] / single["bare_ms"])}),
    )
    figures = {
        "file_s": file["seconds"],
        "file_ratio": file_times,
        "file_peak_mb": file.peak_mb,
        "oracle_s": ours["seconds"],
        "bare_whole_s": bare["whole"],
        "bare_chunks_s": bare["chunks"],
        "ratio": times,
        "oracle_cpu_s": ours["cpu"],
        "bare_cpu_s": bare["cpu"],
        "peak_mb": ours.peak_mb,
        "before_mb": ours["before_mb"],
        "n_tracks": N_TRACKS,
        **{name: single[name] for name in ("ms", "slow_ms", "bare_ms")},
    }
    claims = (
        Claim(f"from file to file at most {MOST:g} times the bare model", file_times <= MOST),
        Claim(f"from file to file in less than {MOST_MB:,} MB", file.peak_mb < MOST_MB),
        Claim(f"one track in less than {MOST_MS:g} ms, the middle of many", single["ms"] < MOST_MS),
    )
    question = f"what do {N_TRACKS:,} answers, and one, cost beyond the model's own work?"
    return Result("prediction", question, material.name, lines, claims, figures)


def _cost(wall: float, cpu: float) -> dict[str, str]:
    """Return the cells of what all tracks cost."""
    rate = f"{N_TRACKS / wall:,.0f}"
    return {"time": seconds(wall), "of all cores": seconds(cpu), "tracks/s": rate}


def _milliseconds(ms: float) -> str:
    return f"{ms:.2f} ms"


def train_oracle(path: str, oracle: str) -> dict[str, Any]:
    """Train an oracle of the fast profile's best candidate, and save it."""
    import trackoracle

    config = trackoracle.TrainingConfig(
        candidates=("lightgbm_bins",), protocols=("catalog",), n_folds=2, n_bootstrap=20
    )
    trackoracle.train(path, config=config).save(oracle)
    return {}


def _drawn(n_known: int) -> Any:
    import numpy as np

    return np.random.default_rng(0).integers(0, n_known, N_TRACKS)


def write_parquet(path: str, lake: str) -> dict[str, Any]:
    """Write resampled tracks."""
    import trackoracle

    tracks = trackoracle.load_catalog(path).tracks.drop("popularity")
    tracks[_drawn(len(tracks))].write_parquet(lake)
    return {}


def predict_parquet(lake: str, oracle: str) -> dict[str, Any]:
    """Predict a file of tracks into another."""
    import trackoracle

    loaded = trackoracle.load_oracle(oracle)
    with stopwatch() as watch:
        n_tracks = loaded.predict_file(lake, lake.replace("million", "answers"))
    assert n_tracks == N_TRACKS
    return {"seconds": watch.seconds, "cpu": watch.cpu}


def predict_frame(path: str, oracle: str) -> dict[str, Any]:
    """Predict a frame of resampled tracks."""
    import psutil

    import trackoracle

    tracks = trackoracle.load_catalog(path).tracks.drop("popularity")
    loaded = trackoracle.load_oracle(oracle)
    loaded.predict(tracks[:1000])
    frame = tracks[_drawn(len(tracks))]
    before = psutil.Process().memory_info().rss / 1e6
    with stopwatch() as watch:
        answers = loaded.predict(frame)
    assert len(answers) == N_TRACKS
    return {"seconds": watch.seconds, "cpu": watch.cpu, "before_mb": before}


def predict_matrix(path: str, oracle: str) -> dict[str, Any]:
    """Let the model predict the same tracks' inputs, ready beforehand; whole and in chunks."""
    import trackoracle
    from trackoracle.features import prepare
    from trackoracle.schema import check_tracks
    from trackoracle.settings import Settings

    tracks = trackoracle.load_catalog(path).tracks.drop("popularity")
    bundle = trackoracle.load_oracle(oracle).bundle
    checked = check_tracks(tracks, bundle.contract)
    inputs = bundle.recipe.transform(prepare(checked.tracks, bundle.contract))
    matrix = inputs[_drawn(len(inputs))]
    n_threads = Settings.from_environment().n_jobs
    bundle.model.predict(matrix[:1000], n_threads)
    with stopwatch() as whole:
        bundle.model.predict(matrix, n_threads)
    with stopwatch() as chunks:
        for start in range(0, N_TRACKS, CHUNK):
            bundle.model.predict(matrix[start : start + CHUNK], n_threads)
    return {"whole": whole.seconds, "chunks": chunks.seconds, "cpu": min(whole.cpu, chunks.cpu)}


def predict_singly(path: str, oracle: str) -> dict[str, Any]:
    """Ask for one track after another, each as a mapping; and the model alone, inputs ready."""
    import numpy as np

    import trackoracle
    from trackoracle.features import prepare
    from trackoracle.schema import check_tracks

    tracks = trackoracle.load_catalog(path).tracks.drop("popularity").head(N_SINGLE)
    loaded = trackoracle.load_oracle(oracle)
    bundle = loaded.bundle
    checked = check_tracks(tracks, bundle.contract)
    inputs = bundle.recipe.transform(prepare(checked.tracks, bundle.contract))
    ours = _each(loaded.predict, tracks.to_dicts())
    bare = _each(bundle.model.predict, [inputs[i : i + 1] for i in range(len(inputs))])
    return {
        "ms": float(np.median(ours)),
        "slow_ms": float(np.quantile(ours, 0.9)),
        "bare_ms": float(np.median(bare)),
    }


def _each(answer: Callable[[Any], Any], asked: list[Any]) -> list[float]:
    """Return the milliseconds of each call, after a few that do not count."""
    for one in asked[:20]:
        answer(one)
    times = []
    for one in asked:
        with stopwatch() as watch:
            answer(one)
        times.append(1000 * watch.seconds)
    return times
