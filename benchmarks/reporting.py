"""The catalog report beside ydata-profiling: seconds, memory, and size of the page.

ydata-profiling runs on the same file in an environment of its own, in its minimal and its
default mode. It describes columns; the report also describes genres, moods, artists and times,
audits the rows, and takes artists together in its intervals.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.environments import environment
from benchmarks.material import Material
from benchmarks.measuring import measure_in_turns, stopwatch
from benchmarks.results import Claim, Line, Result, megabytes, ratio, seconds

N_TIMES = 1
MOST_SECONDS, MOST_MB, MOST_PAGE_MB = 20.0, 1_500.0, 8.0
# setuptools, since ydata-profiling still asks pkg_resources for its own version.
RIVAL = ("ydata-profiling==4.18.4", "setuptools<81")
_WORKER = Path(__file__).with_name("ydata_worker.py")


def run(material: Material) -> Result:
    """Write the report and both profiles of one file, by turns."""
    python = str(environment("ydata", *RIVAL))
    asked: dict[str, Any] = {"path": str(material.path)}
    done = measure_in_turns(
        N_TIMES,
        own=("benchmarks.reporting:report", asked),
        minimal=("benchmarks.reporting:profile", {**asked, "python": python, "kind": "minimal"}),
        default=("benchmarks.reporting:profile", {**asked, "python": python, "kind": "default"}),
    )
    own = done["own"]
    names = {
        "own": "trackoracle report",
        "minimal": "ydata-profiling, minimal",
        "default": "ydata-profiling, default",
    }
    lines = [
        Line(
            names[name],
            {
                "time": seconds(one["seconds"]),
                "of all cores": seconds(one["cpu"]),
                "peak memory": megabytes(one.peak_mb),
                "page": f"{one['page_mb']:.1f} MB",
            },
        )
        for name, one in done.items()
    ]
    lines += [
        Line(
            f"ratio, own to {name}",
            {
                "time": ratio(own["seconds"] / done[name]["seconds"]),
                "of all cores": ratio(own["cpu"] / done[name]["cpu"]),
                "peak memory": ratio(own.peak_mb / done[name].peak_mb),
                "page": ratio(own["page_mb"] / done[name]["page_mb"]),
            },
        )
        for name in ("minimal", "default")
    ]
    claims = (
        Claim(
            f"under {MOST_SECONDS:g} s and {MOST_MB:g} MB, the page under {MOST_PAGE_MB:g} MB",
            own["seconds"] < MOST_SECONDS
            and own.peak_mb < MOST_MB
            and own["page_mb"] < MOST_PAGE_MB,
        ),
        *(
            Claim(
                f"faster than the {name} mode, and a smaller page",
                own["seconds"] < done[name]["seconds"] and own["page_mb"] < done[name]["page_mb"],
            )
            for name in ("minimal", "default")
        ),
    )
    figures = {
        f"{name}_{key}": value
        for name, one in done.items()
        for key, value in (
            *((key, one[key]) for key in ("seconds", "cpu", "page_mb")),
            ("peak_mb", one.peak_mb),
        )
    }
    question = "what does a look at a catalog cost?"
    return Result("reporting", question, material.name, tuple(lines), claims, figures)


def report(path: str) -> dict[str, float]:
    """Explore a file and write the page."""
    import trackoracle
    from trackoracle.rendering import catalog_report

    with tempfile.TemporaryDirectory() as folder, stopwatch() as watch:
        page = Path(folder, "report.html")
        page.write_text(catalog_report(trackoracle.explore(path)), encoding="utf-8")
        size = page.stat().st_size / 1e6
    return {"seconds": watch.seconds, "cpu": watch.cpu, "page_mb": size}


def profile(path: str, python: str, kind: str) -> dict[str, float]:
    """Profile a file with ydata-profiling; its memory is that of the child."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "profile.html")
        done = subprocess.run(
            [python, str(_WORKER), path, str(page), kind],
            capture_output=True,
            text=True,
            check=True,
        )
        facts: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        return {**facts, "page_mb": page.stat().st_size / 1e6}
