"""Paths and environment, read once into a frozen dataclass."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What the environment says.

    Parameters
    ----------
    data_folder
        The folder of real catalogs for tests and benchmarks (`TRACKORACLE_DATA`).
    n_jobs
        Workers for fold work: `TRACKORACLE_JOBS`, else the cores this process may use.
    """

    data_folder: Path | None
    n_jobs: int

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the environment as it is now."""
        data = os.environ.get("TRACKORACLE_DATA")
        jobs = os.environ.get("TRACKORACLE_JOBS", "")
        return cls(
            data_folder=Path(data) if data else None,
            n_jobs=max(1, int(jobs)) if jobs.isdecimal() else _usable_cores(),
        )


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
