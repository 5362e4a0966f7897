"""The catalog report beside ydata-profiling: seconds, memory, and size of the page.

Each is run as a user runs it, from the command to the written page, imports included; the
profiler in an environment of its own, in its minimal and its default mode. It describes columns;
the report also describes genres, moods, artists and times, audits the rows (a line shows what
that costs), and takes artists together in its intervals.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.environments import environment
from benchmarks.material import Material
from benchmarks.measuring import measure_in_turns, stopwatch
from benchmarks.results import Claim, Line, Result, megabytes, ratio, seconds

N_TIMES = 1
MOST_SECONDS, MOST_MB, MOST_PAGE_MB = 20.0, 1_500.0, 8.0
RIVAL = ("ydata-profiling==4.18.4", "setuptools<81")
_WORKER = Path(__file__).with_name("ydata_worker.py")
_NAMES = {
    "own": "trackoracle report",
    "unaudited": "trackoracle report --no-audit",
    "minimal": "ydata-profiling, minimal",
    "default": "ydata-profiling, default",
}


def run(material: Material) -> Result:
    """Write the report and both profiles of one file, by turns."""
    python, path = str(environment("ydata", *RIVAL)), str(material.path)
    own = [sys.executable, "-m", "trackoracle", "report", path, "-q", "-o"]
    commands = {
        "own": own,
        "unaudited": [*own[:-1], "--no-audit", "-o"],
        **{kind: [python, str(_WORKER), path, kind] for kind in ("minimal", "default")},
    }
    works = {
        name: ("benchmarks.reporting:page", {"command": command})
        for name, command in commands.items()
    }
    done = measure_in_turns(N_TIMES, **works)
    mine = done["own"]
    lines = [
        Line(
            _NAMES[name],
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
                "time": ratio(mine["seconds"] / done[name]["seconds"]),
                "of all cores": ratio(mine["cpu"] / done[name]["cpu"]),
                "peak memory": ratio(mine.peak_mb / done[name].peak_mb),
                "page": ratio(mine["page_mb"] / done[name]["page_mb"]),
            },
        )
        for name in ("minimal", "default")
    ]

    def better(name: str, than: str) -> bool:
        return all(done[name][key] < done[than][key] for key in ("cpu", "page_mb"))

    claims = (
        Claim(
            f"under {MOST_SECONDS:g} s and {MOST_MB:g} MB, the page under {MOST_PAGE_MB:g} MB",
            mine["seconds"] < MOST_SECONDS
            and mine.peak_mb < MOST_MB
            and mine["page_mb"] < MOST_PAGE_MB,
        ),
        Claim("less work than the default mode, and a smaller page", better("own", "default")),
        Claim("less work than the minimal mode, and a smaller page", better("own", "minimal")),
        Claim("the same without the audit", better("unaudited", "minimal")),
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


def page(command: list[str]) -> dict[str, float]:
    """Run a command that writes a page where its last argument says."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "page.html")
        before = os.times()
        with stopwatch() as watch:
            subprocess.run([*command, str(written)], capture_output=True, check=True)
        after = os.times()
        cpu = after.children_user + after.children_system
        cpu -= before.children_user + before.children_system
        return {"seconds": watch.seconds, "cpu": cpu, "page_mb": written.stat().st_size / 1e6}
