"""`python -m benchmarks.published [H P A N] [--quick | --ours | --redraw] [--to FOLDER]`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from rich.console import Console

from benchmarks.published import ahead, figure, report
from benchmarks.published.plan import REPLAYS, plan
from benchmarks.published.running import Cache, replay
from benchmarks.published.sources import FILES
from trackoracle.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Replay the named systems, or all; write tables, figure and JSON."""
    asked = _asked(arguments)
    systems = tuple(dict.fromkeys(asked.systems)) or tuple(REPLAYS)
    console = Console()
    if asked.redraw:
        figure.draw(report.read(asked.to), asked.to / "published-waterfall")
        console.print(f"Written: {asked.to}/published-waterfall.svg, .png")
        return 0
    data = _data_folder(systems)
    asked.to.mkdir(parents=True, exist_ok=True)
    cache = Cache.beside(asked.to, data, systems)
    steps = plan(systems, quick=asked.quick)
    if asked.ours:
        steps = [step for step in steps if ahead.tells(step)]
    if asked.quick:
        console.print("[bold]quick run[/]: fewer trees and cells than published; marked as such")
    start = time.perf_counter()
    try:
        replayed = replay(steps, data, cache, fresh=asked.fresh, n_jobs=asked.jobs, console=console)
    except KeyboardInterrupt:
        console.print("Stopped; every finished step is kept. The same command goes on from here.")
        return 130
    run = report.Run(replayed, quick=asked.quick, wall_s=time.perf_counter() - start)
    if asked.ours:
        console.print(report.ahead_table(run))
        return 0
    for table in report.tables(run):
        console.print(table)
    report.write(run, asked.to)
    figure.draw(run, asked.to / "published-waterfall")
    console.print(f"Written: {asked.to}/published.md, .json, published-waterfall.svg, .png")
    return 0


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.published",
        description="Replay published systems: as published, then with each leak removed.",
    )
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help="H, P, A, N; all by default")
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--quick", action="store_true",
        help="fewer trees and cells; under ten minutes on two cores",
    )  # fmt: skip
    part.add_argument(
        "--ours", action="store_true",
        help="TrackOracle's steps alone, and one table: the published protocols, leaks and all, "
        "beside the honest ones; writes no page",
    )  # fmt: skip
    part.add_argument(
        "--redraw", action="store_true",
        help="the figure alone, of the folder's published.json; fits nothing",
    )  # fmt: skip
    cached = parser.add_mutually_exclusive_group()
    cached.add_argument("--resume", action="store_true", help="use finished steps (the default)")
    cached.add_argument("--fresh", action="store_true", help="compute every step again")
    parser.add_argument(
        "--to", type=Path, default=Path("build", "published"), metavar="FOLDER",
        help="where results and finished steps are kept (default: build/published)",
    )  # fmt: skip
    parser.add_argument(
        "--jobs", type=int, default=Settings.from_environment().n_jobs, metavar="N",
        help="steps at a time, one thread each",
    )  # fmt: skip
    asked = parser.parse_args(arguments)
    unknown = sorted(set(asked.systems) - set(REPLAYS))
    if unknown:
        parser.error(f"expected {', '.join(REPLAYS)}, got {', '.join(unknown)}")
    return asked


def _data_folder(systems: tuple[str, ...]) -> Path:
    data = Settings.from_environment().data_folder
    missing = sorted({str(FILES[s]) for s in systems if not data or not (data / FILES[s]).exists()})
    if data is None or missing:
        sys.exit(
            f"TRACKORACLE_DATA: expected a folder with {', '.join(missing)}, got {data or 'none'}. "
            "Name the folder that holds the published files."
        )
    return data


if __name__ == "__main__":
    sys.exit(main())
