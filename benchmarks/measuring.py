"""Run one piece of work in a fresh process, and watch the memory of its whole tree.

`measure("benchmarks.loading:load", path=...)` starts a new interpreter that calls
the function with the arguments and hands back the plain data it returns. The work
times itself, so that starting the interpreter and getting ready do not count.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import psutil

SAMPLED_EVERY = 0.05
"""Seconds between two looks at the memory."""
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Measured:
    """One run of one piece of work.

    Parameters
    ----------
    answer
        What the work returned.
    peak_mb
        Largest sum of resident memory over the process and all its children.
    """

    answer: dict[str, Any]
    peak_mb: float


@dataclass
class Stopwatch:
    """Seconds of a `with` block: on the wall, and of all cores together."""

    seconds: float = 0.0
    cpu: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Time a block."""
    watch = Stopwatch()
    start, cpu = time.perf_counter(), time.process_time()
    yield watch
    watch.seconds, watch.cpu = time.perf_counter() - start, time.process_time() - cpu


def measure(work: str, **arguments: Any) -> Measured:
    """Call "module:function" with plain arguments in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        command = [sys.executable, "-m", __spec__.name, work, json.dumps(arguments), str(answer)]
        process = psutil.Popen(command, cwd=_ROOT)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident(process))
            time.sleep(SAMPLED_EVERY)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        return Measured(json.loads(answer.read_text()), peak / 1e6)


def measure_in_turns(n_times: int, /, **works: tuple[str, dict[str, Any]]) -> dict[str, Middle]:
    """Measure several works by turns (A, B, A, B, ...), each in a fresh process.

    Returns
    -------
    For each name the runs, with medians at hand.
    """
    runs: dict[str, list[Measured]] = {name: [] for name in works}
    for _ in range(n_times):
        for name, (work, arguments) in works.items():
            runs[name].append(measure(work, **arguments))
    return {name: Middle(tuple(done)) for name, done in runs.items()}


@dataclass(frozen=True)
class Middle:
    """Several runs of one piece of work."""

    runs: tuple[Measured, ...]

    def __getitem__(self, name: str) -> float:
        """Return the median of a number that the work returned."""
        return float(median(run.answer[name] for run in self.runs))

    @property
    def peak_mb(self) -> float:
        """Median of the peaks."""
        return median(run.peak_mb for run in self.runs)


def _resident(process: psutil.Process) -> int:
    try:
        tree = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for member in tree:
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def _work(work: str, arguments: str, answer: str) -> None:
    module, function = work.split(":")
    result = getattr(import_module(module), function)(**json.loads(arguments))
    Path(answer).write_text(json.dumps(result))


if __name__ == "__main__":
    _work(*sys.argv[1:])
