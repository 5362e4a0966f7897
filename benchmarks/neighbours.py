"""Similar tracks among a million: the index against brute force and graphs of neighbours.

Generated tracks: the sample's, drawn again and moved a little. Rivals run in an environment of
their own (`neighbours_worker.py`) on the very coordinates that TrackOracle compares by, and get
bare points; TrackOracle's times are of whole questions, from a row of a catalog to rows and gaps,
with recordings told apart.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.environments import environment
from benchmarks.material import Material
from benchmarks.measuring import measure, stopwatch
from benchmarks.results import Claim, Line, Result, megabytes, ratio, seconds

N_TRACKS, N_ASKED, N_ASKED_SLOWLY, K = 1_000_000, 300, 40, 10
LEAST_RECALL, MOST_MS = 0.99, 2.0
RIVALS = ("sklearn", "faiss", "usearch")
_WANTED = ("faiss-cpu>=1.8", "scikit-learn>=1.7", "usearch==2.26.6", "numpy>=2.1", "psutil>=7")
_WORKER = Path(__file__).with_name("neighbours_worker.py")


def run(material: Material) -> Result:
    """Build, keep, open and ask; then let the rivals answer the same questions."""
    made = measure("benchmarks.neighbours:generate", folder=material.folder).answer
    ours = measure("benchmarks.neighbours:build_and_ask", folder=material.folder)
    own = ours.answer
    python = environment("neighbours", *_WANTED)
    rivals = {name: _rival(python, name, Path(material.folder)) for name in RIVALS}
    exact = rivals["faiss"]["rows"]
    for told in (own, *rivals.values()):
        told["recall"] = _recall(told.pop("rows"), exact)
    lines = [
        Line("TrackOracle: index of a catalog at hand", {
            "build": seconds(own["build_s"]), "of all cores": seconds(own["build_cpu_s"]),
            "memory": megabytes(own["mb"]), "recall@10": f"{own['recall']:.4f}",
            "p50": f"{own['p50_ms']:.2f} ms", "p95": f"{own['p95_ms']:.2f} ms",
        }),
        Line("of this, the boxes alone", {
            "build": seconds(own["boxes_s"]), "of all cores": seconds(own["boxes_cpu_s"]),
        }),
        Line("the same, genre and era weighed", {
            "recall@10": "exact", "p50": f"{own['weighed_ms']:.2f} ms",
        }),
        Line("the same, within its genre", {
            "recall@10": "exact", "p50": f"{own['within_ms']:.2f} ms",
        }),
        Line(f"kept as a file of {own['file_mb']:,.0f} MB: opened", {
            "build": seconds(own["open_s"])
        }),
        *(
            Line(told["title"], {
                "build": seconds(told["build_s"]), "of all cores": seconds(told["build_cpu_s"]),
                "memory": megabytes(told["mb"]), "recall@10": f"{told['recall']:.4f}",
                "p50": f"{told['p50_ms']:.2f} ms", "p95": f"{told['p95_ms']:.2f} ms",
            })
            for told in rivals.values()
        ),
        *(
            Line(f"ratio to {name}", {"p50": ratio(own["p50_ms"] / told["p50_ms"])})
            for name, told in rivals.items()
        ),
    ]  # fmt: skip
    claims = (
        Claim(f"recall@10 at least {LEAST_RECALL:g}", own["recall"] >= LEAST_RECALL),
        Claim(f"half of the questions in less than {MOST_MS:g} ms", own["p50_ms"] < MOST_MS),
        Claim("quicker than brute force", own["p50_ms"] < rivals["sklearn"]["p50_ms"]),
    )
    question = "what does an index of a million tracks cost, and how quick and exact is it?"
    name = f"{made['n']:,} generated tracks, {made['c']} coordinates"
    figures = {"trackoracle": own, **rivals}
    return Result("neighbours", question, name, tuple(lines), claims, figures)


def _rival(python: Path, name: str, folder: Path) -> dict[str, Any]:
    out = folder / f"{name}.json"
    n = N_ASKED_SLOWLY if name == "sklearn" else N_ASKED
    subprocess.run([python, _WORKER, name, folder, str(n), str(K), out], check=True)
    told: dict[str, Any] = json.loads(out.read_text())
    return told


def _recall(rows: list[list[int]], exact: list[list[int]]) -> float:
    pairs = list(zip(rows, exact, strict=False))
    return sum(len(set(one) & set(other)) for one, other in pairs) / (K * len(pairs))


def _catalog(n: int) -> Any:
    """Return generated tracks as a catalog; no two are one recording."""
    import numpy as np
    import polars as pl

    import trackoracle
    from trackoracle.catalogs import find_keys
    from trackoracle.catalogs.sample import generate_sample
    from trackoracle.neighbours import FEATURES
    from trackoracle.schema import TRACK_COLUMNS, Card, Catalog

    random = np.random.default_rng(0)
    few = trackoracle.load_catalog(generate_sample(50_000).to_dicts(), on_invalid="null").tracks
    few = few.drop_nulls(FEATURES)  # which the rivals cannot take
    tracks = few[random.integers(0, len(few), n)]
    moved = []
    for name in FEATURES:
        column = TRACK_COLUMNS[name]
        spread = float(few[name].std() or 0) / 10
        noise = pl.lit(pl.Series(random.normal(0, spread, n)))
        low = column.low if name != "duration_ms" else 10_000
        moved.append((pl.col(name) + noise).clip(low, column.high).alias(name))
    number = pl.int_range(pl.len()).cast(pl.String)
    tracks = tracks.with_columns(
        *moved,
        track_id="g" + number,
        track_name="title " + number,
        year=pl.lit(pl.Series(random.integers(1960, 2024, n))),
    )
    card = Card("generated", "", "generic", "", "", None, "", True, n, n, n, 0, 0)
    return Catalog(tracks, find_keys(tracks), card)


def generate(folder: str) -> dict[str, Any]:
    """Write the tracks, their coordinates, and whom to ask about."""
    import numpy as np

    from trackoracle.neighbours.coordinates import Scale

    catalog = _catalog(N_TRACKS)
    catalog.tracks.write_parquet(Path(folder, "tracks.parquet"))
    points = Scale.of(catalog.tracks).points(catalog.tracks)
    np.save(Path(folder, "points.npy"), points)
    asked = np.random.default_rng(1).integers(0, len(points), N_ASKED)
    np.save(Path(folder, "asked.npy"), asked)
    return {"n": len(points), "c": points.shape[1]}


def build_and_ask(folder: str) -> dict[str, Any]:
    """Build the index, keep it, open it, and ask one question after the other."""
    import numpy as np
    import polars as pl
    import psutil

    from trackoracle.catalogs import find_keys
    from trackoracle.neighbours import Neighbours, Wish, load_index, save_index
    from trackoracle.neighbours.boxes import Boxes
    from trackoracle.schema import Card, Catalog

    tracks = pl.read_parquet(Path(folder, "tracks.parquet"))
    n = len(tracks)
    card = Card("generated", "", "generic", "", "", None, "", True, n, n, n, 0, 0)
    catalog = Catalog(tracks, find_keys(tracks), card)
    process = psutil.Process()
    before = process.memory_info().rss
    with stopwatch() as built:
        index = Neighbours.of(catalog)
    grown = (process.memory_info().rss - before) / 1e6
    points = np.load(Path(folder, "points.npy"))
    with stopwatch() as boxes:
        Boxes.of(points, np.arange(n, dtype=np.int32))
    path = Path(folder, "tracks.index")
    save_index(path, index, "x")
    with stopwatch() as opened:
        load_index(path, "x")
    asked = np.load(Path(folder, "asked.npy")).tolist()

    def ask(wish: Wish) -> tuple[list[float], list[list[int]]]:
        times, rows = [], []
        for row in asked:
            track = tracks[row : row + 1]
            with stopwatch() as watch:
                found = index.near(track, wish, row=row)
            times.append(1000 * watch.seconds)
            rows.append(found.rows.tolist())
        return times, rows

    ask(Wish(k=K))
    times, rows = ask(Wish(k=K))
    weighed, _ = ask(Wish(k=K, genre_weight=0.5, era_weight=0.5))
    within, _ = ask(Wish(k=K, within_genre=True))
    return {
        "build_s": built.seconds, "build_cpu_s": built.cpu, "mb": grown,
        "boxes_s": boxes.seconds, "boxes_cpu_s": boxes.cpu,
        "open_s": opened.seconds, "file_mb": path.stat().st_size / 1e6,
        "p50_ms": float(np.median(times)), "p95_ms": float(np.quantile(times, 0.95)),
        "weighed_ms": float(np.median(weighed)), "within_ms": float(np.median(within)),
        "rows": rows,
    }  # fmt: skip
