"""A real browser on the real app: start both, wait until a page rests, look, and check."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCREENS = Path(os.environ.get("TRACKORACLE_SCREENS", "build/screens"))
"""Where screenshots are left to be looked at."""
_RESTING = """
() => {
  const app = document.querySelector("[data-testid=stApp]");
  const busy = "[data-stale=true], .stSpinner, [data-testid=stSkeleton], "
    + "[data-testid=stVegaLiteChart]:not(:has(svg, canvas))";
  const rests = app && app.dataset.testScriptState === "notRunning"
    && app.dataset.testConnectionState === "CONNECTED" && !document.querySelector(busy);
  const now = performance.now();
  if (!rests) { window.restsSince = null; return false; }
  window.restsSince ??= now;
  return now - window.restsSince > 250;
}
"""
"""Whether nothing was under way for a quarter of a second, by Streamlit's own word."""
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def serving(*arguments: object) -> Iterator[str]:
    """Run the app as people run it, and yield its address."""
    script = Path(sys.executable).with_name("trackoracle")
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(
            [script, "app", "--no-open", "--port", "0", *map(str, arguments)], stderr=told
        )
        try:
            yield _address(process, told)
        finally:
            process.terminate()
            code = process.wait(20)
        told.seek(0)
        assert code == 0, told.read()


def _address(process: subprocess.Popen[bytes], told: IO[str]) -> str:
    """Wait until the app says where it listens."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        told.seek(0)
        if found := re.search(r"http://\S+", told.read()):
            return found[0].rstrip("/")
        time.sleep(0.1)
    told.seek(0)
    raise AssertionError(f"the app did not start: {told.read()}")


def settle(page: Page, most: float = 30.0) -> Page:
    """Wait until nothing on the page is under way, for a while that a press of a key fits in."""
    page.evaluate("window.restsSince = null")
    page.wait_for_function(_RESTING, polling=50, timeout=1000 * most)
    return page


def opened(page: Page, address: str) -> Page:
    """Open a page of the app and wait for it."""
    page.goto(address)
    page.wait_for_selector("[data-testid=stMainBlockContainer]")
    return settle(page)


def kept(page: Page, name: str) -> None:
    """Leave a screenshot of the whole page."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    assert size is not None
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(int(height) + 8, 8000)})
    page.wait_for_timeout(150)
    page.screenshot(path=SCREENS / f"{name}.png")
    page.set_viewport_size(size)


def violations(page: Page) -> list[str]:
    """Return what axe-core finds serious on the page as it is: rule, and where."""
    found: Any = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target'][0]}: {node['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]
