"""Networks on a million rows: how many a second, and what memory beside the matrix.

Generated rows in the format of [N]: 14 numbers and 82 genres, four classes. Rivals learn with
the same layers, batches and optimiser: scikit-learn's `MLPClassifier`, and the loop that torch's
own tutorials show (`DataLoader` over a `TensorDataset`), which is slow enough to be given fewer
rows. All on one thread, as fits run in TrackOracle; on a GPU too where torch finds one.
"""

from __future__ import annotations

import os
from itertools import pairwise
from typing import Any

from benchmarks.material import Material
from benchmarks.measuring import measure, stopwatch
from benchmarks.results import Claim, Line, Result, megabytes, ratio

N_ROWS, N_SLOW, N_NUMBERS, N_GENRES, N_CLASSES = 1_000_000, 60_000, 14, 82, 4
PUBLISHED, BATCH = "80-80-80", 32
MOST_MB = 250.0
_OURS = {
    "published": (f"[N]'s {PUBLISHED}, batches of {BATCH}", {"design": PUBLISHED}),
    "large": (
        f"the same layers, batches of {32 * BATCH:,}",
        {"layers": PUBLISHED, "n_pieces": 0, "dropout": 0.0, "batch_size": 32 * BATCH},
    ),
    "own": ("network of the fast profile", {}),
}


def run(material: Material) -> Result:
    """Let each learn for one pass; then answer."""
    import torch

    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    figures: dict[str, Any] = {}
    lines = []
    for name, (title, _) in _OURS.items():
        for device in devices:
            told = measure("benchmarks.network:ours", name=name, device=device)
            own = told.answer
            own["beside_mb"] = told.peak_mb - own["before_mb"]
            figures[f"{name}, {device}"] = own
            lines.append(
                Line(f"{title} ({device})", {
                    "rows a second": f"{own['per_second']:,.0f}",
                    "of one core": f"{own['per_cpu_second']:,.0f}",
                    "memory beside": megabytes(own["beside_mb"]),
                    "answers a second": f"{own['answered_per_second']:,.0f}",
                })
            )  # fmt: skip
    for rival in ("scikit", "loader"):
        told = measure(f"benchmarks.network:{rival}")
        own = told.answer
        own["beside_mb"] = told.peak_mb - own["before_mb"]
        figures[rival] = own
        lines.append(
            Line(own["title"], {
                "rows a second": f"{own['per_second']:,.0f}",
                "of one core": f"{own['per_cpu_second']:,.0f}",
                "memory beside": megabytes(own["beside_mb"]),
            })
        )  # fmt: skip
    ours = figures["published, cpu"]
    for rival in ("scikit", "loader"):
        share = ours["per_cpu_second"] / figures[rival]["per_cpu_second"]
        lines.append(Line(f"ratio to {figures[rival]['title']}", {"of one core": ratio(share)}))
    claims = (
        Claim(
            f"beside the matrix, less than {MOST_MB:,.0f} MB",
            all(f["beside_mb"] < MOST_MB for name, f in figures.items() if name.endswith("cpu")),
        ),
        Claim(
            "more rows a second than torch's own loop",
            ours["per_cpu_second"] > figures["loader"]["per_cpu_second"],
        ),
    )
    matrix_mb = N_ROWS * (N_NUMBERS + N_GENRES) * 4 / 1e6
    data = (
        f"{N_ROWS:,} generated rows of {N_NUMBERS + N_GENRES} inputs ({matrix_mb:,.0f} MB), "
        f"one pass; {', '.join(devices)}"
    )
    question = "how many rows does a network learn from in a second?"
    return Result("network", question, data, tuple(lines), claims, figures)


