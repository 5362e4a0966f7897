"""The page: whole, offline, harmless in a browser; and sentences that its numbers bear out."""

from __future__ import annotations

import base64
import gzip
import json
import math
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.exploration import Along, Comparison, Group
from trackoracle.rendering import catalog_figures, catalog_report
from trackoracle.rendering.catalog_figures import filled, sections
from trackoracle.rendering.catalog_sentences import (
    along_sentence,
    association,
    extent,
    genre_sentences,
    question_sentences,
    target_sentences,
)
from trackoracle.rendering.vega import Figure, as_json, packed, theme
from trackoracle.schema import Estimate

EVIL = '</script><script>document.title="owned"</script><img src=x onerror="document.title=1">'
# Once all is drawn, choose another genre, and say whether its charts changed.
PICKS = """<script>
document.addEventListener("drawn", () => {
  const root = document.documentElement;
  const picker = document.getElementById("genre");
  const chart = document.querySelector('[data-figure="genre-picked-features"] .live');
  const before = chart.innerHTML;
  picker.selectedIndex = 1;
  picker.dispatchEvent(new Event("change"));
  setTimeout(() => { root.dataset.picked = before !== chart.innerHTML }, 500);
});
</script>"""
ARABIC, EMOJI = "مرحبا بالعالم", "🎵🔥 عيد"


@pytest.fixture(scope="module")
def report() -> to.CatalogReport:
    rows = generate_sample(600, seed=3)
    evil = pl.int_range(len(rows), eager=True) < 60
    rows = rows.with_columns(
        pl.when(evil).then(pl.lit(EVIL)).otherwise("track_genre").alias("track_genre"),
        pl.when(evil).then(pl.lit(100)).otherwise("popularity").alias("popularity"),
        pl.when(evil)
        .then(pl.concat_str(pl.lit(f"{EVIL} {ARABIC} {EMOJI} "), "track_name"))
        .otherwise("track_name")
        .alias("track_name"),
        pl.when(evil).then(pl.lit(f"{EMOJI} <b>{ARABIC}")).otherwise("artists").alias("artists"),
    )
    return to.explore(rows)


@pytest.fixture(scope="module")
def page(report: to.CatalogReport) -> str:
    return catalog_report(report)


