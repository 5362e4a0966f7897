"""Run the guided notebooks and write each as a notebook and as a page with what it showed.

`make notebooks` writes build/notebooks. The sources, docs/notebooks/*.py, are plain scripts in
the percent format; what is made of them is never kept.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
from nbclient import NotebookClient
from nbformat import NotebookNode, writes

from trackoracle.atomic import replacing

ROOT = Path(__file__).parents[1]
SOURCES = tuple(
    ROOT / "docs" / "notebooks" / f"{name}.py" for name in ("exploring_a_catalog", "honest_oracle")
)
"""In the order in which they are read."""
_SECONDS = 600
"""For one cell; the real 114k tracks take minutes to learn from."""
_LIVE = "application/vnd.jupyter.widget-view+json"
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_BLANK = re.compile(r"\n[ \t]*(?=\n)")


def pages(folder: Path, *, catalogs: str | None = None) -> list[Path]:
    """Run every notebook and write it into a folder: NAME.md, and NAME.ipynb to take away.

    Parameters
    ----------
    folder
        Made where it is missing. Links of the pages lead to its parent, as from docs/notebooks.
    catalogs
        A folder as TRACKORACLE_DATA names it; by default the notebooks run on the sample.

    Returns
    -------
    list of Path
        The pages, in the order in which they are read.

    Raises
    ------
    CellExecutionError
        When a cell fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for source in SOURCES:
        notebook = executed(source, catalogs=catalogs)
        _write(folder / f"{source.stem}.ipynb", writes(notebook))
        made.append(folder / f"{source.stem}.md")
        _write(made[-1], page(notebook, source.stem))
    return made


def executed(source: Path, *, catalogs: str | None = None) -> NotebookNode:
    """Run a script as a notebook, in a kernel of its own and an empty folder.

    Nothing of this machine stays in it: no times, no paths, no widgets that need their kernel.
    """
    notebook = jupytext.read(source)
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i}"
    around = {name: value for name, value in os.environ.items() if name != "TRACKORACLE_DATA"}
    if catalogs is not None:
        around["TRACKORACLE_DATA"] = catalogs
    with tempfile.TemporaryDirectory() as place:
        NotebookClient(
            notebook,
            timeout=_SECONDS,
            record_timing=False,
            store_widget_state=False,
            resources={"metadata": {"path": place}},
        ).execute(env=around)
    for output in outputs(notebook):
        told = output.get("data", {})
        told.pop(_LIVE, None)
        if "text/html" in told:
            # Else the repr of a report: every number of it, once more, on one line.
            told.pop("text/plain", None)
    return notebook


def outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Yield what the cells showed, in order."""
    for cell in notebook.cells:
        yield from cell.get("outputs", ())


def page(notebook: NotebookNode, name: str) -> str:
    """Return a notebook as Markdown; what shows itself as HTML stands in it as such."""
    title, *cells = notebook.cells
    head, _, rest = title.source.partition("\n")
    made_by = (
        f"*Made by running [a script]({name}.py). "
        f"To run it yourself, take [the notebook]({name}.ipynb).*"
    )
    parts = [head, made_by, rest.strip()]
    for cell in cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        parts += map(_shown, cell.outputs)
    return _styled_once("\n\n".join(part for part in parts if part) + "\n")


def _shown(output: NotebookNode) -> str:
    """Return what a cell showed: HTML without blank lines, which would end it, or a block."""
    told: Any = output.get("data", {"text/plain": output.get("text", "")})
    if "text/html" in told:
        html = _BLANK.sub("&#10;", told["text/html"].strip())
        return f'<div class="to-output" style="overflow-x:auto">\n{html}\n</div>'
    text = told.get("text/plain", "").rstrip()
    return f"```text\n{text}\n```" if text else ""


def _styled_once(text: str) -> str:
    """Keep each style where it comes first; the page shares it."""
    seen: set[str] = set()

    def kept(found: re.Match[str]) -> str:
        if found[0] in seen:
            return ""
        seen.add(found[0])
        return found[0]

    return _STYLE.sub(kept, text)


def _write(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write_text(text, encoding="utf-8")


def main() -> None:
    """Write the pages, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build" / "notebooks")
    parser.add_argument("--catalogs", help="a folder as TRACKORACLE_DATA names it: the real tracks")
    asked = parser.parse_args()
    for made in pages(asked.folder, catalogs=asked.catalogs):
        print(f"wrote {made}")


if __name__ == "__main__":
    main()
