"""Ten minutes of the service and the app together: every answer compared, and the memory looked at.

The service is asked over 32 connections, one request in ten malformed, while people in a real
browser move controls of the app and drop a recording every few moves. What an answer must be is
said by the same oracle in Python.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil
from playwright.sync_api import Browser, Page, sync_playwright

import trackoracle
from benchmarks.app import app, beat, rest
from benchmarks.material import Material
from benchmarks.measuring import measure
from benchmarks.results import Claim, Line, Result, megabytes
from benchmarks.serving import dealt, requests_of, server
from benchmarks.serving_load import Heard, load

SECONDS = int(os.environ.get("TRACKORACLE_SOAK_SECONDS", "600"))
"""Fewer for a look."""
N_USERS, N_MOVES = 2, 8
"""People in the browser, and moves between two recordings."""
MOST_GROWTH = 1.1
"""Times the memory of the second third that the last third may hold."""
SLIDERS = ("Acousticness", "Danceability", "Energy", "Valence", "Loudness", "Tempo")
KEYS = ("PageUp", "PageDown", "ArrowRight", "ArrowLeft", "Home", "End")
SEED = 0


@dataclass
class Seen:
    """What people saw in the app.

    Parameters
    ----------
    n_moves, n_recordings
        Controls that were moved, and recordings dropped.
    wrong
        What was shown where another answer was right.
    """

    n_moves: int = 0
    n_recordings: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Memory:
    """MB every second, of the service and of the app, with their processes."""

    service: list[float] = field(default_factory=list)
    app: list[float] = field(default_factory=list)


def run(material: Material) -> Result:
    """Run both for ten minutes."""
    file = str(Path(material.folder, "soak.json"))
    measure("benchmarks.serving:write_tracks", path=material.path, file=file)
    tracks = json.loads(Path(file).read_text())
    song = beat(Path(material.folder, "song.wav"))
    memory = Memory()
    with (
        server(Path(material.folder, "soak.log")) as (service, port),
        app() as (process, address),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        over, heard = threading.Event(), list[Heard]()
        asking = threading.Thread(target=lambda: heard.append(_asked(port, tracks)))
        looking = threading.Thread(target=_look, args=(memory, service, process, over))
        asking.start()
        looking.start()
        try:
            seen = _used(browser, address, song)
        finally:
            asking.join()
            over.set()
            looking.join()
        browser.close()
    return _result(material, heard[0], seen, memory)


def _asked(port: int, tracks: list[dict[str, Any]]) -> Heard:
    asked = requests_of(tracks)
    return asyncio.run(load(port, lambda i: dealt(asked, i), SECONDS))


def _look(
    memory: Memory, service: psutil.Process, process: psutil.Process, over: threading.Event
) -> None:
    while not over.wait(1):
        memory.service.append(_held(service))
        memory.app.append(_held(process))


def _held(process: psutil.Process) -> float:
    return sum(one.memory_info().rss for one in [process, *process.children(True)]) / 1e6


def _used(browser: Browser, address: str, song: Path) -> Seen:
    """Let people move controls and drop recordings, by turns."""
    oracle, rng, seen = trackoracle.load_oracle(), np.random.default_rng(SEED), Seen()
    (expected,) = oracle.predict([trackoracle.listen(song).row()])["popularity"]
    until = time.monotonic() + SECONDS
    people = [_by_hand(browser, address) for _ in range(N_USERS)]
    while time.monotonic() < until:
        for page in people:
            for _ in range(N_MOVES):
                _move(page, oracle, rng, seen)
            told = _dropped(browser, address, song)
            seen.n_recordings += 1
            if told != f"{expected:.0f}":
                seen.wrong.append(f"recording: {told}, not {expected:.0f}")
    return seen


def _by_hand(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/predict")
    page.get_by_text("By hand").click()
    page.wait_for_selector(".big")
    rest(page)
    return page


def _move(page: Page, oracle: trackoracle.Oracle, rng: np.random.Generator, seen: Seen) -> None:
    """Move a control, and compare the answer to what the page says it asked."""
    name, key = rng.choice(SLIDERS), rng.choice(KEYS)
    page.locator("[data-testid=stSlider]", has_text=name).get_by_role("slider").first.press(key)
    rest(page)
    page.get_by_text("What was asked").click()
    asked = json.loads(page.locator("[data-testid=stCode]").last.inner_text())
    page.get_by_text("What was asked").click()
    (expected,) = oracle.predict([asked])["popularity"]
    told = _headline(page)
    seen.n_moves += 1
    if told != f"{expected:.0f}":
        seen.wrong.append(f"{name} {key}: {told}, not {expected:.0f}")


def _dropped(browser: Browser, address: str, song: Path) -> str:
    """Drop a recording as somebody who comes and goes; return the answer."""
    page = browser.new_page()
    page.goto(f"{address}/predict")
    page.locator("input[type=file]").set_input_files(song)
    page.get_by_role("heading", name=song.name).wait_for(timeout=120_000)
    page.wait_for_selector(".big")
    rest(page)
    told = _headline(page)
    page.close()
    return told


def _headline(page: Page) -> str:
    return page.locator(".big").inner_text().split("points")[0].strip()


def _result(material: Material, heard: Heard, seen: Seen, memory: Memory) -> Result:
    thirds = {name: _thirds(held) for name, held in asdict(memory).items()}
    n_wrong = heard.n_wrong + heard.n_lost
    p99 = float(np.quantile(heard.ms, 0.99))
    lines = (
        Line(f"service, {SECONDS} s",
             {"asked": f"{len(heard.ms):,}", "wrong or lost": f"{n_wrong}",
              "p99": f"{p99:,.0f} ms", "memory": _told(thirds["service"])}),
        Line(f"app, {SECONDS} s",
             {"asked": f"{seen.n_moves} moves, {seen.n_recordings} recordings",
              "wrong or lost": f"{len(seen.wrong)}", "memory": _told(thirds["app"])}),
    )  # fmt: skip
    claims = (
        Claim("no wrong answer", n_wrong == 0 and not seen.wrong),
        *(
            Claim(f"memory of the {name} stays flat", last < MOST_GROWTH * second)
            for name, (second, last) in thirds.items()
        ),
    )
    figures = {
        "n_asked": len(heard.ms),
        "n_wrong": n_wrong,
        "wrong": heard.wrong + seen.wrong[:20],
        "p99_ms": p99,
        "seen": asdict(seen),
        "memory_mb": asdict(memory),
    }
    question = "do both stay right and lean for ten minutes?"
    return Result("soak", question, material.name, lines, claims, figures)


def _thirds(held: list[float]) -> tuple[float, float]:
    """Return the medians of the second and the last third."""
    third = max(len(held) // 3, 1)
    return median(held[third : 2 * third] or held), median(held[-third:])


def _told(thirds: tuple[float, float]) -> str:
    return f"{megabytes(thirds[0])}, then {megabytes(thirds[1])}"
