"""Explaining one track, ten thousand and a hundred thousand, against `shap.TreeExplainer`.

`shap` is no dependency of TrackOracle: the benchmark needs it beside it, as its README says.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.material import Material
from benchmarks.measuring import measure, measure_in_turns, stopwatch
from benchmarks.results import Claim, Line, Result, megabytes, ratio, seconds

N_SINGLE, N_MANY, N_MOST = 300, 10_000, 100_000
N_TIMES = 1
MOST_MS, MOST_RATIO, MOST_OFF, MOST_MB = 10.0, 1.05, 1e-6, 1_000
FEWER = (1, 1 / 2, 1 / 4)
"""Shares of the rounds of boosting, to tell what fewer trees would gain."""


def run(material: Material) -> Result:
    """Compare the contributions of a model's inputs, and the whole of an explanation."""
    if find_spec("shap") is None:
        raise SystemExit(
            "explaining: expected shap beside TrackOracle, got none. Install it into an "
            "environment of its own: see benchmarks/README.md."
        )
    oracle = str(Path(material.folder, "explained.oracle"))
    measure("benchmarks.prediction:train_oracle", path=material.path, oracle=oracle)
    arguments = {"path": material.path, "oracle": oracle}
    done = measure_in_turns(
        N_TIMES,
        whole=("benchmarks.explaining:explain_many", arguments),
        bare=("benchmarks.explaining:contribute", arguments),
        shap=("benchmarks.explaining:contribute_by_shap", arguments),
    )
    most = measure("benchmarks.explaining:explain_most", **arguments)
    one = measure("benchmarks.explaining:explain_singly", **arguments).answer
    other = measure("benchmarks.explaining:other_boosters", path=material.path).answer
    whole, bare, shap = done["whole"], done["bare"], done["shap"]
    lines = (
        Line("one track: mapping in, explanation out (median)", _told(one["explain_ms"] / 1000)),
        Line("one track: predict alone", _told(one["predict_ms"] / 1000)),
        Line("one track: contributions of the inputs alone", _told(one["bare_ms"] / 1000)),
        Line("one track: shap.TreeExplainer, inputs ready", _told(one["shap_ms"] / 1000)),
        Line(
            f"{N_MANY:,} tracks: frame in, contributions by feature out",
            _told(whole["seconds"], whole["cpu"], whole.peak_mb),
        ),
        Line(
            f"{N_MANY:,} tracks: contributions in points, inputs ready",
            _told(bare["seconds"], bare["cpu"], bare.peak_mb),
        ),
        Line(
            f"{N_MANY:,} tracks: shap.TreeExplainer, inputs ready",
            _told(shap["seconds"], shap["cpu"], shap.peak_mb),
        ),
        Line("ratio, whole", {"time": ratio(whole["seconds"] / shap["seconds"])}),
        Line("ratio, contributions", {"time": ratio(bare["seconds"] / shap["seconds"])}),
        Line(
            f"{N_MOST:,} tracks, written as they come",
            _told(most.answer["seconds"], most.answer["cpu"], most.peak_mb),
        ),
        *(
            Line(f"one track's contributions: {name}", _told(ms / 1000))
            for name, ms in other.items()
        ),
    )
    claims = (
        Claim(f"one track in less than {MOST_MS:g} ms", one["explain_ms"] < MOST_MS),
        Claim(
            f"{N_MANY:,} tracks: the whole at most {MOST_RATIO:g} of shap",
            whole["seconds"] <= MOST_RATIO * shap["seconds"],
        ),
        Claim(f"contributions to margins equal to {MOST_OFF:g}", one["most_off"] < MOST_OFF),
        Claim(f"{N_MOST:,} tracks in less than {MOST_MB:,} MB", most.peak_mb < MOST_MB),
    )
    figures = {**one, **other, "peak_mb": most.peak_mb, "most_s": most.answer["seconds"]}
    figures |= {"whole_s": whole["seconds"], "bare_s": bare["seconds"], "shap_s": shap["seconds"]}
    question = "what does an explanation cost, and is it no slower than shap?"
    return Result("explaining", question, material.name, lines, claims, figures)


def _told(wall: float, cpu: float | None = None, peak_mb: float | None = None) -> dict[str, str]:
    cells = {"time": seconds(wall)}
    if cpu is not None:
        cells["of all cores"] = seconds(cpu)
    if peak_mb is not None:
        cells["peak memory"] = megabytes(peak_mb)
    return cells


def _loaded(path: str, oracle: str, n_tracks: int) -> tuple[Any, Any, Any]:
    """Return an oracle, drawn tracks, and their model inputs."""
    import numpy as np

    import trackoracle
    from trackoracle.features import prepare
    from trackoracle.schema import check_tracks

    tracks = trackoracle.load_catalog(path).tracks.drop("popularity")
    tracks = tracks[np.random.default_rng(0).integers(0, len(tracks), n_tracks)]
    loaded = trackoracle.load_oracle(oracle)
    few = check_tracks(tracks.head(N_MANY), loaded.contract).tracks
    matrix = loaded.bundle.recipe.transform(prepare(few, loaded.contract))
    loaded.explain_all(tracks.head(64))
    return loaded, tracks, matrix


