"""A browser for the tests of a file: while it runs, no other event loop can."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.interfaces.web.browsing import WIDE

CHROMIUM = os.environ.get("TRACKORACLE_CHROMIUM", "/usr/bin/chromium")
PATIENCE = 60_000
"""Milliseconds until what hangs is told: a loaded machine may take a quarter of them."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def user(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Another user at every call: a page of a browser's context of its own.

    No page asks another host for anything, and none runs a script that a name brought.
    """
    contexts: list[BrowserContext] = []
    hosts: set[str | None] = set()

    def come(**more: Any) -> Page:
        contexts.append(browser.new_context(**{"viewport": WIDE, **more}))
        contexts[-1].on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        contexts[-1].on("dialog", lambda dialog: hosts.add(f"a dialog: {dialog.message}"))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        return page

    yield come
    for context in contexts:
        context.close()
    assert hosts <= {"127.0.0.1", None}  # None: what is told in the address itself, as data:
