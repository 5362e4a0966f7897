"""Counterfactuals beside those of DiCE: which hold, how near they are, and how plausible.

Both are asked about the same tracks, by artists that the oracle has not seen, which it predicts
a little below a threshold: what lifts them to it? Both may move the same features within the
same ranges of the track's genre, and have one thread. DiCE is given the tracks of the genre to
learn from, and asks the same oracle by the quick path that TrackOracle's search has; some queries
also through `Oracle.predict`, as a user of DiCE would. Its environment is its own, made under
`~/.cache/trackoracle-benchmarks`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.dice_worker import OPEN, QUICK
from benchmarks.environments import environment
from benchmarks.judging import KEPT
from benchmarks.material import Material
from benchmarks.measuring import measure, stopwatch
from benchmarks.results import Claim, Line, Result, ratio, seconds
from trackoracle.schema import TRACK_COLUMNS

DICE = "dice-ml==0.12"
METHODS = ("random", "genetic")
N_QUERIES, N_OPEN, N_ANSWERS, SEED = 200, 40, 5, 0
"""Tracks, those of them that DiCE is also asked about through `Oracle.predict`, and answers."""
GOAL, BELOW = 50.0, 2.0
"""Points to reach, and how far below a track is predicted at most."""
MOST_SECONDS = 15
"""After which a query of DiCE is stopped and counts as unanswered."""
TIMES, MOST = 10.0, 1.0
"""How much quicker the median is to be, and how long any query may take."""
OURS = "TrackOracle"
HELD_OUT = 10
"""One artist of so many is not trained on."""
_ROOT = Path(__file__).resolve().parent.parent
_NUMBERS = ("duration_ms", "danceability", "energy", "loudness", "speechiness", "acousticness",
            "instrumentalness", "valence", "tempo")  # fmt: skip
_CODES = ("key", "mode", "time_signature")
_BESIDE = ("liveness",)
"""What nobody moves, but tells how near a real track is."""
_SMALL = 1e-3
"""Share of a range below which a difference is rounding, not an edit."""
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Query:
    """One track to lift.

    Parameters
    ----------
    row
        In the table of tracks.
    known
        Rows of other recordings of its genre.
    ranges
        By number, the lowest and highest value of the genre, or of the track.
    """

    row: int
    known: list[int]
    ranges: dict[str, list[float]]

    def to_dict(self) -> dict[str, Any]:
        """Return what the worker is told."""
        return {**asdict(self), "goal": GOAL, "numbers": list(_NUMBERS), "codes": list(_CODES)}


def run(material: Material, n_queries: int = N_QUERIES, kept: Path = KEPT) -> Result:
    """Ask both about the same tracks."""
    folder = Path(material.folder)
    oracle, tracks = folder / "changing.oracle", folder / "changing.parquet"
    paths = {"oracle": str(oracle), "tracks": str(tracks)}
    measure("benchmarks.changing:prepare", path=material.path, **paths)
    queries = _queries(oracle, tracks, n_queries)
    asked = {
        **paths,
        "queries": [query.to_dict() for query in queries],
        "methods": list(METHODS),
        "through": {QUICK: n_queries, OPEN: N_OPEN},
        "n": N_ANSWERS,
        "most_seconds": MOST_SECONDS,
    }
    (folder / "asked.json").write_text(json.dumps(asked))
    _ask(sys.executable, "benchmarks.changing", folder, "ours.json")
    _ask(str(_dice(kept)), "benchmarks.dice_worker", folder, "dice.json")
    answered = [
        *json.loads((folder / "ours.json").read_text()),
        *json.loads((folder / "dice.json").read_text()),
    ]
    judged = judge(oracle, tracks, queries, answered)
    return _result(material, judged, n_queries)


def prepare(path: str, oracle: str, tracks: str) -> dict[str, Any]:
    """Train on most artists; write the tracks of all."""
    import trackoracle

    catalog = trackoracle.load_catalog(path)
    unseen = catalog.keys.first_artist % HELD_OUT == 0
    config = trackoracle.TrainingConfig(
        candidates=("lightgbm_bins",), protocols=("catalog",), n_folds=2, n_bootstrap=20
    )
    trackoracle.train(catalog.take(np.flatnonzero(~unseen)), config=config).save(oracle)
    table = catalog.tracks.drop("popularity").with_columns(
        pl.Series("recording", catalog.keys.recording), pl.Series("unseen", unseen)
    )
    table.write_parquet(tracks)
    return {}


def answer(asked_path: str, answered_path: str) -> None:
    """Let TrackOracle answer every query, in a process of its own."""
    import trackoracle

    asked = json.loads(Path(asked_path).read_text())
    oracle = trackoracle.load_oracle(asked["oracle"])
    tracks = pl.read_parquet(asked["tracks"]).drop("recording", "unseen")
    oracle.counterfactuals(tracks[0], goal=GOAL)  # the first call imports what it needs
    answered = []
    for query in asked["queries"]:
        track = tracks[query["row"]]
        with stopwatch() as watch:
            found = oracle.counterfactuals(track, goal=query["goal"], n=asked["n"])
        own = {name: float(track[name][0]) for name in (*_NUMBERS, *_CODES)}
        rows = [
            own | {change.feature: float(change.after) for change in one.changes}
            for one in found.counterfactuals
            if one.reaches
        ]
        answered.append(
            {
                "row": query["row"],
                "method": OURS,
                "through": QUICK,
                "seconds": watch.seconds,
                "rows": rows,
                "error": "",
                "n_asked": found.n_asked,
            }
        )
    Path(answered_path).write_text(json.dumps(answered))


def _ask(python: str, module: str, folder: Path, answered: str) -> None:
    variables = {**os.environ, "PYTHONPATH": str(_ROOT / "src"), "OMP_NUM_THREADS": "1"}
    command = [python, "-m", module, str(folder / "asked.json"), str(folder / answered)]
    log = folder / f"{answered}.log"
    with log.open("w") as out:
        done = subprocess.run(
            command,
            cwd=_ROOT,
            env=variables | {"TRACKORACLE_JOBS": "1"},
            check=False,
            stdout=out,
            stderr=out,
        )
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{log.read_text()[-2000:]}")


def _dice(kept: Path) -> Path:
    """Return the Python of an environment with DiCE and what TrackOracle needs."""
    beside = ("pyarrow", str(_ROOT), "-c", str(_ROOT / "constraints.txt"))
    return environment("dice-0.12", DICE, *beside, kept=kept)


def _queries(oracle_path: Path, tracks_path: Path, n_queries: int) -> list[Query]:
    """Draw tracks of unseen artists that are predicted a little below the goal."""
    import trackoracle

    oracle = trackoracle.load_oracle(oracle_path)
    tracks = pl.read_parquet(tracks_path)
    predicted = oracle.predict(tracks.drop("recording", "unseen"))["popularity"].to_numpy()
    complete = ~tracks.select(
        pl.any_horizontal(pl.col(*_NUMBERS, *_CODES, *_BESIDE, "genres").is_null())
    ).to_series()
    near = (predicted < GOAL) & (predicted >= GOAL - BELOW)
    near &= (tracks["unseen"] & complete).to_numpy()
    rows = np.random.default_rng(SEED).permutation(np.flatnonzero(near))[:n_queries]
    by_genre: dict[str, list[int]] = {}
    for i, genres in enumerate(tracks["genres"]):
        if complete[i]:
            for genre in genres:
                by_genre.setdefault(genre, []).append(i)
    recording = tracks["recording"].to_numpy()
    background = oracle.bundle.background
    assert background is not None
    queries = []
    for row in map(int, rows):
        genre = tracks["genres"][row][0]
        known = np.array([i for i in by_genre[genre] if recording[i] != recording[row]])
        known = known[np.unique(recording[known], return_index=True)[1]]
        usual = background.of([genre])[0]
        ranges = {}
        for name in _NUMBERS:
            own, (low, high) = float(tracks[name][row]), usual.range_of(name)
            ranges[name] = [min(low, own), max(high, own)]
        queries.append(Query(row, known.tolist(), ranges))
    return queries


def judge(
    oracle_path: Path, tracks_path: Path, queries: Sequence[Query], answered: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Judge every answer by one measure for all."""
    import trackoracle

    oracle = trackoracle.load_oracle(oracle_path)
    tracks = pl.read_parquet(tracks_path).drop("recording", "unseen")
    by_row = {query.row: query for query in queries}
    judged = []
    for one in answered:
        query = by_row[one["row"]]
        measures = _measures(oracle, tracks, query, one["rows"]) if one["rows"] else []
        judged.append({**one, "answers": measures})
    return judged


def _measures(
    oracle: Any, tracks: pl.DataFrame, query: Query, rows: list[dict[str, float]]
) -> list[dict[str, float]]:
    """Predict the answers to one query again, and measure them."""
    names = (*_NUMBERS, *_CODES)
    own = tracks[query.row]
    table = np.array([[row[name] for name in names] for row in rows])
    start = own.select(pl.col(names).cast(pl.Float64)).to_numpy()[0]
    # What no track can have is no answer; the nearest that one can have is measured.
    possible = np.array([_possible(name, table[:, i]) for i, name in enumerate(names)]).T
    changed = pl.concat([own] * len(rows)).with_columns(
        pl.Series(name, values).cast(tracks.schema[name])
        for name, values in zip(names, possible.T, strict=True)
    )
    predicted = oracle.predict(changed)["popularity"].to_numpy()
    low, high = np.array([query.ranges[name] for name in _NUMBERS]).T
    n = len(_NUMBERS)
    apart = np.hstack([np.abs(table - start)[:, :n] / (high - low), table[:, n:] != start[n:]])
    slack = _SMALL * (high - low)
    inside = (possible == table).all(axis=1) & (
        (table[:, :n] >= low - slack) & (table[:, :n] <= high + slack)
    ).all(axis=1)
    near = _nearest(tracks, query, changed)
    return [
        {
            "valid": float(predicted[i] >= GOAL - 1e-9 and (possible[i] == table[i]).all()),
            "in_range": float(inside[i]),
            "edits": float((apart[i] > _SMALL).sum()),
            "distance": float(apart[i].sum()),
            "plausible": float(near[i]),
        }
        for i in range(len(rows))
    ]


