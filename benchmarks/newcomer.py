"""What a newcomer waits for: a fresh clone, and every command of docs/start.md in its order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.material import Material
from benchmarks.results import Claim, Line, Result, seconds

_CHECKOUT = Path(__file__).resolve().parents[1]
_SECTION = re.compile(r"^## (?P<title>.+?)$(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(page: str) -> list[tuple[str, list[str]]]:
    r"""Return the sections of a page that have commands, with these.

    Examples
    --------
    >>> steps("## A step: two\n```bash\na -b\n\nc  # why\n```\n## Words\nnone\n")
    [('A step', ['a -b', 'c  # why'])]
    """
    found = []
    for section in _SECTION.finditer(page):
        lines = [line for block in _BLOCK.findall(section["text"]) for line in block.splitlines()]
        commands = [line for line in lines if line.strip()]
        if commands:
            found.append((section["title"].split(":")[0], commands))
    return found


def run(_: Material) -> Result:
    """Clone, install and follow the page, each command in a shell of its own."""
    lines, n_failed = [], 0
    with TemporaryDirectory() as folder:
        clone = Path(folder, "clone")
        subprocess.run(["git", "clone", "--quiet", _CHECKOUT, clone], check=True)
        own = Path(folder, "venv")
        venv.create(own, with_pip=True)
        environment = os.environ | {"PATH": f"{own / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        work = Path(folder, "work")
        work.mkdir()
        for title, commands in steps((clone / "docs" / "start.md").read_text()):
            taken = []
            for command in commands:
                began = time.perf_counter()
                installs = command.startswith("pip ")
                done = subprocess.run(
                    ["bash", "-c", command],
                    cwd=clone if installs else work,
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                taken.append(time.perf_counter() - began)
                if done.returncode:
                    n_failed += 1
                    sys.stderr.write(f"{command}\n{done.stderr[-2000:]}\n")
            cells = {
                "commands": f"{len(commands)}",
                "all": seconds(sum(taken)),
                "each": ", ".join(map(seconds, taken)),
            }
            lines.append(Line(title, cells))
    return Result(
        "newcomer",
        "how long is the way from a fresh clone to answers?",
        "docs/start.md, in its order, in an environment of its own",
        tuple(lines),
        (Claim("every command of the page works", n_failed == 0),),
        {"steps": [{"title": line.what, **line.cells} for line in lines]},
    )
