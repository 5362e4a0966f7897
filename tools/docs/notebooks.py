"""Guided notebooks as pages: with what a run of them showed, else their text and code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SCRIPTS = ROOT / "docs" / "notebooks"
_RUN = ROOT / "build" / "notebooks"
_CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)


def pages() -> dict[str, str]:
    """Return the page of each script in docs/notebooks, by place in the site."""
    return {f"notebooks/{script.stem}.md": _page(script) for script in _SCRIPTS.glob("*.py")}


def files() -> dict[str, Path]:
    """Return what a page offers to take, by place in the site: the script, and its notebook."""
    ways = ((script, _run(script, "ipynb")) for script in _SCRIPTS.glob("*.py"))
    return {f"notebooks/{path.name}": path for path in chain.from_iterable(ways) if path}


def _page(script: Path) -> str:
    run = _run(script, "md")
    if run:
        return run.read_text("utf-8")
    return "\n\n".join(cells(script.read_text("utf-8"))) + "\n"


def _run(script: Path, kind: str) -> Path | None:
    """Return what a run left, unless the script is newer."""
    run = _RUN / f"{script.stem}.{kind}"
    is_new = run.exists() and run.stat().st_mtime >= script.stat().st_mtime
    return run if is_new else None


def cells(script: str) -> Iterator[str]:
    r"""Go through the cells of a script in the percent format, as Markdown.

    Examples
    --------
    >>> list(cells("# ---\n# %% [markdown]\n# # Title\n#\n# Text.\n\n# %%\n1 + 1\n"))
    ['# Title\n\nText.', '```python\n1 + 1\n```']
    """
    _, *parts = _CELL.split(script)
    for kind, body in zip(parts[::2], parts[1::2], strict=True):
        if "[markdown]" in kind:
            yield re.sub(r"^# ?", "", body.strip(), flags=re.MULTILINE)
        elif body.strip():
            yield f"```python\n{body.strip()}\n```"