def _rows(n: int) -> tuple[Any, Any]:
    """Return inputs (n, 96) and classes that depend on them."""
    import numpy as np

    random = np.random.default_rng(0)
    matrix = np.zeros((n, N_NUMBERS + N_GENRES), np.float32)
    genre = random.integers(0, N_GENRES, n)
    for start in range(0, n, 100_000):
        part = matrix[start : start + 100_000]
        part[:, :N_NUMBERS] = random.normal(size=(len(part), N_NUMBERS))
    matrix[np.arange(n), N_NUMBERS + genre] = 1
    told = matrix[:, 0] + np.abs(matrix[:, 1]) + genre / N_GENRES + random.normal(0, 0.5, n)
    return matrix, np.searchsorted([0.5, 1.5, 2.5], told).astype(np.float64)


def _begun() -> float:
    """Return the memory now, MB, with one thread from here on."""
    import psutil
    import threadpoolctl
    import torch

    torch.get_num_threads()
    threadpoolctl.threadpool_limits(1)
    return float(psutil.Process(os.getpid()).memory_info().rss / 1e6)


def _speed(watch: Any, n: int) -> dict[str, float]:
    return {"per_second": n / watch.seconds, "per_cpu_second": n / watch.cpu}


def ours(name: str, device: str) -> dict[str, Any]:
    """Learn for one pass, and answer for a tenth of the rows."""
    import numpy as np

    from trackoracle.models import CANDIDATES, FitRequest
    from trackoracle.models.networks import DESIGNS

    matrix, target = _rows(N_ROWS)
    params = {**CANDIDATES["network"].params["fast"], **_OURS[name][1]}
    params |= {**DESIGNS.get(params.pop("design"), {}), "n_epochs": 1, "patience": 0}
    request = FitRequest(
        matrix=matrix,
        names=(
            *(f"x{i}" for i in range(N_NUMBERS)),
            *(f"genres={i}" for i in range(N_GENRES)),
        ),
        target=target,
        weight=np.ones(len(target)),
        task="multiclass",
        params={**params, "device": device},
        seed=0,
        n_classes=N_CLASSES,
    )
    before = _begun()
    with stopwatch() as watch:
        model = CANDIDATES["network"].fit(request)
    with stopwatch() as answering:
        model.predict(matrix[: N_ROWS // 10])
    return {
        "before_mb": before,
        "answered_per_second": N_ROWS / 10 / answering.seconds,
        "loss": model.curve.learned[-1],
        **_speed(watch, N_ROWS),
    }


def scikit() -> dict[str, Any]:
    """Learn for one pass by scikit-learn."""
    import warnings

    from sklearn.neural_network import MLPClassifier

    matrix, target = _rows(N_ROWS)
    before = _begun()
    layers = tuple(map(int, PUBLISHED.split("-")))
    network = MLPClassifier(layers, batch_size=BATCH, max_iter=1, random_state=0, alpha=0.0)
    with warnings.catch_warnings(), stopwatch() as watch:
        warnings.simplefilter("ignore")  # one pass does not converge
        network.fit(matrix, target)
    return {
        "before_mb": before, "title": "MLPClassifier, the same layers and batches",
        "loss": network.loss_, **_speed(watch, N_ROWS),
    }  # fmt: skip


def loader() -> dict[str, Any]:
    """Learn from some rows by the loop of torch's tutorials."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    matrix, target = _rows(N_SLOW)
    before = _begun()
    torch.manual_seed(0)
    sizes = (matrix.shape[1], *map(int, PUBLISHED.split("-")))
    layers = [
        layer
        for n_in, n_out in pairwise(sizes)
        for layer in (torch.nn.Linear(n_in, n_out), torch.nn.ReLU())
    ]
    network = torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-1], N_CLASSES))
    rows = TensorDataset(torch.from_numpy(matrix), torch.from_numpy(target).long())
    optimiser, loss_of = torch.optim.Adam(network.parameters()), torch.nn.CrossEntropyLoss()
    with stopwatch() as watch:
        for inputs, classes in DataLoader(rows, batch_size=BATCH, shuffle=True):
            optimiser.zero_grad()
            loss = loss_of(network(inputs), classes)
            loss.backward()
            optimiser.step()
    return {
        "before_mb": before, "title": f"torch's DataLoader loop ({N_SLOW:,} rows)",
        "loss": loss.item(), **_speed(watch, N_SLOW),
    }  # fmt: skip
