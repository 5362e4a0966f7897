"""Change, Rank, Catalog, Models and Feedback in a real browser on the real app.

Each is seen by eye and by axe-core: some wide and light, some narrow and dark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from playwright.sync_api import Page, expect
from tests.interfaces.running import run_here
from tests.interfaces.web.browsing import (
    NARROW,
    PHONE,
    WIDE,
    chosen,
    headline,
    kept,
    opened,
    pressed,
    saved,
    sent,
    serving,
    settle,
    turned,
    uploads_left,
    violations,
)

import trackoracle as to
from trackoracle.artifact import STARTER
from trackoracle.catalogs.sample import generate_sample
from trackoracle.rendering import label

pytestmark = pytest.mark.long

User = Callable[..., Page]
COMMENT = "Every radio plays it; =SUM(A1) <b>bold</b>"


def seen(page: Page, name: str) -> None:
    """Keep what the page looks like, and have axe-core read it; nothing is wider than it."""
    kept(page, name)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def drawn(page: Page, figure: str) -> int:
    """Return how many marks of data a figure has."""
    marks = f"[class*=st-key-figure-{figure}] svg.marks"
    page.wait_for_selector(marks)
    return page.locator(f"{marks} .role-mark > *").count()


def select(page: Page, *rows: int) -> None:
    """Select rows, from 0, of the table, which is drawn and so has no elements to press."""
    drawing = page.locator("[data-testid=stDataFrame] .dvn-scroller").first
    for row in rows:
        drawing.click(position={"x": 16, "y": 35 * (row + 1) + 17})
    settle(page)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of a user's own: made-up tracks, one of whose titles a spreadsheet would run."""
    path = tmp_path_factory.mktemp("tables") / "mine.csv"
    rows = generate_sample(300, seed=8).unique("track_id", keep="first", maintain_order=True)
    popularity = pl.when(pl.int_range(pl.len()) == 0).then(100).otherwise("popularity")
    title = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("=1+1")).otherwise("track_name")
    sound = [pl.col("tempo").replace(0.0, 100.0), pl.col("duration_ms").replace(0, 200_000)]
    rows.with_columns(popularity.alias("popularity"), title.alias("track_name"), *sound).write_csv(
        path
    )
    return path


def test_a_change_is_applied_and_predict_shows_it(app: str, user: User) -> None:
    page = opened(user(**PHONE), f"{app}/predict")
    chosen(page, "By hand")
    before = sent(page)
    pressed(page, "What would change it")
    page.wait_for_selector(".gain")
    settle(page)
    said = page.locator(".gain").first.inner_text()
    promised = re.search(r"([\d.]+) expected", said)
    assert promised, said
    pressed(page, "Keep to compare")
    settle(page)
    pressed(page, "Apply")
    page.get_by_text("Changed since").wait_for()
    settle(page)
    edits = page.locator(".st-key-wish li").all_inner_texts()
    assert headline(page) == promised[1]
    assert drawn(page, "scenarios") > 0
    seen(page, "change-narrow-dark")
    turned(page, "Predict")
    after = sent(page)
    moved = [name for name in after if after[name] != before.get(name)]
    assert moved
    assert sorted(edit.split(":")[0] for edit in edits) == sorted(map(label, moved))
    answer = to.load_oracle().predict([after]).row(0, named=True)
    assert headline(page) == f"{answer['popularity']:.0f}"


def test_the_order_is_that_of_the_command_line(
    app: str, user: User, table: Path, tmp_path: Path
) -> None:
    album = tmp_path / "album.csv"
    pl.read_csv(table)[:8].drop("popularity").write_csv(album)
    page = opened(user(**PHONE), f"{app}/rank")
    pressed(page, "Try a made-up album")
    page.get_by_text("To try first", exact=True).wait_for()
    settle(page)
    assert drawn(page, "ranking") > 0
    seen(page, "rank-narrow-dark")
    chosen(page, "A table")
    page.locator("input[type=file]").set_input_files(album)
    page.get_by_role("heading", name="album.csv").wait_for()
    settle(page)
    assert uploads_left(app) == []
    told = json.loads(run_here("rank", album, "--json", "-", "--quiet").stdout)["tracks"]
    shown = pl.read_csv(saved(page, "Save the table", tmp_path))
    assert shown["row"].to_list() == [track["row"] for track in told]
    assert shown["p_best"].to_list() == pytest.approx([track["p_best"] for track in told])
    first = pl.read_csv(album)["track_name"][told[0]["row"] - 1]
    page.set_viewport_size(WIDE)
    pressed(page, "Open in Predict")
    page.wait_for_selector(".big")
    settle(page)
    assert sent(page)["track_name"] == first
    assert headline(page) == f"{told[0]['prediction']:.0f}"


def test_a_catalog_is_read_filtered_listed_and_triaged(
    app: str, user: User, table: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("track_name,genre,energy\nOne,pop,0.5\nTwo,pop,7\n")
    page = opened(user(), f"{app}/catalog")
    page.locator("input[type=file]").set_input_files(bad)
    page.get_by_text("was not opened").wait_for()
    sentence = " ".join(page.locator("[data-testid=stAlert]").inner_text().split())
    refused = run_here("triage", bad).stderr
    assert re.search(r"energy: .*?outside", sentence)[0] in refused  # type: ignore[index]
    assert str(tmp_path) not in sentence
    page.locator("input[type=file]").set_input_files(table)
    page.get_by_text("What loading found and did").wait_for()
    page.get_by_text("rows of the file as they stand").wait_for()  # the audit
    settle(page)
    assert uploads_left(app) == ["mine.csv"]  # and nothing of what was refused
    seen(page, "catalog-wide-light")
    chosen(page, "Charts")
    page.get_by_role("button", name="The whole report").wait_for()
    settle(page)
    assert page.locator("[class*=st-key-figure-] svg.marks").count() > 0
    seen(page, "catalog-charts-wide-light")
    page.set_viewport_size(NARROW)
    chosen(page, "Tracks")
    words = page.get_by_label("Search titles and artists")
    words.fill("=1+1")
    words.press("Enter")
    expect(page.get_by_text("1 of ")).to_be_visible()
    settle(page)
    select(page, 0)
    pressed(page, "Add to the playlist")
    page.get_by_text("1 track added").wait_for()
    pressed(page, "Clear the filter")
    settle(page)
    select(page, 2, 4)
    pressed(page, "Add to the playlist (2)")
    page.get_by_text("the playlist has 3").wait_for()
    chosen(page, "Playlist")
    listed = pl.read_csv(saved(page, "CSV", tmp_path))
    order = pl.read_csv(table).sort("popularity", descending=True, maintain_order=True)
    assert listed["track_id"].to_list() == [order["track_id"][i] for i in (0, 2, 4)]
    assert listed["track_name"][0] == "'=1+1"  # a spreadsheet shows it, and does not run it
    seen(page, "catalog-playlist-narrow-light")
    page.emulate_media(color_scheme="dark")
    chosen(page, "Triage")
    pressed(page, "Make the list")
    # The table has the form of what the starter oracle learned from.
    page.get_by_text("so what the list is worth is not told").wait_for()
    settle(page)
    triaged = pl.read_csv(saved(page, "The list (CSV)", tmp_path))
    told = to.triage(to.load_oracle(), to.load_catalog(table), by="gems", n=50)
    assert triaged["track_id"].to_list() == [track.track for track in told.tracks]
    seen(page, "catalog-triage-narrow-dark")
    pressed(page, "Open another")
    settle(page)
    pressed(page, "The sample")
    page.get_by_text("made-up tracks", exact=True).wait_for()
    assert uploads_left(app) == []


def test_an_oracle_tells_what_it_is_worth(app: str, user: User, tmp_path: Path) -> None:
    page = opened(user(**PHONE), f"{app}/models")
    assert drawn(page, "leaderboard") > 0
    seen(page, "models-narrow-dark")
    chosen(page, "Where it errs")
    assert drawn(page, "calibration") > 0
    assert drawn(page, "genres") > 0
    chosen(page, "Card")
    assert saved(page, "Save the card", tmp_path).read_text() == to.load_oracle().card
    page.set_viewport_size(WIDE)
    chosen(page, "What weighs")
    page.get_by_role("button", name="Weigh the features").wait_for()
    seen(page, "models-weighs-wide-dark")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An oracle of another target, with columns of a user's own."""
    rows, random = generate_sample(200, seed=5), np.random.default_rng(1)
    known = {
        "playlist_adds": random.integers(0, 500, len(rows)).astype(float),
        "label_kind": random.choice(["indie", "major"], len(rows)),
    }
    catalog = to.load_catalog(
        rows.with_columns(pl.Series(name, values) for name, values in known.items()),
        columns={name: name for name in known},
        on_invalid="null",
    )
    config = to.TrainingConfig(
        candidates=("tree",), protocols=("catalog",), n_folds=3, n_bootstrap=20
    )
    oracle = to.train(catalog, target=to.Tier((20.0, 40.0)), config=config, n_jobs=1)
    path = tmp_path_factory.mktemp("oracles") / "own.oracle"
    oracle.save(path)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


@pytest.fixture
def several(own: Path, store: Path) -> Iterator[str]:
    with serving(STARTER, own, "--feedback", store) as address:
        yield address


def test_another_oracle_answers_and_what_is_said_of_it_is_kept(
    several: str, user: User, own: Path, store: Path, tmp_path: Path
) -> None:
    page = opened(user(color_scheme="dark"), f"{several}/models")
    chosen(page, "Compare")
    seen(page, "models-compare-wide-dark")
    pressed(page, "Answer with own")
    settle(page)
    turned(page, "Predict")
    chosen(page, "By hand")
    page.get_by_text("Playlist adds").first.wait_for()  # a control of the contract
    adds = page.locator("[data-testid=stSlider]", has_text="Playlist adds").get_by_role("slider")
    adds.focus()
    page.keyboard.press("End")
    settle(page)
    row = sent(page)
    oracle = to.load_oracle(own)
    assert row["playlist_adds"] == pytest.approx(oracle.contract["playlist_adds"].seen_high)
    answer = oracle.predict([row]).row(0, named=True)
    tier = int(answer["tier"])
    assert ("up to 20", "above 20 to 40", "above 40")[tier] in headline(page)
    pressed(page, "Flag")
    form = page.locator("[data-testid=stPopoverBody]")
    form.get_by_text("Too low").click()
    form.get_by_label("Comment").fill(COMMENT)
    pressed(form, "Send")
    page.get_by_text("Thank you. It is kept.").wait_for()
    page.keyboard.press("Escape")
    settle(page)
    seen(page, "predict-own-wide-dark")
    turned(page, "Feedback")
    listed = page.locator("[data-testid=stDataFrame] table")
    assert COMMENT in listed.inner_text()
    page.set_viewport_size(NARROW)
    seen(page, "feedback-narrow-dark")
    other = opened(user(), f"{several}/feedback")
    assert "Nothing yet" in other.inner_text("body")  # it is the first user's alone
    done = run_here("feedback", "export", "-o", tmp_path / "all.jsonl", "--store", store)
    assert done.returncode == 0, done.stderr
    (flag,) = map(json.loads, (tmp_path / "all.jsonl").read_text().splitlines())
    assert (flag["oracle"], flag["verdict"], flag["comment"]) == ("own", "too low", COMMENT)
    assert json.loads(flag["asked"]) == row