def _possible(name: str, values: Values) -> Values:
    """Return the nearest values that a column may have."""
    return np.clip(values, TRACK_COLUMNS[name].low, TRACK_COLUMNS[name].high)


def _nearest(tracks: pl.DataFrame, query: Query, changed: pl.DataFrame) -> NDArray[np.bool_]:
    """Tell whose nearest real track of the genre is nearer than that of 95 % of the genre's."""
    from scipy.spatial import cKDTree

    names = [*_NUMBERS, *_BESIDE]
    real = tracks[query.known].select(pl.col(names).cast(pl.Float64)).to_numpy()
    spread = real.std(axis=0)
    tree = cKDTree(real / spread)
    between = tree.query(real / spread, k=2)[0][:, 1]
    own = changed.select(pl.col(names).cast(pl.Float64)).to_numpy()
    return np.asarray(tree.query(own / spread)[0] < np.quantile(between, 0.95))


def _result(material: Material, judged: list[dict[str, Any]], n_queries: int) -> Result:
    lines, figures = [], {}
    ways = [(OURS, QUICK), *((method, through) for through in (QUICK, OPEN) for method in METHODS)]
    for method, through in ways:
        own = [one for one in judged if (one["method"], one["through"]) == (method, through)]
        answers = [answer for one in own for answer in one["answers"]]
        good = [a for a in answers if a["valid"] and a["in_range"]]
        reached = [_best(one["answers"], "valid", "in_range") for one in own]
        plausibly = [_best(one["answers"], "valid", "in_range", "plausible") for one in own]
        times = np.array([one["seconds"] for one in own])

        def mean(name: str, of: list[dict[str, float]]) -> float:
            return float(np.mean([a[name] for a in of])) if of else float("nan")

        facts = {
            "n_queries": len(own),
            "reached": float(np.mean(reached)),
            "plausibly": float(np.mean(plausibly)),
            "n_answers": len(answers),
            "good": len(good) / max(len(answers), 1),
            "edits": mean("edits", good),
            "distance": mean("distance", good),
            "plausible": mean("plausible", good),
            "median_s": float(np.median(times)),
            "max_s": float(times.max()),
            "stopped": sum(one["error"].startswith("TooLong") for one in own),
            "asked": float(np.median([one["n_asked"] for one in own])),
        }
        name = method if method == OURS else f"{method}, {through}"
        figures[name] = facts
        lines.append(_line(name, facts))
    ours = figures[OURS]
    rivals = [figures[f"{method}, {QUICK}"] for method in METHODS]
    quicker = {
        through: min(figures[f"{method}, {through}"]["median_s"] for method in METHODS)
        / ours["median_s"]
        for through in (OPEN, QUICK)
    }
    claims = (
        Claim("every answer is valid and in range", ours["good"] == 1),
        Claim(
            "a higher share of answers than of either's is valid and in range",
            all(ours["good"] > rival["good"] for rival in rivals),
        ),
        Claim(
            "more tracks are lifted plausibly than by either",
            all(ours["plausibly"] > rival["plausibly"] for rival in rivals),
        ),
        Claim("fewer edits", all(ours["edits"] < rival["edits"] for rival in rivals)),
        Claim("smaller distance", all(ours["distance"] < rival["distance"] for rival in rivals)),
        Claim("more plausible", all(ours["plausible"] > rival["plausible"] for rival in rivals)),
        *(
            Claim(
                f"{TIMES:g} times quicker at the median than either through {through} "
                f"({ratio(times)})",
                times >= TIMES,
            )
            for through, times in quicker.items()
        ),
        Claim(f"no query over {MOST:g} s", ours["max_s"] <= MOST),
    )
    question = (
        f"what lifts {n_queries} tracks of unseen artists, predicted {GOAL - BELOW:g} to {GOAL:g}, "
        f"to {GOAL:g} points?"
    )
    return Result("changing", question, material.name, tuple(lines), claims, figures)


def _best(answers: list[dict[str, float]], *wanted: str) -> bool:
    """Tell whether one answer is all that is wanted."""
    return any(all(answer[name] for name in wanted) for answer in answers)


def _line(method: str, facts: dict[str, float]) -> Line:
    name = method if method == OURS else f"{DICE.replace('-ml==', ' ')}, {method}"
    return Line(
        name,
        {
            "tracks": f"{facts['n_queries']:,.0f}",
            "lifted": f"{facts['reached']:.1%}",
            "plausibly": f"{facts['plausibly']:.1%}",
            "answers": f"{facts['n_answers']:,.0f}",
            "valid, in range": f"{facts['good']:.1%}",
            "edits": f"{facts['edits']:.2f}",
            "distance": f"{facts['distance']:.2f}",
            "plausible": f"{facts['plausible']:.1%}",
            "median": seconds(facts["median_s"]),
            "slowest": seconds(facts["max_s"]),
            "stopped": f"{facts['stopped']:.0f}",
            "rows asked": f"{facts['asked']:,.0f}",
        },
    )


if __name__ == "__main__":
    answer(*sys.argv[1:])