class _Elements(HTMLParser):
    """Collects elements, and whatever would be fetched from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [v for k, v in attrs if k in ("src", "href", "data", "action") and v]


def _read(page: str) -> _Elements:
    found = _Elements()
    found.feed(page)
    return found


def test_the_page_needs_nothing_else(page: str, report: to.CatalogReport) -> None:
    found = _read(page)
    assert all(address.startswith("#") for address in found.addresses)
    assert not {"link", "img", "iframe", "object"} & set(found.tags)
    assert "default-src 'none'" in page
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.S))
    assert "url(" not in styles
    assert "@import" not in styles
    drawn = sum(map(len, sections(report).values()))
    assert found.tags.count("figure") == drawn == found.tags.count("svg")
    assert len(page.encode()) < 8e6


def test_texts_of_the_catalog_stay_texts(page: str) -> None:
    assert EVIL not in page
    assert "<img" not in page.split("<script>")[0]
    assert ARABIC in page
    assert EMOJI in page
    assert page.count("<bdi>") > 20


def test_gradients_of_several_drawings_keep_apart(page: str) -> None:
    ids = re.findall(r'<linearGradient id="([^"]+)"', page)
    assert ids
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'fill="url\(#([^)]+)\)"', page)) <= set(ids)


@pytest.fixture(scope="module")
def in_browser(page: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium here")
    folder = tmp_path_factory.mktemp("page")
    whole, _, _ = page.rpartition("</body>")  # the first stands in Vega's own text
    (folder / "report.html").write_text(f"{whole}{PICKS}</body></html>", encoding="utf-8")
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/user",
         "--virtual-time-budget=60000", "--dump-dom", (folder / "report.html").as_uri()],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout.decode()


def test_a_browser_draws_every_figure_and_runs_no_text(
    in_browser: str, report: to.CatalogReport
) -> None:
    drawn = sum(map(len, sections(report).values()))
    assert f'data-drawn="{drawn}"' in in_browser
    assert 'data-picked="true"' in in_browser
    assert in_browser.count('class="marks"') == 2 * drawn  # drawn there, and still
    assert re.findall(r"<title>(.*?)</title>", in_browser)[0].startswith("TrackOracle: report on")
    body = re.sub(r"<script.*?</script>", "", in_browser, flags=re.S)
    assert "<img" not in body
    assert ARABIC in body


def test_no_specification_has_colours_or_leaves_the_page(report: to.CatalogReport) -> None:
    for part in sections(report).values():
        for figure in part:
            text = str(figure.spec)
            assert not re.search(r"#[0-9a-f]{6}", text), figure.name
            assert "'url'" not in text
            assert figure.title
            assert figure.spec["height"] >= 50
            styles = set(re.findall(r"'style': '(\w+)'", text))
            assert styles <= theme("light")["style"].keys() == theme("dark")["style"].keys()


def test_figures_as_files(report: to.CatalogReport) -> None:
    few = replace(report, features=report.features[:1], levels=(), genres=None, moods=None,
                  correlations=None, pairs=(), along=(), against=(), tests=())  # fmt: skip
    drawn = dict(catalog_figures(few))
    assert {"popularity.svg", "popularity-bands.svg", "feature-duration.svg"} <= drawn.keys()
    assert all(content.startswith(b"<svg") for content in drawn.values())
    assert b"Tracks in each band of popularity." in drawn["popularity-bands.svg"]
    only = replace(few, features=(), names=None)
    assert all(content.startswith(b"\x89PNG") for _, content in catalog_figures(only, png=True))


def test_what_is_packed_has_no_letter_of_html_and_comes_out_again() -> None:
    text = as_json({"a": f"{EVIL} {ARABIC} {EMOJI}"})
    again = gzip.decompress(base64.b64decode(packed(text))).decode()
    assert json.loads(again)["a"] == f"{EVIL} {ARABIC} {EMOJI}"
    assert not set("<>&\"'") & set(packed(text))
    assert packed(text) == packed(text)


@pytest.mark.parametrize("wide", [(0, 1, 0, 0, 0), (0,), (1, 0, 0), (0, 0, 0), (1, 1)])
def test_no_figure_stands_alone_in_a_row_of_two(wide: tuple[int, ...]) -> None:
    place = 0
    for figure in filled([Figure(str(i), "t", "", {}, bool(w)) for i, w in enumerate(wide)]):
        assert not (figure.wide and place)
        place = 0 if figure.wide else 1 - place
    assert place == 0


# Sentences.


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (0.05, 0.02, 0.08, "negligible"),
        (0.2, 0.12, 0.28, "weak"),
        (0.3, 0.2, 0.4, "weak to moderate"),
        (-0.6, -0.7, -0.52, "strong"),
        (0.0, -0.05, 0.06, "negligible"),
        (0.1, -0.2, 0.4, "at most moderate"),
        (0.2, math.nan, math.nan, "weak"),
    ],
)
def test_sizes_are_named_by_the_whole_interval(
    value: float, low: float, high: float, said: str
) -> None:
    assert extent(Estimate(value, low, high), "rho") == said


def _test(value: float, low: float, high: float, p: float) -> Comparison:
    return Comparison("tempo", "along", (), Estimate(value, low, high), p=p, p_holm=p)


def test_no_direction_is_told_that_the_interval_leaves_open(report: to.CatalogReport) -> None:
    assert report.target
    rises = association(_test(0.2, 0.15, 0.25, 0.001), report.target)
    falls = association(_test(-0.2, -0.25, -0.15, 0.001), report.target)
    open_ = association(_test(0.2, -0.1, 0.5, 0.2), report.target)
    corrected = association(_test(0.2, 0.01, 0.39, 0.4), report.target)  # by Holm not beyond
    assert "rises" in rises
    assert "falls" in falls
    for text in (open_, corrected):
        assert "not shown" in text
        assert "rises" not in text


def test_stretches_are_called_apart_only_where_their_intervals_are(
    report: to.CatalogReport,
) -> None:
    assert report.target

    def group(name: str, mean: float, half: float) -> Group:
        return Group(name, 50, 20, Estimate(mean, mean - half, mean + half), 0, 1, 2, 3, 4)

    near = (group("1 to 2", 30, 5), group("2 to 3", 34, 5))
    far = (group("1 to 2", 30, 1), group("2 to 3", 34, 1))
    along = Along("duration", "min", (1.0, 2.0, 3.0), near)
    assert along_sentence(along, report.target).startswith("No stretch")
    text = along_sentence(replace(along, groups=far), report.target)
    assert "highest at a duration of 2 to 3 min" in text


def test_counts_in_sentences_are_those_of_the_report(report: to.CatalogReport) -> None:
    assert report.target
    assert report.genres
    said = " ".join(target_sentences(report.target))
    assert f"{report.target.n_zero:,} of {report.target.summary.n:,}" in said or (
        report.target.n_zero == 0 and "No track" in said
    )
    said = " ".join(genre_sentences(report.genres, report))
    means = {g.name: g.target.mean.value for g in report.genres.genres if g.target}
    assert f"has {max(means, key=means.__getitem__)} (" in said
    tested = question_sentences(report.tests, report.target)
    beyond = sum(test.p_holm < 0.05 for test in report.tests)
    assert tested[0].startswith(f"{beyond} of {len(report.tests)} ")
    for test in report.tests:
        if not test.p_holm < 0.05 and test.kind == "along":
            assert not re.search(rf"\b{test.code} \(", " ".join(tested))


def test_a_catalog_without_target_says_so() -> None:
    rows = generate_sample(100, seed=1).head(60).drop("popularity", "track_genre")
    page = catalog_report(to.explore(rows))
    assert "neither popularity nor hits" in page
    assert "names no genres" in page
    assert "intervals are wide" in page
    assert 'id="target"' not in page
    assert 'id="tests"' not in page