def explain_many(path: str, oracle: str) -> dict[str, Any]:
    """Explain many tracks of a frame."""
    loaded, tracks, _ = _loaded(path, oracle, N_MANY)
    with stopwatch() as watch:
        rows = loaded.explain_all(tracks)
    assert len(rows) == N_MANY
    return {"seconds": watch.seconds, "cpu": watch.cpu}


def contribute(path: str, oracle: str) -> dict[str, Any]:
    """Let inputs contribute points to ready rows."""
    from trackoracle.explanations import Readout, attribute
    from trackoracle.schema import middles
    from trackoracle.settings import Settings

    loaded, _, matrix = _loaded(path, oracle, N_MANY)
    parts, readout = loaded.bundle.model.additive(), Readout(middles(loaded.target))
    with stopwatch() as watch:
        for start in range(0, len(matrix), 1024):
            rows = matrix[start : start + 1024]
            attribute(parts, readout, rows, Settings.from_environment().n_jobs)
    return {"seconds": watch.seconds, "cpu": watch.cpu}


def contribute_by_shap(path: str, oracle: str) -> dict[str, Any]:
    """Let shap tell contributions to the margins of the same ready rows, all cores."""
    loaded, _, matrix = _loaded(path, oracle, N_MANY)
    explainer = _shap_of(loaded)
    explainer.shap_values(matrix[:64])
    with stopwatch() as watch:
        for start in range(0, len(matrix), 1024):
            explainer.shap_values(matrix[start : start + 1024])
    return {"seconds": watch.seconds, "cpu": watch.cpu}


def _shap_of(loaded: Any) -> Any:
    import lightgbm
    import shap

    return shap.TreeExplainer(
        lightgbm.Booster(model_str=loaded.bundle.model.classifier.booster.text)
    )


def explain_most(path: str, oracle: str) -> dict[str, Any]:
    """Explain a hundred thousand tracks one after the other, as the command line writes them."""
    import json

    loaded, tracks, _ = _loaded(path, oracle, N_MOST)
    n_characters = 0
    with stopwatch() as watch:
        for told in loaded.explain_each(tracks):
            n_characters += len(json.dumps(told.to_dict()["attributions"]))
    assert n_characters > N_MOST
    return {"seconds": watch.seconds, "cpu": watch.cpu}


def explain_singly(path: str, oracle: str) -> dict[str, Any]:
    """Ask for one track after another; then shap and the bare contributions, inputs ready."""
    import numpy as np

    loaded, tracks, matrix = _loaded(path, oracle, N_SINGLE)
    (part,) = loaded.bundle.model.additive()
    explainer = _shap_of(loaded)
    random = np.random.default_rng(0)
    times: dict[str, list[float]] = {name: [] for name in ("explain", "predict", "bare", "shap")}

    def timed(name: str, work: Any, *asked: Any) -> Any:
        with stopwatch() as watch:
            told = work(*asked)
        times[name].append(1000 * watch.seconds)
        return told

    # Apart from shap, whose threads go on spinning for a while.
    for track in tracks.to_dicts():
        timed("explain", loaded.explain, track)
        timed("predict", loaded.predict, track)
    most_off = 0.0
    for row in np.split(matrix, len(matrix)):
        slopes = random.normal(size=(1, len(part.base)))
        own = timed("bare", part.contributions, row, slopes, 1)
        by_shap = np.asarray(timed("shap", explainer.shap_values, row))[0] @ slopes[0]
        most_off = max(most_off, float(np.abs(by_shap - own[0]).max()))
    medians = {f"{name}_ms": float(np.median(taken[20:])) for name, taken in times.items()}
    return {**medians, "most_off": most_off}


def other_boosters(path: str) -> dict[str, Any]:
    """Tell what contributions would cost of fewer trees, and of one tree a round: milliseconds."""
    import numpy as np

    import trackoracle
    from trackoracle.models import CANDIDATES

    told = {}
    catalog = trackoracle.load_catalog(path)
    rounds = int(CANDIDATES["lightgbm_bins"].params["fast"]["n_trees"])
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        f"lightgbm_bins, {rounds * share:.0f} rounds": (
            "lightgbm_bins",
            {"lightgbm_bins": {"n_trees": int(rounds * share)}},
        )
        for share in FEWER
    }
    asked |= {name: (name, {}) for name in ("lightgbm", "xgboost")}
    for name, (candidate, params) in asked.items():
        config = trackoracle.TrainingConfig(
            candidates=(candidate,), protocols=("catalog",), n_folds=2, n_bootstrap=20,
            params=params,
        )  # fmt: skip
        oracle = trackoracle.train(catalog, config=config)
        (part,) = oracle.bundle.model.additive()
        row = np.full((1, len(oracle.bundle.recipe.names)), 0.5, np.float32)
        slopes = np.ones((1, len(part.base)))
        times = []
        for _ in range(100):
            with stopwatch() as watch:
                part.contributions(row, slopes, 1)
            times.append(1000 * watch.seconds)
        score = oracle.report.of(candidate).scores["catalog"]["r2"].value
        told[f"{name} (R2 {score:.3f}, catalog)"] = float(np.median(times[10:]))
    return told
