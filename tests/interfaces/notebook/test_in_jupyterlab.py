"""The widget in a real JupyterLab, moved by hand in a real browser, and looked at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.interfaces.web.browsing import SCREENS, address_of

import trackoracle as to

pytestmark = pytest.mark.long

TRACK = {"genre": "pop", "tempo": 120.0, "energy": 0.8}
CELL = f"import trackoracle as to\n\noracle = to.load_oracle()\noracle.widget(track={TRACK})"
NO_NEWS = Path("@jupyterlab", "apputils-extension", "notification.jupyterlab-settings")
"""JupyterLab's setting by which it asks its makers' host for nothing."""
COMMANDS = "jupyterapp.commands.execute"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A JupyterLab with one notebook, and settings of its own; yields the notebook's address."""
    folder: Path = tmp_path_factory.mktemp("lab")
    root = folder / "notebooks"
    root.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, root / "widget.ipynb")
    own = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    settings = folder / "settings"
    (settings / NO_NEWS).parent.mkdir(parents=True)
    (settings / NO_NEWS).write_text('{"fetchNews": "false", "checkForUpdates": false}')
    options = (
        "--port=0", "--ip=127.0.0.1", "--no-browser", "--allow-root",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={root}",
        "--LabApp.expose_app_in_browser=True",
    )  # fmt: skip
    with (folder / "lab.log").open("w+") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            stderr=told,
            env=os.environ | own | {"JUPYTERLAB_SETTINGS_DIR": str(settings)},
        )
        try:
            yield f"{address_of(process, told)}/tree/widget.ipynb?reset"
        finally:
            process.terminate()
            process.wait(20)


def run(page: Page, lab: str) -> Locator:
    """Open the notebook and run its cell as a user does; returns the widget."""
    page.goto(lab)
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").click()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.keyboard.press("Control+Enter")
    shown = page.locator(".jp-OutputArea-output").first
    shown.locator(".to-big").wait_for(timeout=60_000)
    return shown


def asked(shown: Locator) -> dict[str, Any]:
    """What the widget says that the oracle was asked; its lines are folded."""
    text = shown.locator("details pre").last.text_content() or ""
    told: dict[str, Any] = json.loads(text)
    return told


def answers(shown: Locator, oracle: to.Oracle, row: dict[str, Any]) -> None:
    """Wait until the widget asked about a row; it must say what `predict` says."""
    until = time.monotonic() + 15
    while asked(shown) != row and time.monotonic() < until:
        shown.page.wait_for_timeout(50)
    assert asked(shown) == row
    told = oracle.predict([row])["popularity"][0]
    assert (shown.locator(".to-big").text_content() or "").startswith(f"{told:.0f}points")


def number(shown: Locator, name: str) -> Locator:
    """The row of a number's control: whether it is known, its slider, and how it stands."""
    return shown.locator(".widget-hbox").filter(has=shown.page.get_by_text(name, exact=True)).last


def kept(page: Page, name: str) -> None:
    """Leave a screenshot."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"jupyterlab-{name}.png")


def test_its_controls_move_its_answer(lab: str, user: Callable[..., Page]) -> None:
    oracle = to.load_oracle()
    page = user(viewport={"width": 1400, "height": 1300})
    shown = run(page, lab)
    row: dict[str, Any] = {"genres": "pop", "tempo": 120.0, "energy": 0.8}
    answers(shown, oracle, row)
    kept(page, "light")

    tempo = number(shown, "Tempo, BPM")
    tempo.locator(".widget-readout").fill("174")
    page.keyboard.press("Enter")
    answers(shown, oracle, row := row | {"tempo": 174.0})

    energy = number(shown, "Energy").get_by_role("slider")
    energy.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    moved = float(energy.get_attribute("aria-valuetext") or 0)
    assert moved < 0.8
    answers(shown, oracle, row := row | {"energy": moved})

    number(shown, "Tempo, BPM").get_by_role("checkbox").uncheck()
    answers(shown, oracle, row := {k: v for k, v in row.items() if k != "tempo"})

    mode = (
        shown.locator(".widget-dropdown")
        .filter(has=page.get_by_text("Mode"))
        .get_by_role("combobox")
    )
    expect(mode.locator("option:checked")).to_have_text("not known")
    mode.select_option("minor")
    answers(shown, oracle, row | {"mode": 0.0})
    mode.select_option("not known")
    answers(shown, oracle, row)

    page.evaluate(f"{COMMANDS}('apputils:change-theme', {{theme: 'JupyterLab Dark'}})")
    expect(page.locator("body[data-jp-theme-light=false]")).to_be_attached()
    kept(page, "dark")
    page.evaluate(f"{COMMANDS}('application:toggle-left-area')")
    page.set_viewport_size({"width": 480, "height": 1900})
    page.wait_for_timeout(500)
    kept(page, "dark-narrow")
