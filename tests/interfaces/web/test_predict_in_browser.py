"""Welcome and Predict in a real browser on the real app."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile
from playwright.sync_api import Page
from tests.audio.sounds import chord
from tests.interfaces.running import run
from tests.interfaces.web.browsing import (
    NARROW,
    chosen,
    headline,
    kept,
    opened,
    sent,
    serving,
    settle,
    uploads_left,
    violations,
)

import trackoracle as to

pytestmark = pytest.mark.long

User = Callable[..., Page]
HOSTILE = "<script>alert(1)</script> ![x](http://evil.example/x.png) **b** $e^x$ :red[y]"


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("songs") / "a song.wav"
    soundfile.write(path, chord(8.0, 22_050), 22_050)
    return path


def test_welcome_has_three_doors_and_a_track_to_try(app: str, user: User) -> None:
    page = opened(user(), app)
    for door in ("I have a recording", "I have a link", "I have a list"):
        assert page.get_by_role("heading", name=door).is_visible()
    kept(page, "welcome-wide-light")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(NARROW)
    settle(page)
    kept(page, "welcome-narrow-dark")
    assert violations(page) == []
    page.get_by_role("button", name="Try it with a made-up track").click()
    page.wait_for_selector(".big")
    settle(page)
    assert "made-up track" in page.inner_text("body")


def test_a_control_moves_the_answer_and_it_is_predict_s(app: str, user: User) -> None:
    page = opened(user(), f"{app}/predict")
    page.get_by_text("By hand").click()
    page.wait_for_selector(".big")
    settle(page)
    before, row = headline(page), sent(page)
    drawn = page.locator("[class*=st-key-figure-waterfall] svg.marks").inner_html()
    slider = page.locator("[data-testid=stSlider]", has_text="Energy").get_by_role("slider")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("PageUp")
    page.wait_for_function("(old) => !document.querySelector('.big').innerText.startsWith(old)",
                           arg=before)  # fmt: skip
    settle(page)
    moved = sent(page)
    assert float(str(moved["energy"])) > float(str(row["energy"]))
    assert {k: v for k, v in moved.items() if k != "energy"} == {
        k: v for k, v in row.items() if k != "energy"
    }
    answer = to.load_oracle().predict([moved]).row(0, named=True)
    assert headline(page) == f"{answer['popularity']:.0f}"
    assert f"above 70: {100 * answer['p_hit']:.0f} %" in page.inner_html("body")
    assert page.locator("[class*=st-key-figure-waterfall] svg.marks").inner_html() != drawn
    kept(page, "predict-wide-light")
    assert violations(page) == []


def test_a_recording_is_heard_and_answered_as_by_the_command_line(
    app: str, user: User, song: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "text.mp3"
    bad.write_bytes(b"no music at all " * 100)
    page = opened(user(viewport=NARROW, color_scheme="dark"), f"{app}/predict")
    page.locator("input[type=file]").set_input_files([song, bad])
    page.wait_for_selector(".big", timeout=60_000)
    settle(page)
    done = run("predict", song, "-o", tmp_path / "told.csv")
    assert done.returncode == 0, done.stderr
    told = pl.read_csv(tmp_path / "told.csv").row(0, named=True)
    assert headline(page) == f"{told['popularity']:.0f}"
    refused = run("predict", bad).stderr
    sentence = page.locator("[data-testid=stAlert]").first.inner_text()
    assert sentence.split("text.mp3: ")[1].split(".")[0] in " ".join(refused.split())
    assert uploads_left(app) == []
    kept(page, "predict-narrow-dark")
    assert violations(page) == []


def test_names_are_shown_as_they_are_and_to_their_user_alone(app: str, user: User) -> None:
    one, other = opened(user(), f"{app}/predict"), opened(user(), f"{app}/predict")
    chosen(one, "By hand")
    one.get_by_text("Track", exact=True).click()
    title = one.get_by_label("Track name")
    title.fill(HOSTILE)
    title.press("Enter")
    settle(one)
    one.get_by_role("button", name="Keep this version").click()
    settle(one)
    one.get_by_text("In words").click()
    assert sent(one)["track_name"] == HOSTILE  # the user of the tests sees that nothing came of it
    assert other.locator(".big").count() == 0
    chosen(other, "By hand")
    assert "track_name" not in sent(other)


def test_too_many_and_too_large_files_are_refused(user: User, tmp_path: Path) -> None:
    with serving("--file-mb", 1, "--files", 3) as app:
        page = opened(user(), f"{app}/predict")
        files = []
        for i in range(4):
            files.append(tmp_path / f"{i}.wav")
            soundfile.write(files[-1], np.zeros(2_000), 22_050)
        page.locator("input[type=file]").set_input_files(files)
        page.wait_for_selector("[data-testid=stAlert]")
        assert "expected at most 3, got 4" in page.inner_text("[data-testid=stAlert]")
        large = tmp_path / "large.wav"
        large.write_bytes(b"RIFF" + bytes(1_500_000))
        page.locator("input[type=file]").set_input_files(large)
        page.wait_for_function("document.body.innerText.match(/must be 1.?0?.?MB or smaller/)")
        settle(page)
        assert page.locator(".big").count() == 0
        assert re.search("Nothing is asked yet", page.inner_text("body"))
