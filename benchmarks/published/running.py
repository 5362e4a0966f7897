"""Run steps, keep each outcome as soon as it is there, go on where an earlier run stopped."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import threadpoolctl
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.published.plan import REPLAYS
from benchmarks.published.sources import FILES, checksum
from benchmarks.published.step import N_BOOTSTRAP, Outcome, Step, judge
from trackoracle.atomic import replacing

_ONE_THREAD = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "TRACKORACLE_JOBS",
)  # fmt: skip
_LONGEST_STEP_S = 3600.0
_WAIT_S = 0.5


@dataclass(frozen=True)
class Replayed:
    """A step with its outcome, and the rows of the file that it read."""

    step: Step
    outcome: Outcome
    n_rows: int


@dataclass(frozen=True)
class Cache:
    """Outcomes on disk, one file each.

    Parameters
    ----------
    folder
        Where they are kept.
    checksums
        System to the checksum of its file.
    n_rows
        System to the rows of its file.
    """

    folder: Path
    checksums: dict[str, str]
    n_rows: dict[str, int]

    @classmethod
    def beside(cls, to: Path, data: Path, systems: Sequence[str]) -> Cache:
        """Open the cache of an output folder, for the files as they are now."""
        folder = to / ".published-cache"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
        paths = {system: data / FILES[system] for system in systems}
        return cls(
            folder,
            {system: checksum(path) for system, path in paths.items()},
            {system: _n_rows(path) for system, path in paths.items()},
        )

    def path(self, step: Step) -> Path:
        """Return where the outcome of a step stands."""
        return self.folder / f"{step.key(self.checksums[step.system])}.json"

    def get(self, step: Step) -> Outcome | None:
        """Return a finished outcome."""
        path = self.path(step)
        return Outcome(**json.loads(path.read_text())) if path.exists() else None

    def put(self, step: Step, outcome: Outcome) -> None:
        """Keep a finished outcome, whole or not at all."""
        with replacing(self.path(step)) as temporary:
            temporary.write_text(json.dumps(outcome.to_dict()))


def carry_out(step: Step, data: Path) -> Outcome:
    """Replay one step with one thread and score it."""
    start, cpu = time.perf_counter(), time.process_time()
    with threadpoolctl.threadpool_limits(1):
        answers = REPLAYS[step.system](data / FILES[step.system], dict(step.settings))
        scores = judge(answers, N_BOOTSTRAP)
    return Outcome(
        scores=scores,
        n_train=answers.n_train,
        n_test=len(answers.target),
        n_clusters=len(np.unique(answers.cluster)),
        unit=answers.unit,
        share=float(answers.target.mean()) if answers.task == "binary" else None,
        cpu_s=round(time.process_time() - cpu, 2),
        wall_s=round(time.perf_counter() - start, 2),
    )


def replay(
    steps: Sequence[Step],
    data: Path,
    cache: Cache,
    *,
    fresh: bool = False,
    n_jobs: int = 1,
    console: Console | None = None,
) -> tuple[Replayed, ...]:
    """Return every step with its outcome, computing what the cache lacks.

    Parameters
    ----------
    steps
        In the order of the tables; equal settings are computed once.
    data
        A folder laid out as `TRACKORACLE_DATA`.
    cache
        Finished outcomes are read from it and written to it at once.
    fresh
        Compute again what is there.
    n_jobs
        Steps at a time, each a process with one thread; 1 stays in this process.
    console
        Where progress is shown; None shows none.
    """
    distinct = {cache.path(step): step for step in steps}
    missing = [step for step in distinct.values() if fresh or cache.get(step) is None]
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[done]}"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
        console=console, disable=console is None, speed_estimate_period=_LONGEST_STEP_S,
    )  # fmt: skip
    # The longest first, so that no core waits for a last long step.
    missing.sort(key=lambda step: -step.cost)
    with progress, closing(_outcomes(missing, data, n_jobs)) as outcomes:
        total = sum(step.cost for step in missing)
        task = progress.add_task("replaying", total=total, done=f"0 of {len(missing)}")
        for n_done, (step, outcome) in enumerate(outcomes, 1):
            cache.put(step, outcome)
            done = f"{n_done} of {len(missing)}"
            progress.update(task, advance=step.cost, done=done, description=step.name[:40])
    return tuple(Replayed(s, _kept(cache, s), cache.n_rows[s.system]) for s in steps)


def _n_rows(path: Path) -> int:
    return int(pl.scan_csv(path).select(pl.len()).collect().item())


def _kept(cache: Cache, step: Step) -> Outcome:
    outcome = cache.get(step)
    assert outcome is not None
    return outcome


def _outcomes(steps: Sequence[Step], data: Path, n_jobs: int) -> Iterator[tuple[Step, Outcome]]:
    if n_jobs == 1 or len(steps) < 2:
        for step in steps:
            yield step, carry_out(step, data)
        return
    # Workers read these before they load a library; a fork would inherit loaded ones.
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    pool = ProcessPoolExecutor(n_jobs, multiprocessing.get_context("spawn"))
    try:
        futures = {pool.submit(carry_out, step, data): step for step in steps}
        left = set(futures)
        while left:
            # Polars' signal handler wakes no waiting thread: Ctrl-C is seen between short waits.
            done, left = wait(left, timeout=_WAIT_S, return_when=FIRST_COMPLETED)
            for future in done:
                yield futures[future], future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in multiprocessing.active_children():
            worker.terminate()
        raise
    pool.shutdown()
