"""The rivals' side of the benchmark of neighbours; runs in an environment of its own.

    ENVIRONMENT/bin/python neighbours_worker.py NAME FOLDER N_ASKED K OUT.json

Each question is one point, asked for one more than wanted since the point finds itself.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil

Points = np.ndarray[Any, np.dtype[np.float32]]
Ask = Callable[[Points, int], Any]


def sklearn(points: Points) -> Ask:
    """Compare with all by scikit-learn."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(algorithm="brute").fit(points)
    return lambda point, k: search.kneighbors(point, k, return_distance=False)[0]


def faiss(points: Points) -> Ask:
    """Compare with all by faiss."""
    import faiss as library

    index = library.IndexFlatL2(points.shape[1])
    index.add(points)
    return lambda point, k: index.search(point, k)[1][0]


def usearch(points: Points) -> Ask:
    """Walk a graph of neighbours (HNSW)."""
    from usearch.index import Index

    index = Index(
        ndim=points.shape[1], metric="l2sq", dtype="f32", connectivity=8, expansion_add=48,
        expansion_search=64,
    )  # fmt: skip
    index.add(np.arange(len(points)), points)
    return lambda point, k: index.search(point[0], k).keys


RIVALS: dict[str, tuple[str, Callable[[Points], Ask]]] = {
    "sklearn": ("scikit-learn, brute force", sklearn),
    "faiss": ("faiss, flat", faiss),
    "usearch": ("usearch, HNSW of 8 neighbours (48 in building, 64 in searching)", usearch),
}


def main(name: str, folder: str, n_asked: str, k: str, out: str) -> None:
    """Build, ask, and write down what it took."""
    points = np.load(Path(folder, "points.npy"))
    asked = np.load(Path(folder, "asked.npy"))[: int(n_asked)].tolist()
    title, build = RIVALS[name]
    process = psutil.Process(os.getpid())
    before = process.memory_info().rss
    start, cpu = time.perf_counter(), time.process_time()
    ask = build(points)
    taken, cpu = time.perf_counter() - start, time.process_time() - cpu
    grown = (process.memory_info().rss - before) / 1e6
    times, rows = [], []
    for row in [asked[0], *asked]:
        start = time.perf_counter()
        found = ask(points[row : row + 1], int(k) + 1)
        times.append(1000 * (time.perf_counter() - start))
        rows.append([int(i) for i in found if int(i) != row][: int(k)])
    told = {
        "title": title, "build_s": taken, "build_cpu_s": cpu, "mb": grown,
        "p50_ms": float(np.median(times[1:])), "p95_ms": float(np.quantile(times[1:], 0.95)),
        "rows": rows[1:],
    }  # fmt: skip
    Path(out).write_text(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
