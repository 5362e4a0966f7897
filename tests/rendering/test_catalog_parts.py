"""A report in parts has all that its page has, and of one genre no other."""

from __future__ import annotations

import json
import re
from collections import Counter

import polars as pl
import pytest

import trackoracle as to
from trackoracle.errors import UnknownNameError
from trackoracle.exploration import SECTIONS
from trackoracle.rendering import catalog_parts, of_genre
from trackoracle.rendering.catalog_figures import sections
from trackoracle.rendering.catalog_parts import part_of


@pytest.fixture(scope="module")
def report():
    return to.explore(to.load_catalog("sample"), audit=False)


def test_every_figure_of_the_page_is_in_one_part(report):
    parts = catalog_parts(report)
    shown = [figure.name for part in parts for figure in part.figures]
    shown += [f.name for part in parts for _, own in part.choices.values() for f in own]
    assert sorted(shown) == sorted(f.name for own in sections(report).values() for f in own)


def test_figures_of_a_genre_have_its_rows_and_those_of_all(report):
    part = next(part for part in catalog_parts(report) if part.genres)
    genre = part.genres[-1]
    for figure in part.figures:
        one = of_genre(figure, genre)
        views = [one.spec, *one.spec["layer"]]
        told = {r.get("genre") for v in views for r in v.get("data", {}).get("values", ())}
        assert told - {None} == {genre}
        assert one.spec["params"] == [{"name": "genre", "value": genre}]
        assert len(json.dumps(one.spec)) < len(json.dumps(figure.spec)) / 5


def test_each_section_is_a_part_and_each_part_a_section(report):
    assert {part.name.lower() for part in catalog_parts(report)} <= set(SECTIONS)
    of = {"features": "energy", "one genre": report.genres.genres[0].name}
    parts = {name: part_of(report.section(name, of.get(name, ""))) for name in SECTIONS}
    assert {name for name, part in parts.items() if part is None} == {"time"}
    assert "lacks" in report.section("time")._repr_html_()
    assert parts["features"].name == "Energy"
    assert {figure.name for figure in parts["features"].figures} == {
        "feature-energy", "feature-energy-by-popularity"
    }  # fmt: skip
    assert parts["one genre"].name.endswith(of["one genre"])


def test_a_catalog_of_hits_has_no_section_of_popularity():
    rows = to.load_catalog("sample").tracks.with_columns(hit=pl.col("popularity") > 50)
    report = to.explore(rows.drop("popularity"), audit=False)
    assert part_of(report.section("popularity")) is None
    assert part_of(report.section("tests")).figures


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("genre",), "section: expected a known name, got 'genre'. Did you mean 'genres'?"),
        (("features", "enery"), "feature: expected a known name, got 'enery'. Did you mean"),
        (("one genre",), "genre: expected a known name, got ''. Known: "),
    ],
)
def test_an_unknown_section_names_the_nearest(report, asked, said):
    with pytest.raises(UnknownNameError, match=re.escape(said)):
        report.section(*asked)


def test_a_map_stays_on_white_and_the_rest_follows_the_page(report):
    maps = Counter(re.findall(r'<svg [^>]*class="([^"]+)"', report.section("moods")._repr_html_()))
    assert maps == {"to-paper": 4, "marks": 2}
    drawn = report.section("genres")._repr_html_()
    plain = re.sub(r'<svg [^>]*class="to-paper".*?</svg>', "", drawn, flags=re.DOTALL)
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', plain))
    assert {c for c in colours if c != "none" and not c.startswith("var(--to-")} == set()


def test_tables_tell_what_the_report_counted(report):
    tables = {name: table for part in catalog_parts(report) for name, table in part.tables}
    genres = next(table for name, table in tables.items() if name.startswith("All "))
    assert genres["genre"].to_list()[0] in {genre.name for genre in report.genres.genres}
    assert len(genres) == len(report.genres.genres)
    assert len(tables["Tests"]) == len(report.tests)
    most = tables["Artists with the most recordings"]
    assert most["recordings"].to_list() == [one.n_recordings for one in report.names.by_count]
