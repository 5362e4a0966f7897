"""Rows that a network learns from quickly: numbers with gaps, genres, and whose rows they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from trackoracle.models import CANDIDATES, FitRequest
from trackoracle.schema import Popularity

NAMES = ("energy", "tempo", "mode", "genres=pop", "genres=rock", "genres=jazz", "n_genres")
SMALL = {
    "layers": "16-8", "n_epochs": 4, "learning_rate": 0.01, "n_pieces": 4, "width": 2,
    "device": "cpu",
}  # fmt: skip
POINTS = Popularity()


def request(n: int = 400, task: str = "regression", seed: int = 0, **params: Any) -> FitRequest:
    """Return n rows of n / 4 artists; no row is of the genre jazz."""
    random = np.random.default_rng(7)
    matrix = np.zeros((n, len(NAMES)), np.float32)
    matrix[:, :2] = random.normal(size=(n, 2))
    matrix[:, 2] = random.integers(0, 2, n)
    genre = random.integers(0, 2, n)
    matrix[np.arange(n), 3 + genre] = 1
    matrix[:, 6] = 1
    points = np.clip(np.round(40 + 15 * np.abs(matrix[:, 0]) + 20 * genre), 0, 100)
    matrix[random.random(n) < 0.2, 0] = np.nan
    matrix[random.random(n) < 0.1, 3:] = np.nan
    n_classes = {"regression": 0, "binary": 2, "multiclass": 3}[task]
    target = {
        "regression": points,
        "binary": points > 60,
        "multiclass": np.searchsorted([50, 65], points),
    }[task]
    return FitRequest(
        matrix=matrix,
        names=NAMES,
        target=np.asarray(target, np.float64),
        weight=random.choice([1.0, 0.5], n),
        task=task,
        params={**CANDIDATES["network"].params["fast"], **SMALL, **params},
        seed=seed,
        n_classes=n_classes,
        bins=POINTS.bins,
        borders=POINTS.borders,
        groups=np.arange(n) // 4,
    )


def fitted(asked: FitRequest) -> Any:
    """Fit the network."""
    return CANDIDATES["network"].fit(asked)
