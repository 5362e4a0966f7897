"""A real browser on the real app: start both, wait until a page rests, look, and check."""

from __future__ import annotations

import json
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
from playwright.sync_api import Locator, Page

from trackoracle.interfaces.web.uploads import PREFIX

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
PHONE = {
    "viewport": NARROW,
    "color_scheme": "dark",
    # By it Streamlit closes the list of pages when one is chosen.
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36",
}
"""A phone at night."""


_folders: dict[str, Path] = {}
"""Where each app keeps its temporary files, by its address."""


@contextmanager
def serving(*arguments: object) -> Iterator[str]:
    """Run the app as people run it, and yield its address; at its end nothing of users is left."""
    script = Path(sys.executable).with_name("trackoracle")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(
            [script, "app", "--no-open", "--port", "0", *map(str, arguments)],
            stderr=told,
            env=os.environ | {"TMPDIR": folder},
        )
        try:
            address = address_of(process, told)
            _folders[address] = Path(folder)
            yield address
        finally:
            process.terminate()
            code = process.wait(20)
        told.seek(0)
        assert code == 0, told.read()
        assert uploads_left(address) == []


def uploads_left(address: str) -> list[str]:
    """Return the names of what users dropped on an app, and it still holds as files."""
    folders = _folders[address].glob(f"{PREFIX}*")
    return sorted(file.name for folder in folders for file in folder.rglob("*"))


def address_of(process: subprocess.Popen[bytes], told: IO[str]) -> str:
    """Wait until the app says where it listens."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        told.seek(0)
        if found := re.search(r"http://\S+", told.read()):
            return found[0].rstrip("/")
        time.sleep(0.1)
    told.seek(0)
    raise AssertionError(f"the app did not start: {told.read()}")


def settle(page: Page, most: float = 60.0) -> Page:
    """Wait until nothing on the page is under way, for a while that a press of a key fits in."""
    page.evaluate("window.restsSince = null")
    page.wait_for_function(_RESTING, polling=50, timeout=1000 * most)
    return page


def opened(page: Page, address: str) -> Page:
    """Open a page of the app and wait for it."""
    page.goto(address)
    page.wait_for_selector("[data-testid=stMainBlockContainer]")
    return settle(page)


def turned(page: Page, name: str) -> Page:
    """Turn to another page of the app as a user does, who keeps what is in hand."""
    if not page.get_by_test_id("stTopNavLink").count():  # on narrow screens behind a button
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("heading", name=name, level=1).wait_for()
    return settle(page)


def chosen(page: Page, name: str) -> Page:
    """Choose one of several parts or ways that stand beside one another."""
    page.get_by_role("radio", name=name, exact=True).click()
    return settle(page)


def pressed(page: Page | Locator, name: str) -> None:
    """Press the first button of a name."""
    page.get_by_role("button", name=name).first.click()


def saved(page: Page, name: str, folder: Path) -> Path:
    """Press a button that saves a file; return the file."""
    button = page.get_by_test_id("stDownloadButton").get_by_role("button", name=name)
    with page.expect_download() as download:
        button.first.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def headline(page: Page) -> str:
    """Return the answer of Predict, or of Change, in large letters."""
    return page.locator(".big").inner_text().split("points")[0].strip()


def sent(page: Page) -> dict[str, object]:
    """Return what the page says that it asked."""
    page.get_by_text("What was asked").click()
    text = page.locator("[data-testid=stCode]").last.inner_text()
    page.get_by_text("What was asked").click()
    told: dict[str, object] = json.loads(text)
    return told


def kept(page: Page, name: str) -> None:
    """Leave a screenshot of the whole page."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    assert size is not None
    page.mouse.move(0, 0)  # no help that floats over the page
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
