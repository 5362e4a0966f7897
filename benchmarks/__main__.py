"""`python -m benchmarks [NAME ...] [--json FILE]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from benchmarks import (
    ablation,
    accuracy,
    app,
    auditing,
    automl,
    boosters,
    candidates,
    changing,
    conformal,
    describing,
    estimating,
    explaining,
    listening,
    loading,
    neighbours,
    network,
    newcomer,
    prediction,
    ranking,
    reporting,
    robustness,
    serving,
    soak,
    starter,
    starting,
    training,
)
from benchmarks.material import Material, material
from benchmarks.results import Result

BENCHMARKS: dict[str, Callable[[Material], Result]] = {
    "starting": starting.run,
    "loading": loading.run,
    "prediction": prediction.run,
    "training": training.run,
    "auditing": auditing.run,
    "explaining": explaining.run,
    "accuracy": accuracy.run,
    "ablation": ablation.run,
    "changing": changing.run,
    "ranking": ranking.run,
    "conformal": conformal.run,
    "listening": listening.run,
    "reporting": reporting.run,
    "robustness": robustness.run,
    "neighbours": neighbours.run,
    "describing": describing.run,
    "serving": serving.run,
    "estimating": estimating.run,
    "app": app.run,
    "candidates": candidates.run,
    "starter": starter.run,
    "boosters": boosters.run,
    "network": network.run,
    "automl": automl.run,
    "soak": soak.run,
    "newcomer": newcomer.run,
}
LONG = ("automl", "boosters", "candidates", "newcomer", "soak", "starter")
"""Only run when named: it installs, or takes ten minutes to hours."""


def main() -> None:
    """Run the named benchmarks, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    candidates.add_options(parser)
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"expected {', '.join(BENCHMARKS)}, got {', '.join(sorted(unknown))}")
    console = Console()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    before = os.getloadavg()[0]
    console.print(f"{machine}; load before: {before:.1f} (near 0 when nothing else runs)")
    results = []
    benchmarks = BENCHMARKS | {"candidates": candidates.with_options(arguments)}
    with material() as tracks:
        for name in arguments.names or [name for name in BENCHMARKS if name not in LONG]:
            with console.status(f"{name} ..."):
                results.append(benchmarks[name](tracks))
            console.print(results[-1].table())
    if arguments.json:
        facts = {"machine": machine, "load_before": before}
        facts["results"] = [result.to_dict() for result in results]
        arguments.json.write_text(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
